// From a request to its answer: finds the operation, lets the caller in, checks both against GitHub's description.

import type { IncomingHttpHeaders } from 'node:http';
import { type Admitted, admitInstallation, bearerToken, refuseUnlessApp, refuseUnlessPermitted } from './authorise.ts';
import { isJsonObject, type Json } from './contract/json-value.ts';
import type { GithubContract, Operation } from './contract/openapi-contract.ts';
import type { Failures } from './failures.ts';
import { actionsRoutes } from './routes/actions.ts';
import { appRoutes } from './routes/app.ts';
import { createGrantedTokens, type GrantedTokens } from './routes/app-token.ts';
import { checkRoutes } from './routes/checks.ts';
import { commentRoutes } from './routes/comments.ts';
import { commitRoutes } from './routes/commits.ts';
import { compareRoutes } from './routes/compare.ts';
import { deliveryRoutes } from './routes/deliveries.ts';
import { deploymentRoutes } from './routes/deployments.ts';
import type { LogStorage } from './routes/log-storage.ts';
import { newRepositoryRoutes } from './routes/new-repositories.ts';
import { openRoutes } from './routes/open.ts';
import { organisationRoutes, peopleRoutes, publicRoutes } from './routes/people.ts';
import { absent, PUBLIC_READS, pullRoutes } from './routes/pulls.ts';
import { type Answer, type AppIdentity, type Call, notFound, type RepositoryRoutes, refuse } from './routes/route.ts';
import { ruleSuiteRoutes } from './routes/rule-suites.ts';
import { userRoutes } from './routes/user.ts';
import { createRouter, type Match } from './routing.ts';
import type { Deliveries } from './state/deliveries.ts';
import type { GithubState } from './state/github-state.ts';
import { fullName } from './state/retell.ts';

/** A fault of the stand-in: what it answered, or could not answer, against GitHub's description. */
export interface Violation {
  operation: string;
  problems: string[];
}

/** A request as it came over the socket; `path` without `/api/v3`. */
export interface IncomingCall {
  method: string;
  path: string;
  query: string;
  text: string;
  headers: IncomingHttpHeaders;
  origin: string;
}

/** What is sent back, and what of the request is worth recording. */
export interface Outcome {
  answer: Answer | 'hang up';
  body: Json | undefined;
  installation: number | null;
}

/** Answers requests and collects the faults found on the way. */
export interface Responder {
  answer(incoming: IncomingCall): Outcome;
  violations: Violation[];
}

interface Deps {
  app: AppIdentity;
  state: GithubState;
  storage: LogStorage;
  failures: Failures;
  deliveries: Deliveries;
  contract: GithubContract;
}

/** Everything an answer may draw on. */
interface Context extends Deps {
  tokens: GrantedTokens;
  ofApp: Record<string, (call: Call) => Answer>;
  ofRepository: RepositoryRoutes;
  violations: Violation[];
}

const ofUser = { ...userRoutes, ...newRepositoryRoutes };
const RATE_LIMIT = 'GET /rate_limit';

/** Returns what answers requests from the given state, and holds every request and answer against GitHub's description. */
export function createResponder(deps: Deps): Responder {
  const tokens = createGrantedTokens();
  const ofApp = { ...appRoutes(tokens), ...deliveryRoutes(deps.deliveries) };
  const ofRepository: RepositoryRoutes = {
    ...actionsRoutes(deps.storage),
    ...checkRoutes,
    ...commentRoutes,
    ...commitRoutes,
    ...deploymentRoutes,
    ...peopleRoutes,
    ...compareRoutes,
    ...pullRoutes,
    ...ruleSuiteRoutes,
  };
  const context: Context = { ...deps, tokens, ofApp, ofRepository, violations: [] };
  const route = createRouter([
    ...Object.keys({ ...ofApp, ...ofRepository, ...organisationRoutes, ...openRoutes, ...ofUser, ...publicRoutes }),
    RATE_LIMIT,
  ]);
  return {
    violations: context.violations,
    answer(incoming) {
      const { method, path, text } = incoming;
      const body = parseBody(text);
      const early = deps.failures.take('before', method, path) ?? refuseUnreadable(incoming, body);
      if (early) return { answer: early, body, installation: null };
      const match = route(method, byName(deps.state, path));
      if (!match) {
        context.violations.push({ operation: `${method} ${path}`, problems: ['the stand-in has no such route'] });
        return { answer: notFound(), body, installation: null };
      }
      const { answer, installation } = respond(context, match, { incoming, body });
      const toSend = checked(context, match, answer);
      return { answer: deps.failures.take('after', method, path) ?? toSend, body, installation };
    },
  };
}

function refuseUnreadable({ headers, text }: IncomingCall, body: Json | undefined): Answer | null {
  if (headers['user-agent'] === undefined) return refuse(403, 'Request forbidden by administrative rules.');
  return text !== '' && !isJsonObject(body) ? refuse(400, 'Problems parsing JSON') : null;
}

