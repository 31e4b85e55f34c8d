// Finds the package in the place of a file, and whether folders are in it. Pure.

import { PACKAGES } from './report-folder.ts';
import { foldedName } from './same-name.ts';

/** The names along a place, which may be written with slashes or dots. */
export function namesIn(place: string): string[] {
  return place.split(/[/\\.:]/).filter((name) => name !== '');
}

/** The names from the folder that holds packages (`packages/a`) on; null when the place has no such folder. */
export function packageOf(place: string): readonly string[] | null {
  const names = namesIn(place);
  const at = names.findIndex((name, index) => PACKAGES.has(name) && index + 1 < names.length);
  return at === -1 ? null : names.slice(at);
}

/** Whether the place is a package and the folders are not in it. Cobertura may name several sources; any of them can be the place. */
export function isOtherPackage(place: string, folders: readonly string[]): boolean {
  return place.split(' or ').every((one) => {
    const names = packageOf(foldedName(one));
    return names !== null && !isWithin(names, folders);
  });
}

/** Whether `folders` hold all these names in this order; others may stand between them. */
export function isWithin(names: readonly string[], folders: readonly string[]): boolean {
  let at = 0;
  for (const folder of folders) if (folder === names[at]) at++;
  return at === names.length;
}
