// How refusals stand in the description: one answer a status, with its headers and an example.
import type { Operation } from '../../operations/declared/operation.ts';
import { TITLES } from '../api-error.ts';
import type { Place } from './paths.ts';
import type { Schema } from './schemas.ts';

interface Refusal {
  readonly description: string;
  readonly code: string;
  readonly detail: string;
  readonly header?: readonly [name: string, schema: Schema];
  /** What has this refusal; left out: every operation. */
  readonly of?: (operation: Operation, place: Place) => boolean;
}

const changes = ({ hints }: Operation) => !hints.readOnly;
const takesBody = (_: Operation, { method }: Place) => method !== 'get';
const RETRY_AFTER = ['Retry-After', { type: 'integer', minimum: 0, description: 'Seconds' }] as const;
const CHALLENGE = ['WWW-Authenticate', { type: 'string', description: 'RFC 6750' }] as const;

const REFUSALS: Readonly<Record<number, Refusal>> = {
  400: {
    description: 'Something in the request can not be so; `details.fields` says what where it is a field',
    code: 'malformed',
    detail: 'The request is not as it should be',
  },
  401: {
    description: 'No token, or one that is not good any more',
    code: 'no_token',
    detail: 'Send "Authorization: Bearer <token>" with a token of the page /account or of `codered token create`',
    header: CHALLENGE,
  },
  403: {
    description: 'The token, or its person, may not do this',
    code: 'insufficient_scope',
    detail: 'This token is not good for "tasks"',
  },
  404: {
    description: 'It is not there, or not yours: the same words for both',
    code: 'CR004',
    detail: 'There is no such project, or you may not see it.',
  },
  408: {
    description: 'The body comes too slowly',
    code: 'too_slow',
    detail: 'The body comes too slowly',
    of: takesBody,
  },
  409: {
    description: 'It does not go together with what there is',
    code: 'CR005',
    detail: 'Somebody else holds the lock.',
  },
  410: {
    description: 'It is no longer kept: a place in a list, from which to begin anew, or a log at GitHub',
    code: 'CR015',
    detail: 'What followed event 7 is no longer kept here: begin anew, after event 4711, or without a place.',
    of: ({ run }) => run === 'list_events' || run === 'read_log_source',
  },
  413: {
    description: 'The body is too large',
    code: 'too_large',
    detail: 'The body is larger than 1048576 bytes',
    of: takesBody,
  },
  415: {
    description: 'The body is no JSON by its Content-Type',
    code: 'unsupported_type',
    detail: 'The body has to be JSON, with Content-Type: application/json',
    of: takesBody,
  },
  422: {
    description: 'The Idempotency-Key was used for another request',
    code: 'CR009',
    detail: 'The Idempotency-Key was used for another request: take a new one.',
    of: changes,
  },
  429: {
    description: 'You have too much under way at once',
    code: 'too_many_at_once',
    detail: 'You have 20 requests under way at once: wait for one of them',
    header: RETRY_AFTER,
  },
  500: {
    description: 'A fault of ours, which is in the log',
    code: 'internal',
    detail: 'This request could not be answered; the log says why',
  },
  503: {
    description:
      'Not now; nothing was changed. `access_unchecked`: GitHub was not asked within the hour what you may see; `github_unavailable`: it had to be asked at this moment, and could not',
    code: 'unavailable',
    detail: 'This can not be done now; try again later',
    header: RETRY_AFTER,
  },
};

/** RFC 9457, with a code for programs and details. */
export const PROBLEM: Schema = {
  type: 'object',
  description: 'RFC 9457: `code` is for programs, `detail` for people',
  required: ['type', 'title', 'status', 'detail', 'code', 'details'],
  properties: {
    type: { const: 'about:blank' },
    title: { type: 'string', description: 'The status in words' },
    status: { type: 'integer' },
    detail: { type: 'string', minLength: 1 },
    code: { type: 'string', minLength: 1 },
    details: {
      type: 'object',
      properties: {
        fields: {
          type: 'array',
          items: {
            type: 'object',
            required: ['field', 'message'],
            properties: { field: { type: 'string' }, message: { type: 'string' } },
            additionalProperties: false,
          },
        },
      },
    },
  },
  additionalProperties: false,
};

/** `components.responses`, by the status in words without spaces. */
export function refusalResponses(): Readonly<Record<string, Schema>> {
  return Object.fromEntries(
    Object.entries(REFUSALS).map(([status, refusal]) => [nameOf(status), responseOf(Number(status), refusal)]),
  );
}

/** The refusals that an operation has, in words. */
export function refusalsOf(
  operation: Operation,
  place: Place,
): readonly { readonly status: string; readonly description: string }[] {
  return Object.entries(REFUSALS)
    .filter(([, { of }]) => of === undefined || of(operation, place))
    .map(([status, { description }]) => ({ status, description }));
}

/** A pointer at one of `refusalResponses`. */
export function refusalPointer(status: string): Schema {
  return { $ref: `#/components/responses/${nameOf(status)}` };
}

function nameOf(status: string): string {
  return (TITLES[Number(status)] ?? status).replaceAll(' ', '');
}

function responseOf(status: number, { description, code, detail, header }: Refusal): Schema {
  const example = { type: 'about:blank', title: TITLES[status], status, detail, code, details: {} };
  const of = { $ref: '#/components/schemas/Problem' };
  const schema = { allOf: [of, { properties: { status: { const: status } } }] };
  const headers = header === undefined ? {} : { headers: { [header[0]]: { required: true, schema: header[1] } } };
  return { description, ...headers, content: { 'application/problem+json': { schema, example } } };
}
