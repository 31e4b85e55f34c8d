// The deliveries of a real life in any order, each up to three times, leave the same rows and the same comment.

import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { ACCOUNTS } from '../src/demo/github/state/retell.ts';
import { type Life, tellLife } from '../src/demo/story/life.ts';
import type { JobOutline, LifeOutline } from '../src/demo/story/life-outline.ts';
import { openTestBrain, ruleBackend, type TestBrain } from './support/brain.ts';
import { APP, type Bench, openBench } from './support/pipeline.ts';
import { runs } from './support/runs.ts';
import { readWholeBrain, type WholeBrain } from './support/whole-brain.ts';

const FAILING_LOG = [
  '2026-11-20T13:02:10.1000000Z ##[group]Run npm ci',
  '2026-11-20T13:02:11.2000000Z npm error code ERESOLVE',
  '2026-11-20T13:02:11.3000000Z npm error ERESOLVE unable to resolve dependency tree',
  '2026-11-20T13:02:12.4000000Z ##[error]Process completed with exit code 1.',
].join('\n');

const failing = (name: string): JobOutline => ({
  name,
  conclusion: 'failure',
  steps: ['npm ci'],
  log: { kept: FAILING_LOG },
});
const passing = (name: string): JobOutline => ({ name, conclusion: 'success', steps: ['npm ci', 'npm test'] });

const OUTLINE: LifeOutline = {
  startAt: '2026-11-20T13:00:00Z',
  app: APP,
  moments: [
    { kind: 'install' },
    { kind: 'open', pull: 1, title: 'Use React 19', branch: 'react-19' },
    { kind: 'run', on: 1, jobs: [failing('test (20)'), failing('test (22)'), passing('test (24)')] },
    { kind: 'rerun', on: 1, jobs: [passing('test (20)'), failing('test (22)')] },
    { kind: 'open', pull: 2, title: 'From a fork', branch: 'patch-1', author: ACCOUNTS.hacktocat, fromFork: true },
    { kind: 'run', on: 2, jobs: [failing('test (20)')] },
    { kind: 'commit', pull: 1, message: 'Align the versions' },
    { kind: 'run', on: 1, jobs: [passing('test (20)'), passing('test (22)'), passing('test (24)')] },
    { kind: 'status', on: 2, context: 'ci/elsewhere', state: 'failure', description: 'The build broke' },
    { kind: 'other check', on: 2, name: 'Other CI', conclusion: 'failure', summary: 'Three tests failed' },
    { kind: 'merge', pull: 1 },
    { kind: 'deploy', environment: 'production', job: failing('deploy') },
    { kind: 'rename', name: 'web-store' },
  ],
};

let brain: TestBrain;
let bench: Bench;
let life: Life;

beforeAll(async () => {
  brain = await openTestBrain(ruleBackend);
  bench = await openBench(brain);
  life = tellLife(OUTLINE);
  life.prepare(bench.github.state);
  for (const { effect } of life.deliveries) effect(bench.github.state);
});

afterAll(async () => {
  await bench.close();
  await brain.close();
});

/** Plays the deliveries by their places and returns all that the brain knows then. Follow-ups are done after some of them too,
 * but for those that give lost webhooks time to arrive. */
async function play(places: readonly number[], drainAfter: ReadonlySet<number>): Promise<unknown> {
  for (const table of ['webhook_deliveries', 'follow_ups', 'repositories', 'projects', 'installations', 'orgs']) {
    await brain.script(`delete from codered.${table}`);
  }
  for (const [index, place] of places.entries()) {
    const delivery = life.deliveries[place];
    if (delivery === undefined) throw new RangeError(`there is no delivery ${place}`);
    await bench.process(delivery);
    if (drainAfter.has(index)) await bench.drain('due');
  }
  await bench.drain('all');
  return comparable(await readWholeBrain(brain));
}

/** Which former heads ever had a check run depends on when somebody looked, and so does the time it was as of; none may stay open. */
function comparable({ check_runs, ...brain }: WholeBrain): unknown {
  const heads = new Set(brain.pull_requests?.map(({ head_sha }) => head_sha));
  const all = check_runs ?? [];
  return {
    ...brain,
    openCheckRuns: all.filter(([, , { status }]) => status !== 'completed'),
    checkRunsOfHeads: all
      .filter(([, , { head_sha }]) => heads.has(head_sha))
      .map(([repository, target, { as_of: _, ...desired }]) => [repository, target, desired]),
  };
}

test('a life told in any order, each delivery up to three times, leaves the same rows and the same comment', async () => {
  const inOrder = life.deliveries.map((_, place) => place);
  const found = await play(inOrder, new Set());
  expect(found).toMatchObject({
    comments: [
      [expect.any(Number), '1', { may_create: expect.any(Boolean) }],
      [expect.any(Number), '2', { may_create: true }],
    ],
    openCheckRuns: [],
  });

  const shuffled = fc
    .array(fc.integer({ min: 1, max: 3 }), { minLength: inOrder.length, maxLength: inOrder.length })
    .map((times) => inOrder.flatMap((place) => Array.from({ length: times[place] ?? 1 }, () => place)))
    .chain((places) => fc.shuffledSubarray(places, { minLength: places.length, maxLength: places.length }));
  const drains = fc.uniqueArray(fc.nat({ max: inOrder.length }), { maxLength: 3 });
  await fc.assert(
    fc.asyncProperty(shuffled, drains, async (places, drainAfter) => {
      expect(await play(places, new Set(drainAfter))).toEqual(found);
    }),
    { ...runs(2, 6), endOnFailure: true },
  );
  expect(bench.github.violations).toEqual([]);
}, 300_000);
