// What is read of a commit, a run or a pull request, among others with the same numbers: never a neighbour's.

import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { openTestBrain, type TestBrain, testBackends } from '../support/brain.ts';
import {
  commitFact,
  forgetEverything,
  HEAD,
  minute,
  pullRequestFact,
  REPOSITORY,
  repositoryFact,
  runFact,
  tell,
} from '../support/fact-rows.ts';
import { NEIGHBOUR, type Neighbour, recordVerdict, tellNeighbour } from '../support/neighbour.ts';

const OTHER = 'c'.repeat(40);
const MERGE_COMMIT = 'b'.repeat(40);

describe.each(testBackends)('among neighbours (%s)', (backend) => {
  let brain: TestBrain;
  let neighbour: Neighbour;
  beforeAll(async () => {
    brain = await openTestBrain(backend);
  });
  afterAll(() => brain.close());
  beforeEach(async () => {
    await forgetEverything(brain);
    neighbour = await tellNeighbour(brain);
    await tell(brain, { pull_requests: [pullRequestFact()] });
  });
  afterEach(() => neighbour.expectUntouched());
  const ask = async (expression: string) =>
    (await brain.sql(`select (${expression})::text as answer`))[0]?.answer ?? null;
  const rows = (from: string) => brain.sql(`select * from codered.${from}`);
  const merged = (result: object = {}) =>
    pullRequestFact({
      state: 'merged',
      merged_at: minute(30),
      merge_commit_sha: MERGE_COMMIT,
      source_updated_at: minute(30),
      ...result,
    });

  it('seconds_of is from the first start to the last end of those runs, and null when one has not told both', async () => {
    await tell(brain, {
      ci_events: [
        runFact({ start_time: minute(2), end_time: minute(5) }),
        runFact({ run_id: '7002', start_time: minute(3), end_time: minute(9) }),
        runFact({ run_id: '7003', start_time: minute(0), end_time: null }),
      ],
    });
    const ids = (...runs: string[]) =>
      `array(select id from codered.ci_events where repository_id = ${REPOSITORY} and run_id = any ('{${runs}}'))`;
    expect(await ask(`codered.seconds_of(${ids('7001')})`)).toBe('180');
    expect(await ask(`codered.seconds_of(${ids('7001', '7002')})`)).toBe('420');
    expect(await ask(`codered.seconds_of(${ids('7001', '7003')})`)).toBeNull();
    expect(await ask(`codered.seconds_of(${ids()})`)).toBeNull();
  });

  it('heads_after are the commit and the heads of pull requests on its branch, of its own fork alone', async () => {
    const pull = { head_sha: OTHER, head_ref: 'react-19' };
    await tell(brain, {
      pull_requests: [
        pullRequestFact({ ...pull, source_updated_at: minute(3) }),
        pullRequestFact({ ...pull, number: 2, head_sha: '1'.repeat(40), head_ref: 'other' }),
        pullRequestFact({ ...pull, number: 3, head_sha: '2'.repeat(40), head_repository_id: 4711 }),
      ],
      ci_events: [runFact(), runFact({ run_id: '7005', commit_sha: 'd'.repeat(40), trigger: 'push' })],
    });
    const heads = async (sha: string) =>
      (await rows(`heads_after(${REPOSITORY}, '${sha}') as head order by 1`)).map(({ head }) => head);
    expect(await heads(HEAD)).toEqual([HEAD, OTHER]);
    expect(await heads('d'.repeat(40))).toEqual(['d'.repeat(40)]);
    expect(await heads('e'.repeat(40))).toEqual(['e'.repeat(40)]);
  });

  it.each([
    ['pull_request', 'react-19', REPOSITORY, 'true'],
    ['pull_request_target', 'react-19', REPOSITORY, 'true'],
    ['pull_request', 'other', REPOSITORY, 'false'],
    ['pull_request', 'react-19', 4711, 'false'],
    ['pull_request', 'react-19', null, 'false'],
    ['pull_request', null, REPOSITORY, 'false'],
    ['push', 'other', 4711, 'true'],
    [null, 'other', 4711, 'true'],
  ])('is_run_for of %s on %s from %s is %s', async (event, branch, fork, answer) => {
    const text = (value: string | null) => (value === null ? 'null' : `'${value}'`);
    const pull = `(select p from codered.pull_requests p where repository_id = ${REPOSITORY})`;
    expect(await ask(`codered.is_run_for(${pull}, ${text(event)}, ${text(branch)}, ${fork})`)).toBe(answer);
  });

  it('identity_of_run says of a run what any of its attempts told, and nothing of the neighbour’s', async () => {
    await tell(brain, {
      ci_events: [
        runFact({ workflow_path: null, branch: 'react-19', head_repository_id: null }),
        runFact({ run_attempt: 2, workflow_path: '.github/workflows/own.yml', source_updated_at: minute(8) }),
      ],
    });
    expect(await rows(`identity_of_run(${REPOSITORY}, '7001')`)).toEqual([
      {
        workflow_path: '.github/workflows/own.yml',
        event: 'pull_request',
        branch: 'react-19',
        head_repository_id: String(REPOSITORY),
      },
    ]);
    expect((await rows(`identity_of_run(${NEIGHBOUR}, '7001')`))[0]).toMatchObject({
      workflow_path: '.github/workflows/ci.yml',
      head_repository_id: String(NEIGHBOUR),
    });
    expect((await rows(`identity_of_run(${REPOSITORY}, '7009')`))[0]).toMatchObject({ event: null, branch: null });
  });

  it('merge_group_head is the pull request that a queue tries on the branch it is for', async () => {
    const group = (sha: string, branch: string, number = 1) =>
      commitFact({ sha, merge_group_ref: `refs/heads/gh-readonly-queue/${branch}/pr-${number}-${'f'.repeat(40)}` });
    await tell(brain, {
      commits: [
        group('1'.repeat(40), 'main'),
        group('2'.repeat(40), 'release'),
        group('3'.repeat(40), 'main', 9),
        commitFact(),
      ],
    });
    const head = (sha: string) => rows(`merge_group_head(${REPOSITORY}, '${sha}')`);
    expect(await head('1'.repeat(40))).toEqual([{ pull_request_number: '1', head_sha: HEAD }]);
    for (const digit of ['2', '3']) expect(await head(digit.repeat(40))).toEqual([]);
    expect(await head(HEAD)).toEqual([]);
    expect(await rows(`merge_group_head(${NEIGHBOUR}, '${'1'.repeat(40)}')`)).toEqual([]);
  });

  it('version_of_commit moves with what is told of that commit, and with nothing else', async () => {
    const version = () => ask(`codered.version_of_commit(${REPOSITORY}, '${HEAD}')`);
    const nothing = await version();
    await tell(brain, { ci_events: [runFact({ run_id: '7002', commit_sha: OTHER })] });
    expect(await version()).toBe(nothing);
    await tell(brain, { ci_events: [runFact({ status: 'running' })] });
    const running = await version();
    expect(running).not.toBe(nothing);
    await tell(brain, { ci_events: [runFact({ source_updated_at: minute(9) })] });
    const ended = await version();
    expect(ended).not.toBe(running);
    const override = (sha: string) =>
      brain.script(`
        insert into codered.user_overrides (project_id, "user", override_type, repository_id, pull_request_number, commit_sha, criterion, reason)
        select project_id, 'octocat', 'cynic_reject', id, 1, '${sha}', 'lint_pass', 'r' from codered.repositories where id = ${REPOSITORY}`);
    await override(OTHER);
    expect(await version()).toBe(ended);
    await override(HEAD);
    expect(await version()).not.toBe(ended);
  });

  it('run_for_evidence is the run of that commit, and makes one where there is none', async () => {
    const run = () => ask(`codered.run_for_evidence(${REPOSITORY}, '${HEAD}')`);
    const made = await run();
    expect(await run()).toBe(made);
    expect(await brain.sql('select repository_id, commit_sha, status from codered.runs where id = $1', [made])).toEqual(
      [{ repository_id: String(REPOSITORY), commit_sha: HEAD, status: 'pending' }],
    );
    expect(await ask(`codered.run_for_evidence(${REPOSITORY}, '${OTHER}')`)).not.toBe(made);
  });

  describe('find_deployed', () => {
    const ago = (days: number) => new Date(Date.now() - days * 86_400_000).toISOString();
    const deploy = (id: string, commit_sha: string, days: number) =>
      brain.sql(
        `insert into codered.deployments
           (project_id, repository_id, provider, deployment_id, environment_name, environment, commit_sha, ref, status, started_at, finished_at, source_updated_at)
         select project_id, id, 'github', $1, 'production', 'prod', $2, 'main', 'succeeded', $3::timestamptz, $3::timestamptz, $3::timestamptz
         from codered.repositories where id = ${REPOSITORY}`,
        [id, commit_sha, ago(days)],
      );
    const found = () =>
      brain.sql(
        `select r.commit_sha, f.environment_name from codered.find_deployed(${REPOSITORY}) f join codered.runs r on r.id = f.run_id order by 1`,
      );
    const result = () =>
      brain.sql(`select commit_sha, deployed_to from codered.runs where repository_id = ${REPOSITORY} order by 1`);

    it('has what was merged into the branch within thirty days before, and nothing of another branch or later', async () => {
      const pulls: [number, object][] = [
        [1, { merged_at: ago(1), merge_commit_sha: MERGE_COMMIT }],
        [2, { merged_at: ago(29), merge_commit_sha: '2'.repeat(40) }],
        [3, { merged_at: ago(32), merge_commit_sha: '3'.repeat(40) }],
        [4, { merged_at: ago(2), merge_commit_sha: '4'.repeat(40), base_ref: 'release' }],
        [5, { merged_at: ago(0), merge_commit_sha: '5'.repeat(40) }],
        [6, { state: 'open', merged_at: null, merge_commit_sha: null }],
      ];
      for (const [number, more] of pulls) {
        const head_sha = String(number).repeat(40).replaceAll('1', 'a');
        await tell(brain, { pull_requests: [merged({ number, head_sha, ...more })] });
        await recordVerdict(brain, { repository_id: REPOSITORY, pull_request_number: number, commit_sha: head_sha });
      }
      await deploy('d1', MERGE_COMMIT, 0.5);
      const deployed = (await result())
        .filter(({ deployed_to }) => deployed_to === '{production}')
        .map(({ commit_sha }) => commit_sha);
      expect(deployed).toEqual(['2'.repeat(40), HEAD]);
      expect(await found()).toEqual([]);
    });
  });

  it('is gone with its repository alone', async () => {
    const gone = { tells_presence: true, deleted_at: minute(9), source_updated_at: minute(9) };
    await tell(brain, { repositories: [repositoryFact(gone)] });
    expect(await brain.sql('select id from codered.repositories where deleted_at is null')).toEqual([
      { id: String(NEIGHBOUR) },
    ]);
  });
});
