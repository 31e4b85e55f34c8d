// What a schema finds wrong with a value in a file that people write, in words that say what to write instead. Pure.

import type { z } from 'zod';
import { closestName } from './closest-name.ts';

type RawIssue = Parameters<z.core.$ZodErrorMap>[0];

const MOST_SHOWN = 60;

/** For what the schema itself has no words for: values of the wrong kind. Undefined for everything else. */
export function issueWords(issue: RawIssue): string | undefined {
  const { input } = issue;
  if (issue.code === 'invalid_value') return oneOf(issue.values.map(String), input);
  if (issue.code !== 'invalid_type' || input === undefined) return undefined;
  if (input === null) return issue.expected === 'boolean' ? 'has no value; should be true or false' : 'has no value';
  switch (issue.expected) {
    case 'boolean':
      return booleanWords(input);
    case 'array':
      return `should be a list${typeof input === 'string' ? listOf(input) : ''}`;
    case 'object':
    case 'record':
      return `should be keys with values${Array.isArray(input) ? ', not a list' : ''}`;
    case 'string':
      return notText(input);
    default:
      return undefined;
  }
}

/** What is written for what people write elsewhere: on, no, 'true', 1, [true]. */
const BOOLEANS: Readonly<Record<string, boolean>> = {
  ...{ yes: true, y: true, on: true, true: true, 1: true, required: true, enabled: true },
  ...{ no: false, n: false, off: false, false: false, 0: false, disabled: false },
};

function booleanWords(input: unknown): string {
  const one = Array.isArray(input) && input.length === 1 ? input[0] : input;
  const name = String(one).trim().toLowerCase();
  const meant = Object.hasOwn(BOOLEANS, name) ? BOOLEANS[name] : undefined;
  const not = Array.isArray(input) ? ', not a list' : '';
  if (meant === undefined) return `should be true or false${not}`;
  const why =
    typeof input === 'string'
      ? name === String(meant)
        ? ' without quotes'
        : ' (YAML 1.2 knows no yes, no, on, off)'
      : '';
  return `should be true or false${not}: write ${meant}${why}`;
}

/** Where a list stands for one value: what to write instead, if it has one that can be shown. */
function notAList(input: readonly unknown[]): string {
  const [one] = input;
  const isPlain = typeof one === 'number' || (typeof one === 'string' && isShown(one));
  return input.length === 1 && isPlain ? `, not a list: write ${one}` : ', not a list';
}

function notText(input: unknown): string {
  if (Array.isArray(input))
    return `should be one text${notAList(input)}; a text that begins with [ has to stand in quotes`;
  if (typeof input === 'object') return 'should be a text; one that begins with { has to stand in quotes';
  return `should be a text: put it into quotes, '${String(input)}'`;
}

function listOf(text: string): string {
  if (isShown(text)) return `: [${text}]`;
  const isLine = text.length <= MOST_SHOWN && !["'", '\n', '\r'].some((mark) => text.includes(mark));
  return isLine ? `: ['${text}']` : '';
}

function oneOf(allowed: readonly string[], input: unknown): string {
  if (Array.isArray(input)) return `should be one of ${allowed.join(', ')}${notAList(input)}`;
  const closest = typeof input === 'string' ? closestName(input, allowed) : null;
  return `should be one of ${allowed.join(', ')}${closest === null ? '' : `; did you mean ${closest}?`}`;
}

/** Makes an error message: `said`, and what to write instead when a list was given for one value. */
export function singleWords(said: string): (issue: { readonly input?: unknown }) => string {
  return ({ input }) => `${said}${Array.isArray(input) ? notAList(input) : ''}`;
}

/** Makes an error message: `said`, and what to write instead when a number was given in quotes. */
export function numberWords(said: string): (issue: { readonly input?: unknown }) => string {
  return ({ input }) => {
    if (Array.isArray(input)) return `${said}${notAList(input)}`;
    if (typeof input !== 'string' || input.trim() === '' || !Number.isFinite(Number(input))) return said;
    return `${said}; without quotes it is a number`;
  };
}

/** Whether it can be shown in a line of YAML as it is. */
export function isShown(text: string): boolean {
  const marks = ['{', '}', '[', ']', ',', ':', '#', '*', '&', '!', '|', '>', '"', "'", '%', '@', '`', '\n', '\r'];
  return text.length <= MOST_SHOWN && !marks.some((mark) => text.includes(mark));
}
