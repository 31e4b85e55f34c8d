// Protected environments over real sockets: GitHub asks by a webhook, and gets an answer that the gate decides.

import { afterEach, describe, expect, test } from 'vitest';
import type { RepositoryState } from '../src/demo/github-state.ts';
import type { JsonObject } from '../src/demo/json-value.ts';
import { type Life, tellLife } from '../src/demo/life.ts';
import type { JobOutline, Moment } from '../src/demo/life-outline.ts';
import { APP, type Stage, setStage } from '../src/demo/play-story.ts';
import type { LifeDelivery } from '../src/demo/teller.ts';
import { openTestBrain, type TestBrain } from './support/brain.ts';

const SETTLE_MS = 20_000;
const RUN = 4711;
const POLICY = 'dod: { lint_pass: true }\nenvironments: [production]\n';

const job = (name: string, conclusion: 'success' | 'failure' = 'success'): JobOutline => ({
  name,
  conclusion,
  steps: ['npm run lint'],
  ...(conclusion === 'failure' ? { log: { kept: '2026-11-20T13:02:11.2000000Z ##[error]The shop is closed\n' } } : {}),
});
const opened: Moment = { kind: 'open', pull: 1, title: 'Close the shop', branch: 'closed' };
const merged: Moment = { kind: 'merge', pull: 1 };
const lint = (conclusion: 'success' | 'failure'): Moment => ({ kind: 'run', on: 1, jobs: [job('lint', conclusion)] });

describe('a deployment that GitHub holds back', () => {
  let brain: TestBrain;
  let stage: Stage;
  let life: Life;
  afterEach(async () => {
    await stage.close();
    await brain.close();
  });

  const inside = (): RepositoryState => {
    const found = stage.github.state.repositories.get(life.repository.id);
    if (found === undefined) throw new RangeError('the life was not prepared');
    return found;
  };

  async function send(...deliveries: readonly Pick<LifeDelivery, 'event' | 'payload' | 'guid'>[]): Promise<void> {
    for (const { event, payload, guid } of deliveries) {
      expect((await stage.github.deliver(event, payload, { guid })).status).toBe(202);
    }
    await stage.codered.idle(SETTLE_MS);
    expect(stage.github.violations).toEqual([]);
    expect(stage.github.refused).toEqual([]);
  }

  /** Lives through the moments, deploys the merged commit, and has GitHub ask, twice. */
  async function ask(policy: string | null, ...moments: readonly Moment[]): Promise<void> {
    brain = await openTestBrain('embedded');
    stage = await setStage({ brain });
    const deploy: Moment = { kind: 'deploy', environment: 'production', job: job('deploy') };
    const all: Moment[] = [{ kind: 'install' }, opened, ...moments, merged, deploy];
    life = tellLife({ startAt: '2026-11-20T13:00:00Z', app: APP, moments: all });
    life.prepare(stage.github.state);
    if (policy !== null) inside().files.set('.github/codered.yml', policy);
    for (let moment = 0; moment < all.length - 1; moment++) {
      const deliveries = life.deliveries.filter((one) => one.moment === moment);
      for (const { effect } of deliveries) effect(stage.github.state);
      await send(...deliveries);
    }
    const deployment = life.deliveries.find((one) => one.event === 'deployment');
    if (deployment === undefined) throw new RangeError('nothing is deployed');
    const { workflow: _, workflow_run: __, ...payload } = deployment.payload;
    const { owner, name } = life.repository;
    const event = 'deployment_protection_rule';
    const url = `https://api.github.com/repos/${owner.login}/${name}/actions/runs/${RUN}/deployment_protection_rule`;
    const asked: JsonObject = {
      ...payload,
      action: 'requested',
      environment: 'production',
      deployment_callback_url: url,
    };
    await send({ event, payload: asked, guid: '11111111-2222-4333-8444-555555555555' });
    await send({ event, payload: asked, guid: '11111111-2222-4333-8444-666666666666' });
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
    ['is stopped by a broken policy', 'dod: 1\n', [], 'rejected', 'is broken'],
  ] as const)('%s', async (_, policy, moments, state, comment) => {
    await ask(policy, ...moments);
    expect(inside().deploymentAnswers).toEqual([
      { runId: RUN, environment: 'production', state, comment: expect.stringContaining(comment) },
    ]);
  });

  test('waits while the verdict does, and is stopped when the time is over', async () => {
    await ask(POLICY);
    expect(inside().deploymentAnswers).toEqual([]);
    // As if an hour had gone by.
    await brain.script(`
      update codered.agent_jobs
      set run_after = now(), input = input || jsonb_build_object('since', now() - interval '61 minutes')
      where dedupe_key like 'deadline:protection:%' and status = 'queued'`);
    await expect
      .poll(() => inside().deploymentAnswers, { timeout: SETTLE_MS })
      .toMatchObject([
        { state: 'rejected', comment: expect.stringMatching(/not complete on \w{7} after 60 minutes: lint/i) },
      ]);
  });
});
