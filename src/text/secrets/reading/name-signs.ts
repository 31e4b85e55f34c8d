// Reads what connects a secret's name with its value: `=`, `:`, `=>`, the end of a tag, the space after an option, a prompt. Pure.
import { runEnd } from './alphabets.ts';
import type { FoundName } from './find-names.ts';
import { isDrawnAlone, isRandomLooking } from './randomness.ts';
import type { Tie } from './secret-values.ts';
import { endOfLine, skipQuote, skipSpaces, startOfLine } from './value-reader.ts';

/** Where the value begins, how it is connected (see `Tie`), and the quote around name and value together; empty without one. */
export interface Sign {
  readonly at: number;
  readonly tie: Tie;
  readonly opened: string;
  /** False when a value counts only if nothing else follows it on its line. */
  readonly whole: boolean;
}

const SIGN = /(?:=>|:=|::=|\?=|\|\|=|\+=|===?|!==?|->|<<<|[=:›»❯])/y;

/** The sign after the name; null when none follows. */
export function readSign(text: string, name: FoundName): Sign | null {
  const before = text.charAt(name.start - 1);
  if (before === '<' || (before === ':' && /<[\w-]{1,30}:$/.test(text.slice(Math.max(0, name.start - 32), name.start))))
    return readTag(text, name);
  // ${NAME:?…} says what is wrong when there is none.
  if (text.startsWith(':?', name.end)) return null;
  const option = optionOf(text, name);
  let at = name.end;
  const { end: closed, quote } = skipQuote(text, at);
  // `x ? 'password' : 'other'` gives nothing to either.
  if (quote !== '' && /\?\s$/.test(text.slice(Math.max(0, name.start - 3), name.start - 1))) return null;
  at = closed;
  if (text.charAt(at) === ']' && /["'[]/.test(before)) at++;
  at = skipBold(text, at);
  // The quote before the name that was not closed after it holds the value too.
  const opened = quote === '' && (before === '"' || before === "'" || before === '`') ? before : '';
  const afterSpaces = skipSpaces(text, at);
  const next = onNextLine(text, afterSpaces);
  // A variable whose sign stands on the next line; a row of signs there underlines a heading.
  const isBroken =
    next > afterSpaces &&
    (name.text.includes('_') || name.strength === 'password') &&
    /^=[^=\s]/.test(text.slice(next, next + 2));
  const direct = readDirect(text, isBroken ? next : afterSpaces, quote);
  if (direct !== null) return { ...direct, opened, whole: true };
  if (option && afterSpaces > at && afterSpaces - at < 3)
    return { at: afterSpaces, tie: 'option', opened, whole: true };
  return readSpoken(text, name, at) ?? readColumn(text, name, at, afterSpaces) ?? readAlone(text, name, afterSpaces);
}

function readDirect(text: string, at: number, quote: string): { at: number; tie: Tie } | null {
  SIGN.lastIndex = at;
  const sign = SIGN.exec(text)?.[0];
  if (sign !== undefined) {
    // What something is compared with is as likely another variable.
    const isCompared = sign.length === 3 && sign.endsWith('==');
    const tie = (sign.includes('=') && !isCompared) || sign === '<<<' ? 'equals' : 'colon';
    return { at: valueStart(text, at + sign.length, sign), tie };
  }
  // `set("password", "…")`: both in quotes.
  const second = onNextLine(text, skipSpaces(text, at + 1, 3));
  if (quote !== '' && text.charAt(at) === ',' && skipQuote(text, second).quote !== '')
    return { at: second, tie: 'listed' };
  return null;
}

/** After a colon at the end of a line the value may stand on the next one, as JSON and YAML have it. */
function valueStart(text: string, at: number, sign: string): number {
  const start = afterTag(text, skipSpaces(text, at));
  if (sign !== ':') return start;
  const block = /[|>][+-]?\d?[ \t]{0,4}\r?\n/y;
  block.lastIndex = start;
  const begun = block.exec(text);
  if (begun !== null) return skipSpaces(text, start + begun[0].length, 200);
  if (text.charAt(start) !== '\n' && !text.startsWith('\r\n', start)) return start;
  const next = skipSpaces(text, text.indexOf('\n', start) + 1, 200);
  return skipQuote(text, next).quote === '' ? start : next;
}

/** Where the next line's text begins when this one ends at `at`; else `at`. */
function onNextLine(text: string, at: number): number {
  const feed = text.charAt(at) === '\r' ? at + 1 : at;
  return text.charAt(feed) === '\n' ? skipSpaces(text, feed + 1) : at;
}

const TAG = /!([\w!:/.-]{1,40})[ \t]{1,3}(?=\S)/y;

/** `!!str …`, `!secret …`: behind a tag that refers to something only what looks drawn at random is the value itself. */
function afterTag(text: string, at: number): number {
  TAG.lastIndex = at;
  const tag = TAG.exec(text);
  if (tag === null) return at;
  const start = at + tag[0].length;
  const refers = /^(?:Ref|Sub|GetAtt|ImportValue|secret|vault|env_var)\b/.test(tag[1] ?? '');
  return !refers || isRandomLooking(text.slice(start, runEnd(text, skipQuote(text, start).end, 'any', start + 300)))
    ? start
    : at;
}

/** `**Password**: …` */
function skipBold(text: string, at: number): number {
  return text.startsWith('**', at) || text.startsWith('__', at) ? at + 2 : at;
}

/** A tag's content is not longer. */
const MOST_IN_TAG = 2_000;

/** `<password>…`, also with attributes. */
function readTag(text: string, { end }: FoundName): Sign | null {
  const tag = text.slice(end, end + 200);
  const close = tag.indexOf('>');
  if (close < 0 || tag.charAt(close - 1) === '/' || text.charAt(end) === '/') return null;
  if (close > 0 && !/^\s/.test(tag)) return null;
  const at = end + close + 1;
  if (!text.slice(at, at + MOST_IN_TAG).includes('</')) return null;
  const start = text.startsWith('<![CDATA[', at) ? at + 9 : at;
  return text.charAt(start) === '<' || text.charAt(start) === '\n'
    ? null
    : { at: start, tie: 'equals', opened: '', whole: true };
}

function optionOf(text: string, { start }: FoundName): boolean {
  return (
    text.charAt(start - 1) === '-' && /[\s"'`[(]|^$/.test(text.charAt(start - (text.charAt(start - 2) === '-' ? 3 : 2)))
  );
}

const SPOKEN = /\s{1,3}(?:is|was|=|set to|are)\s?:?\s{1,3}/y;
const PROMPT_WORDS = /\s(?:for|of|to)\s/iy;

/** "Password for user ann: …", "the token is …": what people and prompts say. */
function readSpoken(text: string, name: FoundName, at: number): Sign | null {
  SPOKEN.lastIndex = at;
  const spoken = SPOKEN.exec(text);
  if (spoken !== null) return said(text, at + spoken[0].length);
  if (text.charAt(at) === '>' && text.charAt(at + 1) === ' ')
    return { at: at + 2, tie: 'colon', opened: '', whole: true };
  const note = /\s[([][^()[\]\n]{1,40}[)\]]\s?[:=]\s?/y;
  note.lastIndex = at;
  const noted = note.exec(text);
  if (noted !== null) return { at: at + noted[0].length, tie: 'colon', opened: '', whole: true };
  PROMPT_WORDS.lastIndex = at;
  if (name.strength === 'qualified' || !PROMPT_WORDS.test(text)) return null;
  const rest = text.slice(at, Math.min(endOfLine(text, at), at + 160));
  const sign = / is (?!.{0,160} is )| = (?!.{0,160} = )|: (?!.{0,160}: )/.exec(rest);
  if (sign === null || /\s/.test(rest.slice(sign.index + sign[0].length).trim())) return null;
  const start = at + sign.index + sign[0].length;
  return sign[0] === ' is ' ? said(text, start) : { at: start, tie: 'colon', opened: '', whole: true };
}

const SETTERS = new Set('setenv ENV ARG setx -gx -x config configure requirepass'.split(' '));
const CONFIGURES = /^(?:config(?:ure|uration)?|user-secrets|secrets?|variables?|defaults|env)$/;

/** Whether what stands before the name on its line is a command that sets it: `aws configure set`, `npm config set //host/:`. */
function isSetting(lead: string): boolean {
  const words = lead.slice(-100).trimEnd().replace(/["']$/, '').trimEnd().split(/\s+/).slice(-5);
  if (/\/:_?$/.test(words.at(-1) ?? '')) return true;
  while (/^(?:set|add|write|--?[a-z-]{1,20})$/.test(words.at(-1) ?? '') || /[\w-]:$/.test(words.at(-1) ?? '')) {
    if (words.length === 1 || SETTERS.has(words.at(-1) ?? '')) return true;
    words.pop();
    if (CONFIGURES.test(words.at(-1) ?? '')) return true;
  }
  return SETTERS.has(words.at(-1) ?? '');
}

/** What is said of a secret may be its value, but hardly when it is a plain word. */
function said(text: string, at: number): Sign {
  const isWord = /^[A-Z]?[a-z]+(?:['’]s)?[.,!?]?(?:\s|$)/.test(text.slice(at, at + 60));
  return { at, tie: 'colon', opened: '', whole: !isWord };
}

/** A listing of variables in columns; ENV, set and the like with a space in between. */
function readColumn(text: string, name: FoundName, at: number, afterSpaces: number): Sign | null {
  if (afterSpaces === at) return null;
  const begin = startOfLine(text, name.start, 120);
  const lead = text.slice(begin, name.start);
  const isVariable = /^[A-Z][A-Z0-9_]*$/.test(name.text) && name.text.includes('_');
  if (isSetting(lead)) return { at: afterSpaces, tie: 'option', opened: '', whole: true };
  const cell = /\s{0,60}\|\s{0,4}/y;
  cell.lastIndex = at;
  const bar = cell.exec(text);
  if (bar !== null && isVariable) return { at: at + bar[0].length, tie: 'colon', opened: '', whole: true };
  return isVariable && lead.trim() === '' && afterSpaces - at > 1
    ? { at: afterSpaces, tie: 'option', opened: '', whole: true }
    : null;
}

/** `bindpw …` of a file of settings, `token …` without any sign, `token → …`: the latter two only before what was drawn. */
function readAlone(text: string, name: FoundName, afterSpaces: number): Sign | null {
  if (afterSpaces === name.end) return null;
  if (/^(?:bind|root)pw$/i.test(name.text) && text.slice(startOfLine(text, name.start, 60), name.start).trim() === '')
    return { at: afterOption(text, afterSpaces), tie: 'option', opened: '', whole: true };
  if (name.strength !== 'password' && name.strength !== 'token') return null;
  const arrow = text.charAt(afterSpaces) === '→' ? skipSpaces(text, afterSpaces + 1) : afterSpaces;
  const at = skipQuote(text, arrow).end;
  const value = text.slice(at, runEnd(text, at, 'any', at + 300));
  const isRandom =
    isDrawnAlone(value) || (arrow > afterSpaces && name.strength === 'password' && isRandomLooking(value));
  return isRandom ? { at: arrow, tie: 'option', opened: '', whole: true } : null;
}

/** `rootpw --plaintext …` */
function afterOption(text: string, at: number): number {
  return text.startsWith('--', at) ? skipSpaces(text, runEnd(text, at, 'name', at + 40)) : at;
}
