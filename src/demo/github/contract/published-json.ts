// Reads JSON files that GitHub's packages publish (the API description, the example webhooks). They are development
// dependencies, so they may be absent.

import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { Json } from './json-value.ts';

const require = createRequire(import.meta.url);

/** A package that the stand-in reads GitHub's description or examples from is not installed. The message says what to do. */
export class MissingPackage extends Error {
  override name = 'MissingPackage';
}

/** Returns the error for a development dependency that cannot be found; its message says what to do. */
export function missingDependency(cause: unknown): MissingPackage {
  return new MissingPackage('the demo needs the development dependencies: npm ci without --omit=dev', { cause });
}

/** Returns the content of a JSON file of an installed package; throws `MissingPackage` when there is none. Such as `@octokit/openapi/generated/api.github.com.json`. */
export function readPublishedJson(file: string): Json {
  let path: string;
  try {
    path = require.resolve(file);
  } catch (cause) {
    throw missingDependency(cause);
  }
  return JSON.parse(readFileSync(path, 'utf8'));
}
