// Looks at what waits behind the inbox: the app's own work, and what is to be written to GitHub.
import type { Brain } from '../../brain/client.ts';
import { LIMITS } from '../../config/limits.ts';
import { type QueueStatus, readDeadFollowUps, readQueueStatus } from '../../queue/status.ts';
import { type Finding, ok, oneLine, warning } from './finding.ts';

const OLD_SECONDS = 300;
const SHOWN_DEAD = 5;

/** One finding on follow-ups and one on publications; throws what `brain.call` throws. */
export async function checkQueues(brain: Pick<Brain, 'call'>): Promise<Finding[]> {
  const rows = await readQueueStatus(brain, LIMITS.statusMs);
  const of = (queue: QueueStatus[number]['queue']) => rows.filter((row) => row.queue === queue);
  return [await followUpFinding(brain, of('follow_ups')), publicationFinding(of('publications'))];
}

async function followUpFinding(brain: Pick<Brain, 'call'>, rows: QueueStatus): Promise<Finding> {
  const dead = rows.reduce((sum, row) => sum + row.dead, 0);
  if (dead === 0) return waitingFinding('follow-ups', rows) ?? ok('follow-ups', 'none is stuck');
  const examples = (await readDeadFollowUps(brain, SHOWN_DEAD)).map(
    ({ id, kind, repository, error }) =>
      `\n   ${kind} ${id} of ${oneLine(repository ?? 'no repository')}: ${oneLine(error ?? 'no reason is kept')}`,
  );
  const found = `${dead} were given up (${counts(rows, 'dead')})${examples.join('')}`;
  const fix =
    'Mend what the reason names, then `codered replay --follow-ups` does them again, and with --follow-up ID one of them.';
  const waiting = waitingFinding('follow-ups', rows);
  return warning('follow-ups', found, waiting === null ? fix : `${fix} Besides, ${waiting.found}: ${waiting.fix}`);
}

function publicationFinding(rows: QueueStatus): Finding {
  const dead = rows.reduce((sum, row) => sum + row.dead, 0);
  if (dead === 0) return waitingFinding('publications', rows) ?? ok('publications', 'none is stuck');
  const found = `${dead} can not be written to GitHub (${counts(rows, 'dead')})`;
  return warning('publications', found, '`codered doctor --gate` says why, and what to do.');
}

/** Null when nothing has waited long. */
function waitingFinding(check: string, rows: QueueStatus): Finding | null {
  const late = rows.filter((row) => row.oldest_seconds > OLD_SECONDS);
  if (late.length === 0) return null;
  const oldest = Math.round(Math.max(...late.map((row) => row.oldest_seconds)));
  const found = `${counts(late, 'waiting')} wait, the oldest for ${oldest} s`;
  // The workers of all queues live in one process: where none has anything, none is there.
  const fix = rows.some((row) => row.running > 0)
    ? 'Workers are at others of them: run more `codered serve` on one database, or see with `codered doctor --gate` what GitHub holds up.'
    : 'No worker has any of them: see that `codered serve` runs, and what its log says of claiming.';
  return warning(check, found, fix);
}

function counts(rows: QueueStatus, what: 'waiting' | 'dead'): string {
  return rows.flatMap((row) => (row[what] > 0 ? `${row.kind} ${row[what].toLocaleString('en')}` : [])).join(', ');
}
