// Which keys a JSON object has at its top, without parsing the rest of it. Pure; rpc-statement imports it.
// A delivery is 17 KB and comes thousands of times a second: JSON.parse would cost more than the call needs.

const quote = 0x22;
const backslash = 0x5c;
const colon = 0x3a;
const openBrace = 0x7b;
const closeBrace = 0x7d;
const openBracket = 0x5b;
const closeBracket = 0x5d;

/**
 * The keys of the object that `json` is, in order, each once. Null when `json` is no object. Text that is not JSON may
 * give any answer: Postgres reads the same text afterwards and refuses it. Linear in the length of the text.
 */
export function topLevelKeys(json: string): readonly string[] | null {
  if (!/^\s*\{/.test(json)) return null;
  const keys = new Set<string>();
  let depth = 0;
  let lastString: string | null = null;
  for (let at = 0; at < json.length; at++) {
    switch (json.charCodeAt(at)) {
      case quote: {
        const end = endOfString(json, at);
        if (end === -1) return null;
        if (depth === 1) lastString = json.slice(at, end + 1);
        at = end;
        break;
      }
      case colon:
        if (depth === 1 && lastString !== null) keys.add(unquote(lastString));
        lastString = null;
        break;
      case openBrace:
      case openBracket:
        depth++;
        break;
      case closeBrace:
      case closeBracket:
        depth--;
        break;
    }
  }
  return depth === 0 ? [...keys] : null;
}

/** Where the string that opens at `start` closes; -1 when it never does. */
function endOfString(json: string, start: number): number {
  let at = json.indexOf('"', start + 1);
  while (at !== -1 && isEscaped(json, at)) at = json.indexOf('"', at + 1);
  return at;
}

/** Whether an odd number of backslashes stands before `at`. The opening quote ends the count at the latest. */
function isEscaped(json: string, at: number): boolean {
  let before = at - 1;
  while (json.charCodeAt(before) === backslash) before--;
  return (at - before) % 2 === 0;
}

/** The text of a JSON string; a malformed escape is left as it stands, for Postgres to refuse. */
function unquote(quoted: string): string {
  if (!quoted.includes('\\')) return quoted.slice(1, -1);
  try {
    return String(JSON.parse(quoted));
  } catch {
    return quoted.slice(1, -1);
  }
}
