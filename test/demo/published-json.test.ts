// What the demo says when the development dependencies are missing.

import { expect, test } from 'vitest';
import { MissingPackage, readPublishedJson } from '../../src/demo/github/contract/published-json.ts';

test('a package that is not installed is answered with what to do', () => {
  const read = () => readPublishedJson('@octokit/openapi/generated/no-such-file.json');
  expect(read).toThrow(MissingPackage);
  expect(read).toThrow('the demo needs the development dependencies: npm ci without --omit=dev');
});
