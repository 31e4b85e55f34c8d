// The starter library is kept compiled; what is kept must say the same as what is made.
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
