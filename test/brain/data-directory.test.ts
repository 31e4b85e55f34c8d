// Which directories the embedded database takes, and what is said of the others.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { lockDirectory } from '../../src/brain/backends/directory-lock.ts';
import { makeDirectory } from '../../src/brain/backends/prepare-directory.ts';
import { openDirectory } from '../../src/cli/prune/archive-place.ts';
import { asError, Misconfigured } from '../../src/model/errors.ts';

let place = '';
beforeEach(() => {
  place = mkdtempSync(join(tmpdir(), 'codered-data-'));
});
afterEach(() => rmSync(place, { recursive: true, force: true }));

async function refusalOf(directory: string): Promise<string> {
  try {
    (await lockDirectory(directory))();
  } catch (thrown) {
    expect(thrown).toBeInstanceOf(Misconfigured);
    return asError(thrown).message;
  }
  return '';
}

describe('a data directory', () => {
  it.each([
    ['is not there, nor is the one above it', () => {}],
    ['is empty', (directory: string) => makeDirectory(directory, 0o700)],
    ['is a fresh volume', (directory: string) => makeDirectory(join(directory, 'lost+found'), 0o700)],
    [
      'holds what a start left that was killed',
      (directory: string) => {
        makeDirectory(join(directory, 'postgres.unfinished'), 0o700);
        writeFileSync(join(directory, 'lock.8f14e45f'), '{}');
      },
    ],
    [
      'holds our database',
      (directory: string) => {
        makeDirectory(join(directory, 'postgres'), 0o700);
        writeFileSync(join(directory, 'postgres', 'PG_VERSION'), '18');
        writeFileSync(join(directory, 'notes.txt'), 'of whoever looks after it');
      },
    ],
  ])('that %s is taken', async (_, prepare) => {
    const directory = join(place, 'a', 'b');
    prepare(directory);
    expect(await refusalOf(directory)).toBe('');
  });

  it('is made for its owner alone', async () => {
    (await lockDirectory(join(place, 'a', 'b')))();
    expect(statSync(join(place, 'a', 'b')).mode & 0o777).toBe(0o700);
  });

  it('is one directory by whatever name', async () => {
    mkdirSync(join(place, 'real'));
    symlinkSync(join(place, 'real'), join(place, 'other name'));
    const unlock = await lockDirectory(join(place, 'real'));
    expect(await refusalOf(join(place, 'other name'))).toContain(`is in use by process ${process.pid}`);
    unlock();
    expect(await refusalOf(join(place, 'other name'))).toBe('');
    expect(readdirSync(join(place, 'real'))).toEqual([]);
  });

  it.runIf(existsSync('/proc/self/ns/pid'))(
    'is kept from a process of another container, where pids say nothing',
    async () => {
      const directory = join(place, 'd'.repeat(150));
      const module = new URL('../../src/brain/backends/directory-lock.ts', import.meta.url).href;
      const program = `
      const { lockDirectory } = await import('${module}');
      await lockDirectory(process.argv[1]);
      console.log('locked');
      setInterval(() => {}, 1000);`;
      const child = spawn(process.execPath, ['--input-type=module', '-e', program, directory], {
        stdio: ['ignore', 'pipe', 'inherit'],
      });
      await once(child.stdout, 'data');
      const lock = join(directory, 'lock');
      // As it looks from a container in which the same pid is our own.
      const owner = { ...JSON.parse(readFileSync(lock, 'utf8')), pid: process.pid, namespace: 'pid:[1]' };
      writeFileSync(lock, JSON.stringify(owner));
      expect(await refusalOf(directory)).toContain(`in use by process ${process.pid} of another container`);
      child.kill('SIGKILL');
      await once(child, 'exit');
      expect(await refusalOf(directory)).toBe('');
      expect(readdirSync(directory)).toEqual([]);
    },
  );

  it('is refused when it is a folder with other files, and nothing is written there', async () => {
    for (const name of ['holiday.jpg', 'letters', 'taxes.ods', 'zebra']) writeFileSync(join(place, name), '');
    expect(await refusalOf(place)).toBe(
      `The data directory ${place} holds other files (holiday.jpg, letters, taxes.ods and 1 more) and no database of CodeRed. Set ` +
        'CODERED_DATA_DIR to a directory of its own, which is made when it is not there, or DATABASE_URL to a server.',
    );
    expect(readdirSync(place)).toHaveLength(4);
  });

  it('is refused when it belongs to a Postgres server', async () => {
    writeFileSync(join(place, 'PG_VERSION'), '17');
    expect(await refusalOf(place)).toContain('is the data directory of a Postgres server. Leave it to that server.');
    mkdirSync(join(place, 'b', 'postgres'), { recursive: true });
    expect(await refusalOf(join(place, 'b'))).toContain('holds a folder postgres that is no database of CodeRed');
  });

  it('is refused when it is a file, or lies below one', async () => {
    const file = join(place, 'file');
    writeFileSync(file, '');
    expect(await refusalOf(file)).toContain(
      `The data directory ${file} is a file, or lies below one. Set CODERED_DATA_DIR`,
    );
    expect(await refusalOf(join(file, 'below'))).toContain('is a file, or lies below one');
  });

  it.runIf(existsSync('/proc/self'))('is refused at once where none can be made', async () => {
    const impossible = `/proc/${process.pid}-codered/data`;
    expect(await refusalOf(impossible)).toContain(`The data directory ${impossible} can not be made there.`);
    await expect(openDirectory(impossible)).rejects.toThrow(`The archive can't be written to ${impossible}`);
  });

  it.runIf(process.platform !== 'win32')("is refused when it is another user's", async () => {
    const mine = process.geteuid?.() ?? 0;
    mkdirSync(join(place, 'private'), { mode: mine === 0 ? 0o700 : 0o000 });
    const directory = join(place, 'private');
    // Nothing is closed to root, so it is somebody else for a moment.
    if (mine === 0) {
      process.seteuid?.(65_534);
    }
    try {
      expect(await refusalOf(directory)).toMatch(
        /belongs to user \d+ and may not be used by user \d+\. Give it to this one \(chown -R \d+ /,
      );
    } finally {
      if (mine === 0) process.seteuid?.(0);
    }
  });
});
