// What an operation is: one thing that people and agents may do here, with one SQL function behind it. REST, MCP and pages are
// forms of it and add nothing.
import { z } from 'zod';
import type { Scope } from '../../model/scopes.ts';
import type { Asker, AskGithub } from './ask-github.ts';
import type { ContentLinks } from './content-link.ts';
import type { ExportToGithub } from './github-export.ts';

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

/** A function that reads, and its arguments of the operation's input. */
export interface First {
  readonly run: string;
  readonly argumentsOf: (input: never) => Readonly<Record<string, unknown>>;
}

/** What is at hand before an operation is done, and when its answer is finished. */
export interface Finishing extends Asker {
  /** Null: whoever asks makes none. */
  readonly links: ContentLinks | null;
  readonly github: AskGithub;
  /** Null: GitHub is not reached from here. */
  readonly exportToGithub: ExportToGithub | null;
}

export interface Operation {
  /** Unique, in lower case with underscores: a verb and what it is done to. */
  readonly name: string;
  /** One sentence for people. */
  readonly summary: string;
  /** What a token must be good for. */
  readonly scope: Scope;
  readonly hints: OperationHints;
  /** It is a person's decision over what agents did: refused to whoever acts as an agent. */
  readonly isForPeople: boolean;
  /** What it takes; refuses fields that it does not know. */
  readonly input: z.ZodObject;
  /** What it gives. */
  readonly output: z.ZodType;
  /**
   * Of what uses the App's own rights: asks GitHub at this moment whether the person may, each time, also for an answer that was given
   * before. Returns arguments for the function beside those of the input; throws when they may not or nothing can be asked. Null: nothing
   * is asked.
   */
  readonly before: ((input: never, asked: Finishing) => Promise<Readonly<Record<string, unknown>>>) | null;
  /** The SQL function that does it, called as the person. */
  readonly run: string;
  /** What is read as the person before it is done, for its arguments to be made of; null: nothing. */
  readonly first: First | null;
  /** The function's arguments of an input that was checked, and of what was read first; every one that it has no default for. */
  readonly argumentsOf: (input: never, known: unknown) => Readonly<Record<string, unknown>>;
  /** What is made of the function's answer before it is given; null: nothing. */
  readonly finish: ((answer: unknown, input: never, asked: Finishing) => unknown) | null;
  readonly page: Page | null;
  /** Whether what it gives rests on the runs of a project's last weeks, so that it is said how many of them are known. */
  readonly restsOnHistory: boolean;
}

/** What reads; the most frequent hints. */
export const READS: OperationHints = { readOnly: true, destructive: false, idempotent: true };
/** What adds something new each time. */
export const ADDS: OperationHints = { readOnly: false, destructive: false, idempotent: false };
/** What changes something, and done twice changes it once. */
export const CHANGES: OperationHints = { readOnly: false, destructive: false, idempotent: true };
/** The same where it takes something away or ends it. */
export const ENDS: OperationHints = { readOnly: false, destructive: true, idempotent: true };

interface Declared<Input extends z.ZodObject>
  extends Omit<
    Operation,
    'input' | 'isForPeople' | 'before' | 'first' | 'argumentsOf' | 'finish' | 'page' | 'restsOnHistory'
  > {
  readonly input: Input;
  /** Left out: false. */
  readonly isForPeople?: boolean;
  readonly before?: (input: z.output<Input>, asked: Finishing) => Promise<Readonly<Record<string, unknown>>>;
  /** Left out: the input as it is. */
  readonly argumentsOf?: (input: z.output<Input>, known: unknown) => Readonly<Record<string, unknown>>;
  readonly first?: First;
  readonly finish?: (answer: unknown, input: z.output<Input>, asked: Finishing) => unknown;
  readonly page?: NonNullable<Operation['page']>;
  /** Left out: false. Only of lists of a project. */
  readonly restsOnHistory?: boolean;
}

/** Declares an operation. */
export function operation<Input extends z.ZodObject>(declared: Declared<Input>): Operation {
  const usual = { isForPeople: false, before: null, first: null, finish: null, page: null, restsOnHistory: false };
  return { ...usual, argumentsOf: (input: z.output<Input>) => input, ...declared };
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
/** A repository by its name at GitHub. */
export const fullName = z
  .string()
  .regex(/^[\w.-]{1,100}\/[\w.-]{1,100}$/, 'should be owner/name')
  .meta({ description: 'owner/name', examples: ['octo-org/shop'] });
/** A commit by its whole name. */
export const commitSha = z
  .string()
  .regex(
    /^(?:[0-9a-f]{40}|[0-9a-f]{64})$/,
    'should be the whole SHA of a commit, 40 or 64 hexadecimal digits in lower case',
  )
  .meta({ examples: ['0f1e2d3c4b5a69788796a5b4c3d2e1f00f1e2d3c'] });
/** A pull request by its number. */
export const pullNumber = z.int().min(1).max(2_147_483_647);
/** Of a list that goes from the newest to the oldest: how many, and the place after which it goes on. */
export const newestFirst = { batch, before_created_at: place.optional(), before_id: id.optional() };
/** How such a list goes on. */
export const NEWEST_FIRST: Page = { after: { before_created_at: 'created_at', before_id: 'id' }, more: 'extra' };
/** Of a change: refused when somebody else changed the same since. */
export const expected = place
  .optional()
  .describe('`updated_at` as you read it: refused with 409 and code CR014 when it is another by now');
/** A text that says what to look for. */
export const query = z.string().min(1).max(1000).describe('Words, as in a search engine: "…" for a phrase, or, -');
/** Short words that something is found by. */
export const tags = z.array(z.string().min(1).max(100)).max(50);
/** Which of the goals something serves. */
export const impactAxes = z
  .array(z.enum(['A', 'B', 'C', 'D', 'E']))
  .max(5)
  .describe('A easier to deploy, B more revenue, C saves money, D more organised, E legal');
/** A JSON object whose text has so many characters at the most. */
export function bounded(characters: number) {
  return z.record(z.string(), z.unknown()).refine((value) => JSON.stringify(value).length <= characters, {
    error: `an object of at most ${characters} characters`,
  });
}
