// Real commands in real processes: what comes of those that do as they should, and of those that do not.

import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { withoutOurSecrets } from '../../src/config/secret-settings.ts';
import { makeCommandAgent } from '../../src/work/command-agent.ts';
import { runCommand } from '../../src/work/run-command.ts';
import type { Try, WorkPacket } from '../../src/work/work-packet.ts';

const PACKET: WorkPacket = {
  work_id: '7b7b6c1e-3c1c-4c39-9d1a-0c8f2a3f5f10',
  kind: 'job',
  type: 'research',
  claim: 3,
  lease_seconds: 30,
  result_schema: {},
  input: { topic: 'prices' },
};

let folder = '';
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'codered-work-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

/** Runs a program of the shell as an agent. */
async function tryAgent(
  script: string,
  {
    problems = [],
    timeoutMs = 60_000,
    stop = new AbortController().signal,
    env = {},
  }: Partial<Try> & { timeoutMs?: number; env?: Record<string, string> } = {},
) {
  const progress: (readonly [number, string | null])[] = [];
  const lines: string[] = [];
  const agent = makeCommandAgent({
    command: ['sh', '-c', script],
    env: { PATH: process.env.PATH ?? '', ...env },
    timeoutMs,
    graceMs: 300,
  });
  const outcome = await agent(PACKET, {
    problems,
    stop,
    onProgress: (percent, note) => progress.push([percent, note]),
    onLine: (line) => lines.push(line),
  });
  return { outcome, progress, lines };
}

const isRunning = (pid: string) =>
  spawnSync('ps', ['-o', 'stat=', '-p', pid], { encoding: 'utf8' }).stdout.trim().replace(/^Z.*/, '') !== '';
const pidIn = (name: string) => readFileSync(join(folder, name), 'utf8').trim();

/** Waits for a file that a command writes. */
async function written(name: string): Promise<string> {
  await expect.poll(() => existsSync(join(folder, name)) && pidIn(name) !== '').toBe(true);
  return pidIn(name);
}

