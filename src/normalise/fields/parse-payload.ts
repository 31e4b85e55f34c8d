// Where payloads are checked: one of unknown shape becomes what a schema says, or `Rejected` is thrown. Pure.

import type { EmitterWebhookEvent, EmitterWebhookEventName } from '@octokit/webhooks';
import type { z } from 'zod';
import { Rejected } from '../../model/errors.ts';

const MOST_PROBLEMS_SHOWN = 20;

const EXPECTED_WORDS: Readonly<Record<string, string>> = {
  string: 'a string',
  object: 'an object',
  array: 'a list',
  record: 'an object',
  boolean: 'true or false',
};

type FieldsOf<Value> = Value extends object ? keyof Value : never;
type At<Value, Key> = Value extends object ? (Key extends keyof Value ? NonNullable<Value[Key]> : never) : never;
type ItemOf<Value> = Value extends readonly (infer Item)[] ? NonNullable<Item> : never;

/** The paths of fields that `Ours` reads and `Theirs` does not have; never when it has all of them. */
type Misnamed<Ours, Theirs> = Ours extends readonly (infer Item)[]
  ? Misnamed<NonNullable<Item>, ItemOf<Theirs>>
  : Ours extends object
    ? {
        [Key in keyof Ours & string]-?: Key extends FieldsOf<Theirs>
          ? Misnamed<NonNullable<Ours[Key]>, At<Theirs, Key>> extends infer Path extends string
            ? `${Key}.${Path}`
            : never
          : Key;
      }[keyof Ours & string]
    : never;

/** What GitHub sends, or may send, and the description lacks: accounts that are enterprises, and what is a record to us. */
type Undescribed =
  | `${string}.slug`
  | `installation.permissions.${string}`
  | `issue.pull_request.${string}`
  | `merge_group.head_commit.${'added' | 'modified' | 'removed' | 'author.username'}`;

/** `unknown` when GitHub's own description of the event has every field that the schema reads; else a type that names the missing ones. */
type NamesFieldsOf<Event extends EmitterWebhookEventName, Schema extends z.ZodType> =
  Exclude<Misnamed<z.input<Schema>, EmitterWebhookEvent<Event>['payload']>, Undescribed> extends infer Path
    ? [Path] extends [never]
      ? unknown
      : { readonly 'fields that GitHub does not send': Path }
    : never;

/**
 * Checks a payload against a schema and returns what the schema makes of it. The compiler compares the names of the fields with
 * GitHub's own description of the event.
 * @throws Rejected naming the event, every field (up to 20) that is missing or wrong, what was expected there and the
 * type found; nothing that stands in the payload except a well-formed `action` gets into the message.
 */
export function parsePayload<Event extends EmitterWebhookEventName, Schema extends z.ZodType>(
  event: Event,
  schema: Schema & NamesFieldsOf<Event, Schema>,
  payload: unknown,
): z.output<Schema> {
  const parsed = schema.safeParse(payload, { error: expectedWord, reportInput: true });
  if (parsed.success) return parsed.data;
  throw rejection(eventName(event, payload), parsed.error.issues);
}

/** Throws the same `Rejected` as `parsePayload`, for a field that is only needed together with others. */
export function rejectMissing(eventName: string, path: string, expected: string): never {
  throw new Rejected(`${eventName}: ${path}: expected ${expected}, found nothing`);
}

/** Event and action, as `workflow_run.completed`; the event alone when the payload has no action, or one in another form than GitHub's. */
export function eventName(event: string, payload: unknown): string {
  const action = typeof payload === 'object' && payload !== null && 'action' in payload ? payload.action : null;
  return typeof action === 'string' && /^[a-z_]{1,40}$/.test(action) ? `${event}.${action}` : event;
}

function rejection(name: string, issues: readonly z.core.$ZodIssue[]): Rejected {
  const shown = issues.slice(0, MOST_PROBLEMS_SHOWN).map((issue) => `${name}: ${problem(issue)}`);
  const more = issues.length - shown.length;
  return new Rejected([...shown, ...(more > 0 ? [`and ${more} more`] : [])].join('; '));
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
