// The worker against a real server: what becomes of the work, whatever becomes of commands, workers and the way between.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { makeCommandAgent } from '../../src/work/command-agent.ts';
import { runWorker, type WorkerOptions } from '../../src/work/runner.ts';
import { openWorkApi } from '../../src/work/work-api.ts';
import { ID, idOf, PEOPLE } from '../brain/security/two-orgs.ts';
import { openRestServer, type RestServer } from '../support/rest-server.ts';
import { openRoughWay } from '../support/rough-way.ts';

let server: RestServer;
let token = '';
beforeAll(async () => {
  server = await openRestServer();
  token = await server.tokenOf(PEOPLE.a.member);
});
afterAll(() => server.close());
beforeEach(() => server.brain.script('delete from codered.agent_runs; delete from codered.agent_jobs'));

const opened: { close: () => Promise<void> }[] = [];
afterEach(async () => {
  for (const one of opened.splice(0)) await one.close();
});

const PROJECT = idOf('a', ID.project);
const MAIN = fileURLToPath(new URL('../../src/main.ts', import.meta.url));
const FITS = '{"passed": true, "issues": [], "summary": "fine"}';
/** Has the form of a token of GitHub's, and is none. */
const SECRET = `ghp_${'Zq3'.repeat(12)}`;

const queue = async (): Promise<string> => {
  const body = { agent_type: 'qa', input: { file: 'price.ts' } };
  return (await server.ask(token, `/projects/${PROJECT}/jobs`, { method: 'POST', body })).json.job_id;
};
const jobOf = async (id: string) => (await server.ask(token, `/jobs/${id}`)).json;
const runsOf = async () => (await server.ask(token, `/projects/${PROJECT}/agent-runs`)).json.items;

const attemptsSpent = async () =>
  (await server.brain.sql('select sum(attempts) as spent from codered.agent_jobs'))[0]?.spent;

const claimAsOther = () => {
  const body = { worker: 'other', types: ['qa'] };
  return server.ask(token, '/work/claims', { method: 'POST', body });
};

/** Works with a program of the shell, once unless told, and gives what came of it. */
async function work(
  script: string,
  { url = server.url, stop = new AbortController().signal, ...more }: Partial<WorkerOptions> & { url?: string } = {},
) {
  const said: string[] = [];
  const tally = await runWorker({
    api: openWorkApi({ url, token }),
    agent: makeCommandAgent({
      command: ['sh', '-c', script],
      env: { PATH: process.env.PATH ?? '' },
      timeoutMs: 60_000,
      graceMs: 200,
    }),
    claim: { worker: 'test', types: ['qa'], projectId: null, leaseSeconds: 30 },
    attempts: 2,
    concurrency: 1,
    once: true,
    stop,
    onBegin: () => {},
    onLine: (_, line) => said.push(line),
    onProgress: (_, progress, note) => said.push(`${progress} ${note}`),
    onEnd: (_, ending) => said.push('why' in ending ? ending.why : ending.kind),
    onWait: (words) => said.push(words),
    ...more,
  });
  const counts = Object.fromEntries(Object.entries(tally).filter(([, count]) => count > 0));
  return { tally: counts, said };
}

