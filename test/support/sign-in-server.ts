// The pages of people on a real port, with the stand-in for GitHub behind them, and browsers without a screen that keep cookies.

import { randomBytes } from 'node:crypto';
import type { SignInSettings } from '../../src/config/sign-in-settings.ts';
import { type GithubStandIn, startGithubStandIn } from '../../src/demo/github/github-stand-in.ts';
import type { Account, Repository } from '../../src/demo/github/state/records.ts';
import { type Handler, listen } from '../../src/http/listen.ts';
import { makeRest } from '../../src/http/rest/rest.ts';
import { serveRoutes } from '../../src/http/routing.ts';
import { resourceAt } from '../../src/model/resources.ts';
import { makeOauth, type OauthDeps } from '../../src/oauth/oauth.ts';
import { makePages } from '../../src/pages/pages.ts';
import { openSignIn } from '../../src/sign-in/open-sign-in.ts';
import { openTestBrain, ruleBackend } from './brain.ts';
import { makeLogLines } from './log-lines.ts';
import { publicPem } from './settings.ts';

/** An organisation with a private and a public repository, on which the App is installed. */
export const ORG: Account = { login: 'octo-org', id: 6_811_672, type: 'Organization' };
/** Who can sign in; `outsider` sees nothing. */
export const PEOPLE = {
  octocat: { login: 'octocat', id: 583_231, type: 'User' },
  outsider: { login: 'hacktocat', id: 39_652_351, type: 'User' },
} as const satisfies Record<string, Account>;
const INSTALLATION = 77;
const SECRET_REPOSITORY = 501;
const OPEN_REPOSITORY = 502;

/** What a test has. */
export type SignInServer = Awaited<ReturnType<typeof openSignInServer>>;

/** Starts all of it, on a brain of its own. `oauth`: what is otherwise than usual at the authorization server. */
export async function openSignInServer(oauth: Partial<OauthDeps> = {}) {
  const brain = await openTestBrain(ruleBackend);
  const github = await startGithubStandIn({ appId: 4711, publicKeyPem: publicPem, appSlug: 'codered' });
  seedGithub(github);
  await brain.script(SEED);
  const { log, lines } = makeLogLines();
  let handler: Handler = async () => false;
  const onError = (err: unknown) => log.error({ err }, 'a request could not be answered');
  const address = { host: '127.0.0.1', port: 0 };
  const http = await listen(address, { handlers: [(request, response) => handler(request, response)], onError });
  const settings = settingsFor(http.url, github);
  const flow = openSignIn(settings, { brain, apiUrl: github.url, log });
  const pages = makePages({ signIn: { state: 'on', settings }, flow, brain, log });
  const apps = makeOauth({ signIn: { state: 'on', settings }, brain, log, addressOf: () => null, ...oauth });
  const audience = resourceAt(settings.url, 'api');
  handler = serveRoutes({ resources: [pages, apps, makeRest({ brain, log, audience })], onError });
  return {
    ...{ brain, github, url: http.url, settings, flow, lines, log },
    browser: () => new Browser(http.url),
    close: async () => {
      await http.close(1000);
      await github.close();
      await brain.close();
    },
  };
}

/** Settings of the App as the stand-in has it, which is told our address. */
function settingsFor(url: string, { state }: GithubStandIn): SignInSettings {
  const { client } = state.signIn;
  client.callbackUrls = [`${url}/sign-in/callback`];
  return { url, clientId: client.id, clientSecret: client.secret, keys: [randomBytes(32)] };
}

const SEED = `
  insert into codered.orgs (id, name, login, github_account_id)
    values ('00000000-0000-4000-8000-000000000001', 'octo-org', 'octo-org', ${ORG.id});
  insert into codered.installations (id, org_id, account_login)
    values (${INSTALLATION}, '00000000-0000-4000-8000-000000000001', 'octo-org');
  insert into codered.projects (id, org_id, slug, name)
    values ('00000000-0000-4000-8000-000000000002', '00000000-0000-4000-8000-000000000001', 'octo_org_secret', 'secret');
  insert into codered.repositories (id, installation_id, project_id, owner, name, private) values
    (${SECRET_REPOSITORY}, ${INSTALLATION}, '00000000-0000-4000-8000-000000000002', 'octo-org', 'secret', true),
    (${OPEN_REPOSITORY}, ${INSTALLATION}, null, 'octo-org', 'open', false);`;