/** The answer to a request whose operation is known and whose caller is yet to be let in. */
function respond(
  context: Context,
  match: Match,
  { incoming, body }: { incoming: IncomingCall; body: Json | undefined },
): { answer: Answer; installation: number | null } {
  const call = callOf(context, match, { incoming, body });
  const forAnybody = openRoutes[match.operation];
  if (forAnybody) return { answer: refuseRequest(match, call) ?? forAnybody(call), installation: null };
  const token = bearerToken(incoming.headers.authorization);
  const forApp = context.ofApp[match.operation];
  if (forApp) {
    const refusal = refuseUnlessApp(token, context.app) ?? refuseRequest(match, call);
    return { answer: refusal ?? forApp(call), installation: null };
  }
  const forUser = ofUser[match.operation];
  if (forUser) {
    const user = token === null ? null : context.state.signIn.userOf(token);
    if (user === null) return { answer: refuse(401, 'Bad credentials'), installation: null };
    const scopes = context.state.signIn.scopes.get(token ?? '') ?? null;
    return { answer: refuseRequest(match, call) ?? forUser({ ...call, user, scopes }), installation: null };
  }
  const admitted = admitInstallation(token, context.tokens, context.state);
  if ('refusal' in admitted) return { answer: admitted.refusal, installation: null };
  return { answer: answerInstallation(context, match, { call, admitted }), installation: admitted.installation.id };
}

function callOf(
  { state, app, contract }: Context,
  match: Match,
  { incoming: { query, path, headers, origin }, body }: { incoming: IncomingCall; body: Json | undefined },
): Call {
  return {
    state,
    app,
    contract,
    parameters: { ...Object.fromEntries(new URLSearchParams(query)), ...match.parameters },
    body: isJsonObject(body) ? body : {},
    accept: headers.accept ?? '',
    origin,
    target: query === '' ? path : `${path}?${query}`,
  };
}

function answerInstallation(
  { state, ofRepository }: Context,
  match: Match,
  { call, admitted }: { call: Call; admitted: Admitted },
): Answer {
  if (match.operation === RATE_LIMIT) return { status: 200, body: call.contract.example('rate-limit-overview') };
  const ofAnybody = publicRoutes[match.operation];
  if (ofAnybody) return refuseRequest(match, call) ?? ofAnybody(call);
  const ofOrganisation = organisationRoutes[match.operation];
  if (ofOrganisation) {
    const { grant, installation } = admitted;
    if (installation.account.login !== match.parameters.org) return notFound();
    const held = installation.permissions[ofOrganisation.needs] && grant.permissions[ofOrganisation.needs];
    if (!held) return refuse(403, 'Resource not accessible by integration');
    return refuseRequest(match, call) ?? ofOrganisation.answer(call);
  }
  const route = ofRepository[match.operation];
  const { owner = '', repo = '' } = match.parameters;
  const inside = state.findRepository(owner, repo);
  const isPublicRead = PUBLIC_READS.includes(match.operation);
  if (!inside || !route) return isPublicRead ? absent() : notFound();
  const refusal = refuseUnlessPermitted(admitted, inside, route.needs);
  if (refusal && !isPublicRead) return refusal;
  if (refusal && (refusal.status !== 404 || inside.repository.private))
    return refusal.status === 404 ? absent() : refusal;
  const renamed = `${owner}/${repo}`.toLowerCase() !== fullName(inside.repository).toLowerCase();
  if (renamed) return moved(call, `${owner}/${repo}`, inside.repository.id);
  return refuseRequest(match, call) ?? route.answer({ ...call, inside, installation: admitted.installation });
}

/** 422 when the request is not one that GitHub's description allows; otherwise coerces the parameters in place. */
function refuseRequest({ operation }: Match, { contract, parameters, body }: Call): Answer | null {
  const described = describedOperation(contract, operation);
  const sent = Object.keys(body).length > 0 || /^(?:POST|PATCH|PUT)/.test(operation) ? body : undefined;
  const problems = contract.requestProblems(described, { parameters, body: sent });
  return problems.length === 0 ? null : refuse(422, `Invalid request.\n\n${problems.join('\n')}`);
}

/** The answer itself, or a 500 in its place when GitHub would never give it. */
function checked({ contract, violations }: Context, { operation }: Match, answer: Answer): Answer {
  if (typeof answer.body === 'string') return answer;
  const problems = contract.answerProblems(describedOperation(contract, operation), answer);
  if (problems.length === 0) return answer;
  violations.push({ operation, problems });
  const message = `the stand-in's answer breaks GitHub's description: ${problems.join('; ')}`;
  return { status: 500, body: { message } };
}

function describedOperation(contract: GithubContract, name: string): Operation {
  const described = contract.operation(name);
  if (described) return described;
  throw new RangeError(`GitHub's description has no operation ${name}`);
}

function parseBody(text: string): Json | undefined {
  try {
    return text === '' ? undefined : JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** GitHub redirects from a former name to the repository's id. */
function moved({ origin, target }: Call, formerName: string, id: number): Answer {
  const url = target.replace(`/repos/${formerName}`, `${origin}/repositories/${id}`);
  const reads = { message: 'Moved Permanently', url, documentation_url: 'https://docs.github.com/rest' };
  return { status: 301, headers: { location: url }, body: reads };
}

/** `/repositories/{id}/…` under the repository's present name. */
function byName(state: GithubState, path: string): string {
  return path.replace(/^\/repositories\/(\d+)/, (whole, id) => {
    const found = state.repositories.get(Number(id));
    return found ? `/repos/${fullName(found.repository)}` : whole;
  });
}
