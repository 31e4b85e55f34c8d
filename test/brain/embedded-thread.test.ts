// The embedded database in a thread of its own: it holds up nobody, lets urgent work pass, and its death is noticed.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { setImmediate as turn } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { EmbeddedBackend } from '../../src/brain/backends/embedded.ts';
import { openEmbeddedThread } from '../../src/brain/backends/embedded-thread.ts';
import { sqlBrain } from '../../src/brain/client.ts';
import { openEmbeddedCopy } from '../../src/brain/embedded-copy.ts';
import { readMigrationFiles } from '../../src/brain/migration-files.ts';
import { Misconfigured, Transient } from '../../src/model/errors.ts';

const dying = new URL('../support/dying-database.ts', import.meta.url);
const source = (path: string) => new URL(`../../src/brain/${path}`, import.meta.url).href;
const select = (value: string) => [{ text: `select ${value}::text`, values: [] }];
const slow = select('pg_sleep(0.3)');

let open: EmbeddedBackend[] = [];
afterEach(async () => {
  await Promise.all(open.map((backend) => backend.close()));
  open = [];
});

async function openThread(options: Partial<Parameters<typeof openEmbeddedThread>[0]> = {}): Promise<EmbeddedBackend> {
  const files = await readMigrationFiles();
  const backend = await openEmbeddedCopy(files, (opened) => openEmbeddedThread({ ...opened, ...options }));
  open.push(backend);
  return backend;
}

/** Runs a program in a process of its own; its exit code and what it wrote. */
async function run(program: string): Promise<{ code: unknown; out: string; err: string }> {
  const child = spawn(process.execPath, ['--input-type=module', '-e', program], { stdio: ['ignore', 'pipe', 'pipe'] });
  const exit = once(child, 'exit');
  const [out, err, [code]] = await Promise.all([text(child.stdout), text(child.stderr), exit]);
  return { code, out, err };
}

describe('the thread of the embedded database', () => {
  it('leaves the main thread free while a statement runs', async () => {
    const backend = await openThread();
    const order: string[] = [];
    const running = backend.transact(slow).then(() => order.push('statement'));
    await turn();
    order.push('main thread');
    await running;
    expect(order).toEqual(['main thread', 'statement']);
  });

  it('takes what is urgent before all that waits, and the rest in order', async () => {
    const backend = await openThread();
    const order: string[] = [];
    const ask = (name: string, isUrgent = false) =>
      backend.transact(select(`'${name}'`), { isUrgent }).then((answer) => order.push(String(answer)));
    const first = backend.transact(slow);
    const others = [ask('a'), ask('b'), ask('c'), ask('urgent', true), ask('too', true)];
    await Promise.all([first, ...others]);
    expect(order).toEqual(['urgent', 'too', 'a', 'b', 'c']);
  });

  it('takes deliveries before other calls', async () => {
    const backend = await openThread();
    const brain = sqlBrain(backend);
    await Promise.all([brain.call('inbox_status', {}), brain.call('receive_deliveries', { heads: [], payloads: '' })]);
    const order: string[] = [];
    const first = backend.transact(slow);
    const looked = brain.call('inbox_status', {}).then(() => order.push('looked'));
    const stored = brain.call('receive_deliveries', { heads: [], payloads: '' }).then(() => order.push('stored'));
    await Promise.all([first, looked, stored]);
    expect(order).toEqual(['stored', 'looked']);
  });

  it('lends the connection to one session at a time, and gives it back when its work fails', async () => {
    const backend = await openThread();
    const failed = backend.session(async (session) => {
      await session.script('create temporary table mine (n int)');
      throw new Error('on purpose');
    });
    const waiting = backend.transact(select('1'));
    await expect(failed).rejects.toThrow('on purpose');
    expect(await waiting).toBe('1');
    await expect(backend.session((session) => session.query('select * from mine'))).rejects.toMatchObject({
      code: '42P01',
    });
  });

  it('leaves no promise open when it dies, and says so', async () => {
    const death = Promise.withResolvers<string>();
    const backend = await openThread({ script: dying, onDeath: death.resolve });
    const brain = sqlBrain(backend);
    const calls = [
      backend.transact(select("'die now'")),
      backend.transact(select('1')),
      brain.call('inbox_status', {}),
    ];
    const answers = await Promise.allSettled(calls);
    expect(answers.map(({ status }) => status)).toEqual(['rejected', 'rejected', 'rejected']);
    expect(await death.promise).toContain('stopped');
    await expect(brain.call('inbox_status', {})).rejects.toBeInstanceOf(Transient);
    await backend.close();
  });

  it('dies, and says why, when Postgres breaks off in the middle of a statement', async () => {
    const death = Promise.withResolvers<string>();
    const backend = await openThread({ onDeath: death.resolve });
    // Its parser of JSON knows no bound but the stack.
    const deep = '['.repeat(3_000_000) + ']'.repeat(3_000_000);
    const call = backend.transact([{ text: 'select length($1::jsonb::text)::text', values: [deep] }]);
    await expect(call).rejects.toMatchObject({ code: '57P01' });
    expect(await death.promise).toBe('it stopped in the middle of a statement: Maximum call stack size exceeded');
  });

  it('refuses JSON that is nested deeply, and goes on', async () => {
    const backend = await openThread();
    const deep = '['.repeat(50_000) + ']'.repeat(50_000);
    const call = backend.transact([{ text: 'select length($1::jsonb::text)::text', values: [deep] }]);
    await expect(call).rejects.toMatchObject({ code: '54001' });
    expect(await backend.transact(select('1'))).toBe('1');
  });

  it('takes the process along when it dies', async () => {
    const { code, err } = await run(`
      const { openEmbeddedThread } = await import('${source('backends/embedded-thread.ts')}');
      const backend = await openEmbeddedThread({ directory: null, script: new URL('${dying.href}') });
      setInterval(() => {}, 1000);
      backend.transact([{ text: "select 'die now'", values: [] }]).catch(() => {});`);
    expect(code).toBe(1);
    expect(err).toMatch(/^The thread of the embedded database ended: .*start CodeRed again\.\n$/);
  });

  it('keeps no process alive that has nothing to ask', { tags: ['slow'] }, async () => {
    const { code, out } = await run(`
      const { openEmbeddedThread } = await import('${source('backends/embedded-thread.ts')}');
      const backend = await openEmbeddedThread({ directory: null });
      console.log(await backend.transact([{ text: "select 'answered'", values: [] }]));`);
    expect({ code, out }).toEqual({ code: 0, out: 'answered\n' });
  });
});

