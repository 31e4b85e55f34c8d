// The page on which a person lets an app in, or not. Pure.
import { resourceAt } from '../model/resources.ts';
import type { Scope } from '../model/scopes.ts';
import { type Html, html, page } from '../pages/page.ts';
import { SCOPE_WORDS } from '../pages/scope-words.ts';
import { isLoopback, redirectWords } from './redirects.ts';

/** Who asks for what. The name is the client's own claim, already made harmless as text. */
export interface Asked {
  readonly clientId: string;
  readonly clientName: string;
  readonly redirectUri: string;
  readonly scopes: readonly Scope[];
  /** An id token: the person's id at this CodeRed. */
  readonly asksWho: boolean;
  readonly resources: readonly string[];
  /** Who is signed in. */
  readonly login: string | null;
}

export interface ConsentForm {
  readonly url: string;
  readonly action: string;
  readonly mark: string;
  readonly problem: string | null;
}

export function consentPage(asked: Asked, form: ConsentForm): string {
  const { clientName, redirectUri, login } = asked;
  const problem = form.problem === null ? html`` : html`<p class="problem" role="alert">${form.problem}</p>`;
  return page(
    'Let an app in?',
    html`${problem}<p>An app that calls itself <b>“${clientName}”</b> wants to come in as you, <b>${login ?? 'who are signed in'}</b>.</p>
<p class="problem" role="note">The name is the app’s own claim, and nobody checked it. ${knownOf(asked)}</p>
<dl><dt>The answer goes to</dt><dd><b>${redirectWords(redirectUri)}</b><small><code>${redirectUri}</code></small>${loopbackWords(redirectUri)}</dd>
<dt>It may come in at</dt><dd>${resourceWords(asked, form.url)}</dd></dl>
<form method="post" action="${form.action}"><input type="hidden" name="mark" value="${form.mark}">
<fieldset><legend>It may, as far as you may yourself</legend>${asked.scopes.map(scopeBox)}</fieldset>${whoWords(asked)}
<p>Let in only what you began yourself, just now. You can keep it out again on <a href="${form.url}/account">your account</a>.</p>
<button name="decision" value="allow">Let it in</button> <button class="quiet" name="decision" value="deny">Do not let it in</button></form>`,
  );
}

/** What is known without the app's word. */
function knownOf({ clientId }: Asked): Html {
  const url = URL.parse(clientId);
  if (url?.protocol === 'https:') {
    return html`What is known: it is the app that <b>${url.host}</b> describes at <code>${clientId}</code>.`;
  }
  return html`What is known: it registered itself here, as anybody may (<code>${clientId}</code>).`;
}

function loopbackWords(redirectUri: string): Html {
  if (!isLoopback(new URL(redirectUri))) return html``;
  return html`<small>Any program that runs on this computer could listen there.</small>`;
}

function resourceWords({ resources }: Asked, url: string): Html {
  const words = resources.map((resource) =>
    resource === resourceAt(url, 'mcp')
      ? html`MCP, the tools for agents <small><code>${resource}</code></small>`
      : html`the REST interface <small><code>${resource}</code></small>`,
  );
  return html`${words}`;
}

function scopeBox(scope: Scope): Html {
  return html`<label><input type="checkbox" name="scope" value="${scope}" checked><code>${scope}</code> ${SCOPE_WORDS[scope]}</label>`;
}

function whoWords({ asksWho }: Asked): Html {
  return asksWho ? html`<p>It also learns your id at this CodeRed, by which it knows you again.</p>` : html``;
}
