// A policy that only observes, over real sockets: everything is judged, shown and kept, and nothing is held back.

import { afterEach, describe, expect, test } from 'vitest';
import type { Moment } from '../../src/demo/story/life-outline.ts';
import { job, opened, openStoryRepository, ran, SETTLE_MS, type StoryRepository } from '../support/story-repository.ts';

const POLICY = '.github/codered.yml';
const TWO = 'dod: { lint_pass: true, type_check: true }\n';
const merged: Moment = { kind: 'merge', pull: 1 };
const DAY_MS = 86_400_000;

let scene: StoryRepository;
afterEach(() => scene.close());

const newest = () => scene.checkRuns().at(-1);
const comments = () => [...scene.inside.comments.values()].map(({ body }) => body);
const verdicts = () =>
  scene.brain.sql(
    `select g.status as run, e.status, e.validation_results -> 0 ->> 'observed' as observed
     from codered.runs g join codered.gate_executions e on e.run_id = g.id order by e.gate_id`,
  );
const bypasses = () =>
  scene.brain.sql(`select reason from codered.user_overrides where override_type = 'deploy_anyway'`);

describe('mode: observe', () => {
  test('says what the gate would have said, holds nothing back from the start, and keeps the verdict as it is', async () => {
    scene = await openStoryRepository(
      [opened, ran(job('lint', 'failure'), job('types')), merged],
      `${TWO}mode: observe\n`,
    );
    await scene.play(0, 1);
    expect(newest()).toEqual(['completed', 'neutral', 'Observing: would wait (0 of 2)']);
    await scene.play(2);
    expect(newest()).toEqual(['completed', 'neutral', 'Observing: would fail (1 of 2) · 1 failure does not block']);
    expect(scene.checkRuns()).toHaveLength(1);
    expect(comments()[0]).toMatch(/^### ℹ️ /);
    expect(comments()[0]).toContain('❌ failed');
    expect(await verdicts()).toEqual([
      { run: 'failed', status: 'failed', observed: 'true' },
      { run: 'failed', status: 'passed', observed: 'true' },
    ]);
    await scene.play(3);
    expect(await bypasses()).toEqual([]);
  });

  test('counts once it is merged: a pull request that brings it is held back', async () => {
    scene = await openStoryRepository([opened, ran(job('lint', 'failure'), job('types'))], TWO);
    await scene.play(0);
    await scene.send(scene.of(1), () => {
      scene.inside.filesAt.set(scene.inside.pulls.get(1)?.head.sha ?? '', new Map([[POLICY, `${TWO}mode: observe\n`]]));
    });
    await scene.play(2);
    expect(newest()?.slice(0, 2)).toEqual(['completed', 'failure']);
    expect(await verdicts()).toMatchObject([{ observed: null }, { observed: null }]);
  });

  test('holds again what it let through, once the policy is enforced', async () => {
    scene = await openStoryRepository([opened, ran(job('lint', 'failure'), job('types'))], `${TWO}mode: observe\n`);
    await scene.play(0, 1, 2);
    scene.inside.files.set(POLICY, `${TWO}mode: enforce\n`);
    await lookAgain();
    expect(newest()?.slice(0, 2)).toEqual(['completed', 'failure']);
    expect(scene.checkRuns()).toHaveLength(2);
    expect(await verdicts()).toMatchObject([{ observed: null }, { observed: null }]);
  });

  test('does not come with a policy that is broken', async () => {
    scene = await openStoryRepository([opened, ran(job('lint'))], 'dod: { lint_pass: 1 }\nmode: observe\n');
    await scene.play(0, 1, 2);
    expect(newest()?.slice(0, 2)).toEqual(['completed', 'failure']);
  });
});

describe('days to observe after the installation', () => {
  const WEEK = 'dod: { lint_pass: true }\nobserve_days_after_installation: 7\n';
  /** The App was installed so many days ago. */
  const begin = async (days: number, policy = WEEK) => {
    const startAt = new Date(Date.now() - days * DAY_MS).toISOString();
    scene = await openStoryRepository([opened, ran(job('lint', 'failure'))], policy, { startAt });
    await scene.play(0, 1, 2);
  };

  test('hold nothing back, and the commits of those days are judged anew when they are over', async () => {
    await begin(3);
    expect(newest()?.slice(0, 2)).toEqual(['completed', 'neutral']);
    // A look comes when the wait would have been over; it leaves the one at the end of the week.
    await hasten();
    const left = () =>
      scene.brain.sql(
        `select round(extract(epoch from j.run_after - i.installed_at) / 86400) as days
         from codered.follow_ups j, codered.installations i where j.is_scheduled and j.status = 'queued'`,
      );
    await expect.poll(left, { timeout: SETTLE_MS }).toEqual([{ days: '7' }]);
    // As if the week had gone by.
    await scene.brain.script(`update codered.installations set installed_at = installed_at - interval '5 days'`);
    await hasten();
    await expect.poll(() => newest()?.slice(0, 2), { timeout: SETTLE_MS }).toEqual(['completed', 'failure']);
  });

  test.each([
    ['that are over hold as any policy does', 8, WEEK],
    ['do not count where the policy is to be enforced', 3, 'dod: { lint_pass: true }\nmode: enforce\n'],
    ['do not count where the same file says to enforce', 3, `${WEEK}mode: enforce\n`],
  ])('%s', async (_, days, policy) => {
    await begin(days, policy);
    expect(newest()?.slice(0, 2)).toEqual(['completed', 'failure']);
  });

  test('do not count while nobody knows when that was', async () => {
    const startAt = new Date(Date.now() - DAY_MS).toISOString();
    scene = await openStoryRepository([opened, ran(job('lint', 'failure'))], WEEK, { startAt });
    await scene.play(1, 2);
    expect(newest()?.slice(0, 2)).toEqual(['completed', 'failure']);
  });
});

async function lookAgain(): Promise<void> {
  const sha = scene.inside.pulls.get(1)?.head.sha ?? '';
  await scene.brain.call('queue_recheck', { repository_id: scene.life.repository.id, sha });
  await scene.settle();
}

async function hasten(): Promise<void> {
  await scene.brain.script(`update codered.follow_ups set run_after = now() where is_scheduled and status = 'queued'`);
}
