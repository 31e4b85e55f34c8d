// Tries one mutation: whether types refuse it, and whether one of the tests that could notice it does.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Mutation } from './mutation.ts';
import type { MutationServer } from './postgres.ts';
import { remadeStatements, remaking } from './sql-mutations.ts';
import type { Workplace } from './workplace.ts';

/** What became of it. `by`: the test file that noticed. */
export type Fate =
  | { readonly kind: 'refused' }
  | { readonly kind: 'noticed'; readonly by: string }
  | { readonly kind: 'survived'; readonly tests: number };

/** How many test files are run before the rest: what notices is mostly the nearest. */
const FIRST = 4;

/** Runs `tests`, nearest first, until one fails. */
export async function tryMutation(
  mutation: Mutation,
  tests: readonly string[],
  place: Workplace,
  server: MutationServer,
): Promise<Fate> {
  return place.changed(mutation, async (mutated) => {
    const env: Record<string, string> = { TEST_POSTGRES_URL: server.url };
    if (mutation.file.endsWith('.sql')) {
      const statement = remadeStatements(mutated).find(
        ({ from, text }) => from <= mutation.from && mutation.from <= from + text.length,
      );
      if (statement === undefined) return { kind: 'refused' };
      const script = remaking(statement.kind, statement.text);
      if (await server.refuses(script)) return { kind: 'refused' };
      env.TEST_MUTATED_SQL = join(place.folder, 'mutated.sql');
      writeFileSync(env.TEST_MUTATED_SQL, script);
    } else if ((await place.run('tsc', ['--noEmit'])).code !== 0) {
      return { kind: 'refused' };
    }
    for (const batch of [tests.slice(0, FIRST), tests.slice(FIRST)]) {
      const by = await firstToFail(batch, place, env);
      if (by !== null) return { kind: 'noticed', by };
    }
    return { kind: 'survived', tests: tests.length };
  });
}

async function firstToFail(
  tests: readonly string[],
  place: Workplace,
  env: Readonly<Record<string, string>>,
): Promise<string | null> {
  if (tests.length === 0) return null;
  const { code, output, isHung } = await place.run('vitest', testArguments(tests), env);
  if (code === 0) return null;
  if (isHung) return `${tests[0]} and others, which never ended`;
  const failed = /FAIL\s+(?:\|?\w+\|?\s+)?(test\/\S+\.ts)/.exec(output)?.[1];
  // What ends the runner itself is noticed as well.
  return failed ?? tests[0] ?? null;
}

/** The first failure ends the run; what waits for something gives up sooner than it would otherwise. */
export function testArguments(tests: readonly string[]): readonly string[] {
  const projects = ['unit', 'brain', 'stories'].flatMap((name) => ['--project', name]);
  const waits = ['--testTimeout', '90000', '--hookTimeout', '90000', '--expect.poll.timeout', '30000'];
  return ['run', '--bail', '1', '--maxWorkers', '1', '--reporter', 'default', ...waits, ...projects, ...tests];
}
