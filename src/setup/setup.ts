// The set-up: a page for the one person who has the link that is printed, which has GitHub make the App from app.yml and writes
// its credentials to `.env`.
// https://docs.github.com/en/apps/sharing-github-apps/registering-a-github-app-from-a-manifest
import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { githubApiUrl, githubOrigin } from '../config/github-address.ts';
import type { SetupSettings } from '../config/settings.ts';
import { MANIFEST_CODE, type MadeApp, takeOverApp } from '../github/unsigned/app-manifest.ts';
import { ApiError } from '../http/api-error.ts';
import { type Listening, listen } from '../http/listen.ts';
import { makeRoutes, queryOf, type Routes, serveRoutes } from '../http/routing.ts';
import { WEBHOOK_PATH } from '../inbox/receive.ts';
import { asError, Rejected } from '../model/errors.ts';
import { pageHeaders } from '../pages/page.ts';
import { makeReadFields } from '../pages/read-fields.ts';
import { addToEnvFile } from './env-file.ts';
import { readFields } from './fields.ts';
import { isChannel, makeManifest } from './manifest.ts';
import { donePage, handOverPage, problemPage, startPage } from './pages.ts';
import { isForUs, ownOrigin } from './same-site.ts';

export interface SetupDeps {
  readonly settings: SetupSettings;
  /** Where the credentials go. */
  readonly envFile: string;
  /** Prints a line for the person at the terminal. */
  readonly out: (line: string) => void;
  /** Instead of the one that the settings name. */
  readonly apiUrl?: string;
}

export interface Setup extends Listening {
  /** The address to open, with the token that lets in. */
  readonly link: string;
}

interface Page {
  readonly status: number;
  readonly text: string;
  /** Where its forms may go besides here. */
  readonly formsTo?: string;
}

/** A name that leads here may be a stranger's; who is at another machine comes by a tunnel. */
const NOT_OURS =
  'This is not the address that CodeRed printed, which is opened on this machine; from another one, `ssh -L` brings its port there.';
const MOST_STATES = 10;

/** Listens and prints the link. Throws Misconfigured when the address can't be had. */
export async function startSetup(deps: SetupDeps): Promise<Setup> {
  const { settings, out } = deps;
  const token = randomBytes(32).toString('base64url');
  const resources = [new SetUp(deps, token).routes()];
  const onError = (error: unknown) => out(`The set-up page failed: ${asError(error).message}`);
  const handlers = [serveRoutes({ resources, onError })];
  const listening = await listen({ host: settings.HOST, port: settings.PORT }, { handlers, onError });
  const link = `${listening.url}/setup?token=${token}`;
  out(`CodeRed is not set up yet. Open this link to make its GitHub App; it is for you alone:\n\n  ${link}\n`);
  return { ...listening, link };
}

class SetUp {
  readonly #deps: SetupDeps;
  readonly #token: string;
  readonly #readFields = makeReadFields();
  /** What GitHub is to say when it sends the browser back, with the address that was chosen. */
  readonly #states = new Map<string, string>();
  #isDone = false;

  constructor(deps: SetupDeps, token: string) {
    this.#deps = deps;
    this.#token = token;
  }

