// The control socket of a data directory: commands of the same user are answered beside the process that has it, nobody else,
// and nothing that a client does holds anything up.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, existsSync, mkdirSync, mkdtempSync, rmSync, statSync, symlinkSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Brain, openBrain } from '../../src/brain/client.ts';
import { callThere, expectServed } from '../../src/brain/control/control-client.ts';
import { findPlace } from '../../src/brain/control/control-place.ts';
import { type ControlOptions, startControl } from '../../src/brain/control/control-server.ts';
import { asError, Misconfigured, Rejected, Transient } from '../../src/model/errors.ts';

const log = { info: () => {}, warn: () => {} };
let directory: string;
let closes: (() => Promise<void>)[] = [];
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'codered-control-test-'));
});
afterEach(async () => {
  for (const close of closes.toReversed()) await close();
  closes = [];
  rmSync(directory, { recursive: true, force: true });
});

async function serve(options: Partial<ControlOptions> = {}): Promise<string> {
  const control = await startControl({ directory, call: async (name, args) => ({ name, args }), ...options });
  closes.push(control.close);
  return findPlace(options.directory ?? directory) ?? '';
}

/** Writes and reads as any client of ours may. */
async function speak(path: string, line: string): Promise<string> {
  const socket = connect(path);
  socket.on('error', () => {});
  socket.write(line);
  return text(socket).catch(() => '');
}

