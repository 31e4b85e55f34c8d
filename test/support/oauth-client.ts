// A client of OAuth as a stranger writes one: it registers, sends a person to be asked, and redeems what comes back.
import { createHash, randomBytes } from 'node:crypto';
import type { Account } from '../../src/demo/github/state/records.ts';
import { type Browser, markIn, PEOPLE, type Shown, type SignInServer } from './sign-in-server.ts';

export const REDIRECT = 'http://127.0.0.1:33418/callback';

/** What the token endpoint, or registration, answers. */
export interface Said {
  readonly status: number;
  readonly body: Readonly<Record<string, unknown>>;
}

/** A request for authorization, and what proves that the code is for who made it. */
export interface Begun {
  readonly address: string;
  readonly verifier: string;
  readonly state: string;
}

type Fields = Readonly<Record<string, string | undefined>>;

export class OauthClient {
  readonly #server: SignInServer;
  readonly clientId: string;
  constructor(server: SignInServer, clientId: string) {
    this.#server = server;
    this.clientId = clientId;
  }

  /** Registers one; `metadata` beside a name and one redirect. */
  static async register(server: SignInServer, metadata: Readonly<Record<string, unknown>> = {}): Promise<OauthClient> {
    const { body } = await register(server, metadata);
    return new OauthClient(server, String(body.client_id));
  }

  /** `change` replaces parameters, or leaves them out (undefined). */
  begin(change: Fields = {}): Begun {
    const verifier = randomBytes(32).toString('base64url');
    const state = randomBytes(8).toString('hex');
    const parameters: Fields = {
      response_type: 'code',
      client_id: this.clientId,
      redirect_uri: REDIRECT,
      scope: 'read tasks',
      resource: `${this.#server.url}/api/v1`,
      code_challenge: createHash('sha256').update(verifier).digest('base64url'),
      code_challenge_method: 'S256',
      state,
      ...change,
    };
    return { address: `${this.#server.url}/oauth/authorize?${given(parameters)}`, verifier, state };
  }

  /** Brings a browser before the page of consent, signing in on the way where nobody is. */
  async ask(
    browser: Browser,
    begun: Begun,
    person: Account = PEOPLE.octocat,
  ): Promise<Shown & { readonly at: string }> {
    let shown = await browser.get(begun.address);
    let at = begun.address;
    while (shown.status >= 300 && shown.status < 400) {
      at = new URL(shown.headers.get('location') ?? '', this.#server.url).href;
      if (at.startsWith(this.#server.github.url)) at = await browser.askGithub(at, { user: String(person.id) });
      if (!at.startsWith(this.#server.url)) break;
      shown = await browser.get(at);
    }
    return { ...shown, at };
  }

  /** The address at the client that the browser is sent to when the person answers. */
  async answer(browser: Browser, page: Shown & { readonly at: string }, change: [string, string][] | null = null) {
    const boxes = [...page.text.matchAll(/name="scope" value="(\w+)"/g)].map(([, scope = '']): [string, string] => [
      'scope',
      scope,
    ]);
    const fields = change ?? [...boxes, ['decision', 'allow']];
    let shown = await browser.post(page.at, [['mark', markIn(page.text)], ...fields]);
    while (shown.headers.get('location')?.startsWith(this.#server.url)) {
      shown = await browser.get(shown.headers.get('location') ?? '');
    }
    return { ...shown, to: URL.parse(shown.headers.get('location') ?? '') };
  }

  /** As far as a code. */
  async codeFor(browser: Browser, begun: Begun, person: Account = PEOPLE.octocat): Promise<string> {
    const answered = await this.answer(browser, await this.ask(browser, begun, person));
    return answered.to?.searchParams.get('code') ?? '';
  }

  redeem(code: string, { verifier }: Pick<Begun, 'verifier'>, change: Fields = {}): Promise<Said> {
    const fields = { grant_type: 'authorization_code', code, code_verifier: verifier, redirect_uri: REDIRECT };
    return this.#token({ ...fields, ...change });
  }

  refresh(refresh_token: unknown, change: Fields = {}): Promise<Said> {
    return this.#token({ grant_type: 'refresh_token', refresh_token: String(refresh_token), ...change });
  }

  /** The whole way: what the token endpoint gave. */
  async connect(browser: Browser, change: Fields = {}, person: Account = PEOPLE.octocat): Promise<Said['body']> {
    const begun = this.begin(change);
    const code = await this.codeFor(browser, begun, person);
    return (
      await this.redeem(code, begun, change.redirect_uri === undefined ? {} : { redirect_uri: change.redirect_uri })
    ).body;
  }

  async revoke(token: unknown): Promise<number> {
    const body = given({ token: String(token), client_id: this.clientId });
    return (await fetch(`${this.#server.url}/oauth/revoke`, { method: 'POST', body })).status;
  }

  async #token(fields: Fields): Promise<Said> {
    const body = given({ client_id: this.clientId, ...fields });
    return said(await fetch(`${this.#server.url}/oauth/token`, { method: 'POST', body }));
  }
}

/** What registration answers. */
export async function register(server: SignInServer, metadata: Readonly<Record<string, unknown>> = {}): Promise<Said> {
  const body = JSON.stringify({ client_name: 'An agent', redirect_uris: [REDIRECT], ...metadata });
  const headers = { 'content-type': 'application/json' };
  return said(await fetch(`${server.url}/oauth/register`, { method: 'POST', headers, body }));
}

/** What REST answers to a token. */
export async function callWith(server: SignInServer, token: unknown, path = '/api/v1/projects'): Promise<Response> {
  return fetch(`${server.url}${path}`, { headers: { authorization: `Bearer ${token}` } });
}

async function said(answer: Response): Promise<Said> {
  return { status: answer.status, body: JSON.parse(await answer.text()) };
}

function given(fields: Fields): URLSearchParams {
  const there = Object.entries(fields).flatMap(([name, value]) => (value === undefined ? [] : [{ name, value }]));
  const body = new URLSearchParams();
  for (const { name, value } of there) body.append(name, value);
  return body;
}
