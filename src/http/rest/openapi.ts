// The description of the REST interface, made of the operations: OpenAPI 3.1, https://spec.openapis.org/oas/v3.1.1
import { SCOPES } from '../../model/scopes.ts';
import { addPage, makeRoutes, type Routes, reply } from '../routing.ts';
import { type Described, describeAll } from './describe.ts';
import { fullPath, REST_PREFIX } from './paths.ts';
import { PROBLEM, refusalPointer, refusalResponses, refusalsOf } from './refusals.ts';
import type { Schema } from './schemas.ts';

/** Where apps get tokens of people, as whole addresses. */
export interface OauthPlaces {
  readonly authorizationUrl: string;
  readonly tokenUrl: string;
}

/** `GET /api/v1/openapi.json`, for everybody: it tells what there is, and nothing of anybody. */
export function makeOpenapiPage(oauth: OauthPlaces | null = null): Routes {
  const routes = makeRoutes();
  const document = openapiDocument(oauth);
  addPage(routes, `${REST_PREFIX}/openapi.json`, (context) =>
    reply(context, { status: 200, body: document, headers: { 'cache-control': 'public, no-cache' } }),
  );
  return routes;
}

/** The whole document; OAuth is in it where the deployment has it. */
export function openapiDocument(oauth: OauthPlaces | null = null): Schema {
  const { described, streams, named } = describeAll();
  const paths: Record<string, Schema> = {};
  for (const one of [...described, ...streams]) {
    const path = fullPath(one.place);
    paths[path] = { ...paths[path], [one.place.method]: { ...operationOf(one), ...securityOf(one, oauth) } };
  }
  return {
    openapi: '3.1.1',
    info: {
      title: 'CodeRed',
      version: '1',
      summary: 'What broke in CI, why, what fixes it, and the work on it.',
      description: `For people, at ${REST_PREFIX}/reference. An address and headers that are together larger than 16 KB are answered 431, without words, whatever is asked for.`,
    },
    servers: [{ url: '/' }],
    security: [{ token: [] }, ...(oauth === null ? [] : [{ oauth: [] }])],
    tags: [...new Set(described.map(({ tag }) => tag))].sort().map((name) => ({ name })),
    paths,
    components: {
      securitySchemes: { token: TOKEN, ...(oauth === null ? {} : { oauth: oauthScheme(oauth) }) },
      responses: { ...refusalResponses(), NotModified: NOT_MODIFIED },
      headers: HEADERS,
      parameters: { IdempotencyKey: IDEMPOTENCY_KEY, IfNoneMatch: IF_NONE_MATCH, LastEventId: LAST_EVENT_ID },
      schemas: { ...named, Problem: PROBLEM },
    },
  };
}

const TOKEN = { type: 'http', scheme: 'bearer', description: 'A token of `codered token create`' };

/** The scopes in the words of an operation's own description; https://spec.openapis.org/oas/v3.1.1#oauth-flows-object */
function oauthScheme(places: OauthPlaces): Schema {
  const scopes = Object.fromEntries(
    SCOPES.map((scope) => [scope, `What \`x-scope\` of an operation calls \`${scope}\``]),
  );
  const description = 'OAuth 2.1: with PKCE (S256), and `resource` the address of this API';
  return {
    type: 'oauth2',
    description,
    flows: { authorizationCode: { ...places, refreshUrl: places.tokenUrl, scopes } },
  };
}

/** Without OAuth what the document says of all of them is enough. */
function securityOf({ operation: { scope } }: Described, oauth: OauthPlaces | null): Schema {
  return oauth === null ? {} : { security: [{ token: [] }, { oauth: [scope] }] };
}

const HEADERS = {
  ETag: {
    description: 'A tag of this very body, as this reader gets it',
    required: true,
    schema: { type: 'string', pattern: '^"[\\w-]+"$' },
  },
  Link: { description: 'The next page, where there is one: `<…>; rel="next"`', schema: { type: 'string' } },
  Replayed: {
    description: 'There where it was done before for this Idempotency-Key, and this is what was answered then',
    schema: { const: 'true' },
  },
};
const header = (name: keyof typeof HEADERS) => ({ $ref: `#/components/headers/${name}` });

const NOT_MODIFIED = { description: 'As `If-None-Match` has it', headers: { ETag: header('ETag') } };

const IDEMPOTENCY_KEY = {
  name: 'Idempotency-Key',
  in: 'header',
  required: false,
  description:
    'A word of yours, new for each request: sent again with the same within a day, it is done once and answered as before',
  schema: { type: 'string', minLength: 1, maxLength: 255 },
};
const IF_NONE_MATCH = {
  name: 'If-None-Match',
  in: 'header',
  required: false,
  description: 'The ETag of an answer that you have: 304 where there is nothing new',
  schema: { type: 'string' },
};
const LAST_EVENT_ID = {
  name: 'Last-Event-ID',
  in: 'header',
  required: false,
  description: 'The `id` of the last event that you had: the stream goes on after it',
  schema: { type: 'string', maxLength: 100 },
};
const parameter = (name: 'IdempotencyKey' | 'IfNoneMatch' | 'LastEventId') => ({
  $ref: `#/components/parameters/${name}`,
});

function operationOf({ operation, place, tag, parameters, body, answer, takesKey, isStream }: Described): Schema {
  const { name, summary, scope, page } = operation;
  const isRead = place.method === 'get' && !isStream;
  const headers = {
    ...(isRead ? { ETag: header('ETag') } : {}),
    ...(isRead && page !== null ? { Link: header('Link') } : {}),
    ...(takesKey ? { 'Idempotent-Replayed': header('Replayed') } : {}),
  };
  const { status, ...content } = answer;
  const refusals = refusalsOf(operation, place).map(({ status }) => [status, refusalPointer(status)]);
  return {
    operationId: name,
    tags: [tag],
    summary,
    description: `Asks for a token that is good for \`${scope}\`.`,
    'x-scope': scope,
    parameters: [
      ...parameters,
      ...(isRead ? [parameter('IfNoneMatch')] : []),
      ...(isStream ? [parameter('LastEventId')] : []),
      ...(takesKey ? [parameter('IdempotencyKey')] : []),
    ],
    ...(body === null ? {} : { requestBody: contentOf(body) }),
    responses: {
      [status]: isStream
        ? streamAnswer(content)
        : { description: 'Done', headers, content: { 'application/json': content } },
      ...(isRead ? { 304: { $ref: '#/components/responses/NotModified' } } : {}),
      ...Object.fromEntries(refusals),
    },
  };
}

/** A stream is a text that has no end; OpenAPI 3.1 has no word for the schema of one event of it. */
function streamAnswer({ schema }: Schema): Schema {
  const description =
    'Events until it is over, as https://html.spec.whatwg.org/multipage/server-sent-events.html has them; comments in between show that it is there';
  return { description, content: { 'text/event-stream': { schema: { type: 'string' }, 'x-event-data': schema } } };
}

function contentOf({ required, ...content }: NonNullable<Described['body']>): Schema {
  return { required, content: { 'application/json': content } };
}
