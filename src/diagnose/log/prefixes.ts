// What stands before a tool's own words on a line of a log: the runner's marks, stamps, the names that wrappers and container
// tools put there. A scanner over the beginning of the line, linear in its length. Pure.
import { decodeCommand } from './workflow-command.ts';

/** So many prefixes, one in the other, are taken off a line; a workflow command counts as one. */
const MOST_PREFIXES = 6;
/** Of a line with more carriage returns the last pieces count: a terminal shows no others. */
const MOST_PIECES = 64;
/** No name or stamp before a line is longer. */
const LONGEST_NAME = 80;

const RUNNER_MARKS = ['##[error]', '##[warning]', '##[notice]', '##[debug]', '##[section]', '[command]'];
const LEVELS = /^(?:ERROR|WARN|WARNING|INFO|DEBUG|NOTICE|FATAL|TRACE|CRITICAL|SEVERE|Error|Warning|Info|Notice|Fatal)$/;
/** Scripts that pnpm and yarn name after a folder that could be any word. */
const SCRIPTS =
  /^(?:test|build|lint|check|typecheck|dev|start|format|ci|e2e|prepare|install|postinstall|compile|coverage)$/;
const KUBERNETES_KINDS = /^(?:pod|pods|deployment|job|service|statefulset|daemonset|replicaset)$/;

/**
 * The texts that a line may be read as besides itself, each with one prefix less, the outermost first. A line with carriage
 * returns is also each of its pieces, a workflow command (`::error …::`) each line of its message.
 */
export function readingsOf(text: string): readonly string[] {
  const readings: string[] = [];
  if (!text.includes('\r')) addReadings(readings, text);
  else
    for (const piece of piecesOf(text)) {
      readings.push(piece);
      addReadings(readings, piece);
    }
  return readings;
}

/** What a terminal shows of a line, last first: its pieces between carriage returns. */
function piecesOf(text: string): string[] {
  const pieces: string[] = [];
  for (let end = text.length; end > 0 && pieces.length < MOST_PIECES; ) {
    const start = text.lastIndexOf('\r', end - 1) + 1;
    if (start < end) pieces.push(text.slice(start, end));
    end = start - 1;
  }
  return pieces;
}

function addReadings(readings: string[], text: string, taken = 0): void {
  let at = 0;
  for (let level = taken; level < MOST_PREFIXES; level++) {
    const message = text.startsWith('::', at) ? decodeCommand(text.slice(at)) : null;
    if (message !== null) {
      readings.push(...message);
      const inner = message.filter((line) => line !== text && !line.startsWith('::'));
      for (const line of inner) addReadings(readings, line, level + 1);
      return;
    }
    const end = prefixEnd(text, at);
    if (end <= at || end > text.length) return;
    at = end;
    readings.push(text.slice(at));
  }
}

/** Index after the prefix that begins at `from`, blanks before it included; -1 where none does. */
function prefixEnd(text: string, from: number): number {
  let at = from;
  while (at - from < LONGEST_NAME && isBlank(text.charCodeAt(at))) at++;
  for (const read of FORMS) {
    const end = read(text, at);
    if (end > at) return end;
  }
  if (text.startsWith('> ', at)) return pastIndent(at, at - from);
  return text.startsWith('::', at) && at > from ? at : -1;
}

/** Nix shows a builder's last lines behind seven blanks and `> `; Gradle a cause's cause, `>` and all, behind three, six, nine. */
function pastIndent(at: number, blanks: number): number {
  if (blanks === 7) return at + '> '.length;
  return blanks > 0 && blanks % 3 === 0 ? at : -1;
}

type Form = (text: string, at: number) => number;

const FORMS: readonly Form[] = [mark, buildKit, bracket, bar, stamp, level, named];

function mark(text: string, at: number): number {
  const first = text.charCodeAt(at);
  if (first !== 0x23 && first !== 0x5b) return -1;
  const found = RUNNER_MARKS.find((one) => text.startsWith(one, at));
  return found === undefined ? -1 : at + found.length;
}

/** `#12 3.456 ` or `#12 `. */
function buildKit(text: string, at: number): number {
  if (text.charCodeAt(at) !== 0x23) return -1;
  const number = digits(text, at + 1, 6);
  if (number === at + 1 || text[number] !== ' ') return -1;
  const whole = digits(text, number + 1, 7);
  if (whole === number + 1 || text[whole] !== '.') return number + 1;
  const part = digits(text, whole + 1, 6);
  return part > whole + 1 && (text[part] === ' ' || part === text.length) ? afterSpace(text, part) : number + 1;
}

/** `[0] `, `[web:test] `, `[12:34:56] `, `[pod/name/container] `, `[ERROR] `, `[@scope/pkg]: `. */
function bracket(text: string, at: number): number {
  if (text.charCodeAt(at) !== 0x5b) return -1;
  const end = text.indexOf(']', at);
  if (end < 0 || end - at > LONGEST_NAME || end === at + 1 || text.lastIndexOf('[', end) !== at) return -1;
  const after = text[end + 1] === ':' ? end + 2 : end + 1;
  return after === text.length || text[after] === ' ' ? afterSpace(text, after) : -1;
}

/** `app-1  | `, `| `, `│ `, Earthly's `+test *failed* | `. */
function bar(text: string, at: number): number {
  let end = text[at] === '+' ? at + 1 : at;
  while (end - at < LONGEST_NAME && isNameCharacter(text.charCodeAt(end))) end++;
  const name = end;
  if (text.startsWith(' *failed*', end)) end += ' *failed*'.length;
  while (end - at < LONGEST_NAME && text[end] === ' ') end++;
  if (name > at && name === end) return -1;
  const sign = text[end];
  const isFrame = sign === '│' || sign === '┃' || sign === '║';
  if (sign !== '|' && !(isFrame && name === at)) return -1;
  return text[end + 1] === ' ' || end + 1 === text.length ? afterSpace(text, end + 1) : -1;
}

