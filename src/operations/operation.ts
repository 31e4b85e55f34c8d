// What an operation is: one thing that people and agents may do here, with one SQL function behind it. REST, MCP and pages are
// forms of it and add nothing.
import { z } from 'zod';
import type { Scope } from '../model/scopes.ts';

/** What a caller may expect of it. */
export interface OperationHints {
  /** It changes nothing. */
  readonly readOnly: boolean;
  /** It takes something away, or changes what others wrote. */
  readonly destructive: boolean;
  /** Done twice with the same input it does no more than once. */
  readonly idempotent: boolean;
}

/** How a list goes on. */
export interface Page {
  /**
   * The arguments that name the place after which the next page begins, each with the field of the last item that it takes: all that the
   * order is made of, so that the place stays where it is when that item moves or goes.
   */
  readonly after: Readonly<Record<string, string>>;
  /**
   * How it is known that there are more: `extra`, the function gives one item more than `batch` of the input; `ties`, it gives as many as
   * `batch` and all that share the last one's place, so that a full page may be the last.
   */
  readonly more: 'extra' | 'ties';
}

export interface Operation {
  /** Unique, in lower case with underscores: a verb and what it is done to. */
  readonly name: string;
  /** One sentence for people. */
  readonly summary: string;
  /** What a token must be good for. */
  readonly scope: Scope;
  readonly hints: OperationHints;
  /** What it takes; refuses fields that it does not know. */
  readonly input: z.ZodObject;
  /** What it gives. */
  readonly output: z.ZodType;
  /** The SQL function that does it, called as the person. */
  readonly run: string;
  /** The function's arguments of an input that was checked; every one that it has no default for. */
  readonly argumentsOf: (input: never) => Readonly<Record<string, unknown>>;
  /** What is made of the function's answer before it is given; null: nothing. */
  readonly finish: ((answer: unknown, input: never) => unknown) | null;
  readonly page: Page | null;
}

/** What reads; the most frequent hints. */
export const READS: OperationHints = { readOnly: true, destructive: false, idempotent: true };
/** What adds something new each time. */
export const ADDS: OperationHints = { readOnly: false, destructive: false, idempotent: false };
/** What changes something, and done twice changes it once. */
export const CHANGES: OperationHints = { readOnly: false, destructive: false, idempotent: true };
/** The same where it takes something away or ends it. */
export const ENDS: OperationHints = { readOnly: false, destructive: true, idempotent: true };

interface Declared<Input extends z.ZodObject> extends Omit<Operation, 'input' | 'argumentsOf' | 'finish' | 'page'> {
  readonly input: Input;
  /** Left out: the input as it is. */
  readonly argumentsOf?: (input: z.output<Input>) => Readonly<Record<string, unknown>>;
  readonly finish?: (answer: unknown, input: z.output<Input>) => unknown;
  readonly page?: NonNullable<Operation['page']>;
}

/** Declares an operation. */
export function operation<Input extends z.ZodObject>(declared: Declared<Input>): Operation {
  return { argumentsOf: (input: z.output<Input>) => input, finish: null, page: null, ...declared };
}

/** Of a list: how many at the most. */
export const batch = z.int().min(1).max(200).default(50).describe('How many at the most');
/** The id of a row of ours: any UUID that Postgres takes, as rows that somebody else made have those of no version too. */
export const id = z.guid().meta({ id: 'Id', examples: ['0198f0e4-6a4c-7c11-9d3a-5b1f0c2d4e6f'] });
/** A time as Postgres writes it in JSON: ISO 8601 with an offset. */
export const time = z
  .string()
  .meta({ id: 'Time', description: 'ISO 8601', examples: ['2026-03-01T12:00:00.123456+00:00'] });
/** A time that is taken: as `time` is given, or with another zone. */
export const place = z.iso.datetime({ offset: true });
