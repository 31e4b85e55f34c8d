// How deeply JSON is nested, by its text: parsers that call themselves for each level use up the stack on what is made for it.

/** GitHub's own payloads have a dozen levels. */
const MOST_LEVELS = 1_000;

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const OPENING: readonly number[] = [0x5b, 0x7b];
const CLOSING: readonly number[] = [0x5d, 0x7d];

/** Whether JSON, which has been parsed once already, is nested more deeply than anything needs. Looks at each byte once. */
export function isDeep(json: Uint8Array): boolean {
  let levels = 0;
  let isText = false;
  for (let at = 0; at < json.length; at += 1) {
    const byte = json[at] ?? 0;
    if (byte === QUOTE) isText = !isText;
    else if (isText) {
      if (byte === BACKSLASH) at += 1;
    } else if (OPENING.includes(byte)) {
      levels += 1;
      if (levels > MOST_LEVELS) return true;
    } else if (CLOSING.includes(byte)) levels -= 1;
  }
  return false;
}
