// What all processes know of the requests that GitHub still takes, and whose turn it is at what one of them does.

import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { openTestBrain, type TestBrain, testBackends } from '../support/brain.ts';
import { forgetEverything, installationFact, tell } from '../support/fact-rows.ts';

describe.each(testBackends)('budgets and chores in SQL (%s)', (backend) => {
  let brain: TestBrain;
  beforeAll(async () => {
    brain = await openTestBrain(backend);
  });
  afterAll(() => brain.close());
  beforeEach(async () => {
    await forgetEverything(brain);
    await brain.script('delete from codered.request_budgets; delete from codered.chores');
  });

  const INSTALLATION = installationFact().id;
  const read = (installation_id: number) => brain.call('read_budget', { installation_id });
  const note = (installation_id: number, remaining: number, resets_ms = 600_000) =>
    brain.call('note_budget', { installation_id, request_limit: 5000, remaining, resets_ms });
  const status = async () => (await brain.call('budget_status', { batch: 10 })) as readonly Record<string, unknown>[];

  describe('read_budget', () => {
    it('knows nothing of whom GitHub said nothing', async () => {
      expect(await read(7)).toEqual({ pause_ms: null, left: null });
      expect(await status()).toEqual([]);
    });

    it.each([
      ['an installation', INSTALLATION],
      ['the App itself', 0],
      ['an installation that is not known yet', 7],
    ])('tells every process of a pause of %s, the longer of two, and of nobody else', async (_, id) => {
      await tell(brain, { installations: [installationFact()] });
      await brain.call('pause_installation', { installation_id: id, pause_ms: 60_000 });
      await brain.call('pause_installation', { installation_id: id, pause_ms: 5_000 });
      const ms = expect.toSatisfy((value: number) => value > 50_000 && value <= 60_000);
      expect(await read(id)).toMatchObject({ pause_ms: ms });
      expect(await brain.call('read_pause', { installation_id: id })).toEqual(ms);
      expect(await read(id + 1)).toMatchObject({ pause_ms: null });
      expect(await status()).toMatchObject([{ installation_id: id, request_limit: null, remaining: null }]);
    });

    it('lets what is left only fall within an hour, and begins anew with the next one', async () => {
      await note(0, 900);
      await note(0, 950, 590_000);
      expect(await read(0)).toMatchObject({ left: { limit: 5000, remaining: 900 } });
      await note(0, 4_999, 3_600_000);
      expect(await read(0)).toMatchObject({ left: { limit: 5000, remaining: 4_999 } });
      await brain.script(`update codered.request_budgets set resets_at = now() - interval '1 second'`);
      expect(await read(0)).toMatchObject({ left: null });
    });
  });

  describe('budget_status', () => {
    it('names the most pressing first: who is paused, then whoever has the fewest left', async () => {
      await tell(brain, { installations: [installationFact()] });
      await note(1, 4_000);
      await note(0, 100);
      await note(INSTALLATION, 2_000);
      await brain.call('pause_installation', { installation_id: INSTALLATION, pause_ms: 60_000 });
      expect((await status()).map((row) => [row.installation_id, row.account_login, row.remaining])).toEqual([
        [INSTALLATION, installationFact().account_login, 2_000],
        [0, null, 100],
        [1, null, 4_000],
      ]);
    });
  });

  describe('take_chore', () => {
    const take = (worker: string, lease_seconds = 20) =>
      brain.call('take_chore', { chore: 'c', worker, lease_seconds });
    const keep = (worker: string) => brain.call('keep_chore', { chore: 'c', worker, lease_seconds: 20 });
    const finish = (worker: string, due_ms: number, error?: string) =>
      brain.call('finish_chore', { chore: 'c', worker, due_ms, ...(error === undefined ? {} : { error }) });

    it('gives the turn to one of all, and to the next when it is due again', async () => {
      const taken = await Promise.all(['a', 'b', 'c', 'd'].map((worker) => take(worker)));
      expect(taken.filter(Boolean)).toHaveLength(1);
      const holder = 'abcd'[taken.indexOf(true)] ?? '';
      await finish(holder, 60_000, 'GitHub is down');
      expect(await take('e')).toBe(false);
      expect(await brain.sql('select last_error from codered.chores')).toEqual([{ last_error: 'GitHub is down' }]);
      await brain.script('update codered.chores set due_at = now()');
      expect(await take('e')).toBe(true);
      await finish('e', 60_000);
      expect(await brain.sql('select last_error from codered.chores')).toEqual([{ last_error: null }]);
    });

    it('gives a turn whose holder died to somebody else, and tells the holder that it has it no more', async () => {
      expect(await take('a', 0)).toBe(true);
      expect(await keep('a')).toBe(true);
      expect(await take('b')).toBe(false);
      await brain.script('update codered.chores set locked_until = now()');
      expect(await take('b')).toBe(true);
      expect(await keep('a')).toBe(false);
      await finish('a', 60_000);
      expect(await keep('b')).toBe(true);
      await brain.call('release_leases', {});
      expect(await take('c')).toBe(true);
    });
  });
});
