// Checks what the retention policies say should be deleted and still is there.
import { z } from 'zod';
import type { Brain } from '../../brain/client.ts';
import { readMonthsDue, readPrunable } from '../../brain/retention/retention.ts';
import { type Finding, ok, warning } from './finding.ts';

const months = z.array(z.iso.date());

/** Returns one finding about partitions for the next months and one about rows that are due. Throws what `brain.call` throws. */
export async function checkRetention(brain: Pick<Brain, 'call'>): Promise<Finding[]> {
  const missing = months.parse(await brain.call('event_months_missing', {}));
  return [partitionFinding(missing), await dueFinding(brain)];
}

function partitionFinding(missing: readonly string[]): Finding {
  if (missing.length === 0) return ok('partitions', 'events have one for this month and the next two');
  const found = `events have none for ${named(missing)}`;
  return warning('partitions', found, 'Nothing is lost; `codered serve` makes them at its start, `codered prune` too.');
}

async function dueFinding(brain: Pick<Brain, 'call'>): Promise<Finding> {
  const due = await readMonthsDue(brain);
  if (due.length > 0) {
    const rows = due.reduce((sum, month) => sum + month.rows, 0);
    const found = `${rows.toLocaleString('en')} events of ${named(due.map(({ month }) => month))} may be archived`;
    return warning('retention', found, 'Run `codered prune`; with --dry-run it says what it would do.');
  }
  const rows = (await readPrunable(brain)).filter((row) => row.due > 0);
  if (rows.length === 0) return ok('retention', 'nothing is due');
  const found = rows.map(({ table_name, due: count }) => `${table_name} ${count.toLocaleString('en')}`).join(', ');
  return ok('retention', `due: ${found}; \`codered serve\` takes them away once a day, \`codered prune\` at once`);
}

function named(days: readonly string[]): string {
  const shown = days.slice(0, 6).map((day) => day.slice(0, 7));
  return days.length > shown.length ? `${shown.join(', ')} and ${days.length - shown.length} more` : shown.join(', ');
}
