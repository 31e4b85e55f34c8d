// What is done once for an Idempotency-Key, and what never is: an answer that is kept for a day must hold no secret.
import { createHash } from 'node:crypto';
import { z } from 'zod';
import type { Operation } from '../../operations/declared/operation.ts';
import type { Asked } from '../../operations/operations.ts';
import { ApiError } from '../api-error.ts';

const LONGEST_KEY = 255;
/** The last words of names under which a secret stands: `github_token`, `password`. Counts have other names, as `tokens_in`. */
const SECRET_WORDS = ['token', 'secret', 'password'];

/**
 * What makes the request the same as one before, where it carries a key. Throws `ApiError` 400 for a key where none is of use, or where
 * a secret would be kept for it. https://datatracker.ietf.org/doc/draft-ietf-httpapi-idempotency-key-header
 */
export function onceOf(operation: Operation, request: object, key: string | string[] | undefined): Asked['once'] {
  if (key === undefined) return undefined;
  if (operation.hints.readOnly) {
    throw new ApiError(400, 'malformed', 'An Idempotency-Key is for what changes something');
  }
  if (!takesKey(operation)) {
    const message =
      'A secret is in this, which is kept nowhere and so can not be answered again: send it without an Idempotency-Key';
    throw new ApiError(400, 'malformed', message);
  }
  if (typeof key !== 'string' || key === '' || key.length > LONGEST_KEY) {
    throw new ApiError(400, 'malformed', `Idempotency-Key has 1 to ${LONGEST_KEY} characters`);
  }
  return { keyHash: sha256(key), requestHash: sha256(JSON.stringify(request)) };
}

const known = new WeakMap<Operation, boolean>();

/** Whether requests for the operation may carry a key: it changes something, and neither takes nor gives a secret. */
export function takesKey(operation: Operation): boolean {
  const before = known.get(operation);
  if (before !== undefined) return before;
  const shapes = (['input', 'output'] as const).map((io) =>
    z.toJSONSchema(operation[io], { io, unrepresentable: 'any', cycles: 'ref' }),
  );
  const takes = !operation.hints.readOnly && !shapes.some(namesSecret);
  known.set(operation, takes);
  return takes;
}

/** Whether a text of the schema, however deep, is called as secrets are. */
function namesSecret(shape: unknown): boolean {
  if (typeof shape !== 'object' || shape === null) return false;
  return Object.entries(shape).some(([name, value]) => (isText(value) && isSecretName(name)) || namesSecret(value));
}

function isSecretName(name: string): boolean {
  return SECRET_WORDS.includes(name.toLowerCase().split('_').at(-1) ?? '');
}

/** A text, or what may be one. */
function isText(value: unknown): boolean {
  return typeof value === 'object' && value !== null && JSON.stringify(value).includes('"string"');
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
