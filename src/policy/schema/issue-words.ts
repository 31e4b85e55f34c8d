// What the schema of a policy finds wrong, in words that say how to write it. Pure; policy.ts, parse-policy.ts and sprint-policy.ts use it.

import type { z } from 'zod';
import { closestName } from '../../text/closest-name.ts';

type RawIssue = Parameters<z.core.$ZodErrorMap>[0];

const MOST_SHOWN = 60;

/** For what the schema itself has no words for; undefined: zod's own. */
export function issueWords(issue: RawIssue): string | undefined {
  const { input } = issue;
  if (issue.code === 'invalid_value') return oneOf(issue.values.map(String), input);
  if (issue.code !== 'invalid_type' || input === undefined) return undefined;
  if (input === null) return issue.expected === 'boolean' ? 'has no value; should be true or false' : 'has no value';
  switch (issue.expected) {
    case 'boolean':
      return typeof input === 'string'
        ? 'should be true or false, without quotes (YAML 1.2 knows no yes)'
        : 'should be true or false';
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

function notText(input: unknown): string {
  if (Array.isArray(input)) return 'should be one text, not a list; a text that begins with [ has to stand in quotes';
  if (typeof input === 'object') return 'should be a text; one that begins with { has to stand in quotes';
  return `should be a text: put it into quotes, '${String(input)}'`;
}

function listOf(text: string): string {
  if (isShown(text)) return `: [${text}]`;
  const isLine = text.length <= MOST_SHOWN && !["'", '\n', '\r'].some((mark) => text.includes(mark));
  return isLine ? `: ['${text}']` : '';
}

function oneOf(allowed: readonly string[], input: unknown): string {
  const closest = typeof input === 'string' ? closestName(input, allowed) : null;
  return `should be one of ${allowed.join(', ')}${closest === null ? '' : `; did you mean ${closest}?`}`;
}

/** `said`, and what to do where the number only stands in quotes. */
export function numberWords(said: string): (issue: { readonly input?: unknown }) => string {
  return ({ input }) => {
    if (typeof input !== 'string' || input.trim() === '' || !Number.isFinite(Number(input))) return said;
    return `${said}; without quotes it is a number`;
  };
}

/** A share, as Lighthouse CI's own settings have it, would let every score pass. Null: it is none. */
export function scoreRefusal(score: number): string | null {
  if (score <= 0 || score > 1) return null;
  return `should be a score from 0 to 100, so ${score} is ${Number((score * 100).toPrecision(6))}`;
}

/** `said`, and how a name that stands alone is written. */
export function sourceWords(said: string): (issue: { readonly input?: unknown }) => string {
  return ({ input }) => {
    if (Array.isArray(input))
      return `${said}, not a list; in names * is any run of characters, and of all that fit the worst counts`;
    return typeof input === 'string' && isShown(input) ? `${said}, as { job: ${input} }` : said;
  };
}

/** Whether it can be shown in a line of YAML as it is. */
function isShown(text: string): boolean {
  const marks = ['{', '}', '[', ']', ',', ':', '#', '*', '&', '!', '|', '>', '"', "'", '%', '@', '`', '\n', '\r'];
  return text.length <= MOST_SHOWN && !marks.some((mark) => text.includes(mark));
}
