// Measures what it takes to judge a head with 500 failed jobs, beside reading its rows; and what the evidence of one failure takes
// among many CI events and test counts, beside reads by primary key. `--full`: 10^6 events and 10^7 counts. bench/run.ts calls it.

import { openPostgres } from '../src/brain/backends/postgres.ts';
import { migrateBrain } from '../src/brain/client.ts';
import { judge } from '../src/verdicts/judging/judge.ts';
import { type TestBrain, testBrain } from '../test/support/brain.ts';
import { pullRequestFact, REPOSITORY, tell } from '../test/support/fact-rows.ts';
import { startDurablePostgres } from './durable-postgres.ts';

const isFull = process.argv.includes('--full');
const EVENTS = isFull ? 1_000_000 : 100_000;
const TEST_COUNTS = isFull ? 10_000_000 : 500_000;
const JOBS = 500;
const TARGET = 10;

const [WIDE, NARROW] = ['a'.repeat(40), 'b'.repeat(40)];

/** A busy repository: every fifth run is one on main, every tenth fails, each with a job. */
const fill = `
  set session_replication_role = replica;
  insert into codered.ci_events (
    project_id, repository_id, provider, workflow_name, workflow_path, run_id, branch, head_repository_id, commit_sha, status, conclusion,
    trigger, start_time, end_time, source_delivery, pull_request_numbers)
  select r.project_id, r.id, 'github-actions', 'CI', '.github/workflows/' || n % 4 || '.yml', (1000000 + n)::text,
    case when n % 5 = 0 then 'main' else 'topic-' || n % 5000 end, r.id, md5('commit ' || n / 4) || '00000000',
    case when n % 10 = 0 then 'failed' else 'succeeded' end, case when n % 10 = 0 then 'failure' else 'success' end,
    case when n % 5 = 0 then 'push' else 'pull_request' end,
    timestamptz '2026-11-01' - make_interval(secs => 20 * (${EVENTS} - n)), timestamptz '2026-11-01' - make_interval(secs => 20 * (${EVENTS} - n) - 300),
    'x', case when n % 5 = 0 then '{}' else array[n % 5000 + 10] end
  from generate_series(1, ${EVENTS}) as n cross join codered.repositories r where r.id = ${REPOSITORY};
  insert into codered.ci_jobs (ci_event_id, job_id, name, status, conclusion, started_at, completed_at, source_updated_at)
  select e.id, e.run_id::bigint, 'test', e.status, e.conclusion, e.start_time, e.end_time, e.end_time from codered.ci_events e;
  insert into codered.errors (project_id, source, ci_event_id, ci_job_id, message, fingerprint, created_at)
  select e.project_id, 'ci', e.id, j.id, 'The cart number ' || j.job_id % 20000 || ' is not empty', md5((j.job_id % 20000)::text), e.end_time
  from codered.ci_events e join codered.ci_jobs j on j.ci_event_id = e.id where e.status = 'failed';
  insert into codered.tests (repository_id, number, key, suite, name)
  select ${REPOSITORY}, n, gen_random_uuid(), 'Suite ' || n % 400, 'case ' || n from generate_series(1, 20000) as n;
  insert into codered.test_days (test_id, day, on_default_branch, passed)
  select t.id, date '2026-11-01' - d, true, 500 from codered.tests t cross join generate_series(1, ${TEST_COUNTS / 20_000}) as d;`;

/** A run of so many jobs on the head, all red, and 20 on main around it in which every second is. */
const red = (sha: string, branch: string, first: number, jobs: number): string => `
  insert into codered.ci_events (
    project_id, repository_id, provider, workflow_name, workflow_path, run_id, branch, head_repository_id, commit_sha, status, conclusion,
    trigger, start_time, end_time, source_delivery)
  select r.project_id, r.id, 'github-actions', 'Matrix', '.github/workflows/${branch}.yml', (${first} + n)::text,
    case when n = 12 then '${branch}' else 'main' end, r.id, case when n = 12 then '${sha}' else md5('${branch}' || n) || '00000000' end, 'failed', 'failure',
    case when n = 12 then 'pull_request' else 'push' end, timestamptz '2026-11-02' + make_interval(mins => n), timestamptz '2026-11-02' + make_interval(mins => n + 9), 'x'
  from generate_series(1, 21) as n cross join codered.repositories r where r.id = ${REPOSITORY};
  insert into codered.ci_jobs (ci_event_id, job_id, name, status, conclusion, started_at, completed_at, source_updated_at, log_state, steps)
  select e.id, e.run_id::bigint * 1000 + n, 'test (' || n || ')', case when n % 2 = 0 or e.commit_sha = '${sha}' then 'failed' else 'succeeded' end,
    case when n % 2 = 0 or e.commit_sha = '${sha}' then 'failure' else 'success' end, e.start_time, e.end_time, e.end_time, 'fetched',
    '[{"number": 1, "name": "Set up job", "status": "completed", "conclusion": "success"}, {"number": 2, "name": "Run npm test", "status": "completed", "conclusion": "failure"}]'
  from codered.ci_events e cross join generate_series(1, ${jobs}) as n where e.workflow_path = '.github/workflows/${branch}.yml';
  insert into codered.errors (project_id, source, ci_event_id, ci_job_id, message, fingerprint, excerpt)
  select e.project_id, 'ci', e.id, j.id, 'The shop of ' || j.name || ' could not be opened in time', md5('${branch}' || j.name), repeat('a line of the log' || chr(10), 100)
  from codered.ci_events e join codered.ci_jobs j on j.ci_event_id = e.id
  where e.workflow_path = '.github/workflows/${branch}.yml' and j.status = 'failed';`;

