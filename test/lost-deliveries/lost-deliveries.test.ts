// Deliveries that were lost, found in the list of the stand-in for GitHub and asked for again, over real sockets.

import { generateKeyPairSync } from 'node:crypto';
import { Probot } from 'probot';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { secondaryRateLimit } from '../../src/demo/github/failures.ts';
import { type GithubStandIn, startGithubStandIn } from '../../src/demo/github/github-stand-in.ts';
import { appOctokit } from '../../src/github/installation.ts';
import { listen } from '../../src/http/listen.ts';
import { makeReceive, WEBHOOK_PATH } from '../../src/inbox/receive.ts';
import { openStore } from '../../src/inbox/store.ts';
import { type LostDeliveryDeps, recoverLostDeliveries } from '../../src/lost-deliveries/lost-deliveries.ts';
import { openTestBrain, ruleBackend, type TestBrain } from '../support/brain.ts';
import { localPauses } from '../support/github-octokit.ts';
import { makeLogLines } from '../support/log-lines.ts';

const APP_ID = 123_456;
const SECRET = 'a secret of the tests only';
const noEnd = new AbortController().signal;
const DAY_MS = 86_400_000;

const keys = generateKeyPairSync('rsa', { modulusLength: 2048 });
const privateKey = keys.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
const publicKeyPem = keys.publicKey.export({ type: 'spki', format: 'pem' }).toString();

let brain: TestBrain;
let github: GithubStandIn;
let receiver: { readonly url: string; readonly close: (ms: number) => Promise<void> };
let logged: ReturnType<typeof makeLogLines>;
let pauses: ReturnType<typeof localPauses>;

beforeAll(async () => {
  brain = await openTestBrain(ruleBackend);
  const receive = makeReceive({
    ...{ appId: APP_ID, secrets: [SECRET], store: openStore(brain), log: makeLogLines().log },
    ...{ observe: () => {}, onStored: () => {} },
  });
  receiver = await listen({ host: '127.0.0.1', port: 0 }, { handlers: [receive], onError: () => {} });
});
afterAll(async () => {
  await receiver.close(1_000);
  await brain.close();
});
beforeEach(async () => {
  for (const table of ['webhook_deliveries', 'missed_deliveries', 'delivery_lists', 'sweep_requests'])
    await brain.script(`delete from codered.${table}`);
  const webhook = { url: `${receiver.url}${WEBHOOK_PATH}`, secret: SECRET };
  github = await startGithubStandIn({ appId: APP_ID, publicKeyPem, appSlug: 'codered', webhook });
  logged = makeLogLines();
  pauses = localPauses();
});
afterEach(async () => {
  await github.close();
  expect(github.violations).toEqual([]);
});

const payload = { action: 'completed', installation: { id: 7 }, repository: { id: 70 } };
/** Sends numbered deliveries `d1`, `d2` …, and has the network lose the first tries of those named. */
async function send(count: number, { lost = [], from = 1 }: { lost?: readonly string[]; from?: number } = {}) {
  github.deliveries.loses = ({ guid }, attempt) => attempt === 1 && lost.includes(guid);
  for (let n = from; n < from + count; n += 1) await github.deliver('workflow_run', payload, { guid: `d${n}` });
}
/** The same many times faster: as if they had been sent and done, but for those that are lost. */
async function list(count: number, { lost = [], from = 1 }: { lost?: readonly string[]; from?: number } = {}) {
  const made = Array.from({ length: count }, (_, n) => `d${n + from}`);
  for (const guid of made)
    github.deliveries.attempts.push({
      ...{ id: 175_000_000_000 + github.deliveries.attempts.length, guid, event: 'workflow_run', payload },
      ...{ deliveredAt: Date.now(), seconds: 0, isRedelivery: false, isListed: true },
      statusCode: lost.includes(guid) ? 502 : 202,
    });
  await brain.sql(
    `insert into codered.webhook_deliveries (app_id, guid, event, payload, status)
     select ${APP_ID}, g, 'workflow_run', '{}', 'done' from unnest($1::text[]) as g`,
    [`{${made.filter((guid) => !lost.includes(guid)).join()}}`],
  );
}
async function turn(changes: Partial<LostDeliveryDeps> = {}) {
  const probot = new Probot({ appId: APP_ID, privateKey, baseUrl: github.url, log: logged.log });
  try {
    return await recoverLostDeliveries({
      ...{ brain, appId: APP_ID, log: logged.log, spacingMs: 0, turnMs: 86_400_000, stop: noEnd },
      octokitFor: (purpose) => appOctokit(probot, pauses, { purpose, stop: noEnd }),
      pause: async () => {},
      ...changes,
    });
  } finally {
    await github.deliveries.settled();
  }
}
const workThrough = (guids = '%') =>
  brain.sql(`update codered.webhook_deliveries set status = 'done', processed_at = now() where guid like $1`, [guids]);
