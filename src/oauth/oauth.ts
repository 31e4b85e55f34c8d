// OAuth 2.1 for agents and other apps: the routes of the authorization server, or what is missing where it is not set up.
import { RESPONSE_ALREADY_SENT } from '@hono/node-server/utils/response';
import type Provider from 'oidc-provider';
import type { SignIn } from '../config/sign-in-settings.ts';
import { addOtherMethods, makeRoutes, queryOf, type RequestContext, type Routes, reply } from '../http/routing.ts';
import { asError } from '../model/errors.ts';
import { RESOURCE_METADATA_PATH, RESOURCE_PATHS } from '../model/resources.ts';
import { makeBrowsers } from '../pages/browser.ts';
import { makeReadFields } from '../pages/read-fields.ts';
import { sendPage } from '../pages/send-page.ts';
import { notSetUpPage, problemPage } from '../pages/sign-in-words.ts';
import { AddressPace, REQUESTS } from './address-pace.ts';
import { addConsentPages } from './consent-pages.ts';
import { oauthErrorPage } from './oauth-words.ts';
import { type OpenDeps, openProvider } from './open-provider.ts';
import { OAUTH_PATHS } from './provider.ts';
import { addResourceMetadata } from './resource-metadata.ts';

export interface OauthDeps extends Omit<OpenDeps, 'settings'> {
  readonly signIn: SignIn;
}

/** What oidc-provider answers. */
const SERVED: readonly (readonly ['GET' | 'POST', string])[] = [
  ['GET', '/.well-known/oauth-authorization-server'],
  ['GET', '/.well-known/openid-configuration'],
  ['GET', OAUTH_PATHS.authorization],
  ['GET', `${OAUTH_PATHS.authorization}/:uid`],
  ['POST', OAUTH_PATHS.token],
  ['POST', OAUTH_PATHS.registration],
  ['POST', OAUTH_PATHS.revocation],
  ['GET', OAUTH_PATHS.jwks],
];

const handlers = new WeakMap<Provider, ReturnType<Provider['callback']>>();

function answered(provider: Provider, ...exchange: Parameters<ReturnType<Provider['callback']>>): Promise<void> {
  const handler = handlers.get(provider) ?? provider.callback();
  handlers.set(provider, handler);
  return handler(...exchange);
}

/** The other modes answer by pages with a script, or where scripts of the client read. */
const OTHER_MODE = oauthErrorPage(null, 'invalid_request', 'response_mode has to be query, or left out');

/** Their routes; where sign-in is not set up, answers that say so. */
export function makeOauth({ signIn, ...deps }: OauthDeps): Routes {
  const routes = makeRoutes();
  if (signIn.state === 'off') {
    addNotSetUp(routes, signIn.missing);
    return routes;
  }
  const { settings } = signIn;
  const provider = openProvider({ ...deps, settings });
  const requests = new AddressPace(REQUESTS);
  for (const [method, path] of SERVED) {
    routes.on(method, path, async (context) => {
      const { incoming, outgoing } = context.env;
      const mode = path === OAUTH_PATHS.authorization ? queryOf(context).get('response_mode') : null;
      if (path === OAUTH_PATHS.authorization && !requests.take(deps.addressOf(incoming))) return tooMany(context);
      if (mode !== null && mode !== 'query') return sendPage(context, { status: 400, text: OTHER_MODE });
      await answered(await provider(), incoming, outgoing);
      return RESPONSE_ALREADY_SENT;
    });
    addOtherMethods(routes, path, [method]);
  }
  const { url } = settings;
  addConsentPages(routes, { ...deps, provider, url, browsers: makeBrowsers(settings), readFields: makeReadFields() });
  addOtherMethods(routes, `${OAUTH_PATHS.consent}/:uid`, ['GET', 'POST']);
  addResourceMetadata(routes, url);
  routes.onError((thrown, context) => {
    deps.log.error(
      { err: asError(thrown), path: context.req.path.slice(0, 80) },
      'OAuth: a request could not be answered',
    );
    return notNow(context);
  });
  return routes;
}

function tooMany(context: RequestContext): Response {
  const problem = 'From your network too many apps ask to be let in. Wait a minute, then begin again from the app.';
  return sendPage(context, problemPage({ status: 429, title: 'Too many at once', problem, link: null }));
}

const PEOPLES = [OAUTH_PATHS.authorization, OAUTH_PATHS.consent];

function notNow(context: RequestContext): Response {
  if (PEOPLES.some((path) => context.req.path.startsWith(path))) {
    const problem =
      'The database does not answer as it should, so nothing was let in. Begin again from the app in a minute.';
    return sendPage(context, problemPage({ status: 503, title: 'Not now', problem, link: null }));
  }
  const body = { error: 'temporarily_unavailable', error_description: 'This can not be done now; try again later' };
  return reply(context, { status: 503, body, headers: { 'retry-after': '10' } });
}

/** Clients look for metadata everywhere and go on without; whoever uses an endpoint is told what is missing: names alone. */
function addNotSetUp(routes: Routes, missing: readonly string[]): void {
  const said = `OAuth is not set up on this CodeRed: it needs the settings of the sign-in, of which ${missing.join(', ')} ${missing.length === 1 ? 'is' : 'are'} missing. Use a token of \`codered token create\``;
  const known = [RESOURCE_METADATA_PATH, ...Object.values(RESOURCE_PATHS).map((path) => RESOURCE_METADATA_PATH + path)];
  for (const path of [...SERVED.map(([, served]) => served), ...known]) {
    if (path === OAUTH_PATHS.authorization) routes.all(path, (context) => sendPage(context, notSetUpPage(missing)));
    else {
      const status = path.startsWith('/.well-known/') ? 404 : 503;
      routes.all(path, (context) =>
        reply(context, { status, body: { error: 'temporarily_unavailable', error_description: said } }),
      );
    }
  }
}
