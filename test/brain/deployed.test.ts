// A run says when its commit reached production, whichever is told first.

import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { DeploymentFact, Facts } from '../../src/model/facts.ts';
import { openTestBrain, type TestBrain, testBackends } from '../support/brain.ts';
import {
  commitFact,
  deploymentFact,
  deploymentStatusFact,
  forgetEverything,
  HEAD,
  minute,
  pullRequestFact,
  REPOSITORY,
  repositoryFact,
  tell,
} from '../support/fact-rows.ts';

const MERGE = 'e'.repeat(40);
const LATER = 'd'.repeat(40);
const recent = (minutes: number) => new Date(Date.now() - 3_600_000 + minutes * 60_000).toISOString();

describe.each(testBackends)('a deployment to production (%s)', (backend) => {
  let brain: TestBrain;
  beforeAll(async () => {
    brain = await openTestBrain(backend);
  });
  afterAll(() => brain.close());
  beforeEach(async () => {
    await forgetEverything(brain);
    await tell(brain, { repositories: [repositoryFact()], pull_requests: [pullRequestFact()] });
  });

  const recordVerdict = async (more: object = {}) =>
    brain.call('record_gate_verdict', {
      verdict: {
        ...{ repository_id: REPOSITORY, pull_request_number: 1, commit_sha: HEAD, sprint_id: null, state: 'pass' },
        version: await brain.call('read_evidence_version', { repository_id: REPOSITORY, sha: HEAD }),
        ...{ ci_run_id: null, ci_event_ids: [], criteria: [], ...more },
      },
    });
  const merged = {
    ...{ state: 'merged' as const, merged_at: recent(10), merge_commit_sha: MERGE, merged_by: 'octocat' },
    source_updated_at: recent(10),
  };
  const merge = () => tell(brain, { pull_requests: [pullRequestFact(merged)] });
  const deploy = (found: Partial<DeploymentFact>, state = 'success', more: Partial<Facts> = {}) => {
    const deployment = deploymentFact({ created_at: recent(20), source_updated_at: recent(20), ...found });
    const { deployment_id, environment_name } = deployment;
    const status = { deployment_id, environment_name, state, created_at: recent(25), status_id: Number(deployment_id) };
    return tell(brain, {
      ...more,
      deployments: [deployment],
      deployment_statuses: [deploymentStatusFact(status)],
    });
  };
  const found = async () =>
    (
      await brain.sql(
        `select e.metadata ->> 'environment' as environment, e.metadata ->> 'deployed_sha' as sha
         from codered.status_events e join codered.runs r on r.id = e.run_id where e.phase = 'DEPLOYED' order by e.id`,
      )
    ).map(({ environment, sha }) => [environment, sha]);

  it('of its own commit, or of its merge, is told once for each environment', async () => {
    await recordVerdict();
    await deploy({ commit_sha: HEAD });
    expect(await found()).toEqual([['production', HEAD]]);
    await merge();
    await deploy({ commit_sha: MERGE, deployment_id: '6002' });
    expect(await found()).toEqual([['production', HEAD]]);
    await deploy({ commit_sha: MERGE, deployment_id: '6003', environment_name: 'live' });
    expect(await found()).toEqual([
      ['production', HEAD],
      ['live', MERGE],
    ]);
    expect(await brain.sql('select deployed_to from codered.runs')).toEqual([{ deployed_to: '{production,live}' }]);
  });

  it('of what was pushed to the same branch afterwards holds it as well', async () => {
    await recordVerdict();
    await merge();
    const commit = (sha: string, minutes: number, ref = 'refs/heads/main') =>
      commitFact({ sha, ref, pushed_at: recent(minutes), authored_at: recent(minutes) });
    await deploy({ commit_sha: 'c'.repeat(40) }, 'success', { commits: [commit('c'.repeat(40), 5)] });
    await deploy({ commit_sha: 'b'.repeat(40), deployment_id: '6002' }, 'success', {
      commits: [commit('b'.repeat(40), 15, 'refs/heads/other')],
    });
    expect(await found()).toEqual([]);
    await deploy({ commit_sha: LATER, deployment_id: '6003' }, 'success', { commits: [commit(LATER, 15)] });
    expect(await found()).toEqual([['production', LATER]]);
  });

  it.each<[string, Partial<DeploymentFact>, string]>([
    ['to another environment', { environment_name: 'staging' }, 'success'],
    ['that failed', {}, 'failure'],
    ['that is under way', {}, 'in_progress'],
    ['of another commit', { commit_sha: LATER }, 'success'],
  ])('%s is not told', async (_, deployment, state) => {
    await recordVerdict();
    await deploy({ commit_sha: HEAD, ...deployment }, state);
    expect(await found()).toEqual([]);
  });

  it.each([
    ['evaluate', 'merge', 'deploy'],
    ['evaluate', 'deploy', 'merge'],
    ['deploy', 'merge', 'evaluate'],
    ['merge', 'deploy', 'evaluate'],
    ['deploy', 'evaluate', 'merge'],
  ])('is told whatever comes first: %s, %s, %s', async (...order) => {
    const steps: Record<string, () => Promise<unknown>> = {
      evaluate: recordVerdict,
      merge,
      deploy: () => deploy({ commit_sha: MERGE }),
    };
    for (const step of [...order, ...order]) await steps[step]?.();
    expect(await found()).toEqual([['production', MERGE]]);
    const phases = (
      await brain.sql('select e.phase from codered.status_events e join codered.runs r on r.id = e.run_id')
    ).map(({ phase }) => phase);
    expect(phases.filter((phase) => phase === 'DEPLOYED')).toHaveLength(1);
  });

  it('counts what the project says is production', async () => {
    await brain.script(
      `update codered.projects set rules = '{"environments": {"eu-live": "prod", "production": "staging"}}'`,
    );
    await recordVerdict();
    await deploy({ commit_sha: HEAD });
    expect(await found()).toEqual([]);
    await deploy({ commit_sha: HEAD, deployment_id: '6002', environment_name: 'eu-live' });
    expect(await found()).toEqual([['eu-live', HEAD]]);
  });

  it('says which sprint it is of', async () => {
    const spec = { repository_id: REPOSITORY, branch: 'main', storage_path: 'specs/a.md', sha: 'c'.repeat(40) };
    const { id: spec_id } = (await brain.call('ingest_spec', { spec })) as { id: string };
    const planned = await brain.call('plan_sprint', { spec_id, label: 'S1', dod_json: {} });
    const { id } = planned as { id: string };
    await recordVerdict({ sprint_id: id });
    await deploy({ commit_sha: HEAD });
    expect(
      await brain.sql(
        `select metadata ->> 'sprint_id' as sprint from codered.status_events where phase = 'DEPLOYED' order by id desc limit 1`,
      ),
    ).toEqual([{ sprint: id }]);
    expect(await brain.sql('select state from codered.sprints')).toEqual([{ state: 'DONE' }]);
  });

  it('of long ago tells of nothing that was merged since', async () => {
    await recordVerdict();
    await deploy({ commit_sha: LATER, created_at: minute(1), source_updated_at: minute(1) }, 'success', {
      commits: [commitFact({ sha: LATER, ref: 'refs/heads/main', pushed_at: minute(1) })],
    });
    await merge();
    expect(await found()).toEqual([]);
  });
});
