// A run that is held by an environment, over real sockets: what it has made is read while it waits, for what it waits for may be us.

import { afterEach, describe, expect, test } from 'vitest';
import type { JsonObject } from '../../src/demo/github/contract/json-value.ts';
import type { LifeDelivery } from '../../src/demo/story/teller.ts';
import { job, lcov, opened, openStoryRepository, ran, type StoryRepository } from '../support/story-repository.ts';
import { zipOf } from '../support/zip.ts';

const POLICY = 'dod: { coverage_min: 0.8 }\nevidence: { coverage_min: { artifact: coverage } }\n';
const HELD = 'deploy-preview';

describe('a run of which a job waits for an environment', () => {
  let scene: StoryRepository;
  afterEach(() => scene.close());

  const coverage = (hit: number) => scene.upload('coverage', zipOf([{ name: 'lcov.info', content: lcov(hit, 100) }]));
  const newest = () => scene.checkRuns().at(-1)?.slice(0, 2);

  /** Tells of the run up to where only one job of it waits, and of the rest later. */
  async function hold(hit: number): Promise<LifeDelivery[]> {
    scene = await openStoryRepository([opened, ran(job('test'), job(HELD))], POLICY);
    await scene.play(0, 1);
    const found = scene.of(2);
    const isLater = ({ event, payload }: LifeDelivery) =>
      (nameOf(payload) === HELD && payload.action !== 'queued') ||
      (event === 'workflow_run' && payload.action === 'completed') ||
      event === 'check_suite';
    await scene.send(
      found.filter((one) => !isLater(one)),
      () => {
        coverage(hit);
        for (const one of scene.inside.jobs.values()) if (one.name === HELD) one.status = 'waiting';
      },
    );
    return found.filter(isLater);
  }

  test('is judged by what it has made so far', async () => {
    await hold(85);
    expect(newest()).toEqual(['completed', 'success']);
  });

  test('is not green by too little', async () => {
    await hold(10);
    expect(newest()).toEqual(['completed', 'failure']);
  });

  test('is judged anew once it is over, by the newest upload of that name', async () => {
    const rest = await hold(85);
    await scene.send(rest, () => coverage(10));
    expect(newest()).toEqual(['completed', 'failure']);
  });

  test('waits for what it has not made', async () => {
    scene = await openStoryRepository([opened, ran(job('test'), job(HELD))], POLICY);
    await scene.play(0, 1);
    const started = scene.of(2).filter(({ payload }) => nameOf(payload) !== HELD && payload.action !== 'completed');
    await scene.send(started, () => coverage(85));
    expect(newest()).toEqual(['in_progress', null]);
    expect(await scene.brain.sql("select 1 from codered.follow_ups where dedupe_key like 'artifacts:%'")).toEqual([]);
  });
});

function nameOf({ workflow_job }: JsonObject): string | null {
  if (typeof workflow_job !== 'object' || workflow_job === null || Array.isArray(workflow_job)) return null;
  return typeof workflow_job.name === 'string' ? workflow_job.name : null;
}
