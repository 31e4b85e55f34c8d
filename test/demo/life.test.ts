// Lives told from outlines: valid against GitHub's description of webhooks, consistent, and the same every time.

import { beforeAll, describe, expect, test } from 'vitest';
import { type GithubContract, loadGithubContract } from '../../src/demo/github/contract/openapi-contract.ts';
import { ACCOUNTS } from '../../src/demo/github/state/retell.ts';
import { tellLife } from '../../src/demo/story/life.ts';
import type { LifeOutline, Moment } from '../../src/demo/story/life-outline.ts';
import { memberRemovedPayload } from '../../src/demo/story/payloads-organization.ts';
import type { LifeDelivery } from '../../src/demo/story/teller.ts';

const job = { name: 'test', conclusion: 'failure', steps: ['npm ci', 'npm test'], failedStep: 'npm ci' } as const;
const passing = { name: 'test', conclusion: 'success', steps: ['npm ci', 'npm test'] } as const;

const MOMENTS: Moment[] = [
  { kind: 'install' },
  { kind: 'open', pull: 1, title: 'Use React 19', branch: 'react-19' },
  {
    kind: 'run',
    on: 1,
    jobs: [
      { ...job, steps: [...job.steps] },
      { ...passing, name: 'lint', steps: ['npm run lint'] },
    ],
  },
  { kind: 'commit', pull: 1, message: 'Pin react' },
  { kind: 'run', on: 1, jobs: [{ ...passing, steps: [...passing.steps] }] },
  { kind: 'open', pull: 2, title: 'From a fork', branch: 'changes', author: ACCOUNTS.octocat, fromFork: true },
  { kind: 'run', on: 2, jobs: [{ ...job, conclusion: 'timed_out', steps: [...job.steps] }] },
  { kind: 'rerun', on: 2, jobs: [{ ...passing, steps: [...passing.steps] }] },
  { kind: 'run', on: 2, workflow: 'Broken', jobs: [], conclusion: 'startup_failure' },
  { kind: 'other check', on: 1, name: 'octolint', conclusion: 'failure', summary: '2 problems' },
  { kind: 'status', on: 1, context: 'ci/octo', state: 'failure', description: 'it broke' },
  { kind: 'merge', pull: 1 },
  { kind: 'deploy', environment: 'production', job: { ...job, name: 'deploy', steps: ['npm ci', 'deploy'] } },
  { kind: 'deploy', environment: 'staging', job: { ...passing, name: 'deploy', steps: ['npm ci', 'deploy'] } },
  { kind: 'rename', name: 'shop' },
  { kind: 'push', message: 'Straight to main' },
];

const outline = (moments: Moment[]): LifeOutline => ({
  startAt: '2026-11-20T13:00:00Z',
  app: { id: 29_310, slug: 'codered' },
  moments,
});

const words = (deliveries: LifeDelivery[]): string[] =>
  deliveries.map(({ event, action }) => (action === null ? event : `${event}.${action}`));

let contract: GithubContract;
beforeAll(async () => {
  contract = await loadGithubContract();
});

