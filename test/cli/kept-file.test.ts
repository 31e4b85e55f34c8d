// What is kept for the next start is believed only when it is whole and nobody else can have written it.
import {
  chmodSync,
  chownSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import path from 'node:path';
import process from 'node:process';
import { describe, expect, test } from 'vitest';
import { keep, readKept } from '../../src/cli/kept-file.ts';
import { useFiles } from '../support/command-run.ts';

const NAME = 'library-1';
const CONTENT = Buffer.from('all that took long to make');
const file = useFiles();
const ROOT = process.getuid?.() === 0;

async function keptFolder(): Promise<string> {
  const folder = path.join(path.dirname(await file('x', '')), `kept-${Math.random()}`);
  keep(NAME, CONTENT, [folder]);
  expect(readKept(NAME, [folder])).toEqual(CONTENT);
  return folder;
}

describe('what was kept is made again', () => {
  const changes: readonly [title: string, change: (kept: string) => void][] = [
    ['when it is cut short', (kept) => writeFileSync(kept, readFileSync(kept).subarray(0, -1))],
    ['when it is longer', (kept) => writeFileSync(kept, `${readFileSync(kept, 'latin1')}!`, 'latin1')],
    ['when it is empty', (kept) => writeFileSync(kept, '')],
    [
      'when a byte of it changed',
      (kept) => {
        const bytes = readFileSync(kept);
        bytes.writeUInt8(bytes.readUInt8(40) ^ 1, 40);
        writeFileSync(kept, bytes);
      },
    ],
    ['when others may write it', (kept) => chmodSync(kept, 0o666)],
    [
      'when it is a link to somewhere else',
      (kept) => {
        renameSync(kept, `${kept}.real`);
        symlinkSync(`${kept}.real`, kept);
      },
    ],
    [
      'when a folder stands there',
      (kept) => {
        renameSync(kept, `${kept}.real`);
        mkdirSync(kept);
      },
    ],
  ];
  test.each(changes)('%s', async (_, change) => {
    const folder = await keptFolder();
    change(path.join(folder, NAME));
    expect(readKept(NAME, [folder])).toBeNull();
  });

  test('when it was made of other sources, whatever its name says', async () => {
    const folder = await keptFolder();
    renameSync(path.join(folder, NAME), path.join(folder, 'library-2'));
    expect(readKept('library-2', [folder])).toBeNull();
  });

  test.runIf(ROOT)('when it belongs to somebody else', async () => {
    const folder = await keptFolder();
    chownSync(path.join(folder, NAME), 12_345, 12_345);
    expect(readKept(NAME, [folder])).toBeNull();
  });
});

test('a folder that takes nothing makes way for the next', async () => {
  const taken = await file('taken', 'a file');
  const next = path.join(path.dirname(taken), 'next');
  keep(NAME, CONTENT, [path.join(taken, 'inside'), next]);
  expect(readKept(NAME, [path.join(taken, 'inside'), next])).toEqual(CONTENT);
  expect(existsSync(path.join(next, NAME))).toBe(true);
});

test.runIf(ROOT)('nothing is kept in a folder of somebody else, nor where a link leads', async () => {
  const folder = await keptFolder();
  chownSync(folder, 12_345, 12_345);
  keep('other-1', CONTENT, [folder]);
  const link = `${folder}-link`;
  symlinkSync(folder, link);
  keep('other-1', CONTENT, [link]);
  expect(readdirSync(folder)).toEqual([NAME]);
});

test('what was kept of older sources goes', async () => {
  const folder = await keptFolder();
  keep('other-1', CONTENT, [folder]);
  keep('library-2', CONTENT, [folder]);
  expect(readdirSync(folder).sort()).toEqual(['library-2', 'other-1']);
});
