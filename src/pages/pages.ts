// The pages of people: signing in, and the account.
import type { Logger } from 'pino';
import type { Brain } from '../brain/client.ts';
import type { SignIn } from '../config/sign-in-settings.ts';
import { makeRoutes, type RequestContext, type Routes, reply } from '../http/routing.ts';
import { asError } from '../model/errors.ts';
import { CALLBACK_PATH } from '../sign-in/open-sign-in.ts';
import type { SignInDeps } from '../sign-in/sign-in-flow.ts';
import { addAccountPages } from './account-pages.ts';
import { makeBrowsers } from './browser.ts';
import { makeReadFields } from './read-fields.ts';
import { goTo, sendPage } from './send-page.ts';
import { addSignInPages } from './sign-in-pages.ts';
import { notSetUpPage, problemPage } from './sign-in-words.ts';

export interface PagesDeps {
  readonly signIn: SignIn;
  /** Null where the settings are missing. */
  readonly flow: SignInDeps | null;
  readonly brain: Pick<Brain, 'call'>;
  readonly log: Pick<Logger, 'error'>;
}

const READ = ['/sign-in', CALLBACK_PATH, '/account'];
const SENT = ['/sign-out', '/account/tokens', '/account/tokens/revoke', '/account/apps/revoke'];

/** Their routes; where sign-in is not set up, pages that say so. */
export function makePages({ signIn, flow, brain, log }: PagesDeps): Routes {
  const routes = makeRoutes();
  routes.onError((thrown, context) => {
    log.error({ err: asError(thrown), path: context.req.path.slice(0, 80) }, 'a page could not be shown');
    const problem =
      'The database does not answer as it should, so nothing can be shown or done now. Try again in a minute.';
    return sendPage(context, problemPage({ status: 503, title: 'Not now', problem, link: null }));
  });
  if (signIn.state === 'on' && flow !== null) {
    const { url } = signIn.settings;
    const deps = { flow, brain, browsers: makeBrowsers(signIn.settings), url, readFields: makeReadFields() };
    addSignInPages(routes, deps);
    addAccountPages(routes, deps);
  } else {
    const missing = signIn.state === 'off' ? signIn.missing : [];
    for (const path of READ) routes.get(path, (context) => sendPage(context, notSetUpPage(missing)));
  }
  // Who types the host alone is a person with a browser.
  const host = signIn.state === 'on' ? signIn.settings.url : '';
  routes.get('/', (context) => goTo(context, `${host}/account`, 302));
  for (const path of READ) routes.all(path, (context) => refuseMethod(context, path, 'GET'));
  for (const path of SENT) routes.all(path, (context) => refuseMethod(context, path, 'POST'));
  return routes;
}

function refuseMethod(context: RequestContext, path: string, method: string): Response {
  const error = method === 'GET' ? `${path} is read with GET` : `${path} is sent with POST`;
  return reply(context, { status: 405, body: { error }, headers: { allow: method } });
}
