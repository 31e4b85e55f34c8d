// The starter library is kept compiled; what is kept must say the same as what is made.
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { loadStarterMatcher } from '../../src/cli/starter-library.ts';
import { useFiles } from '../support/command-run.ts';

const file = useFiles();
const LOG = '##[group]Run npm ci\n##[error]npm error code ERESOLVE\n::error::x: not found 5%25\n';

async function load(folder: string) {
  const problems: string[] = [];
  const matcher = await loadStarterMatcher((line) => problems.push(line), [folder]);
  const matching = matcher?.start();
  matching?.write(Buffer.from(LOG));
  return { problems, match: matching?.end() };
}

test('the library that was kept finds what the one that was made finds', async () => {
  const folder = path.join(path.dirname(await file('x', '')), 'kept');
  const made = await load(folder);
  expect(made).toMatchObject({
    problems: [],
    match: { primary: { pattern: { name: 'npm peer dependency conflict' } } },
  });
  expect(readdirSync(folder)).toEqual([expect.stringMatching(/^library-[0-9a-f]{32}$/)]);
  expect(await load(folder)).toEqual(made);
});

test('a kept library that is broken is made and kept again', async () => {
  const folder = path.join(path.dirname(await file('x', '')), 'broken');
  const made = await load(folder);
  const kept = path.join(folder, readdirSync(folder)[0] ?? '');
  const whole = readFileSync(kept);
  writeFileSync(kept, whole.subarray(0, 1_000));
  expect(await load(folder)).toEqual(made);
  expect(readFileSync(kept).equals(whole)).toBe(true);
});
