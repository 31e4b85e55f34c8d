// GitHub's own example payloads (@octokit/webhooks-examples), to be read whole or told with changes.
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

export type JsonObject = { [key: string]: unknown };

interface EventExamples {
  readonly name: string;
  readonly examples: readonly JsonObject[];
}

function read(edition: string): EventExamples[] {
  const url = import.meta.resolve(`@octokit/webhooks-examples/${edition}/index.json`);
  return JSON.parse(readFileSync(fileURLToPath(url), 'utf8'));
}

/** Every example of github.com and of the five GitHub Enterprise Server versions that the package has. */
export const EDITIONS = ['api.github.com', 'ghes-31', 'ghes-32', 'ghes-33', 'ghes-34', 'ghes-35'].map((edition) => ({
  edition,
  events: read(edition),
}));

/** The examples of one event on github.com, or of all of them. */
export function examplesOf(event?: string): { event: string; index: number; payload: JsonObject }[] {
  return (EDITIONS[0]?.events ?? [])
    .filter(({ name }) => event === undefined || name === event)
    .flatMap(({ name, examples }) => examples.map((payload, index) => ({ event: name, index, payload })));
}

/** A copy of an example with other values at the given paths (`workflow_run.head_sha`); undefined takes the key away. */
export function examplePayload(event: string, index: number, changes: Record<string, unknown> = {}): JsonObject {
  const found = examplesOf(event)[index]?.payload;
  if (!found) throw new Error(`@octokit/webhooks-examples has no example ${index} of ${event}`);
  const copy = structuredClone(found);
  for (const [path, value] of Object.entries(changes)) setAt(copy, path.split('.'), value);
  return copy;
}

function setAt(target: JsonObject, path: string[], value: unknown): void {
  const [key = '', ...rest] = path;
  if (rest.length === 0) {
    if (value === undefined) delete target[key];
    else target[key] = value;
    return;
  }
  target[key] ??= {};
  setAt(target[key] as JsonObject, rest, value);
}
