// The loop that looks for lost deliveries, beside the one of a second process; on the embedded database, over real sockets.

import { once } from 'node:events';
import { Probot } from 'probot';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { isWorthAsking } from '../../src/normalise/is-worth-asking.ts';
import { startChore } from '../../src/server/chore.ts';
import { startDeliveryRecovery } from '../../src/server/delivery-recovery.ts';
import { localPauses } from '../support/github-octokit.ts';
import { makeLogLines } from '../support/log-lines.ts';
import { APP } from '../support/pipeline.ts';
import { job, opened, openStoryRepository, ran, SETTLE_MS, type StoryRepository } from '../support/story-repository.ts';

const CHORE = 'lost_deliveries';
/** No test lasts so long: what waits for it never comes by itself. */
const NEVER_MS = 86_400_000;

let scene: StoryRepository;
let logged: ReturnType<typeof makeLogLines>;
beforeAll(async () => {
  logged = makeLogLines();
  const recovery = { firstMs: 0, everyMs: NEVER_MS, lookMs: 10 };
  const options = { log: logged.log, recovery };
  scene = await openStoryRepository([opened, ran(job('lint', 'failure')), ran(job('lint', 'failure'))], null, options);
});
afterAll(() => scene.close());

const requests = (method: string, end: string) =>
  scene.github.requests.filter((one) => one.method === method && one.path.endsWith(end)).length;
const asks = () => requests('POST', '/attempts');
const lists = () => requests('GET', '/app/hook/deliveries');
const choreRow = async (name: string) =>
  (
    await scene.brain.sql(
      `select locked_by, due_at <= now() as is_due, last_error from codered.chores where name = '${name}'`,
    )
  )[0];
const soon = <T>(read: () => T | Promise<T>) => expect.poll(read, { timeout: SETTLE_MS, interval: 20 });
const makeDue = () => scene.brain.script(`update codered.chores set due_at = now() where name = '${CHORE}'`);
/** The turn is over, and the next one is far. */
const restsAgain = () => soon(() => choreRow(CHORE)).toEqual({ locked_by: null, is_due: 'f', last_error: null });

/** All that is told of a moment is lost on the way once. */
async function lose(moment: number) {
  const told = scene.of(moment);
  const guids = told.map(({ guid }) => guid);
  scene.github.deliveries.loses = ({ guid }, attempt) => attempt === 1 && guids.includes(guid);
  for (const { event, payload, guid, effect } of told) {
    effect(scene.github.state);
    expect((await scene.github.deliver(event, payload, { guid })).status).toBe(502);
  }
  return told.filter(isWorthAsking).length;
}

/** The brain as another process has it, and how often it was told whether it has the turn. */
function otherProcess() {
  const told: boolean[] = [];
  const call: typeof scene.brain.call = async (name, args, options) => {
    const answer = await scene.brain.call(name, args, options);
    if (name === 'take_chore') told.push(Boolean(answer));
    return answer;
  };
  return { brain: { call }, told };
}

function startSecond(spacingMs: number) {
  const { brain, told } = otherProcess();
  const { privateKey, github } = scene;
  const probot = new Probot({ appId: APP.id, privateKey, baseUrl: github.url, log: logged.log });
  const loop = startDeliveryRecovery({
    ...{ brain, appId: APP.id, probot, pauses: localPauses(), worker: 'second', spacingMs, log: logged.log },
    rhythm: { firstMs: 0, everyMs: NEVER_MS, lookMs: 10 },
  });
  return { told, stop: loop.stop };
}

describe('the loop for lost deliveries', () => {
  it('asks for what did not come, which is told of then, and the loop of another process asks for nothing', async () => {
    await restsAgain();
    await scene.play(0, 1);
    const lost = await lose(2);
    await scene.idle();
    expect(scene.inside.comments.size).toBe(0);
    const listed = lists();
    await makeDue();
    await soon(asks).toBe(lost);
    await restsAgain();
    await scene.github.deliveries.settled();
    await scene.settle();
    expect(scene.inside.comments.size).toBe(1);

    const second = startSecond(0);
    await soon(() => second.told.length).toBeGreaterThan(2);
    await second.stop();
    expect(second.told).not.toContain(true);
    expect([lists(), asks()]).toEqual([listed + 1, lost]);
    expect(logged.lines.filter(({ level }) => level >= 40)).toEqual([]);
  });

  it('ends at once in the middle of a turn, and another process goes on', async () => {
    const lost = await lose(3);
    await scene.codered.close();
    const before = asks();
    await makeDue();
    const second = startSecond(NEVER_MS);
    await soon(asks).toBe(before + 1);
    await second.stop();
    expect(await choreRow(CHORE)).toEqual({ locked_by: null, is_due: 't', last_error: null });
    const third = startSecond(0);
    await soon(asks).toBe(before + lost);
    await third.stop();
    expect(second.told).toContain(true);
  });
});

describe('a chore', () => {
  const common = () => ({ log: logged.log, firstMs: 0, everyMs: NEVER_MS, lookMs: 10, leaseSeconds: 600 });

  it('is done by one process at a time, and by another when the lease of that one has ended', async () => {
    const turns: string[] = [];
    const released = new AbortController();
    const first = startChore({
      ...{ ...common(), brain: scene.brain, name: 'tested', worker: 'first' },
      work: async () => {
        turns.push('first');
        await once(released.signal, 'abort');
      },
    });
    await soon(() => turns).toEqual(['first']);
    const other = otherProcess();
    const work = async () => turns.push('second');
    const second = startChore({ ...common(), brain: other.brain, name: 'tested', worker: 'second', work });
    await soon(() => other.told.length).toBeGreaterThan(2);
    expect([turns, other.told.includes(true)]).toEqual([['first'], false]);
    await scene.brain.script(`update codered.chores set locked_until = now() where name = 'tested'`);
    await soon(() => turns).toEqual(['first', 'second']);
    await second.stop();
    released.abort();
    await first.stop();
    expect(await choreRow('tested')).toEqual({ locked_by: null, is_due: 'f', last_error: null });
  });

  it('is told to stop when another process has the turn, and what it throws is kept and tried again', async () => {
    let turns = 0;
    const chore = startChore({
      ...{ ...common(), everyMs: 10, leaseSeconds: 1, brain: scene.brain, name: 'failing', worker: 'first' },
      work: async (stop) => {
        turns += 1;
        if (turns <= 2) throw new Error(`turn ${turns} failed`);
        await once(stop, 'abort');
      },
    });
    await soon(() => turns).toBe(3);
    expect(await choreRow('failing')).toMatchObject({ locked_by: 'first', last_error: 'Error: turn 2 failed' });
    await scene.brain.script(`update codered.chores set locked_by = 'another' where name = 'failing'`);
    await soon(() => choreRow('failing')).toMatchObject({ locked_by: 'another' });
    await scene.brain.script(`update codered.chores set locked_until = now() where name = 'failing'`);
    await soon(() => turns).toBe(4);
    await chore.stop();
    expect(logged.lines.filter(({ msg }) => msg === 'a chore failed; it is tried again')).toHaveLength(2);
  });
});
