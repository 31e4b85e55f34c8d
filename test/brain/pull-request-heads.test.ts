// When a pull request's heads came: the same from its events in any order, told twice or not, and not known where one is missing.

import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { asJson } from '../../src/model/json.ts';
import { openTestBrain, type TestBrain, testBackends } from '../support/brain.ts';
import { pullRequestFact, repositoryFact } from '../support/fact-rows.ts';

const [A, B, C] = ['a', 'b', 'c'].map((letter) => letter.repeat(40));
const at = (minute: number) => `2026-11-20T10:${String(minute).padStart(2, '0')}:00.000Z`;

type Told = Parameters<typeof pullRequestFact>[0];
const event = (head_sha: string | undefined, minute: number, more: Told = {}): Told => ({
  head_sha: head_sha ?? '',
  source_updated_at: at(minute),
  ...more,
});
const opened = event(A, 0, { head_arrival: 'opened' });
const pushed = (sha: string | undefined, minute: number, before: string | undefined) =>
  event(sha, minute, { head_arrival: 'pushed', former_head_sha: before ?? '' });

function orders<T>(all: readonly T[]): T[][] {
  if (all.length < 2) return [[...all]];
  return all.flatMap((one, place) => orders(all.filter((_, other) => other !== place)).map((rest) => [one, ...rest]));
}

describe.each(testBackends)('heads of a pull request (%s)', (backend) => {
  let brain: TestBrain;
  beforeAll(async () => {
    brain = await openTestBrain(backend);
  });
  afterAll(() => brain?.close());
  const forget = () => brain.script('delete from codered.repositories; delete from codered.projects');
  beforeEach(forget);

  let deliveries = 0;
  async function tell(...events: readonly Told[]): Promise<void> {
    for (const found of events) {
      deliveries += 1;
      const facts = asJson({ repositories: [repositoryFact()], pull_requests: [pullRequestFact(found)] });
      await brain.call('record_facts', { facts, app_id: 1, guid: `delivery ${deliveries}` });
    }
  }
  const { repository_id, number: pull_request_number } = pullRequestFact();
  const read = async (sha_prefix?: string) =>
    (await brain.call('read_head_arrival', {
      repository_id,
      pull_request_number,
      ...(sha_prefix === undefined ? {} : { sha_prefix }),
    })) as { head_sha: string; came_at: string | null; is_only: boolean; named: string[] };
  const arrival = async () => {
    const { head_sha, came_at, is_only } = await read();
    return { head_sha, came_at: came_at === null ? null : new Date(came_at).toISOString(), is_only };
  };
  const rows = () => brain.sql('select sha, came_at, is_pushed, told_at from codered.pull_request_heads order by sha');

  it('came when the events say that brought them, the last time for one that came twice, in any order', async () => {
    const events = [opened, pushed(B, 10, A), event(B, 12), pushed(A, 20, B)];
    await tell(...events);
    const found = await rows();
    expect(await arrival()).toEqual({ head_sha: A, came_at: at(20), is_only: false });
    for (const order of orders(events)) {
      await forget();
      await tell(...order, ...order.slice(0, 2));
      expect(await rows()).toEqual(found);
      expect(await arrival()).toEqual({ head_sha: A, came_at: at(20), is_only: false });
    }
  });

  it.each([
    ['the one that it was opened with', [opened, event(A, 5)], { came_at: at(0), is_only: true }],
    ['one that only another event tells of', [opened, event(B, 10)], { came_at: null, is_only: false }],
    [
      'one that was the head before, when its return is not told',
      [opened, pushed(B, 10, A), event(A, 20)],
      { came_at: null, is_only: false },
    ],
    ['one that returned from a head that is not told', [opened, pushed(A, 20, B)], { came_at: at(20), is_only: false }],
    ['one that was pushed when the opening is not told', [pushed(B, 10, A)], { came_at: at(10), is_only: false }],
    [
      'one that was pushed while it was closed, at the latest when it was reopened',
      [opened, event(A, 5), event(B, 20, { head_arrival: 'pushed' }), event(B, 21)],
      { came_at: at(20), is_only: false },
    ],
    [
      'one that it was reopened with, whether or not that came while it was closed',
      [opened, event(A, 20, { head_arrival: 'pushed' })],
      { came_at: at(20), is_only: false },
    ],
    ['one of a pull request whose opening is not told', [event(A, 5)], { came_at: null, is_only: false }],
    [
      'one that another followed whose end is not told',
      [opened, pushed(B, 10, A), event(C, 12), pushed(B, 20, C)],
      { came_at: at(20), is_only: false },
    ],
  ])('are known, or not, to have come: %s', async (_, events, known) => {
    await tell(...events);
    expect(await arrival()).toMatchObject(known);
  });

  it('are found by how they begin, with whatever else of the repository begins so', async () => {
    await tell(opened, pushed(B, 10, A));
    expect((await read('aaaaaaa')).named).toEqual([A]);
    expect((await read('ccccccc')).named).toEqual([]);
    expect((await read()).named).toEqual([]);
    await brain.sql("insert into codered.commits (repository_id, sha, message, files) values ($1, $2, 'm', '{}')", [
      String(repository_id),
      `${'a'.repeat(39)}0`,
    ]);
    expect((await read('aaaaaaa')).named).toHaveLength(2);
  });

  it('are not taken from a list, which tells of no event', async () => {
    const facts = asJson({ repositories: [repositoryFact()], pull_requests: [pullRequestFact(opened)] });
    await brain.call('record_facts', { facts });
    expect(await rows()).toEqual([]);
    expect(await arrival()).toMatchObject({ came_at: null, is_only: false });
  });
});
