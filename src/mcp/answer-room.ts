// How much an answer may hold: never more than an agent has room for, and what was left out is said, with how it is had. Nothing is cut
// in the middle of what is JSON.
import { setImmediate } from 'node:timers/promises';
import { isObject } from './tool-schemas.ts';

/** How long a whole answer is at the most, its text and the same as structured content together, in tokens of o200k_base. */
const ANSWER_TOKENS = 10_000;
/** What may be left out of the count: an answer with more characters is taken for too long without being counted. */
const COUNTED_CHARACTERS = 60_000;
/** Counted in pieces, as a run of one letter takes the counter time that grows with its square; that makes it a little more. */
const PIECE = 1_000;
/** So many words the counter remembers, of the hundred thousand that it would: it has them from whoever asks. */
const REMEMBERED_WORDS = 2_000;

/** Something that there was no room for. */
export interface Cut {
  /** A JSON Pointer into `answer`: https://www.rfc-editor.org/rfc/rfc6901 */
  readonly field: string;
  /** Characters of a text, entries of a list or fields of an object, from the beginning. */
  readonly shown: number;
  readonly of: number;
}

/** So much of each text, list and object, at the most. */
interface Room {
  readonly characters: number;
  readonly entries: number;
}

/** From wide to narrow. No id, time or hash is as long as the shortest text. */
const ROOMS: readonly Room[] = [
  { characters: 8_000, entries: 200 },
  { characters: 4_000, entries: 50 },
  { characters: 1_500, entries: 20 },
  { characters: 500, entries: 10 },
  { characters: 200, entries: 5 },
  { characters: 100, entries: 2 },
];
/** So many cuts are named; how many there are beside them is said. */
const NAMED_CUTS = 20;

/** Whether something that becomes JSON fits into an answer. */
export async function fits(value: unknown): Promise<boolean> {
  return (await tokensOf(value)) <= ANSWER_TOKENS;
}

/** How many tokens its JSON has; as soon as it is known to have more than fit, no more are counted. */
async function tokensOf(value: unknown): Promise<number> {
  const text = JSON.stringify(value);
  if (text.length > COUNTED_CHARACTERS) return ANSWER_TOKENS + 1;
  const countTokens = await counter();
  // An answer is counted many times over: others have their turn between two.
  await setImmediate();
  let tokens = 0;
  for (let at = 0; at < text.length && tokens <= ANSWER_TOKENS; at += PIECE) {
    // A copy: what the counter remembers of a part of the text would hold all of it.
    const piece = Buffer.from(text.slice(at, at + PIECE)).toString();
    tokens += countTokens(piece, { allowedSpecial: new Set(), disallowedSpecial: new Set() });
  }
  return tokens;
}

async function counter() {
  const { countTokens, setMergeCacheSize } = await import('gpt-tokenizer/encoding/o200k_base');
  setMergeCacheSize(REMEMBERED_WORDS);
  return countTokens;
}

/** What a cut answer is, and what is missing of it. */
export interface Fitted {
  readonly value: unknown;
  readonly left_out: readonly Cut[];
  /** How many cuts are not named. */
  readonly more_left_out: number;
}

/** The most of a value whose whole answer, as `whole` makes it, fits; null when not even its outline does. */
export async function fitted<Whole>(value: unknown, whole: (fitted: Fitted) => Whole): Promise<Whole | null> {
  for (const room of [null, ...ROOMS]) {
    const cuts: Cut[] = [];
    const trimmed = room === null ? value : trim(value, room, '', cuts);
    const left_out = cuts.slice(0, NAMED_CUTS);
    const made = whole({ value: trimmed, left_out, more_left_out: cuts.length - left_out.length });
    if (await fits(made)) return made;
  }
  return null;
}

function trim(value: unknown, room: Room, field: string, cuts: Cut[]): unknown {
  const note = (shown: number, of: number) => cuts.push({ field, shown, of });
  if (typeof value === 'string') {
    const shown = firstCharacters(value, room.characters);
    if (shown.length < value.length) note(shown.length, value.length);
    return shown;
  }
  if (Array.isArray(value)) {
    if (value.length > room.entries) note(room.entries, value.length);
    return value.slice(0, room.entries).map((entry, index) => trim(entry, room, `${field}/${index}`, cuts));
  }
  if (!isObject(value)) return value;
  // Of an answer's own fields none is left out: only what others filled has so many.
  const most = room.entries * 20;
  const entries = Object.entries(value);
  if (entries.length > most) note(most, entries.length);
  return Object.fromEntries(
    entries.slice(0, most).map(([name, entry]) => [name, trim(entry, room, `${field}/${pointed(name)}`, cuts)]),
  );
}

/** The first so many UTF-16 units of a text, without half of a pair at the end. */
export function firstCharacters(text: string, most: number): string {
  if (text.length <= most) return text;
  return text.slice(0, (text.codePointAt(most - 1) ?? 0) > 0xffff ? most - 1 : most);
}

/** A name as a JSON Pointer has it. */
function pointed(name: string): string {
  return name.replaceAll('~', '~0').replaceAll('/', '~1');
}

/** The names that a JSON Pointer is made of. */
export function pointerNames(pointer: string): string[] {
  return pointer
    .split('/')
    .slice(1)
    .map((name) => name.replaceAll('~1', '/').replaceAll('~0', '~'));
}

/** What a JSON Pointer leads to; undefined for nothing. */
export function valueAt(value: unknown, names: readonly string[]): unknown {
  return names.reduce<unknown>((within, name) => {
    if (Array.isArray(within)) return /^\d{1,9}$/.test(name) ? within[Number(name)] : undefined;
    return isObject(within) && Object.hasOwn(within, name) ? within[name] : undefined;
  }, value);
}
