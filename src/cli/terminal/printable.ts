// Makes text from outside fit for a terminal.

/** The text with a mark for every character that moves the cursor, starts a line or hides text: names come from strangers' repositories. */
export function printable(text: string): string {
  return text.replace(/[\p{Cc}\p{Cf}\u2028\u2029]/gu, '\uFFFD');
}

/** The value as JSON on one line that moves no cursor and hides no text: what would is escaped, so that a parser reads the same. */
export function printableJson(value: unknown): string {
  return JSON.stringify(value).replace(/[\p{Cc}\p{Cf}\u2028\u2029]/gu, (sign) =>
    Array.from({ length: sign.length }, (_, at) => `\\u${sign.charCodeAt(at).toString(16).padStart(4, '0')}`).join(''),
  );
}