async function median(times: number, work: () => Promise<unknown>): Promise<number> {
  const took: number[] = [];
  for (let time = 0; time < times; time += 1) {
    const started = performance.now();
    await work();
    took.push(performance.now() - started);
  }
  return took.toSorted((one, other) => one - other)[Math.floor(times / 2)] ?? Number.NaN;
}

async function measure(brain: TestBrain): Promise<void> {
  const head = (number: number, head_sha: string, head_ref: string) => pullRequestFact({ number, head_sha, head_ref });
  await tell(brain, { pull_requests: [head(1, WIDE, 'wide'), head(2, NARROW, 'narrow')] }, 'heads');
  await brain.script(fill);
  await brain.script(
    `set session_replication_role = replica; ${red(WIDE, 'wide', 9_000_000, JOBS)} ${red(NARROW, 'narrow', 9_100_000, 1)}`,
  );
  await brain.script('vacuum (analyze) codered.ci_events; ').catch(() => undefined);
  await brain.script('analyze');
  await brain.script(`update codered.pull_request_heads set sources_asked_at = now(), changed_files = '{README.md}'`);
  const octokitFor = () => Promise.reject(new Error('GitHub is not asked'));
  const at = (commit_sha: string) => ({ repository_id: REPOSITORY, commit_sha });
  const judging = (head_sha: string) => judge({ repository_id: REPOSITORY, head_sha }, { brain, octokitFor });
  const first = await median(1, () => judging(WIDE));
  await judging(NARROW);
  const rows = await median(9, () =>
    brain.sql(
      `select jsonb_agg(to_jsonb(e) || to_jsonb(j)) from codered.ci_events c join codered.errors e on e.ci_event_id = c.id
     join codered.ci_jobs j on j.id = e.ci_job_id where c.repository_id = $1 and c.commit_sha = $2`,
      [String(REPOSITORY), WIDE],
    ),
  );
  const report = await median(9, () =>
    brain.call('read_report', { repository_id: REPOSITORY, pull_request_number: 1 }),
  );
  const gather = await median(9, () => brain.call('verdict_evidence', at(WIDE)));
  const whole = await median(9, () => judging(WIDE));
  console.log(
    `  ${JOBS} failed jobs: their rows ${rows.toFixed(0)} ms, their report ${report.toFixed(0)} ms, evidence ${gather.toFixed(0)} ms, first judged and recorded ${first.toFixed(0)} ms, judged again ${whole.toFixed(0)} ms: ${(whole / rows).toFixed(1)} times the rows, ${(whole / report).toFixed(1)} times the report (target ${TARGET})`,
  );
  const [failure] = await brain.sql(
    'select e.id from codered.errors e join codered.ci_events c on c.id = e.ci_event_id where c.commit_sha = $1',
    [NARROW],
  );
  const key = await median(300, () => brain.sql('select * from codered.errors where id = $1', [failure?.id ?? null]));
  const one = await median(300, () => brain.call('verdict_evidence', at(NARROW)));
  console.log(
    `  one failure: by primary key ${key.toFixed(2)} ms, evidence ${one.toFixed(2)} ms: ${(one / key).toFixed(1)} times (target ${TARGET})`,
  );
}

/** Prints the times. */
export async function run(): Promise<void> {
  console.log(
    `\nVerdicts among ${EVENTS} CI events and ${TEST_COUNTS} counts of tests${isFull ? '' : ' (--full: 10^6 and 10^7)'}`,
  );
  const postgres = await startDurablePostgres();
  try {
    await migrateBrain({ kind: 'postgres', url: postgres.url }, { log: { info: () => {}, warn: () => {} } });
    const brain = testBrain(openPostgres({ url: postgres.url, onIdleError: () => {} }), postgres.url);
    try {
      await measure(brain);
    } finally {
      await brain.close();
    }
  } finally {
    await postgres.stop();
  }
}
