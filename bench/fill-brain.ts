// Fills a brain with twelve months of 20 organisations, by SQL (bench/brain-seed.sql), and says how far it is. bench/brain.ts
// calls it.
import { readFile } from 'node:fs/promises';
import pg from 'pg';

const seedFile = new URL('brain-seed.sql', import.meta.url);

/** Indexes that no constraint stands on, without those of partitions, which come and go with their parent's. */
const secondaryIndexes = `
  select format('%I.%I', n.nspname, i.relname) as name, replace(pg_get_indexdef(i.oid), ' ON ONLY ', ' ON ') as definition,
    x.indrelid::regclass::text = 'codered.events' as beside
  from pg_index x
  join pg_class i on i.oid = x.indexrelid
  join pg_namespace n on n.oid = i.relnamespace
  where n.nspname = 'codered'
    and not i.relispartition
    and not x.indisunique
    and not exists (select from pg_constraint c where c.conindid = i.oid)
  order by x.indrelid::regclass::text, i.relname`;

interface Index {
  readonly name: string;
  readonly definition: string;
  /** Whether it is one of the events, which are filled beside the others. */
  readonly beside: boolean;
}

/** As long as rows come without triggers, and nothing has to survive a crash. */
const session = `
  set session_replication_role = replica;
  set synchronous_commit = off;
  set maintenance_work_mem = '1GB';
  set jit = off`;

/** Seeds the migrated, empty database at `url`, a superuser's, and gives the seconds that it took. */
export async function fillBrain(url: string): Promise<number> {
  const started = performance.now();
  const [client, second] = [new pg.Client({ connectionString: url }), new pg.Client({ connectionString: url })];
  await Promise.all([client, second].map((one) => one.connect()));
  try {
    await fill(client, second);
  } finally {
    await Promise.all([client, second].map((one) => one.end()));
  }
  return (performance.now() - started) / 1000;
}

async function fill(client: pg.Client, second: pg.Client): Promise<void> {
  const steps = (await readFile(seedFile, 'utf8')).split(/^-- Step /m).slice(1);
  const { rows: indexes } = await client.query<Index>(secondaryIndexes);
  // A checkpoint after every GB would be most of the time.
  await client.query(`alter system set max_wal_size = '16GB'`);
  await client.query('alter system set autovacuum = off');
  await client.query('select pg_reload_conf()');
  for (const { name } of indexes) await client.query(`drop index ${name}`);
  await runSteps(client, steps, 'before the others');
  const lane = async (one: pg.Client, beside: boolean) => {
    await one.query(session);
    await runSteps(one, steps, beside ? 'beside the others' : 'by step');
    const own = indexes.filter((index) => index.beside === beside);
    await timed(`${own.length} indexes`, async () => {
      for (const { definition } of own) await one.query(definition);
    });
  };
  await Promise.all([lane(client, false), lane(second, true)]);
  await timed('vacuum, analyze, checkpoint', async () => {
    await client.query('vacuum (analyze)');
    await client.query('drop schema bench cascade');
    await client.query('alter system reset all');
    await client.query('select pg_reload_conf()');
    await client.query('checkpoint');
  });
}

/** Those steps of the file whose headings begin with `lane`. */
async function runSteps(client: pg.Client, steps: readonly string[], lane: string): Promise<void> {
  for (const step of steps.filter((one) => one.startsWith(lane))) {
    const heading = step.slice(0, step.indexOf('\n'));
    await timed(heading.slice(lane.length + 2), () => client.query(step.slice(heading.length)));
  }
}

async function timed(title: string, work: () => Promise<unknown>): Promise<void> {
  const started = performance.now();
  await work();
  console.log(`  ${title}: ${((performance.now() - started) / 1000).toFixed(1)} s`);
}
