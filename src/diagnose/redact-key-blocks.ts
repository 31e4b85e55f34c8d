// Takes private keys in PEM or PGP armour out of text, also when only a part of the block is there. Pure; redact.ts uses it.

const BEGIN = /-----BEGIN [A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?-----/;
const END = /-----END [A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?-----/;
const REPLACEMENT = '[redacted:private-key]';
/** A line of armour that stands alone: base64 or a header of the armour; whatever a log puts before it may come first. */
const ARMOUR =
  /(?:^|[\s|:>'"])(?:[A-Za-z0-9+/=]{16,}|[A-Za-z0-9+/]{1,16}={1,2}|=[A-Za-z0-9+/]{4}|(?:Proc-Type|DEK-Info|Version|Comment|Hash):.*)\s*(?:\\n)?['",]*$/;

/** Replaces key material line by line, so that lines keep their numbers; what stands before `-----BEGIN` on its line stays. */
export function redactKeyBlocks(text: string): string {
  if (!text.includes('PRIVATE KEY')) return text;
  const lines = text.split('\n');
  for (let i = 0; i < lines.length; i++) {
    const line = lines[i] ?? '';
    if (BEGIN.test(line)) i = redactFrom(lines, i);
    else if (END.test(line)) redactBackFrom(lines, i);
  }
  return lines.join('\n');
}

/** Redacts the block that begins on this line; returns its last line. Without an end it is over where the armour is. */
function redactFrom(lines: string[], first: number): number {
  const line = lines[first] ?? '';
  const begin = BEGIN.exec(line)?.index ?? 0;
  const sameLine = END.exec(line.slice(begin));
  if (sameLine) {
    const rest = line.slice(begin + sameLine.index + sameLine[0].length);
    lines[first] = `${line.slice(0, begin)}${REPLACEMENT}${rest}`;
    // Another block may stand behind it.
    return BEGIN.test(rest) ? first - 1 : first;
  }
  lines[first] = `${line.slice(0, begin)}${REPLACEMENT}`;
  let last = first;
  while (last + 1 < lines.length && isMaterial(lines[last + 1] ?? '')) lines[++last] = REPLACEMENT;
  const end = lines[last + 1];
  if (end !== undefined && END.test(end)) lines[++last] = end.replace(END, REPLACEMENT);
  return last;
}

function isMaterial(line: string): boolean {
  return !END.test(line) && !BEGIN.test(line) && (line.trim() === '' || ARMOUR.test(line));
}

/** Redacts the end of a block whose beginning is not in the text. */
function redactBackFrom(lines: string[], end: number): void {
  lines[end] = (lines[end] ?? '').replace(END, REPLACEMENT);
  for (let i = end - 1; i >= 0 && ARMOUR.test(lines[i] ?? ''); i--) lines[i] = REPLACEMENT;
}