describe('a worker', () => {
  test('has a job done, and leaves what it took', async () => {
    const id = await queue();
    const usage = '{"usage": {"tokens_in": 40, "tokens_out": 2, "tools": ["grep"], "zones_touched": ["green"]}}';
    const { tally } = await work(`echo '${usage}' >&2; echo '${FITS}'`);
    expect(tally).toEqual({ completed: 1 });
    expect(await jobOf(id)).toMatchObject({ status: 'completed', result: { summary: 'fine' } });
    expect(await runsOf()).toMatchObject([{ status: 'succeeded', tokens_prompt: 40, tokens_completion: 2 }]);
  });

  test('says that there is nothing to do', async () => {
    expect((await work('true')).tally).toEqual({});
  });

  test('lets an agent mend what does not fit, once', async () => {
    const mended = await queue();
    const { tally } = await work(
      `if grep -q '"problems":'; then echo '${FITS}'; else echo '{"passed": true, "issues": []}'; fi`,
    );
    expect(tally).toEqual({ completed: 1 });
    expect((await jobOf(mended)).status).toBe('completed');
    const wrong = await queue();
    const { tally: after } = await work(`echo '[]'`);
    expect(after).toEqual({ failed: 1 });
    expect(await jobOf(wrong)).toMatchObject({
      status: 'queued',
      error: expect.stringMatching(/^What the agent gave does not fit, after 2 tries: .*result/),
    });
  });

  test('has the server know why a command failed, and no secret with it', async () => {
    const id = await queue();
    const { tally, said } = await work(
      `echo 'progress 5 with ${SECRET}' >&2; echo '{"usage": {"tools": ["curl ${SECRET}"], "model_id": "${SECRET}"}}' >&2; echo 'disk full, token ${SECRET}' >&2; exit 4`,
    );
    expect(tally).toEqual({ failed: 1 });
    expect(said[0]).toBe('5 with [redacted:github-token]');
    const { error, status } = await jobOf(id);
    expect({ error, status }).toEqual({
      status: 'queued',
      error: 'The command ended with 4. The end of what it said:\ndisk full, token [redacted:github-token]',
    });
    expect(await runsOf()).toMatchObject([{ status: 'failed' }]);
    const told = { agent: 'qa', status: 'failed', mode: SECRET, model: SECRET, tools_used: [`curl ${SECRET}`] };
    const path = `/projects/${PROJECT}/agent-runs`;
    expect((await server.ask(token, path, { method: 'POST', body: told })).status).toBe(201);
    const rows = await server.brain.sql('select * from codered.agent_runs');
    expect(rows).toHaveLength(2);
    expect(JSON.stringify(rows)).toContain('curl [redacted');
    expect(JSON.stringify(rows)).not.toContain(SECRET);
  });

  test('has a job wait for answers, and done with them', async () => {
    const id = await queue();
    const script = `if grep -q '"answer":"no"'; then echo '${FITS}'; else echo '{"ask": ["May it be 0?"]}'; fi`;
    expect((await work(script)).tally).toEqual({ asked: 1 });
    expect(await jobOf(id)).toMatchObject({
      status: 'waiting_for_input',
      questions: [{ id: 'q1', question: 'May it be 0?' }],
    });
    const body = { responses: [{ question_id: 'q1', answer: 'no' }] };
    await server.ask(token, `/jobs/${id}/respond`, { method: 'POST', body });
    expect((await work(script)).tally).toEqual({ completed: 1 });
  });

  test('ends a command whose job is cancelled', async () => {
    const id = await queue();
    const onProgress = () => void server.ask(token, `/jobs/${id}/cancel`, { method: 'POST' });
    const { tally } = await work('echo progress 1 >&2; sleep 0.2; echo progress 2 >&2; sleep 1000', { onProgress });
    expect(tally).toEqual({ cancelled: 1 });
    expect((await jobOf(id)).status).toBe('cancelled');
    expect(await runsOf()).toMatchObject([{ status: 'aborted' }]);
  });

  test('keeps the work of a command that says nothing', async () => {
    const id = await queue();
    const leaseOf = async () => {
      const text = 'select locked_until from codered.agent_jobs where id = $1::uuid';
      return (await server.brain.sql(text, [id]))[0]?.locked_until;
    };
    let first: string | null | undefined;
    const onBegin = async () => {
      first = await leaseOf();
    };
    const stop = new AbortController();
    const claim = { worker: 'test', types: ['qa'], projectId: null, leaseSeconds: 10 };
    const working = work('exec sleep 1000', { onBegin, claim, stop: stop.signal });
    await expect.poll(async () => [first === undefined, (await leaseOf()) === first]).toEqual([false, false]);
    stop.abort();
    expect((await working).tally).toEqual({ 'given back': 1 });
  });

  test('is told which types there are, when it asks for one that there is not', async () => {
    const claim = { worker: 'test', types: ['review'], projectId: null, leaseSeconds: 10 };
    await expect(work('true', { claim })).rejects.toThrow(/types\.0: should be one of research, wireframe, /);
  });

  test('ends a command whose work is somebody else’s by now', async () => {
    const id = await queue();
    const lapse = "set locked_until = now() - interval '1 second', run_after = now() - interval '1 second'";
    const onProgress = async () => {
      await server.brain.sql(`update codered.agent_jobs ${lapse} where id = $1::uuid`, [id]);
      await claimAsOther();
    };
    const { tally } = await work('echo progress 1 >&2; exec sleep 1000', { onProgress });
    expect(tally).toEqual({ lost: 1 });
    expect((await jobOf(id)).status).toBe('running');
  });

  test('that is stopped gives back what it is at, and takes no more', async () => {
    const [first, second] = [await queue(), await queue()];
    const stop = new AbortController();
    const { tally } = await work('sleep 1000', {
      once: false,
      stop: stop.signal,
      onBegin: () => setTimeout(() => stop.abort(), 100),
    });
    expect(tally).toEqual({ 'given back': 1 });
    const states = await Promise.all([first, second].map(jobOf));
    expect(states.map(({ status }) => status)).toEqual(['queued', 'queued']);
    expect(await attemptsSpent()).toBe('0');
    expect(await runsOf()).toMatchObject([{ status: 'aborted' }]);
  });

  test('and another do each job once', async () => {
    const ids = await Promise.all(Array.from({ length: 4 }, queue));
    const done: string[] = [];
    const stop = new AbortController();
    const onEnd: WorkerOptions['onEnd'] = ({ work_id }) => {
      done.push(work_id);
      if (done.length === ids.length) stop.abort();
    };
    const both = { once: false, concurrency: 2, stop: stop.signal, onEnd };
    await Promise.all([work(`echo '${FITS}'`, both), work(`echo '${FITS}'`, both)]);
    expect(done.toSorted()).toEqual(ids.toSorted());
    expect(await runsOf()).toHaveLength(4);
  });

  test('rides out a server that is busy or away, and hands in once what was answered to nobody', async () => {
    await queue();
    const fates = { '/api/v1/work/claims': ['busy'], complete: ['answer lost', 'down'] } as const;
    const way = await openRoughWay(
      server.url,
      (path, before) => fates[path.endsWith('/complete') ? 'complete' : '/api/v1/work/claims'][before] ?? 'through',
    );
    opened.push(way);
    const { tally, said } = await work(`echo '${FITS}'`, { url: way.url });
    expect(tally).toEqual({ completed: 1 });
    expect(said.filter((line) => line.includes('Again in'))).toHaveLength(1);
    const sent = way.passed.filter(({ path }) => path.endsWith('/complete')).map(({ body }) => body);
    expect([sent.length, new Set(sent).size]).toEqual([3, 1]);
    expect(await runsOf()).toHaveLength(1);
  });

  test.each([
    [
      'a token that is nobody’s',
      { api: () => openWorkApi({ url: server.url, token: 'crd_none' }) },
      'does not know the token',
    ],
    ['a server that is none', { api: () => openWorkApi({ url: `${server.url}/elsewhere`, token }) }, 'See the address'],
  ])('ends at once for %s', async (_, { api }, words) => {
    await expect(work('true', { api: api(), once: false })).rejects.toThrow(words);
  });

  test('ends for a command that is not there, and gives the work back', async () => {
    const id = await queue();
    const agent = makeCommandAgent({ command: ['/nowhere/agent'], env: {}, timeoutMs: 1_000 });
    await expect(work('', { agent, once: false })).rejects.toThrow("can't be started");
    expect(await jobOf(id)).toMatchObject({
      status: 'queued',
      error: expect.stringContaining('there is no such program'),
    });
  });
});

