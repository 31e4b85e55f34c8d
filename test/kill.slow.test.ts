// A process that is killed at random points under load, and started again, loses nothing and does nothing twice.
import { test } from 'vitest';
import { expectSurvivalEmbedded, expectSurvivalOnPostgres } from './support/killed-lives.ts';

test('killed twelve times on Postgres, what was answered 202 comes to exactly its effect', async () => {
  await expectSurvivalOnPostgres({ kills: 10, lives: 2 });
}, 1_200_000);

test('killed twelve times on the embedded database, what was answered 202 comes to exactly its effect', async () => {
  await expectSurvivalEmbedded({ kills: 10, lives: 1 });
}, 1_200_000);
