// Folders of which one may be the repository's, before the paths of reports that are none of it. Pure. A tool that names files
// by whole paths tells where the checkout is only by what they have in common, and Go names them by its module.

import { isAbsolute } from '../../evidence/reading/report-values.ts';
import { enclosingFolder } from './enclosing-folder.ts';
import { PACKAGES } from './report-folder.ts';

/** Where containers and CI systems check out: nothing else is the root then. */
const CHECKOUTS = ['/app', '/workspace', '/usr/src/app', '/code', '/home/circleci/project'];
/** Folders within a repository: what they are in may be its root, and they and what is in them are not. */
const INSIDE: ReadonlySet<string> = new Set(
  'src lib source sources internal cmd pkg api test tests main java kotlin python'.split(' '),
);
/** Whose modules are named for an owner and a repository. */
const FORGES: ReadonlySet<string> = new Set(['github.com', 'gitlab.com', 'bitbucket.org', 'codeberg.org']);
/** Of a path of a machine the first names are the machine's: somebody's `/home/ann/src`. */
const OF_THE_MACHINE = 4;
/** Two reports whose whole paths begin with so many names alike are of one checkout. */
const ONE_CHECKOUT = 3;
/** More folders, and more reports that lie elsewhere, are not looked at. */
const [MOST_FOLDERS, MOST_BASES] = [20, 200];

export interface NamedPaths {
  readonly paths: readonly string[];
  readonly format: string;
}

/** For each report: the folders that may be the repository's root, the innermost first, each with a slash at its end. Empty when its paths seem to be those of the repository. */
export function possibleRoots(reports: readonly NamedPaths[]): readonly (readonly string[])[] {
  const bases = reports.map(baseOf);
  const known = [...new Map(bases.flatMap((base) => (base === null ? [] : [[base.names.join('/'), base]]))).values()];
  return bases.map((own) => {
    if (own === null) return [];
    // The root is above what any report of the checkout names.
    let { names } = own;
    for (const other of known.slice(0, MOST_BASES)) {
      const shared = enclosingFolder([`${names.join('/')}/`, `${other.names.join('/')}/`]);
      if (other.isOfMachine === own.isOfMachine && shared.length >= own.least) names = shared;
    }
    const lengths = own.isOfMachine ? ofMachine(names) : ofModule(names, own.least);
    const folders = lengths.slice(0, MOST_FOLDERS).toReversed();
    return folders.map((length) => `${names.slice(0, length).join('/')}/`);
  });
}

interface Base {
  readonly names: readonly string[];
  readonly isOfMachine: boolean;
  /** So many names are those of one checkout, or of one module, at least. */
  readonly least: number;
}

function baseOf({ paths, format }: NamedPaths): Base | null {
  const whole = paths.filter(isAbsolute);
  const names = enclosingFolder(whole.length > 0 ? whole : paths);
  const [host = ''] = names;
  if (whole.length > 0) return names.length < 2 ? null : { names, isOfMachine: true, least: ONE_CHECKOUT };
  const isGo = format === 'go-cover' || (host.includes('.') && paths.every((path) => path.endsWith('.go')));
  if (!isGo || host === '') return null;
  return { names, isOfMachine: false, least: FORGES.has(host) ? 3 : host.includes('.') ? 2 : 1 };
}

function ofMachine(names: readonly string[]): number[] {
  const path = `${names.join('/')}/`;
  const known = CHECKOUTS.find((root) => path.startsWith(`${root}/`));
  if (known !== undefined) return [known.split('/').length];
  const inside = names.findIndex(
    (name, index) => index > 1 && (PACKAGES.has(name) || (index >= OF_THE_MACHINE && INSIDE.has(name))),
  );
  return upTo(2, inside === -1 ? names.length : inside);
}

function ofModule(names: readonly string[], least: number): number[] {
  const inside = names.findIndex((name, index) => index > 0 && INSIDE.has(name));
  const end = inside === -1 ? names.length : inside;
  return upTo(Math.min(least, end), end);
}

function upTo(least: number, most: number): number[] {
  return Array.from({ length: Math.max(0, most - least + 1) }, (_, index) => least + index);
}
