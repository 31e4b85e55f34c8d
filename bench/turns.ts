// Measures how long two deliveries of one installation wait behind the flood of another, beside the same two on an empty
// inbox. bench/run.ts calls it.
import { randomUUID } from 'node:crypto';
import { setTimeout as wait } from 'node:timers/promises';
import { type Brain, type BrainSettings, migrateBrain, openBrain } from '../src/brain/client.ts';
import { APP, setStage } from '../src/demo/story/play-story.ts';
import { deliveryArguments, deliveryRow } from '../src/inbox/delivery-row.ts';
import { readInboxStatus } from '../src/queue/status.ts';
import { examplesOf } from '../test/support/example-payload.ts';
import { startDurablePostgres } from './durable-postgres.ts';

const FLOOD = 6_500;
const BATCH = 50;
const silent = { info: () => {}, warn: () => {} };
const example = examplesOf('workflow_run')[0]?.payload as { repository: object; workflow_run: { repository: object } };

/** Deliveries of an installation with one repository, each about another run. */
function deliveriesOf(installation: number, count: number) {
  const id = installation;
  return Array.from({ length: count }, (_, n) => {
    const payload = {
      ...example,
      installation: { id: installation, node_id: '' },
      repository: { ...example.repository, id },
      workflow_run: {
        ...example.workflow_run,
        id: installation * 100_000 + n,
        repository: { ...example.workflow_run.repository, id },
      },
    };
    const about = { app_id: APP.id, guid: randomUUID(), event: 'workflow_run' };
    return deliveryRow(about, { text: JSON.stringify(payload), value: payload });
  });
}

async function store(brain: Brain, rows: ReturnType<typeof deliveriesOf>): Promise<void> {
  for (let at = 0; at < rows.length; at += BATCH)
    await brain.call('receive_deliveries', deliveryArguments(rows.slice(at, at + BATCH)));
}

/** Sending a delivery again tells whether it is done, and changes nothing while it is not. */
async function untilDone(brain: Brain, rows: ReturnType<typeof deliveriesOf>): Promise<number> {
  const started = performance.now();
  for (;;) {
    const outcomes = await brain.call('receive_deliveries', deliveryArguments(rows));
    if (outcomes.every(({ outcome }) => outcome === 'known')) return performance.now() - started;
    await wait(20);
  }
}

async function measure(backend: BrainSettings): Promise<{ alone: number; behind: number; left: number }> {
  if (backend.kind === 'postgres') await migrateBrain(backend, { log: silent });
  const brain = await openBrain(backend, { log: silent });
  const stage = await setStage({ brain });
  try {
    const [warm, few] = [deliveriesOf(21, 2), deliveriesOf(22, 2)];
    await store(brain, warm);
    await untilDone(brain, warm);
    await store(brain, few);
    const alone = await untilDone(brain, few);
    await store(brain, deliveriesOf(7, FLOOD));
    const others = deliveriesOf(9, 2);
    await store(brain, others);
    const behind = await untilDone(brain, others);
    const { pending } = await readInboxStatus(brain, 60_000);
    return { alone, behind, left: pending };
  } finally {
    await stage.close();
    await brain.close();
  }
}

/** Prints both waits for the embedded backend and a Postgres server. */
export async function run(): Promise<void> {
  console.log(`\nTwo deliveries of an installation behind ${FLOOD} of another, until both are recorded`);
  const postgres = await startDurablePostgres();
  try {
    const backends: BrainSettings[] = [
      { kind: 'embedded', directory: null },
      { kind: 'postgres', url: postgres.url },
    ];
    for (const backend of backends) {
      const { alone, behind, left } = await measure(backend);
      const times = `alone ${alone.toFixed(0)} ms, behind the flood ${behind.toFixed(0)} ms (${left} still open then)`;
      console.log(`  ${backend.kind.padEnd(10)} ${times}`);
    }
  } finally {
    await postgres.stop();
  }
}
