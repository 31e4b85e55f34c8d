// The door: a payload of unknown shape becomes what a schema says, or `Rejected`. Pure; for src/normalise/ only.

import type { z } from 'zod';
import { Rejected } from '../../model/errors.ts';

const MOST_PROBLEMS_TOLD = 20;

const EXPECTED_WORDS: Readonly<Record<string, string>> = {
  string: 'a string',
  object: 'an object',
  array: 'a list',
  record: 'an object',
  boolean: 'true or false',
};

/**
 * @throws Rejected naming the event, every field (up to 20) that is missing or wrong, what was expected there and the
 * type found; nothing that stands in the payload except a well-formed `action` gets into the message.
 */
export function parsePayload<Schema extends z.ZodType>(
  event: string,
  schema: Schema,
  payload: unknown,
): z.output<Schema> {
  const parsed = schema.safeParse(payload, { error: expectedWord, reportInput: true });
  if (parsed.success) return parsed.data;
  throw rejection(eventName(event, payload), parsed.error.issues);
}

/** Throws what `parsePayload` throws, for a need that only shows when several fields are seen together. */
export function rejectMissing(eventName: string, path: string, expected: string): never {
  throw new Rejected(`${eventName}: ${path}: expected ${expected}, found nothing`);
}

/** `workflow_run.completed`; just the event where the payload has no action or none that looks like GitHub's. */
export function eventName(event: string, payload: unknown): string {
  const action = typeof payload === 'object' && payload !== null && 'action' in payload ? payload.action : null;
  return typeof action === 'string' && /^[a-z_]{1,40}$/.test(action) ? `${event}.${action}` : event;
}

function rejection(name: string, issues: readonly z.core.$ZodIssue[]): Rejected {
  const told = issues.slice(0, MOST_PROBLEMS_TOLD).map((issue) => `${name}: ${problem(issue)}`);
  const untold = issues.length - told.length;
  return new Rejected([...told, ...(untold > 0 ? [`and ${untold} more`] : [])].join('; '));
}

function problem(issue: z.core.$ZodIssue): string {
  const field = issue.path.length > 0 ? `${issue.path.join('.')}: ` : '';
  return `${field}expected ${issue.message}, found ${typeWord(issue.input)}`;
}

function expectedWord(issue: z.core.$ZodRawIssue): string {
  return (issue.code === 'invalid_type' && EXPECTED_WORDS[issue.expected]) || 'another value';
}

function typeWord(found: unknown): string {
  if (found === undefined) return 'nothing';
  if (found === null) return 'null';
  if (Array.isArray(found)) return 'a list';
  return typeof found === 'object' ? 'an object' : `a ${typeof found}`;
}
