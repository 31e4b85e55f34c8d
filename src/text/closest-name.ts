// Finds which known name somebody probably meant by an unknown one. Pure.

/** Returns the name that is most like `wanted`: equal but for case and signs, a few letters apart, or one the beginning of the other. Null when none is. */
export function closestName(wanted: string, names: readonly string[]): string | null {
  const letters = bare(wanted);
  const ranked = names
    .map((name) => ({ name, distance: distance(letters, bare(name)) }))
    .filter(({ name, distance }) => distance <= 2 || begins(letters, bare(name)))
    .toSorted((one, other) => one.distance - other.distance);
  return ranked[0]?.name ?? null;
}

/** `lintPass` and `lint-pass` as `lintpass`; cut, so that a long name costs no more than a short one. */
function bare(name: string): string {
  return name
    .slice(0, 50)
    .toLowerCase()
    .replace(/[^a-z0-9]/g, '');
}

function begins(wanted: string, name: string): boolean {
  const one = wanted.endsWith('s') ? wanted.slice(0, -1) : wanted;
  return wanted.length >= 3 && (name.startsWith(one) || wanted.startsWith(name));
}

/** How many letters have to be added, removed or changed to turn one text into the other. Takes time in proportion to the product of their lengths. */
export function distance(one: string, other: string): number {
  let row = Array.from({ length: other.length + 1 }, (_, column) => column);
  for (const [index, letter] of [...one].entries()) {
    const next = [index + 1];
    for (let column = 1; column <= other.length; column++) {
      const same = (row[column - 1] ?? 0) + (letter === other[column - 1] ? 0 : 1);
      next.push(Math.min(same, (row[column] ?? 0) + 1, (next[column - 1] ?? 0) + 1));
    }
    row = next;
  }
  return row[other.length] ?? 0;
}
