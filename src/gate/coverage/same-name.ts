// When two names of files are one on macOS and Windows, whatever Git says. Pure.

/** The same for names that differ by case, or by how letters with marks are composed. */
export function foldedName(name: string): string {
  return name.normalize('NFC').toUpperCase().toLowerCase().normalize('NFC');
}
