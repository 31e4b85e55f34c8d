// Work in a process that can be stopped: what burns, eats or breaks is tried once more alone and then given up, and everything
// else goes on.

import { afterEach, describe, expect, it } from 'vitest';
import { Rejected, Transient } from '../../src/model/errors.ts';
import { type IsolatedPipeline, startIsolatedPipeline } from '../../src/server/work-process/isolated-pipeline.ts';
import { makeLogLines } from '../support/log-lines.ts';

const settings = {
  appId: 1,
  privateKey: '',
  githubApiUrl: '',
  logLevel: 'info',
  writeSpacingMs: 0,
  ignores: { ignore: [], ignore_between: [] },
  untrustedCheckApps: [],
  agentsRepositories: [],
  allowedAccounts: null,
};
const script = new URL('../support/burning-process.ts', import.meta.url);

let open: IsolatedPipeline | null = null;
afterEach(() => open?.close());

function start({ processorMs = 500, script: given = script } = {}) {
  const calls: unknown[][] = [];
  const stopped: unknown[][] = [];
  const lines = makeLogLines();
  const brain = {
    call: async (...called: unknown[]) => {
      calls.push(called);
      if (String(called[0]) === 'refuse') throw new Rejected('no such function', { code: '42883' });
      return null;
    },
  };
  open = startIsolatedPipeline({
    settings: { ...settings, processorMs },
    brain: brain as never,
    log: lines.log,
    script: given,
    observe: (...what) => stopped.push(what),
    observeQuota: () => {},
  });
  const does = (event: string, guid = event, installation = 1) =>
    open?.process({ app_id: 1, guid, event, payload: { installation: { id: installation } }, attempts: 1, claim: 1 }) ??
    Promise.reject(new Error('not open'));
  return { does, calls, stopped, lines };
}

describe('work in a process', () => {
  it('reaches the brain and the log, and throws what it throws', async () => {
    const { does, calls, lines } = start();
    await does('brain', 'one');
    expect(calls).toEqual([['ignore_delivery', { app_id: 1, guid: 'one', reason: 'as asked' }]]);
    await does('log', 'two');
    expect(lines.lines).toEqual([
      expect.objectContaining({
        msg: 'something to say',
        guid: 'two',
        err: expect.objectContaining({ message: 'odd' }),
      }),
    ]);
    const later = await does('transient').catch((error: unknown) => error);
    expect(later).toBeInstanceOf(Transient);
    expect(later).toMatchObject({ message: 'later', retryAfterMs: 90, cause: { message: 'the network' } });
    const never = await does('rejected').catch((error: unknown) => error);
    expect(never).toBeInstanceOf(Rejected);
    expect(never).toMatchObject({ message: 'never', code: '42' });
    expect(await open?.work({ id: '1', kind: 'report', input: {}, attempts: 1, claim: 1 })).toEqual({ done: true });
  });

  const givenUp = async (event: string) => {
    const { does, stopped, lines } = start();
    const thrown = await does(event).catch((error: unknown) => error);
    expect(thrown).toBeInstanceOf(Rejected);
    expect(thrown).toMatchObject({ message: expect.stringContaining('0.5 s of processor time twice') });
    expect(stopped).toEqual([
      ['deliveries', 'processor time', false],
      ['deliveries', 'processor time', true],
    ]);
    expect(lines.lines).toMatchObject([
      { alert: 'work stopped', guid: event, why: 'processor time' },
      { alert: 'work given up', guid: event, why: 'processor time' },
    ]);
    await does('brain');
  };
  it.each(['sort'])('that takes processor time without end (%s) is given up after a second try alone', givenUp);
  it.each(['burn', 'match', 'starve'])(
    'that takes processor time without end (%s) is given up after a second try alone',
    { tags: ['slow'] },
    givenUp,
  );

  it('that eats memory without end is given up, and the process lives', async () => {
    const { does, stopped } = start({ processorMs: 60_000 });
    await expect(does('eat')).rejects.toThrow('the memory of its process twice');
    expect(stopped.map(([, why]) => why)).toEqual(['memory', 'memory']);
    await does('brain');
  });

  it('that breaks its process twice fails as any other, to be tried again later', async () => {
    const { does } = start();
    const thrown = await does('break').catch((error: unknown) => error);
    expect(thrown).not.toBeInstanceOf(Rejected);
    expect(thrown).toMatchObject({ message: expect.stringContaining('broken on purpose') });
  });

  it('that stood beside what was stopped is done once more, and nothing else is', async () => {
    const { does, calls, stopped } = start();
    const outcomes = await Promise.allSettled([does('brain', 'before', 2), does('burn'), does('brain', 'beside', 3)]);
    expect(outcomes.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
    const guids = calls.map(([, args]) => (args as { guid: string }).guid);
    expect(new Set(guids)).toEqual(new Set(['before', 'beside']));
    expect(stopped.filter(([, , final]) => final)).toEqual([['deliveries', 'processor time', true]]);
  });

  it('of whom work was given up ends no process of others any more, and waits for nobody else', {
    tags: ['slow'],
  }, async () => {
    const { does, calls, stopped } = start();
    const flood = 7;
    const first = await Promise.allSettled(['a', 'b', 'c'].map((guid) => does('burn', guid, flood)));
    const reasons = first.map((one) => (one.status === 'rejected' ? one.reason : null));
    expect(reasons.filter((reason) => reason instanceof Rejected)).toHaveLength(1);
    expect(reasons.filter((reason) => reason instanceof Transient)).toHaveLength(2);
    const before = stopped.length;
    const late = [does('burn', 'd', flood), does('burn', 'e', flood)].map((one) =>
      one.catch((error: unknown) => error),
    );
    await does('brain', 'of another', 9);
    expect(calls).toHaveLength(1);
    expect(await late[1]).toBeInstanceOf(Transient);
    expect(await late[0]).toBeInstanceOf(Rejected);
    expect(stopped.slice(before)).toEqual([['deliveries', 'processor time', true]]);
  });

  it('may take long, as long as it comes up for air', { tags: ['slow'] }, async () => {
    const { does, stopped } = start({ processorMs: 500 });
    await does('long');
    expect(stopped).toEqual([]);
  });

  it('is not blamed for a process that does not begin', async () => {
    const missing = new URL('../support/no-such-process.ts', import.meta.url);
    const { does, stopped } = start({ script: missing });
    await expect(does('brain')).rejects.toBeInstanceOf(Transient);
    expect(stopped).toEqual([]);
  });

  it('is not blamed for the end of ours either', async () => {
    const { does, stopped } = start();
    await does('brain');
    const waiting = does('wait').catch((error: unknown) => error);
    await open?.close();
    expect(await waiting).toBeInstanceOf(Transient);
    expect(stopped).toEqual([]);
  });
});
