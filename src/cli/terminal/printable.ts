// Makes text from outside fit for a terminal.

/** The text with a mark for every character that moves the cursor, starts a line or hides text: names come from strangers' repositories. */
export function printable(text: string): string {
  return text.replace(/[\p{Cc}\p{Cf}\u2028\u2029]/gu, '\uFFFD');
}
