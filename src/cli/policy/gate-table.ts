// A verdict as the lines of a table on a terminal.
import type { GateCriterion } from '../../model/gate.ts';
import { measuredText, neededText, waitingText } from '../../report/gate-rows/gate-figures.ts';
import { printable } from '../terminal/printable.ts';

const HEAD = ['state', 'criterion', 'measured', 'needed', 'from'];

/** The lines of the table: a head and one line for each criterion, in columns. Empty when there are no criteria. */
export function gateTable(criteria: readonly GateCriterion[]): string[] {
  if (criteria.length === 0) return [];
  const rows = [HEAD, ...criteria.map(rowOf)];
  const widths = HEAD.map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  return rows.map((row) =>
    row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd(),
  );
}

function rowOf(criterion: GateCriterion): string[] {
  const { id, state, sources, reason } = criterion;
  const names = sources.map(({ kind, name, attempt }) => `${kind} ${name}${attempt > 1 ? `, attempt ${attempt}` : ''}`);
  const from = [...names, ...(state === 'pass' ? [] : [reason]), criterion.remedy ?? [], waitingText(criterion) ?? []]
    .flat()
    .join(' · ');
  return [state, id, measuredText(criterion), neededText(criterion), from].map(printable);
}
