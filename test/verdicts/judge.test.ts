// Whose failure it is, from what webhooks leave in the database to what is said: one story a rule.

import nock from 'nock';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { fingerprint } from '../../src/diagnose/fingerprint.ts';
import { normaliseMessage } from '../../src/diagnose/normalise-message.ts';
import { judge } from '../../src/verdicts/judging/judge.ts';
import { openTestBrain, ruleBackend, type TestBrain } from '../support/brain.ts';
import {
  commitFact,
  forgetEverything,
  HEAD,
  jobFact,
  minute,
  pullRequestFact,
  REPOSITORY,
  runFact,
  tell,
} from '../support/fact-rows.ts';
import { testOctokit } from '../support/github-octokit.ts';

const LINE = 'The shopping cart refused to be emptied by its owner';
const sha = (letter: string) => letter.repeat(40);
const [OLD, BASE, NEXT] = [sha('1'), sha('2'), sha('3')];

interface Told {
  readonly run: number;
  readonly commit?: string;
  readonly branch?: string;
  readonly event?: 'push' | 'pull_request';
  readonly attempt?: number;
  readonly at?: number;
  readonly from?: number;
  readonly pull?: number;
  readonly actor?: string;
  readonly superseded?: boolean;
  /** By name: the line that it broke with; null: it passed. */
  readonly jobs: Readonly<Record<string, string | null>>;
  /** How they were concluded that did not fail. */
  readonly conclusion?: 'cancelled';
  readonly steps?: Parameters<typeof jobFact>[0] extends infer T ? (T extends { steps?: infer S } ? S : never) : never;
  readonly more?: Readonly<Record<string, unknown>>;
}

type Write = () => Promise<unknown>;

let brain: TestBrain;

beforeAll(async () => {
  brain = await openTestBrain(ruleBackend);
});
afterAll(() => brain.close());
beforeEach(async () => {
  await forgetEverything(brain);
  nock.disableNetConnect();
  nock.enableNetConnect('127.0.0.1');
});
afterEach(() => nock.cleanAll());

const step = (number: number, name: string, conclusion: string | null) => ({
  number,
  name,
  status: conclusion === null ? 'in_progress' : 'completed',
  conclusion,
});
const STEPS = [
  step(1, 'Set up job', 'success'),
  step(2, 'Run npm test', 'failure'),
  step(3, 'Complete job', 'success'),
];

/** What webhooks and the diagnosis write of one attempt, in the order in which it happens. */
function attempt({ run, attempt: run_attempt = 1, jobs, at = 10, ...told }: Told): Write[] {
  const { commit = HEAD, branch = 'react-19', event = 'pull_request', from = REPOSITORY } = told;
  const run_id = String(run);
  const has = Object.values(jobs).some((line) => line !== null);
  const ids = Object.keys(jobs).map(
    (_, index) => run * 100 + run_attempt * 10 + index + (told.conclusion === undefined ? 0 : 5),
  );
  const fact = runFact({
    ...{
      run_id,
      run_attempt,
      branch,
      commit_sha: commit,
      trigger: event,
      head_repository_id: from,
      actor: told.actor ?? 'octocat',
    },
    ...{ status: has ? 'failed' : 'succeeded', conclusion: has ? 'failure' : 'success' },
    ...{
      start_time: minute(at),
      end_time: minute(at + 5),
      source_updated_at: minute(at + 5),
      html_url: `https://github.com/octo-org/web-shop/actions/runs/${run}`,
    },
    pull_request_numbers: told.pull === undefined ? [] : [told.pull],
  });
  const stub = runFact({
    ...fact,
    status: 'queued',
    conclusion: null,
    trigger: 'other',
    workflow_path: null,
    head_repository_id: null,
    start_time: null,
    end_time: null,
    pull_request_numbers: [],
    source_updated_at: null,
  });
  const ended = Object.entries(jobs).map(([name, line], index) =>
    jobFact({
      ...{ run_id, run_attempt, name, job_id: ids[index] ?? 0, steps: line === null ? [] : (told.steps ?? STEPS) },
      ...(line === null
        ? { status: 'succeeded' as const, conclusion: 'success' }
        : {
            status: told.conclusion === undefined ? ('failed' as const) : ('canceled' as const),
            conclusion: told.conclusion ?? 'failure',
          }),
      ...{ started_at: minute(at), completed_at: minute(at + 4), source_updated_at: minute(at + 4) },
    }),
  );
  return [
    ...ended.map((job) => () => tell(brain, { ci_events: [stub], ci_jobs: [job] })),
    () => tell(brain, { ci_events: [fact] }),
    ...Object.entries(jobs).flatMap(([, line], index) =>
      line === null ? [] : [() => diagnosed(ids[index] ?? 0, line, told.more)],
    ),
  ];
}

