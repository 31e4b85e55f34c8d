// Where the repository was on the machines that reports name by whole paths. Pure. A runner of one's own, a container or
// another CI system checks out wherever it likes. What a hosted runner writes, and what names no machine at all, is from the
// repository already.

import { isAbsolute } from '../../evidence/reading/report-values.ts';
import { enclosingFolder } from './enclosing-folder.ts';
import { PACKAGES, placeOf } from './report-folder.ts';

/** The files of one report as it names them. */
export interface NamedFiles {
  readonly paths: readonly string[];
}

/** So many files of a report tell where its root is as well as all of them. */
const TELLING = 200;
/** More machines than that have no repository in common. */
const MACHINES = 50;
const KINDS_OF_MACHINES = 10;

/**
 * For each report: which beginning of its paths to replace by what, so that they start at the repository's root; null: nothing.
 *
 * 1. The folder from which most of its files are files that are known from the repository (`known`).
 * 2. Else that from which most are the files of another machine's report: both are then named as that one's.
 * Two folders of one machine are two places.
 */
export function rootsOf(reports: readonly NamedFiles[], known: ReadonlySet<string>): readonly (Move | null)[] {
  const moves: (Move | null)[] = reports.map(() => null);
  const open: Machine[] = [];
  reports.forEach(({ paths }, index) => {
    const own = paths.filter(isAbsolute);
    const base = enclosingFolder(own);
    if (base.length === 0) return;
    const machine = { index, base, own: own.toSorted().slice(0, TELLING), all: own };
    const root = bestRoot(machine, known);
    if (root === null) open.push(machine);
    else moves[index] = { from: root, to: '' };
  });
  partMachines(moves);
  const first: { readonly machine: Machine; readonly tails: ReadonlyMap<string, ReadonlySet<string>> }[] = [];
  for (const machine of open.toSorted(byWeight).slice(0, MACHINES)) {
    const move = first.map((other) => alike(machine, other)).find((found) => found !== null) ?? null;
    if (move !== null) moves[machine.index] = move;
    else if (first.length < KINDS_OF_MACHINES) first.push({ machine, tails: tailsOf(machine) });
  }
  return moves;
}

/** Replace this beginning of a path by another one. */
export interface Move {
  readonly from: string;
  readonly to: string;
}

/** Two packages on one machine that seem roots, by what is named within them, are below the root. */
function partMachines(moves: (Move | null)[]): void {
  const roots = [...new Set(moves.flatMap((move) => (move === null || move.to !== '' ? [] : move.from)))];
  const shared = new Map<string, string>();
  for (const root of roots.slice(0, MACHINES))
    for (const other of roots.slice(0, MACHINES)) {
      if (root === other || areMachines(root, other)) continue;
      const common = `${enclosingFolder([root, other]).join('/')}/`;
      if (common !== '/' && common.length < (shared.get(root) ?? root).length) shared.set(root, common);
    }
  moves.forEach((move, index) => {
    const from = move?.to === '' ? shared.get(move.from) : undefined;
    if (from !== undefined) moves[index] = { from, to: '' };
  });
}

/** The path after the move; null changes nothing. */
export function moved(path: string, move: Move | null): string {
  return move !== null && path.startsWith(move.from) ? `${move.to}${path.slice(move.from.length)}` : path;
}

interface Machine {
  readonly index: number;
  readonly base: readonly string[];
  readonly own: readonly string[];
  readonly all: readonly string[];
}

/** Those that tell most first, and always in the same order. */
function byWeight(one: Machine, other: Machine): number {
  const text = ({ base, own }: Machine) => `${base.join('/')}\n${own.join('\n')}`;
  return other.all.length - one.all.length || (text(one) < text(other) ? -1 : 1);
}

/** The folders above all files, the outermost first, each with a slash at its end; none below a folder of packages. */
function foldersOf({ base }: Machine): string[] {
  const inside = base.findIndex((name, index) => index > 1 && PACKAGES.has(name));
  const names = inside === -1 ? base : base.slice(0, inside);
  return names.map((_, index) => `${names.slice(0, index + 1).join('/')}/`);
}

function bestRoot(machine: Machine, known: ReadonlySet<string>): string | null {
  let best: { readonly root: string; readonly count: number } | null = null;
  for (const root of foldersOf(machine)) {
    const count = machine.own.filter((path) => known.has(path.slice(root.length))).length;
    if (count > (best?.count ?? 0)) best = { root, count };
  }
  return best?.root ?? null;
}

/** For each folder above the files what is left of them. */
function tailsOf(machine: Machine): ReadonlyMap<string, ReadonlySet<string>> {
  return new Map(foldersOf(machine).map((root) => [root, new Set(machine.all.map((path) => path.slice(root.length)))]));
}

function alike(
  machine: Machine,
  other: { readonly machine: Machine; readonly tails: ReadonlyMap<string, ReadonlySet<string>> },
): Move | null {
  let best: { readonly move: Move; readonly count: number } | null = null;
  for (const [to, tails] of other.tails) {
    for (const from of foldersOf(machine)) {
      if (from === to || !areMachines(from, to)) continue;
      const count = machine.own.filter((path) => tails.has(path.slice(from.length))).length;
      if (count > (best?.count ?? 0)) best = { move: { from, to }, count };
    }
  }
  return best?.move ?? null;
}

/** Two folders that begin alike are on one machine, unless they differ by a figure alone, as runners do that share one. */
function areMachines(one: string, other: string): boolean {
  const [mine, others] = [one.split('/').filter((name) => name !== ''), other.split('/').filter((name) => name !== '')];
  return mine[0] !== others[0] || placeOf(mine) === placeOf(others) || withoutFigures(one) === withoutFigures(other);
}

function withoutFigures(path: string): string {
  return [...path].filter((sign) => sign < '0' || sign > '9').join('');
}
