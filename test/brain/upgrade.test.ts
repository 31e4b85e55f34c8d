// A brain that was in use before this version: what it knew is still there after the upgrade, under the new rules.

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openEmbedded } from '../../src/brain/backends/embedded.ts';
import { openPostgres } from '../../src/brain/backends/postgres.ts';
import type { SqlBackend } from '../../src/brain/backends/sql-backend.ts';
import { migrateBackend } from '../../src/brain/migrate.ts';
import { type MigrationFiles, readMigrationFiles } from '../../src/brain/migration-files.ts';
import { asJson } from '../../src/model/json.ts';
import { type TestBrain, testBackends, testBrain } from '../support/brain.ts';
import { jobFact, pullRequestFact, repositoryFact, runFact } from '../support/fact-rows.ts';
import { readOldMigrations } from '../support/old-migrations.ts';
import { type LentDatabase, lendDatabase } from '../support/postgres-server.ts';

/** The last migration of the version before. */
const FORMER = '20261121101200';

describe.each(testBackends)('upgrading the %s brain', (kind) => {
  let files: MigrationFiles;
  let lent: LentDatabase | null = null;
  let backend: SqlBackend;
  let brain: TestBrain;
  beforeAll(async () => {
    files = await readMigrationFiles();
    lent = kind === 'postgres' ? await lendDatabase(null) : null;
    backend =
      lent === null ? await openEmbedded({ directory: null }) : openPostgres({ url: lent.url, onIdleError: () => {} });
    await migrateBackend(backend, await readOldMigrations(FORMER));
    brain = testBrain(backend, null);
  });
  afterAll(async () => {
    await brain.close();
    await lent?.giveBack();
  });

  it('keeps every row, and lets it be worked on', async () => {
    await brain.script(`insert into auth.users (id, email, raw_user_meta_data) values
      ('a0000000-0000-4000-8000-000000000001', 'mona@example.test', '{"full_name": "Mona"}')`);
    const facts = asJson({
      repositories: [repositoryFact()],
      pull_requests: [pullRequestFact()],
      ci_events: [runFact({ status: 'failed', conclusion: 'failure' })],
      ci_jobs: [jobFact({ status: 'failed', conclusion: 'failure' })],
    });
    await brain.call('record_facts', { facts });
    const [job] = await brain.call('claim_jobs', { worker: 'w', batch: 1, lease_seconds: 60 });
    if (job === undefined) throw new Error('no work was queued');
    await brain.call('complete_job', { id: job.id, worker: 'w' });
    await brain.script(`
      insert into codered.events (event_type, payload) values ('status.PLANNING', '{"message": "before"}');
      insert into codered.bug_patterns (name, pattern_signature, root_cause, recommended_fix) values ('a', 'a', 'a', 'a')`);
    const counts = (work: 'agent_jobs' | 'follow_ups') =>
      brain.sql(`select (select count(*) from codered.ci_jobs) as jobs, (select count(*) from codered.${work}) as work,
        (select count(*) from codered.bug_patterns where source = 'ui') as patterns,
        (select count(*) from codered.events where payload ->> 'message' = 'before') as events`);
    const before = await counts('agent_jobs');
    await migrateBackend(backend, await readOldMigrations());
    expect(await migrateBackend(backend, files)).toMatchObject({ adopted: true });
    expect(await counts('follow_ups')).toEqual(before);
    expect(before).toEqual([{ jobs: '1', work: expect.any(String), patterns: '1', events: '1' }]);
    expect(await brain.sql('select email, display_name from codered.profiles')).toEqual([
      { email: 'mona@example.test', display_name: 'Mona' },
    ]);
    expect(await brain.call('claim_follow_ups', { worker: 'w', batch: 10, lease_seconds: 60 })).not.toEqual([]);
    expect(await brain.call('record_facts', { facts })).toBeDefined();
  });
});