async function diagnosed(job_id: number, line: string, more: Told['more'] = {}): Promise<void> {
  const [job] = await brain.sql(
    'select j.id, j.ci_event_id, c.project_id from codered.ci_jobs j join codered.ci_events c on c.id = j.ci_event_id where j.job_id = $1',
    [String(job_id)],
  );
  if (job === undefined) return;
  const { id: ci_job_id = '', ci_event_id = '', project_id = '' } = job;
  await brain.call('record_diagnosis', {
    diagnosis: {
      ...{
        project_id,
        repository_id: REPOSITORY,
        source: 'ci',
        ci_job_id,
        ci_event_id,
        severity: 'error',
        message: line,
      },
      ...{
        fingerprint: fingerprint([normaliseMessage(line)]),
        verdict: 'unknown',
        matches: [],
        log_state: 'fetched',
        ...more,
      },
    },
  });
}

/** All of it, one after the other. */
async function play(...writes: readonly Write[][]): Promise<void> {
  for (const write of writes.flat()) await write();
}

const pull = (): Write[] => [() => tell(brain, { pull_requests: [pullRequestFact({ head_arrival: 'opened' })] })];
const onMain = { branch: 'main', event: 'push' } as const;

/** GitHub says which files the pull request changes; or, null, that it can't say. */
function compared(files: readonly string[] | null, head = HEAD): void {
  const scope = nock('https://api.github.com').get(`/repos/octo-org/web-shop/compare/main...${head}`).query(true);
  if (files === null) scope.times(9).reply(502, {});
  else scope.reply(200, { merge_base_commit: { sha: BASE }, files: files.map((filename) => ({ filename })) });
}

async function judgeHead(head_sha = HEAD) {
  await judge({ repository_id: REPOSITORY, head_sha }, { brain, octokitFor: () => testOctokit() });
  return said(head_sha);
}

async function said(head_sha = HEAD) {
  const rows = await brain.sql(
    `select j.name, c.run_attempt as attempt, e.verdict, e.verdict_reason as sentence, codered.read_verdict(e.id) ->> 'rule' as rule
     from codered.errors e join codered.ci_events c on c.id = e.ci_event_id join codered.ci_jobs j on j.id = e.ci_job_id
     where c.commit_sha = $1 order by j.name, c.run_attempt`,
    [head_sha],
  );
  return rows;
}

