// What only the embedded backend promises: one process at a time, and nothing committed is lost when that process is killed.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openEmbedded } from '../../src/brain/backends/embedded.ts';
import { openBrain } from '../../src/brain/client.ts';
import { Misconfigured } from '../../src/model/errors.ts';

const log = { info: () => {}, warn: () => {} };
const source = (path: string) => new URL(`../../src/brain/backends/${path}`, import.meta.url).href;

/** Opens the database in a process of its own, writes rows as fast as it can and prints each number once it is committed. */
const writer = `
  const { openEmbedded } = await import('${source('embedded.ts')}');
  const backend = await openEmbedded({ directory: process.argv[1] });
  await backend.session((session) => session.script('create table if not exists seen (n int primary key, filler text)'));
  const last = await backend.transact([{ text: 'select coalesce(max(n), 0)::text from seen', values: [] }]);
  console.log('open');
  for (let n = Number(last) + 1; ; n++) {
    await backend.transact([{ text: "insert into seen values ($1, repeat('x', 3000)) returning n::text", values: [String(n)] }]);
    console.log(n);
  }`;

describe('the embedded database in a directory', () => {
  let directory: string;
  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'codered-embedded-'));
  });
  afterEach(() => rmSync(directory, { recursive: true, force: true }));

  /** Runs the writer and kills it after `rows` of its rows; gives the last number it printed. */
  async function writeAndKill(rows: number): Promise<number> {
    const child = spawn(process.execPath, ['--input-type=module', '-e', writer, directory], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const exited = once(child, 'exit');
    let last = 0;
    let count = 0;
    for await (const line of createInterface(child.stdout)) {
      if (line !== 'open') last = Number(line);
      if (count++ === rows) child.kill('SIGKILL');
    }
    await exited;
    return last;
  }

  it('keeps every committed row when its process is killed, again and again, and starts without help', {
    tags: ['slow'],
  }, async () => {
    let last = 0;
    for (const rows of [0, 5, 200, 63]) {
      last = Math.max(last, await writeAndKill(rows));
    }
    const backend = await openEmbedded({ directory });
    const count = { text: `select count(*) || ' of ' || max(n) from seen where length(filler) = 3000`, values: [] };
    const found = Number((await backend.transact([count]))?.split(' of ')[0]);
    expect(await backend.transact([count])).toBe(`${found} of ${found}`);
    expect(found).toBeGreaterThanOrEqual(last);
    expect(last).toBeGreaterThan(200);
    await backend.close();
  });

  it('begins again when the first start was killed halfway', { tags: ['slow'] }, async () => {
    mkdirSync(join(directory, 'postgres.unfinished'));
    writeFileSync(join(directory, 'postgres.unfinished', 'PG_VERSION'), '18');
    const backend = await openEmbedded({ directory });
    await backend.close();
    expect(readdirSync(directory)).toEqual(['postgres']);
  });

  it('lets nobody else in while it is open, this process included, and says who has it', async () => {
    const brain = await openBrain({ kind: 'embedded', directory }, { log });
    const second = openEmbedded({ directory });
    await expect(second).rejects.toThrow(Misconfigured);
    await expect(second).rejects.toThrow(`in use by process ${process.pid}`);
    const child = spawn(process.execPath, ['--input-type=module', '-e', writer, directory], {
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    let said = '';
    child.stderr.on('data', (chunk) => {
      said += chunk;
    });
    expect((await once(child, 'exit'))[0]).toBe(1);
    expect(said).toContain(`in use by process ${process.pid}`);
    expect(said).toContain('DATABASE_URL');
    await brain.close();
    await brain.close();
    expect(existsSync(join(directory, 'lock'))).toBe(false);
  });

  it.each([
    ['a process that is dead', JSON.stringify({ pid: 2 ** 22 + 1, startedAt: null })],
    ['an earlier process with our own pid', JSON.stringify({ pid: process.pid, startedAt: null })],
    ['an earlier process whose pid another has now', JSON.stringify({ pid: process.ppid, startedAt: '1' })],
    ['nobody who can be told, cut short by a crash', '{"pi'],
  ])('takes over the lock of %s', async (_, lock) => {
    writeFileSync(join(directory, 'lock'), lock);
    const { lockDirectory } = await import('../../src/brain/backends/directory-lock.ts');
    const unlock = await lockDirectory(directory);
    unlock();
    expect(readdirSync(directory)).toEqual([]);
  });

  it('makes the directory for its own user only', async () => {
    const { lockDirectory } = await import('../../src/brain/backends/directory-lock.ts');
    const made = join(directory, 'home', 'data');
    (await lockDirectory(made))();
    expect([made, join(directory, 'home')].map((path) => statSync(path).mode & 0o777)).toEqual([0o700, 0o700]);
  });

  it('says what to do when the directory can not be used', async () => {
    const file = join(directory, 'file');
    writeFileSync(file, '');
    await expect(openEmbedded({ directory: join(file, 'data') })).rejects.toThrow(Misconfigured);
    await expect(openEmbedded({ directory: join(file, 'data') })).rejects.toThrow('CODERED_DATA_DIR');
  });

  it('answers that it is closed once it is', async () => {
    const backend = await openEmbedded({ directory: null });
    await backend.close();
    await backend.close();
    await expect(backend.transact([{ text: 'select 1', values: [] }])).rejects.toMatchObject({ code: '57P01' });
  });
});
