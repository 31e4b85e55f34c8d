// `codered prune`: deletes what the retention policies let go.
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { type Brain, type BrainLog, openBrain } from '../brain/client.ts';
import { countErasure, erase, scopeDue } from '../brain/retention/erasure.ts';
import {
  ensureEventMonths,
  type Prunable,
  type PrunedRows,
  pruneRows,
  readPrunable,
} from '../brain/retention/retention.ts';
import { readBrainSettings } from '../config/settings.ts';
import { type ArchivePlace, openBucket, openDirectory } from './prune/archive-place.ts';
import { type ClosedMonth, pruneMonths } from './prune/prune-months.ts';
import { type Command, type CommandContext, Misused } from './terminal/command.ts';

const help = `codered prune [--dry-run] [--archive DIR] [--json]

Deletes what the table retention_policies lets go: deliveries that are done or ignored (30 days), follow-ups that are over
(30 days; longer while something asks whether they were done), the excerpts of failures (400 days; the failures stay), days
and single results of tests (400 days), events by whole months (24 months), each written down before it goes, and what is
kept of repositories that are gone for 30 days, as \`codered erase\` does it. Runs, artifacts, agent_runs and what gates were
sent and answered (gate_executions) are kept for ever unless told otherwise; everything else always is. To change it: update codered.retention_policies set keep = '90 days' where table_name = …;
keep null means for ever. With archive false a month's table is taken out of events and stays.

  --dry-run      say what would go and change nothing
  --archive DIR  where months go as events-YYYY-MM.ndjson.gz, each with a .sha256; nothing there is ever written over.
                 Unless set: <CODERED_DATA_DIR or .codered>/archive, and on Supabase the private bucket
                 codered-artifacts, folder archive/events
  --json         print one JSON object a line: for --dry-run { "table_name", "what", "keep", "due", "oldest", "bytes" },
                 else { "table_name", "pruned" }, { "table_name", "erased" } of what is gone, and for every month { "table_name": "events", "month", "pruned",
                 "sha256", "place", "table" }

SIGINT and SIGTERM end it between two batches, with 1; run it again to go on. Where \`codered serve\` has the
embedded database, that one does the work; it prunes all but months of events itself, once a day.`;

async function run(context: CommandContext): Promise<0 | 1> {
  const { values } = parseArgs({
    args: [...context.args],
    options: {
      'dry-run': { type: 'boolean', default: false },
      archive: { type: 'string' },
      json: { type: 'boolean', default: false },
    },
  });
  if (values.archive?.trim() === '') throw new Misused('--archive wants the name of a directory.');
  const log: BrainLog = { info: () => {}, warn: (_, message) => context.err(message) };
  const brain = await openBrain(readBrainSettings(context.env), { log, mayShare: true });
  try {
    if (!values['dry-run']) return await prune(brain, context, { json: values.json, archive: values.archive ?? null });
    for (const row of await readPrunable(brain)) context.out(values.json ? JSON.stringify(row) : announcement(row));
    await announceErasure(brain, context, values.json);
    return 0;
  } finally {
    await brain.close();
  }
}

async function prune(
  brain: Brain,
  { env, out, err, stop, progress = () => {} }: CommandContext,
  { json, archive }: { json: boolean; archive: string | null },
): Promise<0 | 1> {
  const made = await ensureEventMonths(brain);
  const rows = await pruneRows(brain, { stop, pauseMs: 0, onBatch: (soFar) => progress(sumOf(soFar)) });
  for (const [table_name, pruned] of Object.entries(rows)) {
    if (pruned === 0 && !ALWAYS_SHOWN.includes(table_name)) continue;
    out(json ? JSON.stringify({ table_name, pruned }) : `${table_name}: ${RESULTS[table_name]} ${count(pruned)}`);
  }
  const erased = await eraseGone(brain, { out, stop, progress, json });
  try {
    await pruneMonths({
      brain,
      openPlace: () => openPlace(brain, env, archive),
      stop,
      onRows: (month, read) => progress(`events: ${month}, ${count(read)} rows written`),
      onClosed: (closed) => out(json ? JSON.stringify(lineOf(closed)) : sentenceOf(closed)),
    });
    stop.throwIfAborted();
  } catch (thrown) {
    if (!stop.aborted || thrown !== stop.reason) throw thrown;
    err('stopped before all was done; run `codered prune` again to go on');
    return 1;
  }
  const pruned = Object.entries(rows).flatMap(([table, lost]) => (lost > 0 ? [table] : []));
  const tables = [...new Set([...pruned, ...erased]), ...(made.length > 0 ? ['events_other'] : [])];
  if (tables.length > 0) progress('making room');
  await brain.vacuum(tables);
  return 0;
}

