// Finds secrets by their place in code and commands: `--from-literal=key=…`, `getenv("DB_PASSWORD", "…")`, `login("bob", "…")`;
// and Mailgun's keys, which only the text around them tells from the key of a cache. Pure.
import { runStart } from './reading/alphabets.ts';
import { kindOf, type NameStrength, strengthOf } from './reading/secret-names.ts';
import { isSecretValue, type Tie } from './reading/secret-values.ts';
import { MARK, type Span } from './reading/span.ts';
import { readValue } from './reading/value-reader.ts';

const FROM_LITERAL = /--from-literal[= ]["']?[\w.-]{1,100}=/g;
/** What is asked of the environment, with what stands in when it is not set. */
const WITH_DEFAULT =
  /(?:environ|getenv|env|config)(?:\.get|\.fetch)?[.[(]["']?(\w{1,100})["']?[\])]?\s{0,2}(?:,|\bor|\|\||\?\?|\?:)\s{0,2}(?:default\s?=\s?)?(?=["'`])/gi;
const LOGIN =
  /(?:log_?in|sign_?in|authenticate|basic_?auth|credentials?)\(\s?(?:["'`][^"'`\n]{1,80}["'`]|[\w.]{1,60}),\s{0,20}(?=["'`])/gi;
const PASSWORD_CALL = /(?:passw(?:or)?d|passphrase|pwd)\(\s?(?=["'`])/gi;
const MAILGUN = /(?<![\w-])key-[0-9a-f]{32}(?!\w)/g;

/** The places of the secrets that are recognised in this way. */
export function findCalled(text: string): Span[] {
  const found: Span[] = [];
  const add = (at: number, name: string, { strength, tie, opened = '' }: CalledValue) => {
    const { start, end } = readValue(text, at, opened);
    if (text.startsWith(MARK, start)) return;
    const said = text.slice(start, Math.min(end, start + 500));
    if (isSecretValue(said, { strength, tie })) found.push({ start, end, kind: kindOf(name) });
  };
  for (const { 0: words, index } of text.matchAll(FROM_LITERAL)) {
    if (/create (?:configmap|cm) /.test(text.slice(Math.max(0, index - 200), index))) continue;
    const opened = /["']/.exec(words)?.[0] ?? '';
    add(index + words.length, 'secret', { strength: 'password', tie: 'equals', opened });
  }
  for (const { 0: words, 1: variable = '', index } of text.matchAll(WITH_DEFAULT)) {
    const name = [variable, nameBefore(text, index)].find((one) => isOpening(strengthOf(one)));
    const strength = name === undefined ? null : strengthOf(name);
    if (name !== undefined && strength !== null) add(index + words.length, name, { strength, tie: 'quoted' });
  }
  for (const call of [LOGIN, PASSWORD_CALL]) {
    for (const { 0: words, index } of text.matchAll(call))
      add(index + words.length, 'password', { strength: 'password', tie: 'listed' });
  }
  for (const { 0: key, index } of text.matchAll(MAILGUN))
    found.push({ start: index, end: index + key.length, kind: 'mailgun-key' });
  return found;
}

interface CalledValue {
  readonly strength: NameStrength;
  readonly tie: Tie;
  readonly opened?: string;
}

function isOpening(strength: NameStrength | null): boolean {
  return strength === 'password' || strength === 'token';
}

/** The name that the call's value is given to: `password = os.environ.get(`. */
function nameBefore(text: string, at: number): string {
  const from = Math.max(0, at - 120);
  let end = runStart(text, at, 'name', from);
  while (end > from && ' :='.includes(text.charAt(end - 1))) end--;
  if ('"\''.includes(text.charAt(end - 1))) end--;
  return text.slice(runStart(text, end, 'name', from), end);
}
