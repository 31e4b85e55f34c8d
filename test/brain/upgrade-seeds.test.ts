// Runs, jobs and sprints as the version before left them, under the rules of this one.

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openEmbedded } from '../../src/brain/backends/embedded.ts';
import { openPostgres } from '../../src/brain/backends/postgres.ts';
import type { SqlBackend } from '../../src/brain/backends/sql-backend.ts';
import { migrateBackend } from '../../src/brain/migrate.ts';
import { type MigrationFiles, readMigrationFiles } from '../../src/brain/migration-files.ts';
import { type TestBrain, testBackends, testBrain } from '../support/brain.ts';
import { pullRequestFact, REPOSITORY, repositoryFact } from '../support/fact-rows.ts';
import { readOldMigrations } from '../support/old-migrations.ts';
import { type LentDatabase, lendDatabase } from '../support/postgres-server.ts';

/** The last migration of the version before. */
const FORMER = '20261129060100';
const id = (number: number) => `a0000000-0000-4000-8000-${String(number).padStart(12, '0')}`;
const sha = (digit: string) => digit.repeat(40);

describe.each(testBackends)('upgrading what the %s brain knows of runs and sprints', (kind) => {
  let files: MigrationFiles;
  let lent: LentDatabase | null = null;
  let backend: SqlBackend;
  let brain: TestBrain;
  let events = '';
  beforeAll(async () => {
    files = await readMigrationFiles();
    lent = kind === 'postgres' ? await lendDatabase(null) : null;
    backend =
      lent === null ? await openEmbedded({ directory: null }) : openPostgres({ url: lent.url, onIdleError: () => {} });
    await migrateBackend(backend, await readOldMigrations(FORMER));
    brain = testBrain(backend, null);
    const facts = { repositories: [repositoryFact()], pull_requests: [pullRequestFact()] };
    await brain.sql('select codered.record_facts($1::json)', [JSON.stringify(facts)]);
    await brain.script(past);
    events = await count();
    await migrateBackend(backend, await readOldMigrations());
    await migrateBackend(backend, files);
  });
  afterAll(async () => {
    await brain.close();
    await lent?.giveBack();
  });

  const project = `(select project_id from codered.repositories where id = ${REPOSITORY})`;
  const past = `
    insert into auth.users (id) values ('${id(1)}'), ('${id(2)}');
    insert into codered.specs (id, project_id, repo, branch, storage_path, sha) values
      ('${id(10)}', ${project}, 'octo-org/web-shop', 'main', 'specs/a.md', '${sha('1')}');
    insert into codered.sprints (id, spec_id, project_id, label, dod_json) values
      ('${id(11)}', '${id(10)}', ${project}, 'S1', '{"lint_pass": true, "e2e_pass": true}'),
      ('${id(12)}', '${id(10)}', ${project}, 'S2', '{"lint_pass": true}');
    -- Done though nobody measured e2e; done rightly; an orphan beside it; somebody's who is gone; somebody's; the app's.
    insert into codered.runs (id, project_id, repository_id, commit_sha, sprint_id, status, started_at, finished_at) values
      ('${id(20)}', ${project}, ${REPOSITORY}, '${sha('2')}', '${id(11)}', 'completed', now(), now()),
      ('${id(21)}', ${project}, ${REPOSITORY}, '${sha('3')}', '${id(12)}', 'completed', now(), now());
    insert into codered.runs (id, project_id, repository_id, commit_sha, status, started_at, created_at) values
      ('${id(22)}', ${project}, ${REPOSITORY}, '${sha('3')}', 'running', now(), now() - interval '1 hour');
    insert into codered.gate_executions (run_id, gate_id, gate_name, gate_order, status, phase, validation_results) values
      ('${id(20)}', 'lint_pass', 'lint', 1, 'passed', 'definition_of_done', '[{"type": "lint_pass"}]'),
      ('${id(20)}', 'e2e_pass', 'e2e', 1, 'skipped', null, '[]'),
      ('${id(21)}', 'lint_pass', 'lint', 1, 'passed', null, '[{"type": "lint_pass"}]'),
      ('${id(22)}', 'lint_pass', 'lint', 1, 'pending', 'definition_of_done', '[]');
    insert into codered.runs (id, project_id, user_id, status) values
      ('${id(23)}', ${project}, '${id(1)}', 'pending'), ('${id(24)}', ${project}, '${id(2)}', 'pending');
    -- The history knows who made a run by whose request it was.
    set session_replication_role = replica;
    update codered.events set user_id = '${id(1)}' where run_id = '${id(23)}';
    set session_replication_role = origin;
    insert into codered.agent_jobs (id, project_id, agent_type, user_id, dedupe_key) values
      ('${id(30)}', ${project}, 'research', '${id(1)}', null), ('${id(31)}', ${project}, 'research', '${id(2)}', null),
      ('${id(32)}', ${project}, 'report', null, 'report:upgrade');
    delete from auth.users where id = '${id(1)}'`;
  const count = async () =>
    (await brain.sql(`select count(*) from codered.events where event_type like 'run.%'`))[0]?.count ?? '';

  it("says of every row whether it is the app's own, and lets nobody see more than before", async () => {
    const own = (table: string) =>
      brain.sql(`select id from codered.${table} where is_apps and id::text like 'a0000000%' order by id`);
    expect(await own('runs')).toEqual([{ id: id(20) }, { id: id(21) }, { id: id(22) }]);
    // The app's own job stands among its follow-ups by now.
    expect(await own('agent_jobs')).toEqual([]);
    expect(await brain.sql('select id from codered.follow_ups where id = $1', [id(32)])).toEqual([{ id: id(32) }]);
  });

  it('takes back what was called done without having been measured', async () => {
    expect(await brain.sql('select label, state from codered.sprints order by label')).toEqual([
      { label: 'S1', state: 'RUNNING' },
      { label: 'S2', state: 'DONE' },
    ]);
  });

  it('leaves no orphan running, and says of all gates which phase they are of', async () => {
    expect(await brain.sql('select status from codered.runs where id = $1', [id(22)])).toEqual([{ status: 'failed' }]);
    expect(await brain.sql('select count(*) from codered.gate_executions where phase is null')).toEqual([
      { count: '0' },
    ]);
  });

  it('tells the history nothing of columns that came', async () => {
    // One run was ended.
    expect(Number(await count()) - Number(events)).toBe(1);
  });

  it('keeps everything for ever that had no age before', async () => {
    expect(
      await brain.sql('select table_name from codered.retention_policies where keep is null order by table_name'),
    ).toEqual(['agent_runs', 'artifacts', 'gate_executions', 'runs'].map((table_name) => ({ table_name })));
  });
});