const makeDue = () => brain.script('update codered.missed_deliveries set ask_at = now()');
const missed = async () =>
  (await brain.sql('select guid, asked::int from codered.missed_deliveries order by guid')).map(
    ({ guid, asked }) => `${guid} ${asked}`,
  );
const inbox = async () =>
  (await brain.sql('select guid from codered.webhook_deliveries order by received_at, guid')).map(({ guid }) => guid);
const asks = () => github.requests.filter(({ method, path }) => method === 'POST' && path.endsWith('/attempts'));
const pages = () => github.requests.filter(({ method, path }) => method === 'GET' && path === '/app/hook/deliveries');

describe('recoverLostDeliveries', () => {
  it('asks for what never came once, and is done with it when the inbox has done it, not before', async () => {
    await send(5, { lost: ['d2', 'd4'] });
    await workThrough();
    expect(await turn()).toEqual({ news: 2, settled: 0, asked: 2, lost: 0 });
    expect((await inbox()).sort()).toEqual(['d1', 'd2', 'd3', 'd4', 'd5']);
    expect(await turn()).toMatchObject({ settled: 0, asked: 0 });
    expect(await missed()).toEqual(['d2 1', 'd4 1']);
    await workThrough('d2');
    expect(await turn()).toMatchObject({ settled: 1, asked: 0 });
    expect(await missed()).toEqual(['d4 1']);
    expect(asks()).toHaveLength(2);
  });

  it('asks for what was answered 202 and is not in the inbox any more, also long after it was looked at', async () => {
    await send(3);
    expect(await turn()).toMatchObject({ news: 3, asked: 0 });
    await brain.script(`delete from codered.webhook_deliveries where guid = 'd2'`);
    expect(await turn()).toMatchObject({ asked: 1 });
    expect((await inbox()).sort()).toEqual(['d1', 'd2', 'd3']);
  });

  it.each(['pending', 'processing', 'failed', 'dead'])(
    'leaves what is %s in the inbox to its workers',
    async (status) => {
      await send(1);
      await brain.sql('update codered.webhook_deliveries set status = $1', [status]);
      await turn();
      await makeDue();
      expect(await turn()).toMatchObject({ asked: 0 });
      expect(await missed()).toEqual(['d1 0']);
      await brain.script('delete from codered.webhook_deliveries');
      expect(await turn()).toMatchObject({ asked: 1 });
    },
  );

  it('asks again after some minutes for what was lost twice, and by its newest attempt', async () => {
    await send(1);
    github.deliveries.loses = (_, attempt) => attempt <= 3;
    await github.deliver('workflow_run', payload, { guid: 'lost' });
    for (const [asked, minutes] of [
      [1, 4],
      [2, 8],
      [3, 16],
    ] as const) {
      expect(await turn()).toMatchObject({ asked: 1 });
      const [row] = await brain.sql(
        `select asked::int, round(extract(epoch from ask_at - now()) / 60)::int as minutes from codered.missed_deliveries where guid = 'lost'`,
      );
      expect(row).toEqual({ asked: String(asked), minutes: String(minutes) });
      expect(await turn()).toMatchObject({ asked: 0 });
      await makeDue();
    }
    expect(await inbox()).toEqual(['d1', 'lost']);
    expect(new Set(asks().map(({ path }) => path)).size).toBe(3);
  });

  it('asks for nothing of which nothing is kept', async () => {
    github.deliveries.loses = () => true;
    for (const event of ['star', 'ping', 'label']) await github.deliver(event, payload);
    await github.deliver('issue_comment', { ...payload, action: 'edited' });
    await github.deliver('check_suite', payload);
    await github.deliver('push', { installation: { id: 7 }, repository: { id: 70 } }, { guid: 'push' });
    expect(await turn()).toMatchObject({ news: 1, asked: 1 });
    expect(await missed()).toEqual(['push 1']);
  });

  it('gives up what GitHub does not have any more, says so, and has the sweep ask instead', async () => {
    await send(4, { lost: ['d1', 'd2', 'd3'] });
    const [old, emptied, gone] = github.deliveries.attempts;
    if (!old || !emptied || !gone) throw new RangeError('nothing was sent');
    Object.assign(old, { deliveredAt: Date.now() - 3 * DAY_MS - 60_000 });
    Object.assign(emptied, { payload: null });
    github.failNext(
      { method: 'POST', path: new RegExp(`/${gone.id}/attempts$`) },
      { status: 404, body: { message: 'Not Found' } },
    );
    expect(await turn()).toMatchObject({ lost: 3 });
    const rows = await brain.sql(
      'select guid, event, action, repository_id, lost_at is not null as lost from codered.missed_deliveries where lost_at is not null order by 1',
    );
    expect(rows).toEqual(
      ['d1', 'd2', 'd3'].map((guid) => ({
        guid,
        event: 'workflow_run',
        action: guid === 'd2' ? null : 'completed',
        repository_id: guid === 'd2' ? null : '70',
        lost: 't',
      })),
    );
    const sweeps = await brain.sql(
      'select repository_id, kind, since::text from codered.sweep_requests order by repository_id',
    );
    expect(sweeps).toMatchObject([{ repository_id: '70', kind: 'workflow_run' }, { repository_id: null }]);
    expect(Date.parse(sweeps[0]?.since ?? '')).toBeLessThan(Date.now() - 3 * DAY_MS);
    expect(logged.lines.filter(({ msg }) => msg?.startsWith('deliveries are lost'))).toHaveLength(3);
    expect(await brain.call('missed_status', {})).toMatchObject({ lost: 3, missed: 1, sweeps: 2, refused: null });
    await makeDue();
    expect(await turn()).toMatchObject({ asked: 0, lost: 0 });
  });

  it('asks GitHub for one page a turn and for nothing else when nothing is lost', async () => {
    await send(30);
    await workThrough();
    for (let n = 0; n < 3; n += 1) expect(await turn()).toEqual({ news: 0, settled: 0, asked: 0, lost: 0 });
    expect(github.requests.map(({ method, path }) => `${method} ${path}`)).toEqual(
      Array.from({ length: 3 }, () => 'GET /app/hook/deliveries'),
    );
  });

  it('reads back to where it has read before, and no further', async () => {
    await list(250);
    await turn();
    expect(pages()).toHaveLength(3);
    for (const attempt of github.deliveries.attempts) attempt.deliveredAt -= 10 * 60_000;
    await list(120, { from: 251 });
    await turn();
    expect(pages()).toHaveLength(5);
  });

  it('skips nothing and takes nothing twice when the list grows while it is read', async () => {
    const lost = Array.from({ length: 250 }, (_, n) => `d${n + 1}`).filter((_, n) => n % 7 === 0);
    await list(250, { lost });
    let grown = 0;
    const growing: typeof brain.call = async (name, args, options) => {
      if (name === 'note_listed_deliveries' && grown < 3) {
        grown += 1;
        await github.deliver('workflow_run', payload, { guid: `late${grown}` });
        await brain.script(`delete from codered.webhook_deliveries where guid = 'late${grown}'`);
      }
      return brain.call(name, args, options);
    };
    expect(await turn({ brain: { call: growing } })).toMatchObject({ asked: lost.length });
    expect(await turn()).toMatchObject({ asked: 3 });
    expect(asks()).toHaveLength(lost.length + 3);
    expect(new Set(await inbox()).size).toBe(253);
  });

  it('begins anew when the place in the list has expired, and goes on after a turn that was cut short', async () => {
    await list(350, { lost: ['d1', 'd350'] });
    github.failNext({ method: 'GET', path: /deliveries$/ }, { status: 200, body: [] });
    expect(await turn()).toMatchObject({ news: 0 });
    await brain.script('delete from codered.delivery_lists');
    const cut = new AbortController();
    cut.abort();
    expect(await turn({ stop: cut.signal })).toMatchObject({ news: 1, asked: 0 });
    expect(await brain.sql('select listed_to from codered.delivery_lists')).toEqual([{ listed_to: null }]);
    github.failNext({ method: 'GET', path: /deliveries$/ }, { status: 422, body: { message: 'Invalid cursor' } });
    expect(await turn()).toMatchObject({ news: 1, asked: 2 });
    expect(pages().filter(({ query }) => !query.includes('cursor'))).toHaveLength(3);
    expect(await brain.sql('select walk_cursor from codered.delivery_lists')).toEqual([{ walk_cursor: null }]);
  });

  it('goes on where it was', async () => {
    await list(250, { lost: ['d1'] });
    const cut = new AbortController();
    cut.abort();
    await turn({ stop: cut.signal });
    await send(1, { from: 900 });
    expect(await turn()).toMatchObject({ asked: 1 });
    expect(pages().map(({ query }) => query.includes('cursor'))).toEqual([false, true, true]);
    expect(await missed()).toContain('d1 1');
    expect(await missed()).not.toContain('d900 0');
    await turn();
    expect(await missed()).toContain('d900 0');
  });

  it.each([403, 404])(
    'writes down that the App is not given the list (%i), once it is, all is found',
    async (status) => {
      await send(2, { lost: ['d2'] });
      github.failNext({ path: /deliveries$/ }, { status, body: { message: 'Not Found' } });
      expect(await turn()).toBe(null);
      expect(await brain.call('missed_status', {})).toMatchObject({ refused: expect.stringContaining(String(status)) });
      expect(await turn()).toMatchObject({ asked: 1 });
      expect(await brain.call('missed_status', {})).toMatchObject({ refused: null });
    },
  );

  it('asks nothing more once GitHub says that it is too much, until that is over', async () => {
    await send(5, { lost: ['d1', 'd2', 'd3'] });
    github.failNext({ method: 'POST' }, secondaryRateLimit(120));
    await expect(turn()).rejects.toMatchObject({ name: 'Transient', retryAfterMs: 120_000 });
    const asked = github.requests.length;
    await expect(turn()).rejects.toMatchObject({ name: 'Transient' });
    expect(github.requests).toHaveLength(asked);
    pauses = localPauses();
    await makeDue();
    expect(await turn()).toMatchObject({ asked: 3 });
    expect((await inbox()).sort()).toEqual(['d1', 'd2', 'd3', 'd4', 'd5']);
  });

  /** What the second page of the list is answered with, once. */
  const failSecondPage = (answer: Parameters<typeof github.failNext>[1]) => {
    const failing: typeof brain.call = async (name, args, options) => {
      if (name === 'note_listed_deliveries') github.failNext({ method: 'GET', path: /deliveries$/ }, answer);
      return brain.call(name, args, options);
    };
    return turn({ brain: { call: failing } });
  };

  it('keeps what it has read when a limit comes in the middle of the list, and reads all of it when that is over', async () => {
    await list(250, { lost: ['d1', 'd249'] });
    await expect(failSecondPage(secondaryRateLimit(60))).rejects.toMatchObject({ retryAfterMs: 60_000 });
    expect(await missed()).toEqual(['d249 0']);
    expect(await brain.sql('select from codered.delivery_lists where listed_to is not null')).toEqual([]);
    pauses = localPauses();
    expect(await turn()).toMatchObject({ news: 1, asked: 2 });
    expect((await inbox()).sort()).toContain('d1');
  });

  it('writes down that the right to the list is gone in the middle of it, and loses nothing by that', async () => {
    await list(250, { lost: ['d1', 'd249'] });
    expect(await failSecondPage({ status: 403, body: { message: 'Resource not accessible by integration' } })).toBe(
      null,
    );
    expect(await brain.call('missed_status', {})).toMatchObject({ missed: 1, refused: expect.stringContaining('403') });
    expect(await turn()).toMatchObject({ news: 1, asked: 2 });
    expect(await brain.call('missed_status', {})).toMatchObject({ refused: null });
  });

  it('gives nothing up when the right to ask is gone half way, and asks for it later', async () => {
    await send(3, { lost: ['d1', 'd2', 'd3'] });
    github.failNext({ method: 'POST', path: /attempts$/ }, { status: 403, body: { message: 'Forbidden' } });
    await expect(turn()).rejects.toThrow(/403/);
    expect(await brain.call('missed_status', {})).toMatchObject({ missed: 3, lost: 0 });
    expect(await turn()).toMatchObject({ asked: 2, lost: 0 });
    await makeDue();
    await workThrough();
    expect(await turn()).toMatchObject({ asked: 1, lost: 0 });
    expect((await inbox()).sort()).toEqual(['d1', 'd2', 'd3']);
  });

  it('asks for what was told of a repository under another name, and of one that is gone from us since', async () => {
    const named = (name: string) => ({ ...payload, repository: { id: 70, full_name: `acme/${name}` } });
    github.deliveries.loses = (_, attempt) => attempt === 1;
    await github.deliver('workflow_run', named('shop'), { guid: 'before' });
    await github.deliver('repository', { ...named('store'), action: 'renamed' }, { guid: 'renamed' });
    await github.deliver('workflow_run', named('store'), { guid: 'after' });
    await github.deliver('repository', { ...named('store'), action: 'deleted' }, { guid: 'deleted' });
    expect(await turn()).toMatchObject({ news: 4, asked: 4, lost: 0 });
    expect((await inbox()).sort()).toEqual(['after', 'before', 'deleted', 'renamed']);
    expect(await brain.call('missed_status', {})).toMatchObject({ lost: 0 });
  });

  it('loses nothing to a list that can’t be read', async () => {
    await send(2, { lost: ['d1'] });
    github.failNext({ path: /deliveries$/ }, { status: 200, body: [{ id: 1 }] });
    await expect(turn()).rejects.toMatchObject({ name: 'Transient', message: expect.stringContaining('not the list') });
    expect(await turn()).toMatchObject({ asked: 1 });
  });

  it('brings 700 of 10,000 back, page by page, with no request more than that takes', { tags: ['slow'] }, async () => {
    const dropped = Array.from({ length: 500 }, (_, n) => `d${n * 20 + 1}`);
    const emptied = Array.from({ length: 200 }, (_, n) => `d${n * 50 + 2}`);
    await list(10_000, { lost: dropped });
    await brain.sql('delete from codered.webhook_deliveries where guid = any ($1::text[])', [`{${emptied.join()}}`]);
    let largest = 0;
    const counting: typeof brain.call = (name, args, options) => {
      largest = Math.max(largest, JSON.stringify(args).length);
      return brain.call(name, args, options);
    };
    expect(await turn({ brain: { call: counting } })).toEqual({ news: 700, settled: 0, asked: 700, lost: 0 });
    expect(pages()).toHaveLength(100);
    expect(asks()).toHaveLength(700);
    // What is held at once is a page of the list.
    expect(largest).toBeLessThan(50_000);
    await workThrough();
    expect(await turn()).toMatchObject({ settled: 700, asked: 0 });
    const [row] = await brain.sql(
      'select count(*)::int as n, count(distinct guid)::int as guids from codered.webhook_deliveries',
    );
    expect(row).toEqual({ n: '10000', guids: '10000' });
    expect(asks()).toHaveLength(700);
  });
});