function seedGithub({ state }: GithubStandIn): void {
  const at = '2026-01-01T00:00:00Z';
  state.addInstallation({ id: INSTALLATION, account: ORG, permissions: {}, createdAt: at, suspendedAt: null });
  for (const [id, name] of [
    [SECRET_REPOSITORY, 'secret'],
    [OPEN_REPOSITORY, 'open'],
  ] as const) {
    const isPrivate = name === 'secret';
    const repository: Repository = {
      id,
      name,
      owner: ORG,
      defaultBranch: 'main',
      private: isPrivate,
      fork: false,
      updatedAt: at,
    };
    state.addRepository(repository, INSTALLATION).roles.set(PEOPLE.octocat.login, isPrivate ? 'maintain' : 'read');
  }
  for (const person of Object.values(PEOPLE)) state.signIn.people.set(person.id, person);
  state.signIn.memberships.set(`${ORG.login}/${PEOPLE.octocat.login}`, { role: 'member', state: 'active' });
}

/** What came back. */
export interface Shown {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
}

/** Keeps cookies as browsers do, and goes where it is sent when it is told to. */
export class Browser {
  readonly #url: string;
  readonly cookies = new Map<string, string>();
  constructor(url: string) {
    this.#url = url;
  }

  async get(path: string, headers: Record<string, string> = {}): Promise<Shown> {
    return this.#send(path, { headers });
  }

  /** As a form of a page of ours would be sent. */
  async post(path: string, fields: Record<string, string> | [string, string][], headers: Record<string, string> = {}) {
    const body = new URLSearchParams(fields);
    return this.#send(path, { method: 'POST', body, headers: { origin: this.#url, ...headers } });
  }

  /** To GitHub and back as that person, and gives the address that GitHub sent the browser to. */
  async askGithub(to: string, choice: Record<string, string>): Promise<string> {
    const asked = await fetch(to, { redirect: 'manual' });
    const refused = asked.headers.get('location');
    if (refused !== null) return refused;
    const fields = [...new URL(to).searchParams, ...Object.entries(choice)];
    const sent = { method: 'POST', body: new URLSearchParams(fields), redirect: 'manual' } as const;
    const answered = await fetch(new URL('/login/oauth/authorize', to), sent);
    return answered.headers.get('location') ?? '';
  }

  /** The whole way. Gives what GitHub's answer led to. */
  async signIn(person: Account, path = '/sign-in'): Promise<Shown> {
    const begun = await this.get(path);
    return this.get(await this.askGithub(begun.headers.get('location') ?? '', { user: String(person.id) }));
  }

  async #send(path: string, init: RequestInit): Promise<Shown> {
    const cookie = [...this.cookies].map(([name, value]) => `${name}=${value}`).join('; ');
    const headers = { ...init.headers, ...(cookie === '' ? {} : { cookie }) };
    const response = await fetch(new URL(path, this.#url), { ...init, headers, redirect: 'manual' });
    for (const line of response.headers.getSetCookie()) {
      const [pair = ''] = line.split(';', 1);
      const at = pair.indexOf('=');
      if (/max-age=0/i.test(line)) this.cookies.delete(pair.slice(0, at));
      else this.cookies.set(pair.slice(0, at), pair.slice(at + 1));
    }
    return { status: response.status, headers: response.headers, text: await response.text() };
  }
}

/** What a page's forms hold for the session that it was made for. */
export function markIn(text: string): string {
  return /name="mark" value="([^"]*)"/.exec(text)?.[1] ?? '';
}
