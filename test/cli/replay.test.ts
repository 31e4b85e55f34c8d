import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { command } from '../../src/cli/replay.ts';
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
