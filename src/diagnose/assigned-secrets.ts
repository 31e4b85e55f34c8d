// Takes out values that are secret because of the name they are given to (`DB_PASSWORD=…`, `"api_key": "…"`). Pure; redact.ts uses it.

/** Names whose values nobody writes into a log but by mistake. */
const PASSWORD = /passw(?:or)?d|passphrase|pwd|secret/i;
const NAME = String.raw`(?:passw(?:or)?d|passphrase|pwd|secret|token|credentials?|_auth|(?:api|access|auth|account|signing|encryption|private|service|role|anon)[_-]?key)[\w-]{0,30}`;
const ASSIGNED = new RegExp(
  [
    // The name, perhaps in quotes, with its sign; or a command's option before its value.
    String.raw`(${NAME}\\?['"]?(?:\s{0,5}(?:=>|:=|=|:)\s{0,5})|--${NAME}\s{1,5})`,
    String.raw`(?!\[redacted:)`,
    // A value in quotes may hold spaces.
    String.raw`(?:(\\?["'])(?!\[redacted:)([^"'\r\n\\]{3,500})|([^\s'"\`,;\\]{3,500}))`,
  ].join(''),
  'gi',
);

/** Values that say where a secret comes from, or that there is none. */
const PLACEHOLDER =
  /^(?:[*x.•-]+|[$%<{(].*|true|false|null|none|nil|undefined|required|optional|string|inherit|yes|no|empty|missing|invalid|expired|secrets\..*|process\.env.*|os\.environ.*)$/i;

const MIN_TELLING = 8;
const MIN_BITS_PER_CHARACTER = 2.5;

/** Replaces the assigned values that are, or may well be, secrets; names and signs stay. */
export function redactAssigned(text: string): string {
  return text.replace(
    ASSIGNED,
    (whole: string, name: string, quote: string | undefined, quoted: string | undefined, bare: string | undefined) => {
      const value = quoted ?? bare ?? '';
      if (!isSecret(name, value, quote !== undefined)) return whole;
      return `${name}${quote ?? ''}[redacted:${PASSWORD.test(name) ? 'password' : 'token'}]`;
    },
  );
}

function isSecret(name: string, value: string, quoted: boolean): boolean {
  if (PLACEHOLDER.test(value)) return false;
  if (isTelling(value)) return true;
  const plainWord = /^[a-z]+[.!]?$/i.test(value) || /^[\d.]+$/.test(value);
  // "secret: missing" is prose, SECRET=missing is not; an everyday word as a token is a token of some parser.
  return PASSWORD.test(name) && (quoted || name.includes('=') || name.startsWith('--') || !plainWord);
}

/** Whether the text looks drawn at random: letters and digits mixed, few of them twice. */
function isTelling(value: string): boolean {
  return (
    value.length >= MIN_TELLING &&
    /\d/.test(value) &&
    /[a-z]/i.test(value) &&
    bitsPerCharacter(value) >= MIN_BITS_PER_CHARACTER
  );
}

/** Shannon's entropy of the characters. */
function bitsPerCharacter(value: string): number {
  const counts = new Map<string, number>();
  for (const char of value) counts.set(char, (counts.get(char) ?? 0) + 1);
  return [...counts.values()].reduce(
    (bits, count) => bits - (count / value.length) * Math.log2(count / value.length),
    0,
  );
}