describe('a command', () => {
  test('gets the packet, tells progress and usage, and gives its result', async () => {
    const script = `read line; echo 'progress 40 reading' >&2; echo '{"progress": 80}' >&2; echo '{"usage": {"tokens_in": 7, "tokens_out": 2}}' >&2; echo hello >&2; echo '{"usage": {"tokens_in": 1, "model_id": "m"}}' >&2; printf '{"got": %s}' "$line"`;
    const { outcome, progress, lines } = await tryAgent(script);
    expect(outcome).toEqual({
      kind: 'result',
      result: { got: PACKET },
      usage: { tokens_in: 8, tokens_out: 2, model_id: 'm' },
    });
    expect(progress).toEqual([
      [40, 'reading'],
      [80, null],
    ]);
    expect(lines).toEqual(['hello']);
  });

  test('is told what was wrong with its result before', async () => {
    const { outcome } = await tryAgent('cat', { problems: ['summary: is missing'] });
    expect(outcome).toMatchObject({ result: { ...PACKET, problems: ['summary: is missing'] } });
  });

  test('asks, and says that nobody can do it', async () => {
    const { outcome: asks } = await tryAgent(
      `echo '{"ask": ["Which market?", {"id": "b", "question": "Until when?"}]}'`,
    );
    const questions = [
      { id: 'q1', question: 'Which market?' },
      { id: 'b', question: 'Until when?' },
    ];
    expect(asks).toEqual({ kind: 'asks', questions, usage: {} });
    const { outcome: fails } = await tryAgent(`echo '{"fail": "no such topic"}'`);
    expect(fails).toMatchObject({ kind: 'failed', isFinal: true, error: 'no such topic' });
  });

  test.each([
    ['prints nothing', 'true', 'no result: it wrote nothing'],
    ['prints no JSON', 'echo "Here you are: {}"', 'it wrote no JSON, but "Here you are: {}"'],
    ['prints two values', 'echo "{} {}"', 'it wrote no JSON'],
    ['prints what is no UTF-8', `printf '"\\377"'`, 'it is not UTF-8'],
    ['nests too deep', `head -c 3000 /dev/zero | tr '\\0' '['`, 'more than 500 levels'],
    [
      'ends with another code',
      'echo "disk full" >&2; exit 3',
      'The command ended with 3. The end of what it said:\ndisk full',
    ],
    ['is killed', 'kill -9 $$', 'The command was ended by SIGKILL'],
    ['never ends', 'sleep 1000', 'The command was ended after 0.3 s, its time'],
    ['does not listen to the end', `trap '' TERM; sleep 1000`, 'ended after 0.3 s'],
  ])('that %s has failed, and the reason says so', async (_, script, words) => {
    const { outcome } = await tryAgent(script, { timeoutMs: words.includes('0.3 s') ? 300 : 60_000 });
    expect(outcome).toMatchObject({ kind: 'failed', isFinal: false, mayTryAgain: false });
    expect('error' in outcome && outcome.error).toContain(words);
  });

  test('that floods standard output is ended, whatever it does about it', async () => {
    const { outcome } = await tryAgent(`trap '' TERM; yes`);
    expect(outcome).toMatchObject({
      kind: 'failed',
      error: 'The command was ended as it wrote more than 10 MB to standard output.',
    });
  });

  test('that floods standard error with one line keeps what it did', async () => {
    const { outcome, lines } = await tryAgent(`head -c 20000000 /dev/zero | tr '\\0' x >&2; echo 1`);
    expect(outcome).toMatchObject({ kind: 'result', result: 1 });
    expect(lines.map(({ length }) => length)).toEqual([500]);
  });

  test('ends with all that it started, when it is stopped', async () => {
    const stop = new AbortController();
    const script = `sh -c 'trap "" TERM; echo $$ > ${folder}/deaf; while :; do sleep 1; done' & sh -c 'echo $$ > ${folder}/child; sleep 1000' & wait`;
    const tried = tryAgent(script, { stop: stop.signal });
    const pids = [await written('child'), await written('deaf')];
    stop.abort();
    expect((await tried).outcome).toMatchObject({ kind: 'failed', error: 'The command was stopped.' });
    await expect.poll(() => pids.filter(isRunning)).toEqual([]);
  });

  test('that left something running is done, and what it left is ended', async () => {
    const { outcome } = await tryAgent(
      `sh -c 'echo $$ > ${folder}/left; exec sleep 1000' & while [ ! -s ${folder}/left ]; do :; done; echo 1`,
    );
    expect(outcome).toMatchObject({ kind: 'result', result: 1 });
    await expect.poll(() => isRunning(pidIn('left'))).toBe(false);
  });

  // setsid makes a group of its own, which nobody here knows.
  test('is not waited for when what got away from it holds its pipes', async () => {
    const escaped = `setsid sh -c 'echo $$ > ${folder}/escaped; exec sleep 1000' & while [ ! -s ${folder}/escaped ]; do :; done; echo 1`;
    const { outcome } = await tryAgent(escaped);
    expect(outcome).toMatchObject({ kind: 'result', result: 1 });
    const pid = pidIn('escaped');
    expect(isRunning(pid)).toBe(true);
    process.kill(Number(pid), 'SIGKILL');
  });

  test('ends with the process that started it, when that does not wait for it', async () => {
    const module = new URL('../../src/work/process-group.ts', import.meta.url).href;
    const script = `
      const { startGroup } = await import(${JSON.stringify(module)});
      const { child } = startGroup('sleep', ['1000'], { PATH: process.env.PATH });
      process.stdout.write(String(child.pid), () => process.exit(1));`;
    const { stdout } = spawnSync(process.execPath, ['--input-type=module', '-e', script], { encoding: 'utf8' });
    expect(Number(stdout)).toBeGreaterThan(1);
    await expect.poll(() => isRunning(stdout)).toBe(false);
  });

  test('finds none of our secrets in its environment', async () => {
    const env = withoutOurSecrets({
      ...process.env,
      CODERED_TOKEN: 'crd_x',
      CODERED_MODEL_KEY: 'k',
      WEBHOOK_SECRET: 's',
      PRIVATE_KEY: 'p',
      OWN: '1',
    });
    const { outcome } = await tryAgent(
      `printf '"%s"' "$OWN$CODERED_TOKEN$CODERED_MODEL_KEY$WEBHOOK_SECRET$PRIVATE_KEY"`,
      { env },
    );
    expect(outcome).toMatchObject({ result: '1' });
  });

  test('that is not there is a mistake of whoever runs it', async () => {
    const order = { env: {}, input: '', timeoutMs: 1_000, stop: new AbortController().signal, onLine: () => {} };
    await expect(runCommand({ ...order, command: ['/nowhere/agent'] })).rejects.toThrow(
      '"/nowhere/agent" can\'t be started: there is no such program.',
    );
  });
});

test('a command that speaks of progress without end is heard as often as is of use', async () => {
  const { outcome, progress } = await tryAgent("seq 20000 | sed 's/.*/progress 7 &/' >&2; echo '{}'");
  expect(outcome.kind).toBe('result');
  expect(progress.length).toBeGreaterThanOrEqual(2_000);
  expect(progress.length).toBeLessThan(3_000);
});
