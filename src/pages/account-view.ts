// What the page of a person's account shows: who they are, their organisations, their tokens. Pure.
import { REFERENCE_PATH } from '../http/routing.ts';
import { SCOPES } from '../model/scopes.ts';
import { type ConnectedApp, connectedApps } from './connected-apps.ts';
import { type Html, html, page } from './page.ts';
import { SCOPE_WORDS } from './scope-words.ts';
import { timeOf } from './time-of.ts';

/** What the page is made of. Times are ISO 8601. */
export interface Account {
  readonly login: string | null;
  readonly name: string | null;
  readonly githubId: number | null;
  readonly orgs: readonly { readonly login: string; readonly role: string; readonly source: string }[];
  /** When GitHub was asked last what the person may see; null: never. */
  readonly checkedAt: string | null;
  /** Whether GitHub has to say first what they may see before private repositories are shown. */
  readonly isStale: boolean;
  /** Why GitHub says nothing of them any more; null while it does. */
  readonly grantEnd: string | null;
  readonly tokens: readonly AccountToken[];
  readonly apps: readonly ConnectedApp[];
}

/** A personal token, as far as its owner is shown it. */
export interface AccountToken {
  readonly id: string;
  readonly name: string | null;
  readonly scope: string;
  readonly created_at: string;
  readonly expires_at: string;
  readonly last_used_at: string | null;
  readonly state: 'live' | 'expired' | 'revoked';
}

/** What the forms hold, and what came of the one that was sent. */
export interface AccountForms {
  readonly url: string;
  readonly mark: string;
  /** The first and the last day on which a token may end, and the one that is put in, as `2026-12-01`. */
  readonly days: { readonly first: string; readonly last: string; readonly usual: string };
  readonly problem: string | null;
  /** A token that was made just now, which is shown this once. */
  readonly made: { readonly name: string; readonly token: string } | null;
}

export function accountPage(account: Account, forms: AccountForms): string {
  const { login, name, githubId } = account;
  const who = name === null ? (login ?? 'You') : name;
  return page(
    'Your account',
    html`${notices(account, forms)}<dl><dt>You</dt><dd>${who}</dd><dt>At GitHub</dt><dd>${login ?? 'not known'} (id ${String(githubId ?? 'not known')})</dd></dl>
<h2>Organisations</h2>${organisations(account, forms)}
<h2>Tokens for scripts</h2><p>What they are good for is in the <a href="${forms.url}${REFERENCE_PATH}">REST reference</a>.</p>${tokens(account.tokens, forms)}${newToken(forms)}
<h2>Connected apps</h2>${connectedApps(account.apps, forms)}
<h2>Sign out</h2><form method="post" action="${forms.url}/sign-out">${markOf(forms)}
<button class="quiet">Sign out</button> <button class="quiet" name="everywhere" value="1">Sign out everywhere</button></form>`,
  );
}

function markOf({ mark }: AccountForms): Html {
  return html`<input type="hidden" name="mark" value="${mark}">`;
}

function notices({ grantEnd, isStale }: Account, { url, problem, made }: AccountForms): Html {
  const shown: Html[] = [];
  if (problem !== null) shown.push(html`<p class="problem" role="alert">${problem}</p>`);
  if (made !== null) {
    shown.push(
      html`<div class="problem" role="status"><p>The token “${made.name}” is made. Copy it now: it is not shown again. Lost, it is made anew and this one revoked.</p><pre id="token">${made.token}</pre><p>To try it:</p><pre>curl -H "Authorization: Bearer …" ${url}/api/v1/me</pre></div>`,
    );
  }
  const again = html`<a href="${url}/sign-in">Sign in again</a>`;
  if (grantEnd === 'revoked') {
    shown.push(
      html`<p class="problem">At GitHub you took away CodeRed’s right to ask what you may see, so private repositories are not shown. ${again} to give it anew.</p>`,
    );
  } else if (grantEnd !== null) {
    shown.push(
      html`<p class="problem">GitHub no longer says what you may see, so private repositories are not shown. ${again}.</p>`,
    );
  } else if (isStale) {
    shown.push(
      html`<p class="problem">GitHub could not be asked lately what you may see: private repositories are not shown until it answers. It is tried again by itself; ${again} to try now.</p>`,
    );
  }
  return html`${shown}`;
}

function organisations({ orgs, checkedAt }: Account, { url }: AccountForms): Html {
  const asked = checkedAt === null ? 'GitHub was not asked yet.' : html`GitHub was asked last at ${timeOf(checkedAt)}.`;
  if (orgs.length === 0) {
    return html`<p>You are in none that has this CodeRed: it is installed on no account that you belong to, or is suspended there, or the organisation asks for single sign-on: begin a session of it at GitHub. Then <a href="${url}/sign-in">sign in again</a>. ${asked}</p>`;
  }
  const rows = orgs.map(
    ({ login, role, source }) =>
      html`<li><b>${login}</b>: ${role}, ${source === 'hand' ? 'put in by hand' : 'as GitHub says'}</li>`,
  );
  return html`<ul class="list">${rows}</ul><p>${asked}</p>`;
}

function tokens(all: readonly AccountToken[], forms: AccountForms): Html {
  if (all.length === 0) return html`<p>You have none. A token lets a script in as you, as far as its scopes go.</p>`;
  return html`<ul class="list">${all.map((token) => tokenRow(token, forms))}</ul>`;
}

function tokenRow(
  { id, name, scope, created_at, expires_at, last_used_at, state }: AccountToken,
  forms: AccountForms,
): Html {
  const until = state === 'live' ? html`until ${timeOf(expires_at)}` : html`${state}`;
  const used = last_used_at === null ? html`never used` : html`last used ${timeOf(last_used_at)}`;
  const revoke =
    state !== 'live'
      ? html``
      : html`<form method="post" action="${forms.url}/account/tokens/revoke">${markOf(forms)}<input type="hidden" name="id" value="${id}"><button class="quiet" aria-label="Revoke ${name ?? 'it'}">Revoke</button></form>`;
  return html`<li><b>${name ?? 'without a name'}</b><small>${scope} · made ${timeOf(created_at)} · ${until} · ${used}</small>${revoke}</li>`;
}

function newToken(forms: AccountForms): Html {
  const { first, last, usual } = forms.days;
  const boxes = SCOPES.map(
    (scope) =>
      html`<label><input type="checkbox" name="scope" value="${scope}"${scope === 'read' ? html` checked` : ''}><code>${scope}</code> ${SCOPE_WORDS[scope]}</label>`,
  );
  return html`<form method="post" action="${forms.url}/account/tokens">${markOf(forms)}
<label>What a new token is for
<input name="name" required maxlength="100" autocomplete="off" placeholder="nightly report"></label>
<fieldset><legend>What it may do</legend>${boxes}</fieldset>
<label>The last day on which it is good (UTC)
<input name="expires" type="date" required min="${first}" max="${last}" value="${usual}"></label>
<button>Make a token</button></form>`;
}
