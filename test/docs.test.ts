// What README and docs show has to work as it stands there.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { parsePolicy } from '../src/gate/parse-policy.ts';
import { repository } from './support/source-tree.ts';

test.each(['README.md', 'docs/policy.md'])('every policy that %s shows is one', (name) => {
  const text = readFileSync(join(repository, name), 'utf8');
  const shown = [...text.matchAll(/```yaml\n((?:#[^\n]*\n)*dod:[\s\S]*?)```/g)].map((match) => match[1] ?? '');
  expect(shown.length).toBeGreaterThan(0);
  for (const one of shown) expect(parsePolicy(one), one).toHaveProperty('policy');
});
