// When two names are the same file on macOS and Windows, whatever Git says. Pure.

/** A form that is equal for names that differ only in case, or in how letters with accents are encoded. */
export function foldedName(name: string): string {
  return name.normalize('NFC').toUpperCase().toLowerCase().normalize('NFC');
}
