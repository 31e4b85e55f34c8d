// Measures what it takes to record the tests of one artifact of 20,000 cases, beside a plain row for each, and how much a month of
// 500 such runs a day keeps. bench/run.ts calls it.

import { openPostgres } from '../src/brain/backends/postgres.ts';
import { migrateBrain } from '../src/brain/client.ts';
import { openTestBrain, type TestBrain, testBrain } from '../test/support/brain.ts';
import { minute, pullRequestFact, REPOSITORY, runFact, tell } from '../test/support/fact-rows.ts';
import { startDurablePostgres } from './durable-postgres.ts';

const CASES = 20_000;
const RUNS = 8;
const DAYS = 30;
const RUNS_A_DAY = 500;
const TARGET_MS = 2_000;
const TARGET_MB = 200;
const TABLES = ['tests', 'test_reports', 'test_days', 'test_today', 'test_states', 'test_results'];

/** A tenth of a percent fails, in turns. */
function casesOf(run: number) {
  return Array.from({ length: CASES }, (_, n) => {
    const isBad = (n + run) % 1_000 === 0;
    const where = `packages/shop-${n % 40}/test/checkout-${n % 400}.test.ts`;
    return [
      `Checkout ${n % 400}`,
      `adds case ${n} to the cart`,
      where,
      isBad ? 'failed' : 'passed',
      n % 90,
      null,
      false,
    ];
  });
}

async function timed(work: () => Promise<unknown>): Promise<number> {
  const started = performance.now();
  await work();
  return performance.now() - started;
}

async function recordRun(brain: TestBrain, run: number): Promise<number> {
  const run_id = String(90_000 + run);
  await tell(brain, { ci_events: [runFact({ run_id, source_updated_at: minute(run) })] });
  const [event] = await brain.sql('select id from codered.ci_events where run_id = $1', [run_id]);
  const at = { repository_id: REPOSITORY, ci_event_id: event?.id ?? '' };
  const row = {
    github_artifact_id: run,
    kind: 'junit',
    name: 'junit',
    url: null,
    ref: null,
    content: '{"reports":[]}',
  };
  await brain.call('record_evidence', { ...at, artifacts: [{ ...row, summary: '', made_at: minute(run) }] });
  const artifacts = [{ github_artifact_id: run, name: 'junit', ref: null, omitted: 0, cases: casesOf(run) }];
  return timed(() => brain.call('record_test_results', { ...at, artifacts }));
}

/** What a month would have left: each day closed, each run's bits kept for two weeks, its failures as rows. */
async function fillMonth(brain: TestBrain): Promise<void> {
  await brain.script(`
    insert into codered.test_days
    select t.id, current_date - 40 - d, k.kind, 500, 1, 0, 0, 22.5
    from codered.tests t cross join generate_series(1, ${DAYS}) as d cross join (values (true), (false)) as k (kind);
    insert into codered.test_reports (repository_id, ci_event_id, source, commit_sha, on_default_branch, from_fork, day, passed, cases)
    select r.repository_id, r.ci_event_id, 'artifact:' || (1000 + n), r.commit_sha, false, false, r.day,
      case when n <= ${14 * RUNS_A_DAY} then set_bit(r.passed, n % ${CASES - 1000}, 0) end, r.cases
    from (select * from codered.test_reports order by id limit 1) as r cross join generate_series(1, ${DAYS * RUNS_A_DAY}) as n;
    insert into codered.test_results (repository_id, ci_event_id, commit_sha, run_attempt, suite, name, file_path, status, test_id, test_report_id)
    select x.repository_id, x.ci_event_id, x.commit_sha, 1, x.suite, x.name, x.file_path, x.status, x.test_id, x.test_report_id
    from (select * from codered.test_results limit 2) as x cross join generate_series(1, ${DAYS * RUNS_A_DAY}) as n;`);
}

async function sizes(brain: TestBrain): Promise<{ readonly name: string; readonly mb: number }[]> {
  const rows = await brain.sql(
    `select t.name, pg_total_relation_size(('codered.' || t.name)::regclass) / 1048576.0 as mb from unnest('{${TABLES}}'::text[]) as t (name)`,
  );
  return rows.map(({ name, mb }) => ({ name: name ?? '', mb: Number(mb) }));
}

async function measure(backend: string, brain: TestBrain): Promise<void> {
  try {
    await tell(brain, { pull_requests: [pullRequestFact()] });
    await brain.script(
      'create table public.plain (suite text, name text, file text, status text, ms integer, at timestamptz default now())',
    );
    const plain = await timed(() =>
      brain.sql(
        `insert into public.plain select c ->> 0, c ->> 1, c ->> 2, c ->> 3, (c ->> 4)::integer from json_array_elements($1::json) as c`,
        [JSON.stringify(casesOf(0))],
      ),
    );
    const first = await recordRun(brain, 1);
    const later: number[] = [];
    for (let run = 2; run <= RUNS; run++) later.push(await recordRun(brain, run));
    const median = later.toSorted((one, other) => one - other)[Math.floor(later.length / 2)] ?? Number.NaN;
    await fillMonth(brain);
    const kept = await sizes(brain);
    const mb = kept.reduce((sum, one) => sum + one.mb, 0);
    console.log(
      `  ${backend.padEnd(9)} plain rows ${plain.toFixed(0)} ms, first ${first.toFixed(0)} ms, later ${median.toFixed(0)} ms (target ${TARGET_MS})`,
    );
    console.log(
      `            a month ${mb.toFixed(0)} MB (target ${TARGET_MB}): ${kept.map(({ name, mb: own }) => `${name} ${own.toFixed(0)}`).join(', ')}`,
    );
  } finally {
    await brain.close();
  }
}

/** Prints the times and the sizes of both backends. */
export async function run(): Promise<void> {
  console.log(`\nThe tests of an artifact with ${CASES} cases, and a month of ${RUNS_A_DAY} of them a day`);
  await measure('embedded', await openTestBrain('embedded'));
  const postgres = await startDurablePostgres();
  try {
    await migrateBrain({ kind: 'postgres', url: postgres.url }, { log: { info: () => {}, warn: () => {} } });
    const backend = openPostgres({ url: postgres.url, onIdleError: () => {} });
    await measure('postgres', testBrain(backend, postgres.url));
  } finally {
    await postgres.stop();
  }
}
