// Measures what a member of an organisation waits for on a full database (a million CI events, five million events), under row level
// security and without it, and what one delivery costs there. `npm run bench:brain`; with BENCH_BRAIN_URL it takes a filled database as it is.
import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { loadavg } from 'node:os';
import pg from 'pg';
import { migrateBrain } from '../src/brain/client.ts';
import { normalise } from '../src/normalise/normalise.ts';
import { examplePayload } from '../test/support/example-payload.ts';
import { type BrainQuery, brainQueries } from './brain-queries.ts';
import { startDurablePostgres } from './durable-postgres.ts';
import { fillBrain } from './fill-brain.ts';

const CALLS = 200;
const TARGET_MS = 50;
const TARGET_RATIO = 1.3;
const TARGET_RECORD_MS = 5;
/** A sequential scan over more rows than that is one too many. */
const LARGE_ROWS = 10_000;
const silent = { info: () => {}, warn: () => {} };

interface Measured {
  readonly query: BrainQuery;
  readonly member: readonly number[];
  readonly service: readonly number[];
  /** Milliseconds of processor time that a call took in the server, on average: what else the machine does changes it little. */
  readonly cpuMs: Readonly<Record<'member' | 'service', number>>;
  readonly rows: number;
  readonly plan: PlanNode;
  readonly scans: readonly string[];
}

interface PlanNode {
  readonly 'Node Type': string;
  readonly 'Relation Name'?: string;
  readonly Plans?: readonly PlanNode[];
  readonly [key: string]: unknown;
}

const processIds = new WeakMap<pg.Client, number>();

async function connect(url: string): Promise<pg.Client> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  const { rows } = await client.query<{ pid: number }>('select pg_backend_pid() as pid');
  processIds.set(client, rows[0]?.pid ?? 0);
  return client;
}

async function timeMs(work: () => Promise<unknown>): Promise<number> {
  const started = performance.now();
  await work();
  return performance.now() - started;
}

const percentile = (times: readonly number[], share: number): number =>
  times.toSorted((a, b) => a - b)[Math.min(times.length - 1, Math.floor(times.length * share))] ?? Number.NaN;

/** Processor time that the connection's server process has used so far; not a number anywhere but on Linux. */
function cpuMs(client: pg.Client): number {
  try {
    return Number(readFileSync(`/proc/${processIds.get(client)}/schedstat`, 'utf8').split(' ', 1)) / 1e6;
  } catch {
    return Number.NaN;
  }
}

const literal = (value: string): string => `'${value.replaceAll("'", "''")}'`;

/** Every query once for warmth, then both callers in turns, each first half of the time. */
async function measure(query: BrainQuery, { owner, member, service, user }: Callers): Promise<Measured> {
  const { name, text } = query;
  const { rows } = await owner.query<{ parameters: string[] }>(query.parameters, [user]);
  const sets = Array.from({ length: CALLS }, (_, index) => rows[index % rows.length]?.parameters ?? []);
  const times: Record<'member' | 'service', number[]> = { member: [], service: [] };
  let found = 0;
  for (const values of sets) found += (await member.query({ name, text, values })).rows.length;
  for (const values of sets) await service.query({ name, text, values });
  const before = { member: cpuMs(member), service: cpuMs(service) };
  for (const [index, values] of sets.entries()) {
    const both = [['member', member] as const, ['service', service] as const];
    for (const [who, client] of index % 2 === 0 ? both : both.toReversed()) {
      times[who].push(await timeMs(() => client.query({ name, text, values })));
    }
  }
  const used = { member: (cpuMs(member) - before.member) / CALLS, service: (cpuMs(service) - before.service) / CALLS };
  const explained = await member.query(
    `explain (analyze, buffers, format json) execute ${name} (${(sets[0] ?? []).map(literal).join(', ')})`,
  );
  const plan: PlanNode = explained.rows[0]['QUERY PLAN'][0].Plan;
  return { query, ...times, cpuMs: used, rows: found / CALLS, plan, scans: await largeScans(plan, owner) };
}

interface Callers {
  readonly owner: pg.Client;
  readonly member: pg.Client;
  readonly service: pg.Client;
  readonly user: string;
}

async function largeScans(plan: PlanNode, owner: pg.Client): Promise<string[]> {
  const scanned = nodesOf(plan).flatMap((node) =>
    node['Node Type'] === 'Seq Scan' ? [node['Relation Name'] ?? ''] : [],
  );
  const { rows } = await owner.query<{ relname: string }>(
    `select relname from pg_class where relnamespace = 'codered'::regnamespace and relname = any ($1) and reltuples > $2`,
    [scanned, LARGE_ROWS],
  );
  return rows.map(({ relname }) => relname);
}

const nodesOf = (plan: PlanNode): PlanNode[] => [plan, ...(plan.Plans ?? []).flatMap(nodesOf)];

const ratioOf = ({ member, service }: Measured): number => percentile(member, 0.5) / percentile(service, 0.5);

function misses(measured: Measured): string[] {
  return [
    ...(percentile(measured.member, 0.95) > TARGET_MS ? [`more than ${TARGET_MS} ms`] : []),
    ...(ratioOf(measured) > TARGET_RATIO ? [`more than ${TARGET_RATIO} times`] : []),
    ...measured.scans.map((table) => `reads all of ${table}`),
  ];
}

