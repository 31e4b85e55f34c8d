// Removes months of events that are due, each after it was archived.
import type { Brain } from '../../brain/client.ts';
import { type MonthDue, readMonthsDue } from '../../brain/retention/retention.ts';
import { Rejected, Transient } from '../../model/errors.ts';
import { type Archive, archiveMonth } from './archive-month.ts';
import type { ArchivePlace } from './archive-place.ts';

/** A month that was removed from `events`. When `archive` is null, its rows are kept in the table `table`. */
export interface ClosedMonth {
  readonly month: string;
  readonly rows: number;
  readonly archive: Archive | null;
  readonly table: string | null;
}

/** What removing months needs. */
export interface MonthsOptions {
  readonly brain: Pick<Brain, 'call'>;
  /** Opened only when there is something to archive. */
  readonly openPlace: () => Promise<ArchivePlace>;
  readonly stop: AbortSignal;
  readonly onRows: (month: string, rows: number) => void;
  readonly onClosed: (closed: ClosedMonth) => void;
}

/** Removes all due months, the oldest first. When `stop` is aborted, rejects with its reason before the next batch; months that are done stay done. */
export async function pruneMonths(options: MonthsOptions): Promise<void> {
  const due = await readMonthsDue(options.brain);
  const place = due.some(({ archive }) => archive) ? await options.openPlace() : null;
  try {
    for (const month of due) {
      options.stop.throwIfAborted();
      options.onClosed(await closeMonth(month, place, options));
    }
  } finally {
    await place?.close();
  }
}

const TRIES = 3;

async function closeMonth(due: MonthDue, place: ArchivePlace | null, options: MonthsOptions): Promise<ClosedMonth> {
  const { brain, stop, onRows } = options;
  const month = due.month.slice(0, 7);
  for (let tried = 1; ; tried++) {
    const archive =
      due.archive && place !== null
        ? await archiveMonth(due.month, { brain, place, stop, onRows: (rows) => onRows(month, rows) })
        : null;
    const rows = archive?.rows ?? due.rows;
    const proof = archive === null ? {} : { sha256: archive.sha256, place: archive.place };
    try {
      const table: string | null = await brain.call('close_event_month', {
        month: due.month,
        rows,
        archived: archive !== null,
        ...proof,
      });
      return { month, rows, archive, table };
    } catch (thrown) {
      if (tried === TRIES || !mayPass(thrown)) throw thrown;
    }
  }
}

/** Rows that came while the month was read, or somebody who held events for too long. */
function mayPass(thrown: unknown): boolean {
  return thrown instanceof Transient || (thrown instanceof Rejected && thrown.code === 'CR003');
}
