// Measures what it costs to record the facts of a run, beside one plain row with the same payload, taken in turns on one connection of a
// Postgres with fsync on. bench/run.ts calls it.
import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import pg from 'pg';
import { migrateBrain } from '../src/brain/client.ts';
import type { Facts } from '../src/model/facts.ts';
import { normalise } from '../src/normalise/normalise.ts';
import { examplesOf } from '../test/support/example-payload.ts';
import { startDurablePostgres } from './durable-postgres.ts';

const WARM_UP = 20;
const ROUNDS = 300;
const TARGET = 3;

interface Cost {
  readonly ms: number;
  readonly processorMs: number;
}

const payload = examplesOf('workflow_run')[0]?.payload;

/** The facts of the example with another run each time; they are new rows then, as they are for most deliveries. */
function factsOfRun(facts: Facts, run: number): string {
  return JSON.stringify({ ...facts, ci_events: facts.ci_events.map((event) => ({ ...event, run_id: String(run) })) });
}

function exampleFacts(): Facts {
  const normalised = normalise({ event: 'workflow_run', payload }, { appId: 1 });
  if (normalised.kind !== 'facts') throw new Error(`the example says nothing: ${normalised.reason}`);
  return normalised.facts;
}

/** Of the server process of one connection; not a number anywhere but on Linux. */
function processorMs(pid: number): number {
  try {
    return Number(readFileSync(`/proc/${pid}/schedstat`, 'utf8').split(' ', 1)) / 1e6;
  } catch {
    return Number.NaN;
  }
}

async function measure(url: string): Promise<{ recorded: Cost[]; inserted: Cost[] }> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    const pid = Number((await client.query('select pg_backend_pid() as pid')).rows[0].pid);
    await client.query('create table plain_payloads (guid text primary key, event text, payload json)');
    const costOf = async (name: string, text: string, values: string[]): Promise<Cost> => {
      const [started, before] = [performance.now(), processorMs(pid)];
      await client.query({ name, text, values });
      return { ms: performance.now() - started, processorMs: processorMs(pid) - before };
    };
    const [facts, body] = [exampleFacts(), JSON.stringify(payload)];
    const recorded: Cost[] = [];
    const inserted: Cost[] = [];
    for (let round = 0; round < WARM_UP + ROUNDS; round++) {
      recorded.push(await costOf('record', 'select codered.record_facts($1::json)', [factsOfRun(facts, round + 1)]));
      const insert = 'insert into plain_payloads (guid, event, payload) values ($1, $2, $3)';
      inserted.push(await costOf('insert', insert, [randomUUID(), 'workflow_run', body]));
    }
    return { recorded: recorded.slice(WARM_UP), inserted: inserted.slice(WARM_UP) };
  } finally {
    await client.end();
  }
}

const median = (numbers: readonly number[]): number =>
  numbers.toSorted((a, b) => a - b)[Math.floor(numbers.length / 2)] ?? Number.NaN;

/** Prints the medians of both and how they compare. */
export async function run(): Promise<void> {
  const postgres = await startDurablePostgres();
  try {
    await migrateBrain({ kind: 'postgres', url: postgres.url }, { log: { info: () => {}, warn: () => {} } });
    const { recorded, inserted } = await measure(postgres.url);
    console.log(
      `\nrecord_facts of a run beside a plain row with its payload, ${ROUNDS} in turns (target ${TARGET} times)`,
    );
    for (const [title, of] of [
      ['clock', ({ ms }: Cost) => ms],
      ['processor of the server', ({ processorMs: used }: Cost) => used],
    ] as const) {
      const [facts, plain] = [median(recorded.map(of)), median(inserted.map(of))];
      console.log(
        `  ${title.padEnd(24)} ${facts.toFixed(2)} ms beside ${plain.toFixed(2)} ms: ${(facts / plain).toFixed(1)} times`,
      );
    }
  } finally {
    await postgres.stop();
  }
}

if (import.meta.main) await run();
