// GET and POST /oauth/consent/{uid}: who is signed in is asked whether an app may come in as them. The answer is bound to the request, to
// the browser that brought it (a signed cookie that only that request's path gets), to its session, and to what was shown.
import Provider, { errors, type Interaction } from 'oidc-provider';
import type { Logger } from 'pino';
import { z } from 'zod';
import type { Brain } from '../brain/client.ts';
import { hashOfToken } from '../brain/tokens.ts';
import { ApiError } from '../http/api-error.ts';
import type { RequestContext, Routes } from '../http/routing.ts';
import { asJson } from '../model/json.ts';
import { SCOPES, type Scope } from '../model/scopes.ts';
import type { Browsers } from '../pages/browser.ts';
import type { Fields } from '../pages/read-fields.ts';
import { goTo, sendPage } from '../pages/send-page.ts';
import { problemPage } from '../pages/sign-in-words.ts';
import { nameLine } from '../text/outside-text.ts';
import { type Asked, consentPage } from './consent-view.ts';
import { oauthErrorPage } from './oauth-words.ts';
import { OAUTH_PATHS } from './provider.ts';
import { formTargetOf, redirectWords } from './redirects.ts';

export interface ConsentDeps {
  readonly provider: () => Promise<Provider>;
  readonly brain: Pick<Brain, 'call'>;
  readonly browsers: Browsers;
  readonly url: string;
  readonly readFields: (request: RequestContext['env']['incoming']) => Promise<Fields | ApiError>;
  readonly log: Pick<Logger, 'info'>;
}

/** What a person is asked, and who they are. */
interface Question {
  readonly provider: Provider;
  readonly interaction: Interaction;
  readonly session: string;
  readonly userId: string;
  readonly asked: Asked;
}

/** Adds the pages to `routes`. */
export function addConsentPages(routes: Routes, deps: ConsentDeps): void {
  const path = `${OAUTH_PATHS.consent}/:uid`;
  routes.get(path, (context) => asking(context, () => ask(context, deps)));
  routes.post(path, (context) => asking(context, () => answerTo(context, deps)));
}

/** What the server refuses becomes its page. */
async function asking(context: RequestContext, work: () => Promise<Response>): Promise<Response> {
  try {
    return await work();
  } catch (thrown) {
    if (!(thrown instanceof errors.OIDCProviderError)) throw thrown;
    const text = oauthErrorPage(thrown, thrown.error, thrown.error_description);
    return sendPage(context, { status: thrown.statusCode, text });
  }
}

async function ask(context: RequestContext, deps: ConsentDeps): Promise<Response> {
  const question = await questionOf(context, deps);
  if (question instanceof Response) return question;
  await deps.brain.call('note_oauth_client_seen', { client_id: question.asked.clientId });
  return show(context, deps, question, null);
}

function show(context: RequestContext, deps: ConsentDeps, question: Question, problem: string | null): Response {
  const { asked } = question;
  const action = `${deps.url}${OAUTH_PATHS.consent}/${question.interaction.uid}`;
  const text = consentPage(asked, { url: deps.url, action, mark: markOf(deps, question), problem });
  return sendPage(context, { status: problem === null ? 200 : 422, text, formsTo: formTargetOf(asked.redirectUri) });
}

/** Of this request and session alone. */
function markOf({ browsers }: ConsentDeps, question: Question): string {
  return browsers.formMark(boundTo(question));
}

function boundTo({ session, interaction }: Question): string {
  return `${session} consent ${interaction.uid}`;
}

async function answerTo(context: RequestContext, deps: ConsentDeps): Promise<Response> {
  const question = await questionOf(context, deps);
  if (question instanceof Response) return question;
  const { incoming } = context.env;
  const fields = await deps.readFields(incoming);
  if (fields instanceof ApiError) return notDone(context, fields.status, `${fields.message}, so nothing was let in.`);
  const sent = (wanted: string) => fields.find(([name]) => name === wanted)?.[1] ?? '';
  if (!deps.browsers.isOwnForm(incoming, sent('mark'), boundTo(question))) {
    return notDone(
      context,
      403,
      'The form was not sent from the page that we made for you, so nothing was let in. Begin again from the app.',
    );
  }
  if (sent('decision') === 'allow') {
    const chosen = fields.flatMap(([name, value]) => (name === 'scope' ? [value] : []));
    const scopes = question.asked.scopes.filter((scope) => chosen.includes(scope));
    if (scopes.length === 0) return show(context, deps, question, 'Choose what it may do, or do not let it in.');
    return goOn(context, question, await letIn(deps, question, scopes));
  }
  return goOn(context, question, { error: 'access_denied', error_description: 'the person said no' });
}

