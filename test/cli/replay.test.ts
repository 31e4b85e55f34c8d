import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { command } from '../../src/cli/deliveries/replay.ts';
import { Misused } from '../../src/cli/terminal/command.ts';
import { openStore } from '../../src/inbox/store.ts';
import { asJson } from '../../src/model/json.ts';
import { openTestBrain, type TestBrain } from '../support/brain.ts';
import { installationFact, REPOSITORY, repositoryFact } from '../support/fact-rows.ts';

let brain: TestBrain;
beforeAll(async () => {
  brain = await openTestBrain('postgres');
});
afterAll(() => brain?.close());

async function replay(...args: string[]) {
  const lines: string[] = [];
  const context = {
    env: { DATABASE_URL: brain.databaseUrl ?? '' },
    err: (line: string) => lines.push(line),
    stop: new AbortController().signal,
  };
  const exit = await command.run({ ...context, args, out: (line) => lines.push(line) });
  return { exit, lines };
}

/** Three deliveries: one dead, one waiting for its next try, one ignored. */
async function fill(): Promise<void> {
  const store = openStore(brain);
  const ids = { app_id: 1, event: 'push', action: null, installation_id: null, repository_id: null, payload: '{}' };
  for (const guid of ['dead', 'failed', 'ignored']) await store.save({ ...ids, guid }, 5_000);
  await brain.call('claim_deliveries', { worker: 'test', batch: 9, lease_seconds: 60 });
  await brain.call('fail_delivery', { app_id: 1, guid: 'dead', error: 'x', dead: true });
  await brain.call('fail_delivery', { app_id: 1, guid: 'failed', error: 'x', dead: false });
  await brain.call('ignore_delivery', { app_id: 1, guid: 'ignored', reason: 'x' });
}

async function claimable(): Promise<string[]> {
  const claimed = await brain.call('claim_deliveries', { worker: 'test', batch: 9, lease_seconds: 60 });
  return claimed.map(({ guid }) => guid);
}

describe('codered replay', () => {
  it('puts back what was given up, what waits, or what is named', async () => {
    await fill();
    expect(await replay('--dead')).toEqual({ exit: 0, lines: ['put back into the queue: 1'] });
    expect(await replay('--failed', '--json')).toEqual({ exit: 0, lines: ['{"replayed":1}'] });
    expect(await replay('ignored')).toEqual({ exit: 0, lines: ['put back into the queue: 1'] });
    expect((await claimable()).toSorted()).toEqual(['dead', 'failed', 'ignored']);
  });

  it('says what would come of each and changes nothing, with --dry-run', async () => {
    await brain.sql(`insert into codered.webhook_deliveries (app_id, guid, event, action, payload, status, last_error) values
      (1, 'mended', 'installation_target', 'other', '{"action": "other"}', 'dead', 'it broke'),
      (1, 'odd', 'workflow_run', null, '{"no": "run"}', 'dead', 'it broke')`);
    const before = await brain.sql('select * from codered.webhook_deliveries order by guid');
    const { exit, lines } = await replay('--dead', '--dry-run');
    expect([exit, lines.length]).toEqual([0, 3]);
    expect(lines).toContainEqual(
      expect.stringMatching(/^mended installation_target.other of no repository, dead \(it broke\): would be ignored:/),
    );
    expect(lines).toContainEqual(
      expect.stringMatching(/^odd workflow_run of no repository, dead \(it broke\): would fail again: /),
    );
    expect(lines.at(-1)).toBe('would be put back into the queue: 2 (0 record something, 1 ignored, 1 fail again)');
    const json = (await replay('odd', '--dry-run', '--json')).lines.map((line) => JSON.parse(line));
    expect(json).toMatchObject([{ guid: 'odd', outcome: 'fails', status: 'dead' }]);
    expect(await brain.sql('select * from codered.webhook_deliveries order by guid')).toEqual(before);
    await brain.script(`delete from codered.webhook_deliveries where guid in ('mended', 'odd')`);
  });

  it('puts back what came since a time, of the dead alone or of all that is over', async () => {
    await brain.sql(`insert into codered.webhook_deliveries (app_id, guid, event, payload, status, received_at) values
      (1, 'old', 'push', '{}', 'dead', now() - interval '5 hours'), (1, 'new', 'push', '{}', 'dead', now() - interval '1 hour'),
      (1, 'done', 'push', '{}', 'done', now() - interval '1 hour'), (1, 'at it', 'push', '{}', 'processing', now() - interval '1 hour')`);
    const pending = async () =>
      (
        await brain.sql(
          `select guid from codered.webhook_deliveries where status = 'pending' and guid in ('old', 'new', 'done', 'at it')`,
        )
      ).map(({ guid }) => guid);
    await replay('--dead', '--since', '2h');
    expect(await pending()).toEqual(['new']);
    await replay('--since', new Date(Date.now() - 2 * 3_600_000).toISOString());
    expect((await pending()).sort()).toEqual(['done', 'new']);
    for (const since of ['yesterday', '0h', '3w', '9'.repeat(60)])
      await expect(replay('--since', since)).rejects.toThrow(Misused);
    await brain.script(`delete from codered.webhook_deliveries where guid in ('old', 'new', 'done', 'at it')`);
  });

  it('fails when a delivery is named that is not there', async () => {
    expect(await replay('nobody')).toEqual({
      exit: 1,
      lines: ['put back into the queue: 0', expect.stringContaining('Recent Deliveries of the App at GitHub')],
    });
  });

  it('puts back follow-ups that were given up, all or the one that is named', async () => {
    await brain.call('claim_follow_ups', { worker: 'test', batch: 9, lease_seconds: 60 });
    await brain.call('record_facts', {
      facts: asJson({ installations: [installationFact()], repositories: [repositoryFact()] }),
    });
    for (const head_sha of ['a', 'b', 'c']) {
      await brain.call('queue_recheck', { repository_id: REPOSITORY, sha: head_sha });
      const [one] = await brain.call('claim_follow_ups', { worker: 'test', batch: 9, lease_seconds: 60 });
      await brain.call('fail_follow_up', { id: one?.id ?? '', claim: one?.claim ?? 0, error: 'broken' });
    }
    const [newest] = await brain.call('dead_follow_ups', { batch: 1 });
    const id = newest?.id ?? '';
    expect(await replay('--follow-up', id)).toEqual({ exit: 0, lines: ['put back into the queue: 1'] });
    expect(await replay('--follow-up', id)).toEqual({
      exit: 1,
      lines: ['put back into the queue: 0', expect.stringContaining('an equal one may wait, run or be done already')],
    });
    expect(await replay('--follow-ups', '--json')).toEqual({ exit: 0, lines: ['{"replayed":2}'] });
    await expect(replay('--follow-up', 'nobody')).rejects.toThrow(Misused);
  });

  it('wants to know which', async () => {
    await expect(replay()).rejects.toThrow(Misused);
  });
});
