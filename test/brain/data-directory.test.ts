// Which directories the embedded database takes, and what is said of the others.
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
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

function refusalOf(directory: string): string {
  try {
    lockDirectory(directory)();
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
  ])('that %s is taken', (_, prepare) => {
    const directory = join(place, 'a', 'b');
    prepare(directory);
    expect(refusalOf(directory)).toBe('');
  });

  it('is made for its owner alone', () => {
    lockDirectory(join(place, 'a', 'b'))();
    expect(statSync(join(place, 'a', 'b')).mode & 0o777).toBe(0o700);
  });

  it('is refused when it is a folder with other files, and nothing is written there', () => {
    for (const name of ['holiday.jpg', 'letters', 'taxes.ods', 'zebra']) writeFileSync(join(place, name), '');
    expect(refusalOf(place)).toBe(
      `The data directory ${place} holds other files (holiday.jpg, letters, taxes.ods and 1 more) and no database of CodeRed. Set ` +
        'CODERED_DATA_DIR to a directory of its own, which is made when it is not there, or DATABASE_URL to a server.',
    );
    expect(readdirSync(place)).toHaveLength(4);
  });

  it('is refused when it belongs to a Postgres server', () => {
    writeFileSync(join(place, 'PG_VERSION'), '17');
    expect(refusalOf(place)).toContain('is the data directory of a Postgres server. Leave it to that server.');
    mkdirSync(join(place, 'b', 'postgres'), { recursive: true });
    expect(refusalOf(join(place, 'b'))).toContain('holds a folder postgres that is no database of CodeRed');
  });

  it('is refused when it is a file, or lies below one', () => {
    const file = join(place, 'file');
    writeFileSync(file, '');
    expect(refusalOf(file)).toContain(`The data directory ${file} is a file, or lies below one. Set CODERED_DATA_DIR`);
    expect(refusalOf(join(file, 'below'))).toContain('is a file, or lies below one');
  });

  it.runIf(existsSync('/proc/self'))('is refused at once where none can be made', async () => {
    const impossible = `/proc/${process.pid}-codered/data`;
    expect(refusalOf(impossible)).toContain(`The data directory ${impossible} can not be made there.`);
    await expect(openDirectory(impossible)).rejects.toThrow(`The archive can't be written to ${impossible}`);
  });

  it.runIf(process.platform !== 'win32')("is refused when it is another user's", () => {
    const mine = process.geteuid?.() ?? 0;
    mkdirSync(join(place, 'private'), { mode: mine === 0 ? 0o700 : 0o000 });
    const directory = join(place, 'private');
    // Nothing is closed to root, so it is somebody else for a moment.
    if (mine === 0) {
      process.seteuid?.(65_534);
    }
    try {
      expect(refusalOf(directory)).toMatch(
        /belongs to user \d+ and may not be used by user \d+\. Give it to this one \(chown -R \d+ /,
      );
    } finally {
      if (mine === 0) process.seteuid?.(0);
    }
  });
});
