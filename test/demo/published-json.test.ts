// What the demo says when the development dependencies are missing.

import { expect, test } from 'vitest';
import { readPublishedJson } from '../../src/demo/published-json.ts';
import { Misconfigured } from '../../src/model/errors.ts';

test('a package that is not installed is answered with what to do', () => {
  const read = () => readPublishedJson('@octokit/openapi/generated/no-such-file.json');
  expect(read).toThrow(Misconfigured);
  expect(read).toThrow('the demo needs the development dependencies: npm ci without --omit=dev');
});
