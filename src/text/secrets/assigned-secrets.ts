// Finds values that are secret because of the name they are given to: `DB_PASSWORD=…`, `"api_key": "…"`, `--token …`,
// `<password>…</password>`, `Password for user ann: …`. Pure.
import { type FoundName, namesIn } from './reading/find-names.ts';
import { readSign } from './reading/name-signs.ts';
import { kindOf } from './reading/secret-names.ts';
import { isSecretValue, type Tie } from './reading/secret-values.ts';
import { endOfMark, MARK, type Span } from './reading/span.ts';
import { endOfLine, readValue, skipSpaces, startOfLine } from './reading/value-reader.ts';

/** The places of the values that the text gives to names of secrets. */
export function findAssigned(text: string): Span[] {
  const found: Span[] = [];
  let last: Span = { start: 0, end: 0, kind: '' };
  for (const name of namesIn(text)) {
    // A name inside of a value is part of the secret.
    if (name.start >= last.start && name.start < last.end) continue;
    const sign = readSign(text, name);
    if (sign === null) continue;
    const spans = readAssigned(text, name, sign);
    found.push(...spans);
    last = spans.at(-1) ?? last;
  }
  return found;
}

function readAssigned(
  text: string,
  name: FoundName,
  sign: { at: number; tie: Tie; opened: string; whole: boolean },
): Span[] {
  if (text.startsWith(MARK, sign.at)) return changed(text, sign.at, name);
  const value = readValue(text, sign.at, sign.opened);
  const { start, end } = value;
  if (text.startsWith(MARK, start)) return changed(text, start, name);
  const tie = value.quoted && sign.tie !== 'listed' ? 'quoted' : sign.tie;
  const said = text.slice(start, Math.min(end, start + 500));
  // `const token: string = "…"`: what stands after the colon is the type.
  const again = sign.tie === 'colon' && !value.quoted ? valueAfterType(text, end) : -1;
  if (again >= 0) return readAssigned(text, name, { ...sign, at: again, tie: 'equals' });
  if (sign.tie !== 'equals' && isNamed(text, name, { said, end, isSaid: sign.tie === 'option' })) return [];
  if (!isSecretValue(said, { strength: name.strength, tie, whole: sign.whole && value.whole }))
    return changed(text, end, name);
  return [{ start, end, kind: kindOf(name.text) }, ...changed(text, end, name)];
}

/** What is said of a secret that goes by that name. */
const OF_NAMED =
  /^\\?["'`”’]?,?\s(?:in [\w"'/-]{1,80} )?(?:(?:was|is|are|were|has been) )?(?:not (?:found|defined|set|known|provided|available)|already exists|missing|required|undefined|unset|unknown|forbidden|could not be|cannot be|can't be|does not exist|doesn't exist|no longer exists)\b/i;

/** `secret "regcred-2026" not found` and `FailedMount: secret regcred-2026` tell its name, which is what somebody has to know. */
function isNamed(
  text: string,
  name: FoundName,
  { said, end, isSaid }: { said: string; end: number; isSaid: boolean },
): boolean {
  if (!/^(?:secrets?|tokens?|credentials?)$/i.test(name.text)) return false;
  if (/\barn:aws[\w:-]{1,80}:$/.test(text.slice(Math.max(0, name.start - 80), name.start))) return true;
  if (!/^(?:[a-z][a-z0-9._/-]{0,100}|[A-Z][A-Z0-9_]{0,100})$/.test(said)) return false;
  const lead = text.slice(startOfLine(text, name.start, 120), name.start);
  if (!OF_NAMED.test(text.slice(end, end + 150)) && !(isSaid && /^\S{1,80}:\s?$/.test(lead))) return false;
  const parts = said.split(/[._/-]/);
  const plain = parts.filter((part) => /^(?:[a-z]{2,20}|[A-Z]{2,20}|v?\d{1,4})$/.test(part));
  return plain.length * 2 >= parts.length;
}

function valueAfterType(text: string, end: number): number {
  const at = skipSpaces(text, end);
  return text.charAt(at) === '=' && text.charAt(at + 1) === ' ' ? skipSpaces(text, at + 1) : -1;
}

const ARROW = /\\?["']?\s{1,4}[-=]>\s{1,4}/y;

/** The new value of a plan that says `name = "old" -> "new"`. */
function changed(text: string, end: number, name: FoundName): Span[] {
  const from = text.startsWith(MARK, end) ? endOfMark(text, end) : end;
  ARROW.lastIndex = from;
  const arrow = ARROW.exec(text);
  if (arrow === null) return [];
  const value = readValue(text, from + arrow[0].length, '');
  if (value.end > endOfLine(text, from) || text.startsWith(MARK, value.start)) return [];
  const said = text.slice(value.start, Math.min(value.end, value.start + 500));
  const tie: Tie = value.quoted ? 'quoted' : 'equals';
  if (!isSecretValue(said, { strength: name.strength, tie })) return [];
  return [{ start: value.start, end: value.end, kind: kindOf(name.text) }];
}
