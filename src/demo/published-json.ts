// Reads JSON files that GitHub's packages publish (the API description, the example webhooks). They are development
// dependencies, so they may be absent. For src/demo only.

import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { Misconfigured } from '../model/errors.ts';
import type { Json } from '../model/json.ts';

const require = createRequire(import.meta.url);

/** What to tell the user when a development dependency cannot be found. */
export function missingDependency(cause: unknown): Misconfigured {
  return new Misconfigured('the demo needs the development dependencies: npm ci without --omit=dev', { cause });
}

/** The content of a JSON file of an installed package, such as `@octokit/openapi/generated/api.github.com.json`. */
export function readPublishedJson(file: string): Json {
  let path: string;
  try {
    path = require.resolve(file);
  } catch (cause) {
    throw missingDependency(cause);
  }
  return JSON.parse(readFileSync(path, 'utf8'));
}