describe('a failure', () => {
  test('whose base fails in the same way is not this change’s', async () => {
    compared(['README.md']);
    await play(
      pull(),
      attempt({ run: 100, commit: BASE, ...onMain, at: 1, jobs: { test: LINE } }),
      attempt({ run: 200, jobs: { test: LINE } }),
    );
    expect(await judgeHead()).toMatchObject([
      { verdict: 'broken_base', rule: 'base_is_broken', sentence: expect.stringContaining('main at 2222222') },
    ]);
  });

  test('stays the author’s when the base that fails lies after a push whose runs are not known', async () => {
    compared(['README.md']);
    await play(
      pull(),
      attempt({ run: 100, commit: BASE, ...onMain, at: 1, jobs: { test: LINE } }),
      [
        () =>
          tell(brain, {
            commits: [
              commitFact({ sha: BASE, ref: 'refs/heads/main', pushed_at: minute(1) }),
              commitFact({ sha: NEXT, ref: 'refs/heads/main', pushed_at: minute(8) }),
            ],
          }),
      ],
      attempt({ run: 200, jobs: { test: LINE } }),
    );
    expect(await judgeHead()).toMatchObject([{ verdict: 'unknown' }]);
  });

  test('whose base passed is new', async () => {
    await play(
      pull(),
      attempt({ run: 100, commit: BASE, ...onMain, at: 1, jobs: { test: null } }),
      attempt({ run: 200, jobs: { test: LINE } }),
    );
    expect(await judgeHead()).toMatchObject([{ verdict: 'new', rule: 'passed_before' }]);
  });

  test('is unknown where no base could be had, whatever else failed in the same way', async () => {
    compared(null);
    await play(
      pull(),
      attempt({ run: 300, commit: NEXT, ...onMain, at: 30, jobs: { test: LINE } }),
      attempt({ run: 200, jobs: { test: LINE } }),
    );
    expect(await judgeHead()).toMatchObject([{ verdict: 'unknown', sentence: expect.stringContaining('base') }]);
  });

  test('is not excused where GitHub does not say which files change', async () => {
    compared(null);
    await play(
      pull(),
      attempt({ run: 100, commit: BASE, ...onMain, at: 1, jobs: { test: LINE } }),
      attempt({ run: 200, jobs: { test: LINE } }),
    );
    expect(await judgeHead()).toMatchObject([{ verdict: 'unknown' }]);
  });

  test('that passes when it is run again, here and on the base, is flaky', async () => {
    compared(['README.md']);
    await play(
      pull(),
      attempt({ run: 100, commit: OLD, ...onMain, at: 1, jobs: { test: LINE } }),
      attempt({ run: 100, commit: OLD, ...onMain, at: 3, attempt: 2, jobs: { test: null } }),
      attempt({ run: 120, commit: BASE, ...onMain, at: 5, jobs: { test: null } }),
      attempt({ run: 200, jobs: { test: LINE } }),
      attempt({ run: 200, at: 20, attempt: 2, jobs: { test: null } }),
    );
    expect(await judgeHead()).toMatchObject([{ attempt: '1', verdict: 'flaky', rule: 'flaky_here_and_on_base' }]);
  });

  test('that passes when it is run again is not flaky where the base never flaked', async () => {
    compared(['README.md']);
    await play(
      pull(),
      attempt({ run: 120, commit: BASE, ...onMain, at: 5, jobs: { test: null } }),
      attempt({ run: 200, jobs: { test: LINE } }),
      attempt({ run: 200, at: 20, attempt: 2, jobs: { test: null } }),
    );
    expect(await judgeHead()).toMatchObject([{ verdict: 'new' }]);
  });

  test('of a job that was cancelled since its sibling failed follows that one', async () => {
    await play(
      pull(),
      attempt({ run: 200, jobs: { 'test (20)': LINE } }),
      attempt({ run: 200, at: 10, jobs: { 'test (22)': 'The operation was canceled.' }, conclusion: 'cancelled' }).map(
        (write, index) => (index === 0 ? write : write),
      ),
    );
    const rows = await judgeHead();
    expect(rows.find(({ name }) => name === 'test (22)')).toMatchObject({
      verdict: 'collateral',
      rule: 'follows_another',
    });
    expect(rows.find(({ name }) => name === 'test (20)')?.verdict).toBe('unknown');
  });

  test('that a fork has too proves nothing of anybody else’s', async () => {
    const infra = await infraPattern();
    const fork = 4_242;
    const another = (number: number, from: number, author: string) => [
      () =>
        tell(brain, {
          pull_requests: [
            pullRequestFact({
              number,
              head_sha: sha(String(number)),
              head_ref: `b${number}`,
              head_repository_id: from,
              author,
            }),
          ],
        }),
      ...attempt({
        run: 300 + number,
        commit: sha(String(number)),
        branch: `b${number}`,
        from,
        pull: number,
        jobs: { test: LINE },
        more: infra,
      }),
    ];
    compared(['README.md']);
    await play(
      pull(),
      another(5, fork, 'mallory'),
      another(6, fork, 'eve'),
      attempt({ run: 400, pull: 1, jobs: { test: LINE }, more: infra }),
      attempt({ run: 100, commit: BASE, ...onMain, at: 1, jobs: { other: null } }),
    );
    expect((await judgeHead())[0]?.verdict).not.toBe('infra');
    await play(
      another(7, REPOSITORY, 'hubot'),
      another(8, REPOSITORY, 'monalisa'),
      attempt({ run: 90, commit: OLD, ...onMain, at: 0, jobs: { test: LINE } }),
      attempt({ run: 90, commit: OLD, ...onMain, at: 0, attempt: 2, jobs: { test: null } }),
    );
    expect(await judgeHead()).toMatchObject([{ verdict: 'infra', rule: 'seen_elsewhere' }]);
  });

  test('whose runner GitHub says was lost is infra, and not what a step may print', async () => {
    const words = 'The self-hosted runner: mac-1 lost communication with the server. Verify the machine is running.';
    const lost = [step(1, 'Set up job', 'success'), step(2, 'Run npm test', null)];
    await play(
      pull(),
      attempt({
        run: 200,
        jobs: { test: 'GitHub has no log of this job.' },
        steps: lost,
        more: { runner_lost: words, log_state: 'missing' },
      }),
    );
    expect(await judgeHead()).toMatchObject([{ verdict: 'infra', rule: 'told_by_github' }]);
  });
});

async function infraPattern() {
  const [pattern] = await brain.sql(
    `insert into codered.bug_patterns (name, pattern_signature, root_cause, recommended_fix, category, rank, source)
     values ('cart-down', 'refused to be emptied', 'The cart is down', 'Wait', 'infra', 'cause', 'ui') returning id`,
  );
  const match = {
    bug_pattern_id: pattern?.id,
    line_number: 1,
    line_text: LINE,
    captures: [],
    is_primary: true,
    cause_position: 1,
    rank: 'cause',
  };
  return { matches: [match] };
}

