// Deliveries of which some are lost on the way, some answered and then gone from the inbox, some lost twice, beside the same on a calm
// day: in the end both have the same rows, the same comments and the same check runs.

import { Probot } from 'probot';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { tellLife } from '../../src/demo/story/life.ts';
import type { JobOutline, Moment } from '../../src/demo/story/life-outline.ts';
import { appOctokit } from '../../src/github/installation.ts';
import { listen } from '../../src/http/listen.ts';
import { makeReceive, WEBHOOK_PATH } from '../../src/inbox/receive.ts';
import { openStore } from '../../src/inbox/store.ts';
import { recoverLostDeliveries } from '../../src/lost-deliveries/lost-deliveries.ts';
import { isWorthAsking } from '../../src/normalise/is-worth-asking.ts';
import { openTestBrain, ruleBackend, type TestBrain } from '../support/brain.ts';
import { localPauses } from '../support/github-octokit.ts';
import { makeLogLines } from '../support/log-lines.ts';
import { APP, openBench } from '../support/pipeline.ts';
import { readWholeBrain } from '../support/whole-brain.ts';

const SECRET = 'a secret of the tests only';
const noEnd = new AbortController().signal;
const { log } = makeLogLines();

const passing = (name: string): JobOutline => ({ name, conclusion: 'success', steps: ['npm test'] });
const failing = (name: string): JobOutline => ({
  ...passing(name),
  conclusion: 'failure',
  log: {
    kept: '2026-11-20T13:02:11.2Z npm error code ERESOLVE\n2026-11-20T13:02:12.4Z ##[error]Process completed with exit code 1.',
  },
});

/** Pull requests, each with a run that fails, and a commit after which it fails again: few verdicts, and many words about each. */
function momentsWith({ pulls, jobs }: { pulls: number; jobs: number }): Moment[] {
  const green = Array.from({ length: jobs }, (_, n) => passing(`test (${n})`));
  const of = (pull: number): Moment[] => [
    { kind: 'open', pull, title: `Change ${pull}`, branch: `change-${pull}` },
    { kind: 'run', on: pull, jobs: [failing('lint'), ...green] },
    { kind: 'commit', pull, message: 'Once more' },
    { kind: 'run', on: pull, jobs: [failing('lint'), ...green] },
  ];
  return [{ kind: 'install' }, ...Array.from({ length: pulls }, (_, n) => n + 1).flatMap(of)];
}

let brain: TestBrain;
let receiver: { readonly url: string; readonly close: (ms: number) => Promise<void> };
beforeAll(async () => {
  brain = await openTestBrain(ruleBackend);
  const receive = makeReceive({
    ...{ appId: APP.id, secrets: [SECRET], store: openStore(brain), log },
    ...{ observe: () => {}, onStored: () => {} },
  });
  receiver = await listen({ host: '127.0.0.1', port: 0 }, { handlers: [receive], onError: () => {} });
});
afterAll(async () => {
  await receiver.close(1_000);
  await brain.close();
});

type Life = ReturnType<typeof tellLife>;
type Bench = Awaited<ReturnType<typeof openBench>>;

/** A day on which all that is told is true at GitHub before the first word of it: a word that comes late is no other than one in time. */
async function onOneDay<T>(life: Life, play: (bench: Bench) => Promise<T>): Promise<T> {
  for (const table of [
    'webhook_deliveries',
    'missed_deliveries',
    'delivery_lists',
    'follow_ups',
    'repositories',
    'projects',
    'installations',
    'orgs',
  ])
    await brain.script(`delete from codered.${table}`);
  const bench = await openBench(brain);
  try {
    bench.github.webhook.target = { url: `${receiver.url}${WEBHOOK_PATH}`, secret: SECRET };
    life.prepare(bench.github.state);
    for (const { effect } of life.deliveries) effect(bench.github.state);
    const played = await play(bench);
    expect(bench.github.violations).toEqual([]);
    return played;
  } finally {
    await bench.close();
  }
}

async function tell(life: Life, { github }: Bench): Promise<void> {
  for (const { event, payload, guid } of life.deliveries) await github.deliver(event, payload, { guid });
}

