// Protected environments over real sockets: GitHub asks by a webhook, and gets an answer that the gate decides.

import { afterEach, describe, expect, test } from 'vitest';
import type { JsonObject } from '../../src/demo/github/contract/json-value.ts';
import type { Moment } from '../../src/demo/story/life-outline.ts';
import { job, opened, openStoryRepository, ran, SETTLE_MS, type StoryRepository } from '../support/story-repository.ts';

const RUN = 4711;
const POLICY = 'dod: { lint_pass: true }\nenvironments: [production]\n';

const merged: Moment = { kind: 'merge', pull: 1 };
const lint = (conclusion: 'success' | 'failure'): Moment => ran(job('lint', conclusion));

describe('a deployment that GitHub holds back', () => {
  let scene: StoryRepository;
  afterEach(() => scene.close());

  /** Lives through the moments, deploys the merged commit, and has GitHub ask, twice. */
  async function ask(policy: string | null, ...moments: readonly Moment[]): Promise<void> {
    const deploy: Moment = { kind: 'deploy', environment: 'production', job: job('deploy') };
    const before = [opened, ...moments, merged];
    scene = await openStoryRepository([...before, deploy], policy);
    await scene.play(0, ...before.map((_, index) => index + 1));
    const deployment = scene.life.deliveries.find((one) => one.event === 'deployment');
    if (deployment === undefined) throw new RangeError('nothing is deployed');
    const { workflow: _, workflow_run: __, ...payload } = deployment.payload;
    const url = `https://api.github.com/repos/${scene.fullName}/actions/runs/${RUN}/deployment_protection_rule`;
    const asked: JsonObject = {
      ...payload,
      action: 'requested',
      environment: 'production',
      deployment_callback_url: url,
    };
    const event = 'deployment_protection_rule';
    for (const guid of ['11111111-2222-4333-8444-555555555555', '11111111-2222-4333-8444-666666666666'])
      await scene.send([{ ...deployment, event, payload: asked, guid, effect: () => undefined }]);
  }

  test.each([
    [
      'goes on when its pull request met the policy',
      POLICY,
      [lint('success')],
      'approved',
      'The Definition of Done is met on',
    ],
    ['is stopped when it did not, and told why', POLICY, [lint('failure')], 'rejected', ': lint.'],
    [
      'goes on when the policy does not name its environment',
      'dod: { lint_pass: true }\n',
      [],
      'approved',
      'names no such environment',
    ],
    ['goes on without a policy', null, [], 'approved', 'names no such environment'],
    [
      'goes on when the policy only observes, and is told what it would have heard',
      `${POLICY}mode: observe\n`,
      [lint('failure')],
      'approved',
      'Observing: the Definition of Done is not met on',
    ],
    ['is stopped by a broken policy', 'dod: 1\n', [], 'rejected', 'is broken'],
  ] as const)('%s', async (_, policy, moments, state, comment) => {
    await ask(policy, ...moments);
    expect(scene.inside.deploymentAnswers).toEqual([
      { runId: RUN, environment: 'production', state, comment: expect.stringContaining(comment) },
    ]);
  });

  test('waits while the verdict does, and is stopped when the time is over', async () => {
    await ask(POLICY);
    expect(scene.inside.deploymentAnswers).toEqual([]);
    // As if an hour had gone by.
    await scene.brain.script(`
      update codered.follow_ups
      set run_after = now(), input = input || jsonb_build_object('since', now() - interval '61 minutes')
      where is_scheduled and kind = 'protection' and status = 'queued'`);
    await expect
      .poll(() => scene.inside.deploymentAnswers, { timeout: SETTLE_MS })
      .toMatchObject([
        { state: 'rejected', comment: expect.stringMatching(/not complete on \w{7} after 60 minutes: lint/i) },
      ]);
  });

  test('goes on as soon as the verdict is there, not when the next minute comes', async () => {
    await ask(POLICY);
    const waiting = `select run_after > now() + interval '20 seconds' as is_later from codered.follow_ups
      where is_scheduled and kind = 'protection' and status = 'queued'`;
    expect(await scene.brain.sql(waiting)).toEqual([{ is_later: 't' }]);
    await scene.brain.sql(`
      update codered.runs set status = 'completed'
      where commit_sha in (select input ->> 'sha' from codered.follow_ups where is_scheduled and kind = 'protection')
        or commit_sha in (select head_sha from codered.pull_requests where merged_at is not null)`);
    await expect
      .poll(() => scene.inside.deploymentAnswers, { timeout: SETTLE_MS })
      .toMatchObject([{ state: 'approved' }]);
  });
});
