// Which package the place of a file names, and whether a folder is in it. Pure.

import { PACKAGES } from './report-folder.ts';
import { foldedName } from './same-name.ts';

/** Packages are named with dots as well. */
export function namesIn(place: string): string[] {
  return place.split(/[/\\.:]/).filter((name) => name !== '');
}

/** From the folder of packages on; null where the place names none. */
export function packageOf(place: string): readonly string[] | null {
  const names = namesIn(place);
  const at = names.findIndex((name, index) => PACKAGES.has(name) && index + 1 < names.length);
  return at === -1 ? null : names.slice(at);
}

/** Whether a place is a package that the folders are not in. Cobertura may name several sources, of which any is the place. */
export function isOtherPackage(place: string, folders: readonly string[]): boolean {
  return place.split(' or ').every((one) => {
    const names = packageOf(foldedName(one));
    return names !== null && !isWithin(names, folders);
  });
}

/** Whether the names come in that order, others between them or not. */
export function isWithin(names: readonly string[], folders: readonly string[]): boolean {
  let at = 0;
  for (const folder of folders) if (folder === names[at]) at++;
  return at === names.length;
}