/** All that is in the inbox; what follows of it is left, as a calm day judges once, when all is told. */
async function record({ pipeline }: Bench): Promise<void> {
  for (;;) {
    const claimed = await brain.call('claim_deliveries', { worker: 'test', batch: 50, lease_seconds: 60 });
    if (claimed.length === 0) return;
    for (const delivery of claimed) await pipeline.process(delivery);
  }
}

/** What is there in the end; of GitHub without its numbers, which count how often something was made. */
async function effectsOf(bench: Bench) {
  await bench.drain('all');
  await bench.publish();
  const repositories = [...bench.github.state.repositories.values()];
  const comments = repositories.flatMap((one) => [...one.comments.values()]);
  const checkRuns = repositories
    .flatMap((one) => [...one.checkRuns.values()])
    .filter(({ appSlug }) => appSlug === APP.slug);
  return {
    rows: await readWholeBrain(brain),
    comments: comments.map(({ pullNumber, body }) => `${pullNumber} ${body}`).sort(),
    checkRuns: checkRuns
      .map(({ headSha, name, status, conclusion }) => [headSha, name, status, conclusion].join(' '))
      .sort(),
  };
}

it('leaves of 50 deliveries nothing missing and nothing twice', () => comparedWithACalmDay(50, { pulls: 3, jobs: 1 }));
// docs/testing.md says how 10,000 are tried.
const most = Number(process.env.DELIVERIES ?? 400);
it(`leaves of ${most} deliveries nothing missing and nothing twice`, { tags: ['slow'] }, () => {
  const pulls = Math.ceil(most / 400) * 3;
  return comparedWithACalmDay(most, { pulls, jobs: Math.ceil(most / pulls / 6) });
});

/** And asks GitHub for no more than what was lost. */
async function comparedWithACalmDay(least: number, size: { pulls: number; jobs: number }): Promise<void> {
  const life = tellLife({ startAt: '2026-11-20T13:00:00Z', app: APP, moments: momentsWith(size) });
  expect(life.deliveries.length).toBeGreaterThanOrEqual(least);
  const wanted = await onOneDay(life, async (bench) => {
    await tell(life, bench);
    return effectsOf(bench);
  });
  expect(wanted.comments).toHaveLength(size.pulls);

  const worth = life.deliveries.filter(isWorthAsking).map(({ guid }) => guid);
  const every = (place: number) => worth.filter((_, n) => n % 20 === place);
  const [dropped, twice, deleted] = [every(0), every(7), every(11)];
  await onOneDay(life, async (bench) => {
    const { github } = bench;
    github.deliveries.loses = ({ guid }, attempt) =>
      attempt <= (twice.includes(guid) ? 2 : dropped.includes(guid) ? 1 : 0);
    await tell(life, bench);
    await brain.sql('delete from codered.webhook_deliveries where guid = any ($1::text[])', [`{${deleted.join()}}`]);
    await record(bench);
    const probot = new Probot({ appId: APP.id, privateKey: bench.privateKey, baseUrl: github.url, log });
    const pauses = localPauses();
    const turn = async () => {
      const asked = await recoverLostDeliveries({
        ...{ brain, appId: APP.id, log, spacingMs: 0, turnMs: 86_400_000, stop: noEnd },
        octokitFor: (purpose) => appOctokit(probot, pauses, { purpose, stop: noEnd }),
        pause: async () => {},
      });
      await github.deliveries.settled();
      await record(bench);
      return asked;
    };
    const lost = dropped.length + twice.length + deleted.length;
    expect(await turn()).toMatchObject({ news: lost, asked: lost });
    expect(await turn()).toMatchObject({ settled: dropped.length + deleted.length, asked: 0 });
    await brain.script('update codered.missed_deliveries set ask_at = now()');
    expect(await turn()).toMatchObject({ asked: twice.length });
    expect(await turn()).toMatchObject({ settled: twice.length, asked: 0 });
    expect(await brain.call('missed_status', {})).toMatchObject({ missed: 0, lost: 0 });
    expect(await effectsOf(bench)).toEqual(wanted);
    const requests = github.requests.filter(({ path }) => path.startsWith('/app/hook/deliveries'));
    expect(requests.filter(({ method }) => method === 'POST')).toHaveLength(lost + twice.length);
    expect(requests.filter(({ method }) => method === 'GET').length).toBeLessThanOrEqual(
      4 * Math.ceil((2 * life.deliveries.length) / 100),
    );
    expect(github.refused).toEqual([]);
  });
}
