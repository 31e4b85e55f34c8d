// GET /sign-in, where GitHub sends the browser back, and POST /sign-out.
import { randomBytes } from 'node:crypto';
import type { Brain } from '../brain/client.ts';
import { hashOfToken } from '../brain/tokens.ts';
import { ApiError } from '../http/api-error.ts';
import { queryOf, type RequestContext, type Routes } from '../http/routing.ts';
import { CALLBACK_PATH } from '../sign-in/open-sign-in.ts';
import { beginSignIn, endSignIn, type SignInDeps } from '../sign-in/sign-in-flow.ts';
import type { Browsers } from './browser.ts';
import { html, page } from './page.ts';
import type { Fields } from './read-fields.ts';
import { returnPath } from './return-path.ts';
import { goTo, sendPage } from './send-page.ts';
import { failurePage, problemPage } from './sign-in-words.ts';

/** What the pages of people need. */
export interface PageDeps {
  readonly flow: SignInDeps;
  readonly brain: Pick<Brain, 'call'>;
  readonly browsers: Browsers;
  /** Where we are reached, without a slash at the end. */
  readonly url: string;
  readonly readFields: (request: RequestContext['env']['incoming']) => Promise<Fields | ApiError>;
}

/** A form that was made for the session that sent it. */
export interface OwnForm {
  readonly session: string;
  readonly fields: Fields;
}

/** Adds the pages to `routes`. */
export function addSignInPages(routes: Routes, deps: PageDeps): void {
  routes.get('/sign-in', (context) => begin(context, deps));
  routes.get(CALLBACK_PATH, (context) => end(context, deps));
  routes.post('/sign-out', (context) => signOut(context, deps));
}

async function begin(context: RequestContext, { flow, browsers, url }: PageDeps): Promise<Response> {
  const returnTo = returnPath(queryOf(context).get('return_to'));
  if (returnTo === null) {
    const problem =
      'The address names a place to go to that is not a page of this CodeRed. Whoever made it may mean you ill.';
    const link = { to: `${url}/sign-in`, words: 'Sign in all the same' };
    return sendPage(context, problemPage({ status: 400, title: 'Not a page of ours', problem, link }));
  }
  // One mark for all tabs: each of them can be ended.
  const mark = (await browsers.read(context, 'way')) ?? randomBytes(32).toString('base64url');
  await browsers.give(context, 'way', mark);
  return goTo(context, await beginSignIn(flow, { mark, returnTo }), 302);
}

async function end(context: RequestContext, { flow, brain, browsers, url }: PageDeps): Promise<Response> {
  const query = queryOf(context);
  const [state, code, error] = ['state', 'code', 'error'].map((name) => (query.get(name) ?? '').slice(0, LONGEST));
  const returned = { state: state ?? '', code: code ?? '', error: error ?? '' };
  const marks = { mark: await browsers.read(context, 'way'), formerToken: await browsers.read(context, 'session') };
  const outcome = await endSignIn(flow, returned, marks);
  const { formerToken: session } = marks;
  // Who goes back to this address after signing in, or comes from installing the App, which begins nothing here, is signed in.
  if (outcome.kind === 'failed' && outcome.why === 'unknown' && session !== null) {
    const token_hash = hashOfToken(session);
    if ((await brain.call('read_sign_in', { token_hash })) !== null) return goTo(context, `${url}/account`, 303);
  }
  if (outcome.kind === 'failed') return sendPage(context, failurePage(outcome.why, `${url}/sign-in`));
  await browsers.give(context, 'session', outcome.token);
  return goTo(context, `${url}${outcome.returnTo}`, 303);
}

/** Codes and states are shorter. */
const LONGEST = 500;

async function signOut(context: RequestContext, deps: PageDeps): Promise<Response> {
  const form = await ownForm(context, deps);
  if (form instanceof Response) return form;
  const everywhere = form.fields.some(([name]) => name === 'everywhere');
  await deps.brain.call('end_sign_ins', { token_hash: hashOfToken(form.session), everywhere });
  deps.browsers.take(context, 'session');
  const words = everywhere ? 'You are signed out in every browser.' : 'You are signed out in this browser.';
  const text = page(
    'Signed out',
    html`<p>${words} Tokens for scripts are good as before.</p><p><a class="button" href="${deps.url}/sign-in">Sign in with GitHub</a></p>`,
  );
  return sendPage(context, { status: 200, text });
}

/** The form of somebody's own page, or the answer to anything else. */
export async function ownForm(context: RequestContext, deps: PageDeps): Promise<OwnForm | Response> {
  const { browsers, readFields, url } = deps;
  const refuse = (status: number, problem: string) =>
    sendPage(
      context,
      problemPage({ status, title: 'Not done', problem, link: { to: `${url}/account`, words: 'Your account' } }),
    );
  const session = await browsers.read(context, 'session');
  if (session === null) return refuse(401, 'You are not signed in, so nothing was done.');
  const fields = await readFields(context.env.incoming);
  if (fields instanceof ApiError) return refuse(fields.status, `${fields.message}, so nothing was done.`);
  const mark = fields.find(([name]) => name === 'mark')?.[1] ?? '';
  if (browsers.isOwnForm(context.env.incoming, mark, session)) return { session, fields };
  return refuse(
    403,
    'The form was not sent from a page that we made for you, so nothing was done. Load your account and send it from there.',
  );
}
