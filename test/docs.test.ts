// What README and docs show has to work as it stands there.
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { parsePolicy } from '../src/policy/parse-policy.ts';
import { repository } from './support/source-tree.ts';

test.each(['README.md', 'docs/policy.md'])('every policy that %s shows is one', (name) => {
  const text = readFileSync(join(repository, name), 'utf8');
  const shown = [...text.matchAll(/```yaml\n((?:#[^\n]*\n)*dod:[\s\S]*?)```/g)].map((match) => match[1] ?? '');
  expect(shown.length).toBeGreaterThan(0);
  for (const one of shown) expect(parsePolicy(one), one).toHaveProperty('policy');
});

test('README says how a quota is raised and put-off work taken up, and what the upgrade asks for', () => {
  const text = readFileSync(join(repository, 'README.md'), 'utf8');
  expect(text).toContain('update codered.quotas set deliveries_per_day');
  expect(text).toContain('npm run -s codered -- replay --failed');
  expect(text).toContain('stop the old workers before you migrate');
  expect(text).toContain('@<short SHA>');
});

test('every row of docs/security.md names tests, and they are there', () => {
  const rows = readFileSync(join(repository, 'docs/security.md'), 'utf8')
    .split('\n')
    .filter((line) => line.startsWith('| ') && !line.startsWith('| threat |'));
  expect(rows.length).toBeGreaterThan(40);
  for (const row of rows) {
    const tests = [...(row.split('|')[3] ?? '').matchAll(/test\/[\w/.-]+\.test\.ts/g)].map(([path]) => path);
    expect(tests.length, row).toBeGreaterThan(0);
    for (const path of tests) expect(existsSync(join(repository, path)), path).toBe(true);
  }
});
