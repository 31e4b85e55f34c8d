// Deliveries that are being recorded while the app's own work moves to follow_ups: all that follows from them is there afterwards.

import { describe, expect, it } from 'vitest';
import { openPostgres } from '../../src/brain/backends/postgres.ts';
import { migrateBackend } from '../../src/brain/migrate.ts';
import { readMigrationFiles } from '../../src/brain/migration-files.ts';
import { asJson } from '../../src/model/json.ts';
import { testBrain } from '../support/brain.ts';
import { jobFact, pullRequestFact, repositoryFact, runFact } from '../support/fact-rows.ts';
import { lendDatabase } from '../support/postgres-server.ts';

/** The migration that moves it. */
const MOVE = '20261130220000';

describe('a delivery that is being recorded while the follow-ups move', { tags: ['slow'] }, () => {
  it('is recorded, before or after, with all that follows', async () => {
    const files = await readMigrationFiles();
    const lent = await lendDatabase(null);
    const backend = openPostgres({ url: lent.url, onIdleError: () => {} });
    const brain = testBrain(backend, null);
    try {
      // Without the seed, which is of today's columns.
      const migrations = files.migrations.filter(({ version }) => version < MOVE);
      await migrateBackend(backend, { ...files, migrations, seed: '' });
      await brain.script(`insert into codered.webhook_deliveries (app_id, guid, event, payload, status, locked_by)
        values (1, 'g', 'workflow_job', '{}', 'processing', 'old')`);
      const facts = asJson({
        repositories: [repositoryFact()],
        pull_requests: [pullRequestFact()],
        ci_events: [runFact({ status: 'failed', conclusion: 'failure' })],
        ci_jobs: [jobFact({ status: 'failed', conclusion: 'failure' })],
      });
      const record = `select codered.record_delivery(1, 'g', $1)`;
      const waitsFor = (relation: string) =>
        expect
          .poll(() => brain.sql(`select 1 from pg_locks where not granted and relation = '${relation}'::regclass`))
          .not.toEqual([]);
      // One has recorded and not yet committed: the move waits, and has its jobs.
      await brain.session(async (worker) => {
        await worker.script('begin');
        await worker.query(record, [JSON.stringify(facts)]);
        const migration = migrateBackend(backend, files);
        await waitsFor('codered.webhook_deliveries');
        // Another comes while the move waits and goes on: it is recorded by the functions of then, or comes again.
        const late = brain
          .sql(record, [
            JSON.stringify({
              ...(facts as object),
              ci_jobs: [jobFact({ job_id: 78, status: 'failed', conclusion: 'failure' })],
            }),
          ])
          .then(
            () => null,
            (error: unknown) => error,
          );
        await worker.script('commit');
        await migration;
        if ((await late) !== null) {
          await brain.sql(record, [
            JSON.stringify({
              ...(facts as object),
              ci_jobs: [jobFact({ job_id: 78, status: 'failed', conclusion: 'failure' })],
            }),
          ]);
        }
      });
      expect(await brain.sql('select count(*) from codered.agent_jobs')).toEqual([{ count: '0' }]);
      expect(
        await brain.sql(
          `select kind, count(*) from codered.follow_ups where status = 'queued' group by kind order by kind`,
        ),
      ).toEqual([
        { kind: 'diagnose', count: '2' },
        { kind: 'report', count: expect.any(String) },
      ]);
    } finally {
      await brain.close();
      await lent.giveBack();
    }
  });

  it('is refused by what an old statement would still put into agent_jobs, and so comes again', async () => {
    const lent = await lendDatabase(await readMigrationFiles());
    const brain = testBrain(openPostgres({ url: lent.url, onIdleError: () => {} }), null);
    try {
      for (const [type, input, key] of [
        ['diagnose', '{}', 'diagnose:job:1'],
        ['report', '{}', 'report:1:a'],
        ['artifacts', '{}', 'artifacts:1'],
        ['plan_sprint', '{"repository_id": 1, "sha": "a", "paths": []}', 'specs:1:a'],
        ['pipeline', '{"kind": "command"}', 'command:1'],
        ['pipeline', '{"kind": "protection"}', 'deadline:protection:1'],
        ['pipeline', '{"kind": "bypasses"}', 'deadline:bypasses:1'],
      ] as const) {
        await expect(
          brain.sql('select codered.queue_job(null, $1, $2, $3)', [type, input, key]),
          `${type} ${key}`,
        ).rejects.toThrow();
      }
    } finally {
      await brain.close();
      await lent.giveBack();
    }
  });
});
