// Which changed files can't all be the files of the reports that they are found to be. Pure. A report that names files from one
// package says nothing of where that is: src/index.ts is found for each package that has one.

import type { MergedFile } from './merge-file.ts';
import { PACKAGES } from './report-folder.ts';

/** A changed file and what it is found to be. */
export interface Claim {
  readonly path: string;
  readonly files: readonly MergedFile[];
  readonly isWhole: boolean;
}

/**
 * Returns the paths of changed files that cannot all be right: more files changed than there are files of the reports that they may be,
 * or one report would belong to several packages. Files that a report names by their whole path are never among them.
 */
export function claimedOften(claims: readonly Claim[]): ReadonlySet<string> {
  const often = new Set<string>();
  for (const group of [bySameFile(claims), byOnePackage(claims)].flat())
    for (const { path, isWhole } of group) if (!isWhole) often.add(path);
  return often;
}

function bySameFile(claims: readonly Claim[]): (readonly Claim[])[] {
  const known = claims.filter(({ files }) => files.length > 0);
  return [...Map.groupBy(known, ({ files }) => files[0])].flatMap(([, same]) => {
    const most = Math.max(...same.map(({ files }) => files.reduce((sum, { ways }) => sum + (ways[0]?.length ?? 0), 0)));
    return same.length > most ? [same] : [];
  });
}

function byOnePackage(claims: readonly Claim[]): (readonly Claim[])[] {
  const packages = new Map<string, Map<string, Claim[]>>();
  for (const claim of claims) {
    const [file, ...others] = claim.files;
    const folder = file === undefined || others.length > 0 || file.place !== '' ? null : folderBefore(claim, file);
    if (file === undefined || folder === null) continue;
    const ofReports = packages.get(file.sources.join()) ?? new Map<string, Claim[]>();
    packages.set(file.sources.join(), ofReports);
    ofReports.set(folder, [...(ofReports.get(folder) ?? []), claim]);
  }
  return [...packages.values()].flatMap((folders) => (folders.size > 1 ? [...folders.values()] : []));
}

/** The package from which the report would name it; empty for the repository's root, null where it is neither. */
function folderBefore({ path, isWhole }: Claim, file: MergedFile): string | null {
  if (isWhole) return '';
  const names = path.split('/');
  const before = names.slice(0, Math.max(0, names.length - file.path.split('/').length));
  return PACKAGES.has(before.at(-2) ?? '') ? before.join('/') : null;
}