  /** The pages: the form, and where GitHub sends the browser back. */
  routes(): Routes {
    const routes = makeRoutes();
    routes.use(async ({ env }, next) => {
      if (!isForUs(env.incoming)) return send(env.incoming, refused(421, NOT_OURS));
      if (this.#isDone) return send(env.incoming, refused(410, 'The App is made. Start CodeRed again: npm start'));
      await next();
    });
    routes.get('/setup/callback', async (context) =>
      send(context.env.incoming, await this.#takeOver(queryOf(context))),
    );
    routes.use('/setup', async (context, next) => {
      if (!isSame(queryOf(context).get('token') ?? '', this.#token)) return send(context.env.incoming, notTheLink(403));
      await next();
    });
    routes.get('/setup', ({ env }) => send(env.incoming, this.#start({ url: '', organisation: '' }, null)));
    routes.post('/setup', async ({ env }) => send(env.incoming, await this.#handOver(env.incoming)));
    routes.all('/setup', ({ env }) =>
      send(env.incoming, refused(405, 'This page is read with GET and sent with POST.')),
    );
    routes.all('*', ({ env }) => send(env.incoming, notTheLink(404)));
    return routes;
  }

  #start(fields: Parameters<typeof startPage>[0], problem: string | null): Page {
    return { status: problem === null ? 200 : 422, text: startPage(fields, this.#token, problem) };
  }

  async #handOver(request: IncomingMessage): Promise<Page> {
    const origin = ownOrigin(request);
    if (origin === null) return refused(403, 'The form was not sent from this page.');
    const sent = await this.#readFields(request);
    if (sent instanceof ApiError) {
      return refused(sent.status, sent.status === 415 ? 'This is no form.' : 'The form could not be read.');
    }
    const { fields, problem } = readFields(new Map(sent), { gheHost: this.#deps.settings.GHE_HOST ?? null });
    if (problem !== null) return this.#start(fields, problem);
    const state = randomBytes(32).toString('base64url');
    this.#states.set(state, fields.url);
    for (const oldest of [...this.#states.keys()].slice(0, -MOST_STATES)) this.#states.delete(oldest);
    const publicUrl = publicUrlOf(fields.url, this.#deps.settings);
    const manifest = await makeManifest({ url: fields.url, redirectUrl: `${origin}/setup/callback`, publicUrl });
    const { organisation } = fields;
    const owner = organisation === '' ? 'your own account' : `the organisation ${organisation}`;
    const github = githubOrigin(this.#deps.settings);
    const place = organisation === '' ? '' : `/organizations/${organisation}`;
    const to = `${github}${place}/settings/apps/new?state=${state}`;
    return { status: 200, text: handOverPage(to, manifest, owner), formsTo: github };
  }

  async #takeOver(asked: URLSearchParams): Promise<Page> {
    const state = [...this.#states.keys()].find((known) => isSame(asked.get('state') ?? '', known));
    const url = state === undefined ? undefined : this.#states.get(state);
    const code = asked.get('code') ?? '';
    if (state === undefined || url === undefined || !MANIFEST_CODE.test(code)) {
      return refused(403, 'This was not begun here. Open the link that CodeRed printed.');
    }
    // Two at the same time are not both taken; a failure of the network may be tried again.
    this.#states.delete(state);
    let app: MadeApp;
    try {
      app = await takeOverApp(this.#deps.apiUrl ?? githubApiUrl(this.#deps.settings), code);
    } catch (thrown) {
      if (thrown instanceof Rejected)
        return refused(409, `${thrown.message}. Begin again at the link that was printed.`);
      this.#states.set(state, url);
      return refused(502, `${asError(thrown).message}. Load this page again to try once more.`);
    }
    return this.#write(app, url);
  }

  async #write(app: MadeApp, url: string): Promise<Page> {
    const { envFile, out, settings } = this.#deps;
    const written = {
      APP_ID: String(app.id),
      PRIVATE_KEY: app.pem,
      WEBHOOK_SECRET: app.webhook_secret,
      GITHUB_CLIENT_ID: app.client_id,
      GITHUB_CLIENT_SECRET: app.client_secret,
      CODERED_SECRET_KEY: randomBytes(32).toString('base64'),
      ...placeSettings(url, settings),
    };
    this.#isDone = true;
    try {
      await addToEnvFile(envFile, written);
    } catch (thrown) {
      const problem = `The App is made (${app.html_url}), but ${envFile} can't be written: ${asError(thrown).message}.`;
      out(problem);
      return refused(500, `${problem} Make a private key and a webhook secret in its settings and set them by hand.`);
    }
    const names = Object.keys(written);
    const target = `http://${settings.HOST}:${settings.PORT}${WEBHOOK_PATH}`;
    const forward = isChannel(url) ? `npx smee-client --url ${url} --target ${target}` : null;
    out(`The App is made: ${app.html_url}\n${envFile} has ${names.join(', ')} now. Stop this and start CodeRed again.`);
    return { status: 200, text: donePage({ appUrl: app.html_url, names, forward }) };
  }
}

/** What else is known by now: http beyond this machine is no address that the settings take. */
function placeSettings(url: string, settings: SetupSettings): Record<string, string> {
  if (isChannel(url)) return { WEBHOOK_PROXY_URL: url, CODERED_URL: publicUrlOf(url, settings) };
  return url.startsWith('https:') ? { CODERED_URL: url } : {};
}

/** Where browsers reach CodeRed: behind a channel of smee.io, which brings webhooks alone, it is this machine. */
function publicUrlOf(url: string, { PORT: port }: SetupSettings): string {
  return isChannel(url) ? `http://localhost:${port}` : url;
}

/** Takes as long whatever is different. */
function isSame(one: string, other: string): boolean {
  const [a, b] = [one, other].map((text) => createHash('sha256').update(text).digest());
  return a !== undefined && b !== undefined && timingSafeEqual(a, b);
}

function refused(status: number, problem: string): Page {
  return { status, text: problemPage('Set-up', problem) };
}

const notTheLink = (status: 403 | 404): Page => refused(status, 'Open the link that CodeRed printed.');

function send({ complete }: IncomingMessage, { status, text, formsTo = "'self'" }: Page): Response {
  const headers = { ...pageHeaders(formsTo), ...(complete ? {} : { connection: 'close' }) };
  return new Response(text, { status, headers });
}