function print(all: readonly Measured[]): void {
  console.log(`\n${CALLS} calls each, milliseconds, as a member under row level security; load ${load()}:`);
  console.log(`  ${'query'.padEnd(32)} rows     p50     p95   ratio     cpu   ratio  misses`);
  for (const measured of all) {
    const { query, member, rows } = measured;
    const cells = [
      rows.toFixed(0).padStart(4),
      ...[
        percentile(member, 0.5),
        percentile(member, 0.95),
        ratioOf(measured),
        measured.cpuMs.member,
        measured.cpuMs.member / measured.cpuMs.service,
      ].map((value) => value.toFixed(2).padStart(7)),
    ];
    console.log(`  ${query.title.padEnd(32)} ${cells.join(' ')}  ${misses(measured).join(', ') || '–'}`);
  }
  for (const measured of all.filter((one) => misses(one).length > 0)) {
    console.log(`\nplan of "${measured.query.title}", which misses (${misses(measured).join(', ')}):`);
    printPlan(measured.plan, 1);
  }
}

const load = (): string =>
  loadavg()
    .map((value) => value.toFixed(1))
    .join(' ');

const TOLD = [
  'Parent Relationship',
  'Relation Name',
  'Index Name',
  'Index Cond',
  'Filter',
  'Hash Cond',
  'Actual Rows',
  'Actual Loops',
  'Actual Total Time',
];

function printPlan(plan: PlanNode, depth: number): void {
  const details = TOLD.flatMap((key) => (plan[key] === undefined ? [] : [`${key.toLowerCase()} ${plan[key]}`]));
  console.log(`${'  '.repeat(depth)}${plan['Node Type']}: ${details.join(', ')}`);
  for (const child of plan.Plans ?? []) printPlan(child, depth + 1);
}

/** One delivery after the other, each in a transaction of its own: new runs of one repository that the brain knows. */
async function measureRecording({ owner, service }: Callers): Promise<void> {
  const { rows } = await owner.query<{ id: string; owner: string; name: string; installation_id: string }>(
    'select id, owner, name, installation_id from codered.repositories order by id limit 20',
  );
  const whole: number[] = [];
  const commits: number[] = [];
  let cpu = 0;
  for (let call = -20; call < CALLS; call++) {
    const repository = rows[(call + 20) % rows.length];
    const payload = examplePayload('workflow_run', 1, {
      'repository.id': Number(repository?.id),
      'repository.name': repository?.name,
      'repository.full_name': `${repository?.owner}/${repository?.name}`,
      'repository.owner.login': repository?.owner,
      'installation.id': Number(repository?.installation_id),
      'workflow_run.id': 20_000_000_000 + call,
      'workflow_run.conclusion': call % 4 === 0 ? 'failure' : 'success',
      'workflow_run.head_sha': randomUUID().replaceAll('-', '').padEnd(40, '0'),
    });
    const normalised = normalise({ event: 'workflow_run', payload }, { appId: null });
    if (normalised.kind !== 'facts') throw new Error(normalised.reason);
    const guid = randomUUID();
    await service.query(
      `insert into codered.webhook_deliveries (app_id, guid, event, payload, status) values (1, $1, 'workflow_run', $2, 'processing')`,
      [guid, JSON.stringify(payload)],
    );
    const facts = JSON.stringify(normalised.facts);
    const text = 'select codered.record_facts($1, 1, $2)';
    await service.query('begin');
    const before = cpuMs(service);
    const work = await timeMs(() => service.query({ name: 'record', text, values: [facts, guid] }));
    const commit = await timeMs(() => service.query('commit'));
    if (call < 0) continue;
    cpu += (cpuMs(service) - before) / CALLS;
    whole.push(work + commit);
    commits.push(commit);
  }
  const [median, slow] = [percentile(whole, 0.5), percentile(whole, 0.95)].map((value) => value.toFixed(2));
  console.log(
    `\nrecord_facts of one workflow_run: median ${median} ms, p95 ${slow} ms; the commit of that ${percentile(commits, 0.5).toFixed(2)} ms (median), ` +
      `${percentile(commits, 0.95).toFixed(2)} ms (p95); processor time ${cpu.toFixed(2)} ms; target ${TARGET_RECORD_MS} ms; load ${load()}`,
  );
}

async function measureAll(url: string): Promise<void> {
  const [owner, member, service] = [await connect(url), await connect(url), await connect(url)];
  try {
    const { rows } = await owner.query<{ user_id: string }>(
      `select m.user_id from codered.memberships m join codered.orgs o on o.id = m.org_id where o.login = 'org-1' order by m.user_id limit 1`,
    );
    const user = rows[0]?.user_id ?? '';
    await member.query(`select set_config('request.jwt.claims', $1, false)`, [
      JSON.stringify({ sub: user, role: 'authenticated' }),
    ]);
    await member.query('set role authenticated');
    await service.query('set role service_role');
    const callers = { owner, member, service, user };
    const measured: Measured[] = [];
    for (const query of brainQueries) measured.push(await measure(query, callers));
    print(measured);
    await measureRecording(callers);
  } finally {
    await Promise.all([owner, member, service].map((client) => client.end()));
  }
}

/** Prints the measurements and the plan of whatever misses its target; nothing fails, because a shared machine is slow for reasons of its own. */
export async function run(): Promise<void> {
  const given = process.env.BENCH_BRAIN_URL;
  const postgres = given === undefined ? await startDurablePostgres() : null;
  const url = given ?? postgres?.url ?? '';
  try {
    if (postgres) {
      await migrateBrain({ kind: 'postgres', url }, { log: silent });
      console.log(`the brain, filled (load ${load()}):`);
      const seconds = await fillBrain(url);
      console.log(`  seeded in ${seconds.toFixed(0)} s`);
    }
    await measureAll(url);
  } finally {
    await postgres?.stop();
  }
}

if (import.meta.main) await run();
