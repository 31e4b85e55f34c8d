// Makes text from outside fit for a terminal.

/** Names come from a stranger's repository: what moves a cursor, starts a line or hides the rest is shown as a mark. */
export function printable(text: string): string {
  return text.replace(/[\p{Cc}\p{Cf}\u2028\u2029]/gu, '\uFFFD');
}
