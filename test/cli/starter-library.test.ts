// The starter library is kept compiled; what is kept must say the same as what is made.
import { mkdtemp, readdir, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect, test } from 'vitest';
import { loadStarterMatcher } from '../../src/cli/starter-library.ts';

test('the library that was kept finds what the one that was made finds', async () => {
  const found = [];
  for (let turn = 0; turn < 2; turn++) {
    const problems: string[] = [];
    const matcher = await loadStarterMatcher((line) => problems.push(line));
    const matching = matcher?.start();
    matching?.write(Buffer.from('##[group]Run npm ci\n##[error]npm error code ERESOLVE\n::error::x: not found 5%25\n'));
    found.push({ problems, match: matching?.end() });
  }
  expect(found[0]).toMatchObject({
    problems: [],
    match: { primary: { pattern: { name: 'npm peer dependency conflict' } } },
  });
  expect(found[1]).toEqual(found[0]);
});

test('it is made again when the marks of logs change, and what was kept before goes', async () => {
  const folder = `${await mkdtemp(path.join(tmpdir(), 'codered-library-'))}/`;
  const marks = path.resolve(import.meta.dirname, '../../src/diagnose/log/log-marks.ts');
  const { atime, mtime } = await stat(marks);
  try {
    await writeFile(`${folder}library-of-last-year`, 'old');
    await loadStarterMatcher(() => {}, folder);
    const [first, ...others] = await readdir(folder);
    expect(others).toEqual([]);
    await utimes(marks, atime, new Date(mtime.getTime() + 1_000));
    await loadStarterMatcher(() => {}, folder);
    const [second, ...more] = await readdir(folder);
    expect(more).toEqual([]);
    expect(second).not.toBe(first);
  } finally {
    await utimes(marks, atime, mtime);
    await rm(folder, { recursive: true });
  }
});
