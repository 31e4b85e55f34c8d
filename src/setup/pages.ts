// What the pages of the set-up say.
import { type Html, html, page } from '../pages/page.ts';

export interface Fields {
  readonly url: string;
  readonly organisation: string;
}

/** The first page. `problem`: what was wrong with what was sent, null at first. */
export function startPage({ url, organisation }: Fields, token: string, problem: string | null): string {
  const shown = problem === null ? [] : [html`<p class="problem" role="alert">${problem}</p>`];
  return page(
    'Set-up',
    html`<p>This makes a GitHub App of your own with the permissions that <code>app.yml</code> lists, and writes its credentials to
<code>.env</code> on this machine. You see everything on GitHub before it is made.</p>${shown}
<form method="post" action="/setup?token=${token}" accept-charset="utf-8">
<label>Where GitHub reaches this CodeRed
<input name="url" type="url" required maxlength="500" value="${url}" placeholder="https://codered.example.com" autocomplete="off">
<small>For a machine that GitHub can’t reach: the address of a channel that you start at smee.io in your browser.
Anybody who knows it can read along, so it is for trying out.</small></label>
<label>Organisation
<input name="organisation" maxlength="500" value="${organisation}" placeholder="none: your own account" autocomplete="off" autocapitalize="off" spellcheck="false">
<small>Whose App it is: its login on GitHub, or nothing for your own account.</small></label>
<button>Go on</button></form>`,
  );
}

/** The second page, whose form goes to GitHub. */
export function handOverPage(to: string, manifest: { hook_attributes: { url: string } }, owner: string): string {
  return page(
    'Make the App',
    html`<dl><dt>At</dt><dd>${new URL(to).host}, for ${owner}</dd><dt>Webhooks go to</dt><dd><code>${manifest.hook_attributes.url}</code></dd></dl>
<p>GitHub shows the App’s name, which nobody may have had before, and brings you back here when it is made.</p>
<form method="post" action="${to}"><input type="hidden" name="manifest" value="${JSON.stringify(manifest)}"><button>Make it on GitHub</button></form>`,
  );
}

export interface Done {
  readonly appUrl: string;
  /** The names of what was written. */
  readonly names: readonly string[];
  /** What brings webhooks here from a channel; null without one. */
  readonly forward: string | null;
}

/** The last page. */
export function donePage({ appUrl, names, forward }: Done): string {
  const channel = forward === null ? [] : [html`<li>Let this run beside it: <pre>${forward}</pre></li>`];
  return page(
    'Done',
    html`<p>The App is made; <code>.env</code> has ${codes(names)} now, readable for you alone.</p>
<ol><li>Stop CodeRed with Ctrl-C and start it again: <code>npm start</code></li>${channel}
<li><a href="${appUrl}/installations/new">Install the App</a> on the repositories it is for.</li></ol>
<p><code>npm run -s codered -- doctor</code> says what may still be missing.</p>`,
  );
}

function codes(names: readonly string[]): readonly Html[] {
  return names.map((name, index) => html`${index === 0 ? '' : ', '}<code>${name}</code>`);
}

/** What could not be done, and what to do about it. */
export function problemPage(title: string, problem: string): string {
  return page(title, html`<p class="problem" role="alert">${problem}</p>`);
}