describe('the thread on a directory', () => {
  let directory: string;
  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'codered-thread-'));
  });
  afterEach(() => rmSync(directory, { recursive: true, force: true }));

  it('holds its lock until it is closed, and keeps what was stored', { tags: ['slow'] }, async () => {
    const backend = await openEmbeddedThread({ directory });
    await backend.session((session) => session.script('create table kept as select 42 as n'));
    await expect(openEmbeddedThread({ directory })).rejects.toThrow(Misconfigured);
    await Promise.all([backend.close(), backend.close()]);
    expect(existsSync(join(directory, 'lock'))).toBe(false);
    await expect(backend.transact(select('1'))).rejects.toMatchObject({ code: '57P01' });
    const again = await openEmbeddedThread({ directory });
    expect(await again.transact([{ text: 'select n::text from kept', values: [] }])).toBe('42');
    await again.close();
  });

  it('dies when Postgres panics, as on a full disk, and the next start has what was stored', {
    tags: ['slow'],
  }, async () => {
    const death = Promise.withResolvers<string>();
    const backend = await openEmbeddedThread({ directory, onDeath: death.resolve });
    await backend.session((session) => session.script('create table kept as select 42 as n'));
    // Where the next file of the log should be made; a disk without room for it ends in the same way.
    const next = join(directory, 'postgres', 'pg_wal', '000000010000000000000002');
    mkdirSync(next);
    const fill = [{ text: 'insert into kept select n from kept, generate_series(1, 400000)', values: [] }];
    await expect(backend.transact(fill)).rejects.toMatchObject({ code: '57P01' });
    expect(await death.promise).toContain('000000010000000000000002');
    await expect(backend.transact(select('1'))).rejects.toMatchObject({ code: '57P01' });
    await backend.close();
    rmSync(next, { recursive: true });
    const again = await openEmbeddedThread({ directory });
    expect(await again.transact([{ text: 'select count(*)::text from kept', values: [] }])).toBe('1');
    await again.close();
  });

  it('lets go of a directory whose database does not start', { tags: ['slow'] }, async () => {
    const backend = await openEmbeddedThread({ directory });
    await backend.close();
    rmSync(join(directory, 'postgres', 'global'), { recursive: true });
    await expect(openEmbeddedThread({ directory })).rejects.toThrow('CODERED_DATA_DIR');
    expect(existsSync(join(directory, 'lock'))).toBe(false);
  });
});