/** `12:34:56.789 `, `2024-01-02T03:04:05Z `, `2024/01/02 03:04:05 `, and what GitLab writes after it. */
function stamp(text: string, at: number): number {
  let end = clock(text, at);
  if (end < 0) {
    end = date(text, at);
    if (end < 0 || (text[end] !== ' ' && text[end] !== 'T')) return -1;
    end = clock(text, end + 1);
    if (end < 0) return -1;
    end = zone(text, end);
    end = gitLab(text, end);
  }
  if (text[end] === ':') end++;
  if (end !== text.length && text[end] !== ' ') return -1;
  return afterSpace(text, end);
}

function date(text: string, at: number): number {
  const year = digits(text, at, 4);
  const sign = text[year];
  if (year !== at + 4 || (sign !== '-' && sign !== '/')) return -1;
  const month = digits(text, year + 1, 2);
  if (month !== year + 3 || text[month] !== sign) return -1;
  const day = digits(text, month + 1, 2);
  return day === month + 3 ? day : -1;
}

function clock(text: string, at: number): number {
  let end = at;
  for (let part = 0; part < 3; part++) {
    const next = digits(text, end, 2);
    if (next !== end + 2) return -1;
    end = next;
    if (part < 2 && text[end++] !== ':') return -1;
  }
  const fraction = text[end] === '.' || text[end] === ',' ? digits(text, end + 1, 9) : end;
  return fraction > end + 1 ? fraction : end;
}

function zone(text: string, at: number): number {
  if (text[at] === 'Z') return at + 1;
  if (text[at] !== '+' && text[at] !== '-') return at;
  const hours = digits(text, at + 1, 2);
  if (hours !== at + 3) return at;
  const minutes = digits(text, text[hours] === ':' ? hours + 1 : hours, 2);
  return minutes;
}

/** ` 00O`, ` 01E+`: which stream a line of a GitLab job came from. */
function gitLab(text: string, at: number): number {
  if (text[at] !== ' ' || digits(text, at + 1, 2) !== at + 3) return at;
  if (text[at + 3] !== 'O' && text[at + 3] !== 'E') return at;
  return text[at + 4] === '+' ? at + 5 : at + 4;
}

/** `ERROR: `, `INFO `, `WARN - `. */
function level(text: string, at: number): number {
  const end = letters(text, at, 9);
  if (end === at || !LEVELS.test(text.slice(at, end))) return -1;
  if (text[end] === ':' && (text[end + 1] === ' ' || end + 1 === text.length)) return afterSpace(text, end + 1);
  const isLoud = text.charCodeAt(at + 1) < 0x61;
  if (!isLoud || text[end] !== ' ') return -1;
  return text.startsWith(' - ', end) ? end + 3 : end + 1;
}

/** `web:test: `, `@scope/pkg: `, `packages/web test: `, `@scope/pkg test$ `, `pod/name `, `remote: `. */
function named(text: string, at: number): number {
  if (text.startsWith('remote: ', at)) return at + 'remote: '.length;
  let end = at;
  while (end - at < LONGEST_NAME && (isNameCharacter(text.charCodeAt(end)) || isInnerColon(text, end))) end++;
  if (end === at || end - at === LONGEST_NAME) return -1;
  const name = text.slice(at, end);
  if (text[end] === ':' && (text[end + 1] === ' ' || end + 1 === text.length)) {
    const isScope = name.startsWith('@') && name.includes('/');
    return isScope || name.includes(':') ? afterSpace(text, end + 1) : -1;
  }
  if (text[end] !== ' ') return -1;
  if (KUBERNETES_KINDS.test(name.slice(0, Math.max(0, name.indexOf('/'))))) return end + 1;
  return script(text, end + 1, name);
}

function script(text: string, at: number, folder: string): number {
  let end = at;
  while (end - at < LONGEST_NAME && (isNameCharacter(text.charCodeAt(end)) || isInnerColon(text, end))) end++;
  const isPath = folder.includes('/') || folder === '.';
  if (end === at || (!isPath && !SCRIPTS.test(text.slice(at, end)))) return -1;
  if (text[end] !== ':' && text[end] !== '$') return -1;
  return text[end + 1] === ' ' || end + 1 === text.length ? afterSpace(text, end + 1) : -1;
}

/** A colon within a name: a letter follows, as in `web:test`; in `a.c:12` none does, nor in `https://`. */
function isInnerColon(text: string, at: number): boolean {
  return text.charCodeAt(at) === 0x3a && isLetter(text.charCodeAt(at + 1));
}

function afterSpace(text: string, at: number): number {
  return text[at] === ' ' ? at + 1 : at;
}

function digits(text: string, at: number, most: number): number {
  let end = at;
  while (end - at < most && isDigit(text.charCodeAt(end))) end++;
  return end;
}

function letters(text: string, at: number, most: number): number {
  let end = at;
  while (end - at < most && isLetter(text.charCodeAt(end))) end++;
  return end;
}

function isDigit(code: number): boolean {
  return code >= 0x30 && code <= 0x39;
}

function isLetter(code: number): boolean {
  return (code >= 0x61 && code <= 0x7a) || (code >= 0x41 && code <= 0x5a);
}

function isBlank(code: number): boolean {
  return code === 0x20 || code === 0x09;
}

/** Letters, digits and `@ . / _ -`. */
function isNameCharacter(code: number): boolean {
  return isDigit(code) || isLetter(code) || code === 0x40 || (code >= 0x2d && code <= 0x2f) || code === 0x5f;
}
