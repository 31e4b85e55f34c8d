// What `codered replay --dry-run` says: which deliveries would be done again, and what would come of each by this version.
import { z } from 'zod';
import type { Brain } from '../../brain/client.ts';
import { asError } from '../../model/errors.ts';
import type { Facts } from '../../model/facts.ts';
import { normalise } from '../../normalise/normalise.ts';
import { redact } from '../../text/redact.ts';
import { printable } from '../terminal/printable.ts';

/** Which are chosen; `since` is ISO 8601, null for any time. */
export interface Selection {
  readonly statuses: readonly string[];
  readonly guids: readonly string[];
  readonly since: string | null;
}

const found = z.array(
  z.object({
    guid: z.string(),
    event: z.string(),
    action: z.string().nullable(),
    status: z.string(),
    repository: z.string().nullable(),
    received_at: z.string(),
    last_error: z.string().nullable(),
    payload: z.unknown(),
  }),
);
type Found = z.output<typeof found>[number];

/** What would be done again, as it would be told. */
export interface Preview {
  readonly guid: string;
  readonly event: string;
  readonly repository: string | null;
  readonly status: string;
  readonly last_error: string | null;
  /** `records`: the rows it tells of; `ignored` or `fails`: the reason. */
  readonly outcome: 'records' | 'ignored' | 'fails';
  readonly says: string;
}

/** Payloads are up to 25 MB; an answer beside a running server holds two of them. */
const BATCH = 2;

/** Calls `tell` for each chosen delivery, oldest first, and changes nothing. Throws what `brain.call` throws. */
export async function previewReplay(
  brain: Pick<Brain, 'call'>,
  { statuses, guids, since }: Selection,
  tell: (preview: Preview) => void,
): Promise<void> {
  let place = {};
  for (;;) {
    const chosen = { statuses: [...statuses], guids: [...guids], ...(since === null ? {} : { since }) };
    const rows = found.parse(await brain.call('replayable_deliveries', { batch: BATCH, ...chosen, ...place }));
    for (const row of rows) tell(previewOf(row));
    const last = rows.at(-1);
    if (last === undefined || rows.length < BATCH) return;
    place = { after_received_at: last.received_at, after_guid: last.guid };
  }
}

function previewOf({ guid, event, action, status, repository, last_error, payload }: Found): Preview {
  const about = { guid, event: action === null ? event : `${event}.${action}`, repository, status, last_error };
  try {
    const normalised = normalise({ event, payload }, { appId: null });
    if (normalised.kind === 'ignored') return { ...about, outcome: 'ignored', says: normalised.reason };
    return { ...about, outcome: 'records', says: counted(normalised.facts) };
  } catch (thrown) {
    return { ...about, outcome: 'fails', says: redact(asError(thrown).message) };
  }
}

function counted(facts: Facts): string {
  const lists = Object.entries(facts).flatMap(([name, rows]) =>
    Array.isArray(rows) && rows.length > 0 ? [`${rows.length} ${name}`] : [],
  );
  return lists.join(', ') || 'nothing';
}

/** One line for people. */
export function previewLine({ guid, event, repository, status, outcome, says, last_error }: Preview): string {
  const will = { records: 'would record', ignored: 'would be ignored:', fails: 'would fail again:' }[outcome];
  const why = last_error === null ? '' : ` (${short(last_error)})`;
  return printable(`${guid} ${event} of ${repository ?? 'no repository'}, ${status}${why}: ${will} ${short(says)}`);
}

function short(text: string): string {
  return text.length > 200 ? `${text.slice(0, 199)}…` : text;
}