describe('the control socket', () => {
  it('answers a call, and lies where only its own user can reach it', async () => {
    const path = await serve();
    expect(await callThere(directory, 'prunable', {})).toEqual({ name: 'prunable', args: {} });
    expect([statSync(path).mode & 0o777, statSync(join(path, '..')).mode & 0o777]).toEqual([0o600, 0o700]);
  });

  it('hands on what the call throws, and nothing of what is not meant for outside', async () => {
    const errors: readonly Error[] = [
      new Rejected('no', { code: 'CR001' }),
      new Misconfigured('fix it'),
      new Transient('later'),
    ];
    for (const error of [...errors, new Error('with a secret')]) {
      const control = await startControl({ directory, call: () => Promise.reject(error) });
      const thrown = await callThere(directory, 'prunable', {}).catch((caught: unknown) => caught);
      await control.close();
      if (errors.includes(error)) expect(thrown).toMatchObject({ name: error.name, message: error.message });
      else expect(String(thrown)).not.toContain('secret');
      if (error instanceof Rejected) expect(thrown).toMatchObject({ code: 'CR001' });
    }
  });

  it.each([
    ['a function that no command calls', '{"call":"record_facts","args":{}}\n'],
    ['a function that is not there', '{"call":"toString","args":{}}\n'],
    ['more than a call', '{"call":"prunable","args":{},"role":"postgres"}\n'],
    ['no arguments', '{"call":"prunable"}\n'],
    ['no JSON', 'select 1\n'],
    ['nothing', '\n'],
  ])('refuses %s', async (_, line) => {
    const called: string[] = [];
    const path = await serve({ call: async (name) => called.push(name) });
    expect(JSON.parse(await speak(path, line))).toMatchObject({ error: { kind: 'misconfigured' } });
    expect(called).toEqual([]);
  });

  it('lets go of who sends more than is read', async () => {
    const path = await serve();
    expect(await speak(path, 'x'.repeat(5 * 1024 * 1024))).toBe('');
    expect(await callThere(directory, 'prunable', {})).toMatchObject({ name: 'prunable' });
  });

  it('answers others while a client asks nothing, and lets go of it', async () => {
    const path = await serve({ requestMs: 200 });
    const silent = connect(path);
    silent.on('error', () => {});
    await once(silent, 'connect');
    silent.write('{"call":');
    expect(await callThere(directory, 'prunable', {})).toMatchObject({ name: 'prunable' });
    await once(silent.resume(), 'close');
  });

  it('answers others while a client takes no answer, and lets go of it', async () => {
    const large = 'x'.repeat(8 * 1024 * 1024);
    const path = await serve({ takeMs: 200, call: async (name) => (name === 'prunable' ? large : 'small') });
    const lazy = connect(path);
    lazy.on('error', () => {});
    lazy.pause().write('{"call":"prunable","args":{}}\n');
    expect(await callThere(directory, 'inbox_status', {})).toBe('small');
    await new Promise((resolve) => setTimeout(resolve, 600));
    const chunks: Buffer[] = [];
    lazy.on('data', (chunk) => chunks.push(chunk)).resume();
    await once(lazy, 'close');
    expect(Buffer.concat(chunks).length).toBeLessThan(large.length);
  });

  it('is not waited for by a command when whoever has it hangs, or does not listen', async () => {
    const absent = await expectServed(directory, { startMs: 0 }).catch(asError);
    expect(absent).toBeInstanceOf(Misconfigured);
    expect(asError(absent).message).toMatch(/takes no commands\. .*try again in a minute/);
    await serve({ call: () => new Promise(() => {}) });
    const hangs = await expectServed(directory, { startMs: 0, answerMs: 100 }).catch(asError);
    expect(hangs).toBeInstanceOf(Misconfigured);
    expect(asError(hangs).message).toMatch(/gave no answer within 0\.1 s\. .*start it again/);
  });

  it('is taken for one that answers when its answer is a refusal', async () => {
    await serve({ call: () => Promise.reject(new Misconfigured('fix it')) });
    expect(await expectServed(directory, { startMs: 0 })).toBeUndefined();
  });

  it('gives signs of life for as long as a call takes, so that it is waited for', async () => {
    const call = Promise.withResolvers<string>();
    const path = await serve({ call: () => call.promise, signMs: 5 });
    const socket = connect(path);
    socket.on('error', () => {});
    socket.write('{"call":"prunable","args":{}}\n');
    let heard = '';
    for await (const chunk of socket) {
      heard += chunk;
      if (heard.length >= 3) call.resolve('done');
    }
    expect(heard.length).toBeGreaterThanOrEqual(3);
    expect(JSON.parse(heard)).toEqual({ answer: 'done' });
  });

  it('that is silent after it was asked is given up, with what to do', async () => {
    await serve({ call: () => new Promise(() => {}), signMs: 3_600_000 });
    const given = await callThere(directory, 'prune_deliveries', {}, { silentMs: 100 }).catch(asError);
    expect(given).toBeInstanceOf(Transient);
    expect(asError(given).message).toMatch(
      /data directory \S+ was asked for prune_deliveries and gave no sign of life for 0\.1 s\. .*start it again/,
    );
  });

  it('that gives nothing but signs of life is given up in the end', async () => {
    await serve({ call: () => new Promise(() => {}), signMs: 5 });
    const given = await callThere(directory, 'prune_deliveries', {}, { silentMs: 60_000, mostMs: 200 }).catch(asError);
    expect(given).toBeInstanceOf(Transient);
    expect(asError(given).message).toMatch(/has worked on prune_deliveries for 0\.2 s and is not done/);
  });

  it('closes although a client hangs and a call is under way', async () => {
    const control = await startControl({ directory, call: () => new Promise(() => {}) });
    const path = findPlace(directory) ?? '';
    const hanging = connect(path);
    hanging.on('error', () => {});
    await once(hanging, 'connect');
    const call = callThere(directory, 'prunable', {}).catch((error: unknown) => error);
    await new Promise((resolve) => setTimeout(resolve, 50));
    await control.close();
    expect(await call).toBeInstanceOf(Transient);
    expect(asError(await call).message).toMatch(/ended before it had answered prunable\. Run the command again/);
    expect(existsSync(join(directory, 'control'))).toBe(false);
    await expect(callThere(directory, 'prunable', {})).rejects.toBeInstanceOf(Transient);
  });

  it('works in a directory whose path is longer than a socket may have', async () => {
    const deep = join(directory, 'd'.repeat(120));
    mkdirSync(deep);
    const path = await serve({ directory: deep });
    expect(Buffer.byteLength(path)).toBeLessThan(104);
    expect(await callThere(deep, 'prunable', {})).toMatchObject({ name: 'prunable' });
    await closes.pop()?.();
    expect([existsSync(path), existsSync(join(deep, 'control'))]).toEqual([false, false]);
  });

  it('takes the place of a socket whose process was killed', async () => {
    const module = new URL('../../src/brain/control/control-server.ts', import.meta.url).href;
    const program = `
      const { startControl } = await import('${module}');
      await startControl({ directory: process.argv[1], call: async () => 'killed' });
      console.log('listening');
      setInterval(() => {}, 1000);`;
    const child = spawn(process.execPath, ['--input-type=module', '-e', program, directory], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    await once(child.stdout, 'data');
    expect(await callThere(directory, 'prunable', {})).toBe('killed');
    child.kill('SIGKILL');
    await once(child, 'exit');
    await expect(callThere(directory, 'prunable', {})).rejects.toBeInstanceOf(Transient);
    await serve();
    expect(await callThere(directory, 'prunable', {})).toMatchObject({ name: 'prunable' });
  });

  it('is not used where others could have put it', async () => {
    const path = await serve();
    const other = mkdtempSync(join(tmpdir(), 'codered-control-test-'));
    closes.push(async () => rmSync(other, { recursive: true }));
    mkdirSync(join(other, 'control'), { mode: 0o700 });
    symlinkSync(path, join(other, 'control', 'socket'));
    expect(findPlace(other)).toBeNull();
    chmodSync(join(directory, 'control'), 0o755);
    expect(findPlace(directory)).toBeNull();
  });
});

describe('an embedded brain that another has', () => {
  let brain: Brain;
  beforeEach(async () => {
    brain = await openBrain({ kind: 'embedded', directory }, { log });
    closes.push(() => brain.close());
  });

  it('is shared with commands, and with no second server', async () => {
    const shared = await openBrain({ kind: 'embedded', directory }, { log, mayShare: true });
    expect(await shared.call('inbox_status', {})).toEqual(await brain.call('inbox_status', {}));
    await shared.check();
    await expect(shared.call('record_facts', { facts: {} })).rejects.toThrow(Misconfigured);
    await shared.close();
    await expect(openBrain({ kind: 'embedded', directory }, { log })).rejects.toThrow('in use by process');
    await brain.close();
    expect(existsSync(join(directory, 'control'))).toBe(false);
  });

  it('lets codered prune do its work', { tags: ['slow'] }, async () => {
    const main = new URL('../../src/main.ts', import.meta.url).pathname;
    const child = spawn(process.execPath, [main, 'prune'], {
      cwd: directory,
      env: { CODERED_DATA_DIR: directory },
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const [out, [code]] = await Promise.all([text(child.stdout), once(child, 'exit')]);
    expect({ code, out }).toMatchObject({ code: 0, out: expect.stringContaining('deliver') });
  });
});
