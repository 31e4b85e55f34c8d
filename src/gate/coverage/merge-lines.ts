// Merges what several reports say of one file. Pure.

import { lineSetOf } from '../../evidence/coverage/line-set.ts';
import type { CoveredLines } from '../model/evidence-model.ts';

/** A text that is equal for reports of the same file: they list the same lines, and in Go the same blocks. Null when no lines are listed. */
export function likeness({ lines, blocks }: CoveredLines): string | null {
  return lines === null ? null : `${lineSetOf(lines.run, lines.missed)} ${blocks?.statements.join(' ') ?? ''}`;
}

/** Merges reports of one file (at least one, all with lines): a line counts as run when any of them ran it. */
export function unionOf(reports: readonly CoveredLines[]): CoveredLines {
  const [first] = reports;
  if (first === undefined) throw new RangeError('there is no telling of the file');
  if (reports.length === 1) return first;
  const run = new Set<number>();
  for (const { lines } of reports) for (const line of lines?.run ?? []) run.add(line);
  const missed = new Set<number>();
  for (const { lines } of reports) for (const line of lines?.missed ?? []) if (!run.has(line)) missed.add(line);
  const counts = unionOfBlocks(reports) ?? { covered: run.size, total: run.size + missed.size };
  const lines = { run: [...run], missed: [...missed] };
  const known = reports.flatMap(({ beyond }) => beyond ?? []);
  if (known.length === 0) return { ...first, ...counts, lines };
  // What one of them says beyond its lines may be so for all.
  const beyond = {
    covered: Math.min(...known.map(({ covered }) => covered)),
    total: Math.max(...known.map(({ total }) => total)),
  };
  const total = counts.total + beyond.total;
  return { ...first, covered: Math.max(0, Math.min(total, counts.covered + beyond.covered)), total, lines, beyond };
}

/** Null where they do not all have the same blocks. */
function unionOfBlocks(reports: readonly CoveredLines[]): { readonly covered: number; readonly total: number } | null {
  const statements = reports[0]?.blocks?.statements;
  if (statements === undefined) return null;
  const ran = new Set<number>();
  for (const { blocks } of reports) {
    if (blocks === undefined || blocks.statements.length !== statements.length) return null;
    if (blocks.statements.some((count, place) => count !== statements[place])) return null;
    for (let place = blocks.ran.indexOf('1'); place !== -1; place = blocks.ran.indexOf('1', place + 1)) ran.add(place);
  }
  const sum = (places: Iterable<number>) => [...places].reduce((total, place) => total + (statements[place] ?? 0), 0);
  return { covered: sum(ran), total: sum(statements.keys()) };
}

/** Returns a function that gives the run or missed lines of a file as a set; each set is made when it is first asked for. */
export function rememberLines(): (file: CoveredLines, which: 'run' | 'missed') => ReadonlySet<number> {
  const known = { run: new Map<CoveredLines, Set<number>>(), missed: new Map<CoveredLines, Set<number>>() };
  return (file, which) => {
    const lines = known[which].get(file) ?? new Set(file.lines?.[which]);
    known[which].set(file, lines);
    return lines;
  };
}
