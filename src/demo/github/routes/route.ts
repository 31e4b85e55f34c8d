// What a route of the stand-in is given and what it returns.

import { isJsonObject, type Json, type JsonObject } from '../contract/json-value.ts';
import type { GithubContract } from '../contract/openapi-contract.ts';
import type { GithubState, RepositoryState } from '../state/github-state.ts';
import type { Installation } from '../state/records.ts';

/** The App as the stand-in knows it; `botId` is the id of its bot user. */
export interface AppIdentity {
  id: number;
  slug: string;
  botId: number;
  publicKeyPem: string;
}

/** A request that GitHub's description allows and that may see what it asks for. */
export interface Call {
  state: GithubState;
  app: AppIdentity;
  contract: GithubContract;
  /** Path and query parameters in the types and with the defaults of the description. */
  parameters: JsonObject;
  body: JsonObject;
  /** The `Accept` header. */
  accept: string;
  /** Where the stand-in listens, such as `http://127.0.0.1:3000`. */
  origin: string;
  /** The path and query as requested, after any `/api/v3`. */
  target: string;
}

/** A call on something inside a repository that the caller's installation may see. */
export interface RepositoryCall extends Call {
  inside: RepositoryState;
  installation: Installation;
}

/** `body` is JSON, or for raw media types text; none for 204 and redirects. */
export interface Answer {
  status: number;
  body?: Json;
  headers?: Record<string, string>;
  /** Why a client's request was not accepted, when it was not. */
  refused?: string;
}

/** A route inside a repository, and the permissions of which the installation needs one (write includes read; none: any token). */
export interface RepositoryRoute {
  needs: readonly string[];
  answer: (call: RepositoryCall) => Answer;
}

/** Routes by the operation's name in GitHub's description. */
export type RepositoryRoutes = Record<string, RepositoryRoute>;

/** GitHub's error body with its message; the refusal is recorded. */
export function refuse(status: number, message: string, extra: JsonObject = {}): Answer {
  const body = { message, documentation_url: 'https://docs.github.com/rest', status: String(status), ...extra };
  return { status, body, refused: message };
}

/** Also what GitHub says of things the caller may not see. */
export const notFound = (): Answer => refuse(404, 'Not Found');

/** A whole number among the parameters; the description has checked that it is one. */
export function numberParameter({ parameters }: Call, name: string): number {
  return Number(parameters[name]);
}

/** A string in the body; undefined when it was not sent. */
export function textInBody(body: Json | undefined, name: string): string | undefined {
  const value = isJsonObject(body) ? body[name] : undefined;
  return typeof value === 'string' ? value : undefined;
}

/**
 * One page of a list with GitHub's Link header (first, prev, next, last); more than 100 a page is cut to 100.
 * docs/github.md#rate-limits
 */
export function page<Item>(call: Call, items: Item[]): { items: Item[]; headers: Record<string, string> } {
  const perPage = Math.min(100, Math.max(1, numberParameter(call, 'per_page') || 30));
  const number = Math.max(1, numberParameter(call, 'page') || 1);
  const last = Math.max(1, Math.ceil(items.length / perPage));
  const link = (rel: string, to: number): string => {
    const url = new URL(call.target, call.origin);
    url.searchParams.set('page', String(to));
    return `<${url}>; rel="${rel}"`;
  };
  const back = number > 1 ? [link('prev', number - 1), link('first', 1)] : [];
  const forward = number < last ? [link('next', number + 1), link('last', last)] : [];
  const links = [...back, ...forward].join(', ');
  return { items: items.slice((number - 1) * perPage, number * perPage), headers: links ? { link: links } : {} };
}