async function goOn(
  context: RequestContext,
  { provider }: Question,
  result: Parameters<Provider['interactionResult']>[2],
): Promise<Response> {
  const { incoming, outgoing } = context.env;
  return goTo(context, await provider.interactionResult(incoming, outgoing, result), 303);
}

function notDone(context: RequestContext, status: number, problem: string): Response {
  return sendPage(context, problemPage({ status, title: 'Not done', problem, link: null }));
}

/** Makes the grant, of what was ticked; what was not is refused in it. */
async function letIn({ brain, log }: ConsentDeps, question: Question, scopes: readonly Scope[]) {
  const { provider, asked, userId } = question;
  const grant = new provider.Grant({ accountId: userId, clientId: asked.clientId });
  const refused = asked.scopes.filter((scope) => !scopes.includes(scope)).join(' ');
  grant.addOIDCScope([...scopes, 'openid', 'offline_access'].join(' '));
  if (refused !== '') grant.rejectOIDCScope(refused);
  for (const resource of asked.resources) {
    grant.addResourceScope(resource, scopes.join(' '));
    if (refused !== '') grant.rejectResourceScope(resource, refused);
  }
  const grantId = await grant.save();
  const about = {
    client_name: asked.clientName,
    redirect_words: redirectWords(asked.redirectUri),
    scope: scopes.join(' '),
    resources: asked.resources,
  };
  await brain.call('note_oauth_consent', { grant_hash: hashOfToken(grantId), about: asJson(about) });
  log.info({ person: userId, client: asked.clientId, scope: about.scope }, 'a person let an app in');
  return { login: { accountId: userId, remember: false }, consent: { grantId } };
}

const signedIn = z.object({ user_id: z.guid(), github_login: z.string().nullable() }).nullable();
const parameters = z.object({
  client_id: z.string(),
  redirect_uri: z.string(),
  scope: z.string().default(''),
  resource: z.union([z.string(), z.array(z.string())]).default([]),
});

/** The request that this browser brought, and who answers; whoever is not signed in does that first. */
async function questionOf(context: RequestContext, deps: ConsentDeps): Promise<Question | Response> {
  const { incoming, outgoing } = context.env;
  const provider = await deps.provider();
  const interaction = await provider.interactionDetails(incoming, outgoing);
  if (interaction.uid !== context.req.param('uid')) throw new errors.SessionNotFound('of another request');
  const session = await deps.browsers.read(context, 'session');
  const person =
    session === null
      ? null
      : signedIn.parse(await deps.brain.call('read_sign_in', { token_hash: hashOfToken(session) }));
  if (session === null || person === null) {
    const here = encodeURIComponent(`${OAUTH_PATHS.consent}/${interaction.uid}`);
    return goTo(context, `${deps.url}/sign-in?return_to=${here}`, 303);
  }
  const asked = await askedIn(provider, interaction, person.github_login);
  return { provider, interaction, session, userId: person.user_id, asked };
}

async function askedIn(provider: Provider, { params }: Interaction, login: string | null): Promise<Asked> {
  const { client_id, redirect_uri, scope, resource } = parameters.parse(params);
  const client = await provider.Client.find(client_id);
  if (client === undefined) throw new errors.InvalidClient('client is invalid');
  const words = scope.split(' ');
  return {
    clientId: client_id,
    clientName: nameLine(client.clientName ?? '') || 'an app without a name',
    redirectUri: redirect_uri,
    scopes: SCOPES.filter((one) => words.includes(one)),
    asksWho: words.includes('openid'),
    resources: [resource].flat(),
    login,
  };
}