describe('what is said', () => {
  test('is kept with its evidence when it changes, and only then', async () => {
    await play(
      pull(),
      attempt({ run: 100, commit: BASE, ...onMain, at: 1, jobs: { test: null } }),
      attempt({ run: 200, jobs: { test: LINE } }),
    );
    await judgeHead();
    await judgeHead();
    const kept = () =>
      brain.sql(`select verdict, rule, evidence -> 'base' ->> 'sha' as base from codered.verdicts order by created_at`);
    expect(await kept()).toEqual([{ verdict: 'new', rule: 'passed_before', base: BASE }]);
  });

  test('is asked for again when the base’s run ends, for the heads with a failure of its jobs alone', async () => {
    const other = sha('9');
    await play(
      pull(),
      [() => tell(brain, { pull_requests: [pullRequestFact({ number: 2, head_sha: other, head_ref: 'other' })] })],
      attempt({ run: 200, jobs: { test: LINE } }),
      attempt({ run: 201, commit: other, branch: 'other', jobs: { lint: LINE } }),
    );
    await judgeHead();
    await judgeHead(other);
    await brain.script('delete from codered.follow_ups');
    await play(attempt({ run: 150, commit: BASE, ...onMain, at: 5, jobs: { test: null } }));
    const queued = await brain.sql(
      `select commit_sha, dedupe_key from codered.follow_ups where dedupe_key like 'verdict:%'`,
    );
    expect(queued).toEqual([{ commit_sha: HEAD, dedupe_key: `verdict:${REPOSITORY}:${HEAD}` }]);
    await judgeHead();
    await brain.script('delete from codered.follow_ups');
    await play(attempt({ run: 250, commit: NEXT, ...onMain, at: 25, jobs: { test: null } }));
    expect(await brain.sql(`select 1 from codered.follow_ups where dedupe_key like 'verdict:%'`)).toEqual([]);
  });

  test('is asked for again for 25 heads of a repository a minute, each once, however often the base runs', async () => {
    const heads = Array.from({ length: 30 }, (_, index) => ({
      head: String(index + 10).padStart(40, 'c'),
      branch: `b${index}`,
      number: index + 10,
    }));
    const pull_requests = heads.map(({ head, branch, number }) =>
      pullRequestFact({ number, head_sha: head, head_ref: branch }),
    );
    await play(
      [() => tell(brain, { pull_requests })],
      ...heads.map(({ head, branch, number }) =>
        attempt({ run: 200 + number, commit: head, branch, jobs: { test: LINE } }),
      ),
    );
    await brain.script('delete from codered.follow_ups');
    const waits = () =>
      brain.sql(`select round(extract(epoch from run_after - now()) / 60) as minutes, count(*) as heads
        from codered.follow_ups where dedupe_key like 'verdict:%' group by 1 order by 1`);
    for (const run of [150, 151, 152])
      await play(attempt({ run, commit: sha(String((run % 10) + 1)), ...onMain, at: 5, jobs: { test: null } }));
    expect(await waits()).toEqual([
      { minutes: expect.stringMatching(/^-?0$/), heads: '25' },
      { minutes: '1', heads: '5' },
    ]);
  });

  test('is the same whatever the order of the webhooks', async () => {
    const parts = [
      attempt({ run: 100, commit: OLD, ...onMain, at: 1, jobs: { test: LINE } }),
      attempt({ run: 100, commit: OLD, ...onMain, at: 3, attempt: 2, jobs: { test: null } }),
      attempt({ run: 120, commit: BASE, ...onMain, at: 5, jobs: { test: LINE, lint: null } }),
      attempt({ run: 200, jobs: { test: LINE, lint: LINE } }),
    ];
    const jumbled = parts.map(([first, ...rest]) => [...rest, first as Write]);
    const orders: Write[][][] = [
      [pull(), ...parts],
      [...parts.toReversed(), pull()],
      [...jumbled.map((writes) => writes.toReversed()), ...parts, pull()],
    ];
    const answers: unknown[] = [];
    for (const order of orders) {
      await forgetEverything(brain);
      compared(['README.md']);
      await play(...order);
      // What a diagnosis is about has to be there.
      await play(...parts);
      answers.push(
        (await judgeHead()).map(({ sentence, ...row }) => ({ ...row, sentence: sentence?.replaceAll('\n', ' ') })),
      );
      nock.cleanAll();
    }
    expect(answers[0]).toMatchObject([
      { name: 'lint', verdict: 'new' },
      { name: 'test', verdict: 'broken_base' },
    ]);
    expect(answers[1]).toEqual(answers[0]);
    expect(answers[2]).toEqual(answers[0]);
  });
});
