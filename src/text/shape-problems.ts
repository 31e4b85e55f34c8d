// What a schema finds wrong with a value from outside, in plain words: one problem a field, and what is allowed there. Pure.

import { z } from 'zod';
import { closestName } from './closest-name.ts';
import { issueWords } from './issue-words.ts';

type RawIssue = Parameters<z.core.$ZodErrorMap>[0];

/** `field` is its path with dots, empty for the value as a whole; `said` fits behind it and a colon. */
export interface ShapeProblem {
  readonly field: string;
  readonly said: string;
}

/** One a field that is wrong, in the order in which the schema has them, and one a key that is not allowed, up to 20 of those. */
export function shapeProblems({ issues }: z.core.$ZodError): ShapeProblem[] {
  return issues.flatMap((issue) => {
    if (issue.code === 'unrecognized_keys') {
      const shown = issue.keys.slice(0, MOST_KEYS);
      return shown.map((key) => ({ field: fieldAt([...issue.path, key.slice(0, MOST_KEY)]), said: issue.message }));
    }
    return [{ field: fieldAt(issue.path), said: issue.message }];
  });
}

/** A stranger's body may hold any number of keys, of any length. */
const MOST_KEYS = 20;
const MOST_KEY = 100;

/** The problems as one text. */
export function shapeSentence(error: z.core.$ZodError): string {
  return shapeProblems(error).map(problemWords).join('; ');
}

/** The problem as one text, with its field where it has one. */
export function problemWords({ field, said }: ShapeProblem): string {
  return field === '' ? said : `${field}: ${said}`;
}

/** For `safeParse`'s option `error` where people write the file: with what to write instead of what stands there. */
export function fileWords(issue: RawIssue): string {
  return (issue.input === undefined ? undefined : issueWords(issue)) ?? plainWords(issue);
}

/** For `safeParse`'s option `error` where the value comes from a program: nothing of it is repeated but names of keys. */
export function plainWords(issue: RawIssue): string {
  if ('input' in issue && issue.input === undefined && issue.code !== 'custom')
    return `is missing; it ${allowedIn(issue)}`;
  return allowedIn(issue);
}

const KINDS: Readonly<Record<string, string>> = {
  ...{ string: 'a text', number: 'a number', int: 'a whole number', boolean: 'true or false', array: 'a list' },
  ...{ object: 'keys with values', record: 'keys with values', null: 'null' },
};

const FORMATS: Readonly<Record<string, string>> = {
  ...{
    url: 'an address (URL)',
    email: 'an e-mail address',
    uuid: 'a UUID',
    guid: 'a UUID',
    datetime: 'a time with its zone (ISO 8601)',
  },
  ...{ date: 'a date (YYYY-MM-DD)' },
};

function allowedIn(issue: RawIssue): string {
  switch (issue.code) {
    case 'invalid_type':
      return `should be ${KINDS[issue.expected] ?? issue.expected}${insteadOf(issue)}`;
    case 'invalid_value':
      return `should be ${issue.values.length === 1 ? '' : 'one of '}${issue.values.map(String).join(', ')}`;
    case 'too_small':
      return bound(issue, issue.minimum, issue.inclusive === false ? 'more than' : 'at least');
    case 'too_big':
      return bound(issue, issue.maximum, issue.inclusive === false ? 'less than' : 'at most');
    case 'invalid_format':
      return `should be ${FORMATS[issue.format] ?? 'written in another way'}`;
    case 'not_multiple_of':
      return `should be a multiple of ${issue.divisor}`;
    case 'unrecognized_keys':
      return noSuchKey(issue);
    case 'invalid_union':
      return Array.isArray(issue.options) && issue.options.length > 0
        ? `should be one of ${issue.options.map(String).join(', ')}`
        : 'is of no kind that is allowed here';
    default:
      return 'is not allowed';
  }
}

/** What stands there, by its kind alone. */
function insteadOf({ input }: RawIssue): string {
  if (Array.isArray(input)) return ', not a list';
  if (input === null) return ', not null';
  switch (typeof input) {
    case 'string':
      return ', not a text';
    case 'number':
      return Number.isFinite(input) ? ', not a number' : ', not NaN or infinite';
    case 'boolean':
      return ', not true or false';
    case 'object':
      return ', not keys with values';
    default:
      return '';
  }
}

type SizeIssue = Extract<RawIssue, { code: 'too_small' | 'too_big' }>;

function bound({ code, origin, exact }: SizeIssue, limit: number | bigint, comparison: string): string {
  const size = `${exact === true ? 'exactly' : comparison} ${limit}`;
  if (code === 'too_small' && limit === 1 && (origin === 'string' || origin === 'array')) return 'must not be empty';
  if (origin === 'string') return `should have ${size} characters`;
  return origin === 'array' || origin === 'set' ? `should have ${size} entries` : `should be ${size}`;
}

function noSuchKey({ keys, inst }: Extract<RawIssue, { code: 'unrecognized_keys' }>): string {
  return noneOf(keys, inst instanceof z.ZodObject ? Object.keys(inst.shape) : []);
}

/** What is said of keys that are not allowed, where these are. */
export function noneOf(keys: readonly string[], allowed: readonly string[]): string {
  const [key = '', ...others] = keys;
  const closest = others.length > 0 ? null : closestName(key, allowed);
  const meant = closest === null ? '' : `; did you mean ${closest}?`;
  if (allowed.length === 0) return `there is no such key${meant}`;
  return `there is no such key${meant || '.'} Allowed here: ${allowed.join(', ')}`;
}

function fieldAt(path: readonly PropertyKey[]): string {
  return path.map(String).join('.');
}
