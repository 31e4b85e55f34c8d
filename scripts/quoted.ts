// A text as SQL writes it. Pure; what renders seed.sql uses it.

/** The text in quotes, for a server with standard_conforming_strings, which every one has. */
export function quoted(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}