describe('a worker that is killed', () => {
  /** `codered work` in a process of its own; resolves when its agent has begun. */
  async function startWorker(script: string) {
    const child = spawn(process.execPath, [MAIN, 'work', '--types', 'qa', '--lease', '10', '--', 'sh', '-c', script], {
      env: { PATH: process.env.PATH, CODERED_URL: server.url, CODERED_TOKEN: token },
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    const exited = once(child, 'exit');
    const lines = createInterface({ input: child.stdout });
    opened.push({
      close: async () => {
        child.kill('SIGKILL');
        await exited;
      },
    });
    for await (const line of lines) if (line.includes('50 %')) break;
    return { child, exited };
  }

  test('loses its work when its lease ends, and another does it, once', async () => {
    const id = await queue();
    const { child, exited } = await startWorker('echo progress 50 >&2; exec sleep 5');
    child.kill('SIGKILL');
    await exited;
    expect((await work(`echo '${FITS}'`)).tally).toEqual({});
    const lapse = "set locked_until = now() - interval '1 second', run_after = now() - interval '1 second'";
    await server.brain.sql(`update codered.agent_jobs ${lapse} where id = $1::uuid`, [id]);
    expect((await work(`echo '${FITS}'`)).tally).toEqual({ completed: 1 });
    expect((await jobOf(id)).status).toBe('completed');
    expect((await runsOf()).filter(({ status }: { status: string }) => status === 'succeeded')).toHaveLength(1);
  });

  test('by SIGTERM gives its work back and ends well, with all that it started', async () => {
    const id = await queue();
    const { child, exited } = await startWorker('echo progress 50 >&2; sleep 1000');
    child.kill('SIGTERM');
    expect(await exited).toEqual([0, null]);
    expect((await jobOf(id)).status).toBe('queued');
    expect(await attemptsSpent()).toBe('0');
  });
});