describe('tellLife', () => {
  test('every webhook is one that GitHub’s description allows', () => {
    const { deliveries } = tellLife(outline(MOMENTS));
    const problems = deliveries.flatMap(({ event, action, payload }) => {
      const found = contract.webhookProblems(event, payload);
      return (found ?? ['GitHub has no such webhook']).map((problem) => `${event}.${action}: ${problem}`);
    });
    expect(problems).toEqual([]);
    expect(deliveries.length).toBeGreaterThan(40);
  });

  test('so is the one of a member who was removed', () => {
    const { repository, installation } = tellLife(outline(MOMENTS));
    const scene = { repository, installationId: installation.id, sender: ACCOUNTS.codertocat };
    const payload = memberRemovedPayload(scene, ACCOUNTS.octocat);
    expect(contract.webhookProblems('organization', payload)).toEqual([]);
    expect(payload).toMatchObject({
      action: 'member_removed',
      membership: { user: { id: ACCOUNTS.octocat.id } },
      organization: { id: ACCOUNTS.octoOrg.id },
      installation: { id: installation.id },
    });
    expect(payload).not.toHaveProperty('repository');
  });

  test('a payload that lacks what GitHub always sends is found out', () => {
    const { deliveries } = tellLife(outline(MOMENTS));
    const run = deliveries.find(({ event }) => event === 'workflow_run');
    const { workflow_run: _, ...rest } = run?.payload ?? {};
    expect(contract.webhookProblems('workflow_run', rest)).toEqual([
      "(top) must have required property 'workflow_run'",
    ]);
    expect(contract.webhookProblems('no_such_event', {})).toBeNull();
  });

  test('the same outline gives the same bytes', () => {
    const tell = () => JSON.stringify(tellLife(outline(MOMENTS)).deliveries);
    expect(tell()).toBe(tell());
  });

  test('guids differ, times never go back, and every payload speaks of the one installation', () => {
    const { deliveries, installation } = tellLife(outline(MOMENTS));
    expect(new Set(deliveries.map(({ guid }) => guid)).size).toBe(deliveries.length);
    const times = deliveries.map(({ at }) => at);
    expect(times).toEqual(times.toSorted());
    for (const { payload } of deliveries) expect(payload.installation).toMatchObject({ id: installation.id });
  });

  test('nothing of the examples’ repositories, numbers and shas is left where it would contradict the story', () => {
    const result = JSON.stringify(tellLife(outline(MOMENTS)).deliveries);
    expect(result).not.toMatch(/Hello-World|octo-repo|289782451|1291536064|186853002|145988746|279147437/);
    expect(result).not.toMatch(/ec26c3e57ca3|f95f852bd8fc|3484a3fb816e/);
  });

  test('a run is requested, its jobs queued, begun and finished, and then it is completed', () => {
    const { deliveries } = tellLife(outline(MOMENTS.slice(0, 3)));
    expect(words(deliveries)).toEqual([
      'installation.created',
      'push',
      'pull_request.opened',
      'workflow_run.requested',
      'workflow_job.queued',
      'workflow_job.queued',
      'workflow_run.in_progress',
      'workflow_job.in_progress',
      'workflow_job.in_progress',
      'workflow_job.completed',
      'workflow_job.completed',
      'workflow_run.completed',
    ]);
    expect(deliveries.at(-1)?.payload.workflow_run).toMatchObject({
      conclusion: 'failure',
      pull_requests: [expect.objectContaining({ number: 1 })],
    });
    expect(deliveries.at(-3)?.payload.workflow_job).toMatchObject({
      conclusion: 'failure',
      steps: [
        { name: 'Set up job', conclusion: 'success' },
        { name: 'Run actions/checkout@v4', conclusion: 'success' },
        { name: 'npm ci', conclusion: 'failure' },
        { name: 'npm test', conclusion: 'skipped' },
        { name: 'Complete job', conclusion: 'success' },
      ],
    });
  });

  test('a fork’s run names no pull request and its push is not told', () => {
    const { deliveries } = tellLife(outline(MOMENTS.slice(5, 7)));
    expect(words(deliveries).slice(0, 2)).toEqual(['pull_request.opened', 'workflow_run.requested']);
    expect(deliveries[1]?.payload.workflow_run).toMatchObject({
      pull_requests: [],
      head_repository: { full_name: 'octocat/web-shop', fork: true },
      repository: { full_name: 'octo-org/web-shop' },
    });
  });

  test('a re-run is a new attempt of the same run with new jobs', () => {
    const { deliveries } = tellLife(outline(MOMENTS.slice(5, 8)));
    const runs = deliveries.filter(({ action, event }) => event === 'workflow_run' && action === 'completed');
    const [first, second] = runs.map(({ payload }) => payload.workflow_run as { id: number });
    expect(first).toMatchObject({ run_attempt: 1, conclusion: 'failure' });
    expect(second).toMatchObject({ id: first?.id, run_attempt: 2, conclusion: 'success' });
    const jobs = deliveries.filter(({ action, event }) => event === 'workflow_job' && action === 'completed');
    expect(new Set(jobs.map(({ payload }) => (payload.workflow_job as { id: number }).id)).size).toBe(2);
  });

  test('a deployment follows its job: in progress, then failed with a link to the job', () => {
    const { deliveries } = tellLife(outline([...MOMENTS.slice(1, 2), ...MOMENTS.slice(11, 13)]));
    const statuses = deliveries.filter(({ event }) => event === 'deployment_status');
    expect(statuses.map(({ payload }) => payload.deployment_status)).toMatchObject([
      { state: 'in_progress', environment: 'production' },
      { state: 'failure', environment: 'production', log_url: expect.stringContaining('/job/') },
    ]);
    const merge = deliveries.find(({ action }) => action === 'closed')?.payload.pull_request;
    const deployment = statuses[0]?.payload.deployment as { sha: string } | undefined;
    expect(merge).toMatchObject({ merged: true, merge_commit_sha: deployment?.sha });
  });

  test('an outline that re-runs or commits to what is not there is refused', () => {
    expect(() => tellLife(outline([{ kind: 'commit', pull: 3, message: 'x' }]))).toThrow('pull request 3');
    expect(() => tellLife(outline([{ kind: 'rerun', on: 'default branch', jobs: [] }]))).toThrow('before it ran there');
  });
});