async function announceErasure(brain: Brain, { out }: CommandContext, json: boolean): Promise<void> {
  const scope = await scopeDue(brain);
  if (scope === null) return;
  for (const { table_name, rows } of await countErasure(brain, scope)) {
    const due = { table_name, what: 'repositories that are gone', erasable: rows };
    out(json ? JSON.stringify(due) : `${table_name.padEnd(19)} ${count(rows)} rows of ${due.what} are to be erased`);
  }
}

/** The tables that lost rows. */
async function eraseGone(
  brain: Brain,
  { out, stop, progress, json }: Pick<CommandContext, 'out' | 'stop' | 'progress'> & { json: boolean },
): Promise<readonly string[]> {
  const scope = await scopeDue(brain);
  if (scope === null) return [];
  const { rows } = await erase(brain, scope, {
    stop,
    pauseMs: 0,
    onBatch: ({ table_name, rows: soFar }) => progress?.(`${table_name}: ${count(soFar)} rows erased`),
  });
  for (const [table_name, erased] of Object.entries(rows)) {
    const said = `${table_name}: erased of repositories that are gone: ${count(erased)}`;
    out(json ? JSON.stringify({ table_name, erased }) : said);
  }
  return Object.keys(rows);
}

/** Where months go unless `--archive` says so. */
function openPlace(brain: Brain, env: CommandContext['env'], archive: string | null): Promise<ArchivePlace> {
  if (archive === null && brain.storage !== null) return openBucket(brain.storage);
  return openDirectory(archive ?? join(env.CODERED_DATA_DIR?.trim() || '.codered', 'archive'));
}

const RESULTS: Readonly<Record<string, string>> = {
  webhook_deliveries: 'deleted',
  follow_ups: 'deleted',
  green_logs: 'deleted',
  test_days: 'deleted',
  test_results: 'deleted',
  errors: 'excerpts emptied:',
  artifacts: 'deleted',
  runs: 'deleted',
  agent_runs: 'deleted',
  gate_executions: 'payloads emptied:',
};

/** Always shown. The other tables have no age by default, and are shown only when they lost rows. */
const ALWAYS_SHOWN: readonly string[] = ['webhook_deliveries', 'follow_ups', 'errors'];

function count(rows: number): string {
  return rows.toLocaleString('en');
}

function sumOf({ webhook_deliveries, errors, ...others }: PrunedRows): string {
  const further = Object.entries(others).flatMap(([table, rows]) => (rows > 0 ? `, ${table}: ${count(rows)}` : ''));
  return `${count(webhook_deliveries)} deliveries deleted, ${count(errors)} excerpts emptied${further.join('')}`;
}

function lineOf({ month, rows: pruned, archive, table }: ClosedMonth) {
  return { table_name: 'events', month, pruned, sha256: archive?.sha256 ?? null, place: archive?.place ?? null, table };
}

function sentenceOf({ month, rows, archive, table }: ClosedMonth): string {
  const what = `events: ${month}, ${count(rows)} rows`;
  return archive === null ? `${what}, taken out; its table stays as ${table}` : `${what}, archived in ${archive.place}`;
}

function announcement({ table_name, what, keep, due, oldest, bytes }: Prunable): string {
  const name = table_name.padEnd(19);
  if (keep === null) return `${name} kept for ever`;
  if (due === 0) return `${name} nothing is older than ${keep} (${what})`;
  const size = bytes === null ? '' : `, about ${count(Math.ceil(bytes / 1_000_000))} MB`;
  return `${name} ${count(due)} ${due === 1 ? 'row is' : 'rows are'} older than ${keep} (${what}), the oldest of ${oldest?.slice(0, 10)}${size}`;
}

/** See `help`. */
export const command: Command = { help, run, endsInGoodOrder: true };
