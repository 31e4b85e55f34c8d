// The app's own work moves from agent_jobs to follow_ups: nothing is lost, and workers of before go on.

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openEmbedded } from '../../src/brain/backends/embedded.ts';
import { openPostgres } from '../../src/brain/backends/postgres.ts';
import type { SqlBackend } from '../../src/brain/backends/sql-backend.ts';
import { migrateBackend } from '../../src/brain/migrate.ts';
import { type MigrationFiles, readMigrationFiles } from '../../src/brain/migration-files.ts';
import { asJson } from '../../src/model/json.ts';
import { type TestBrain, testBackends, testBrain } from '../support/brain.ts';
import { jobFact, pullRequestFact, repositoryFact, runFact } from '../support/fact-rows.ts';
import { type LentDatabase, lendDatabase } from '../support/postgres-server.ts';

/** The migration that moves it. */
const MOVE = '20261130220000';

const one = '00000000-0000-4000-8000-00000000000';
/** Rows of every kind and status, as the functions of before left them; those of others beside them. */
const rows = `
  insert into codered.agent_jobs
    (id, agent_type, dedupe_key, status, input, run_after, attempts, locked_by, locked_until, started_at, user_id) values
    ('${one}1', 'diagnose', 'diagnose:job:1', 'queued', '{"repository_id": 900, "ci_event_id": "${one}9"}', now(), 0, null, null, null, null),
    ('${one}2', 'report', 'report:900:abc', 'queued', '{"repository_id": 900, "head_sha": "abc"}', now() + interval '1 hour', 3, null, null, null, null),
    ('${one}3', 'report', 'deadline:900:abc', 'queued', '{"repository_id": 900, "head_sha": "abc"}', now() + interval '1 day', 0, null, null, null, null),
    ('${one}4', 'artifacts', 'artifacts:7', 'running', '{"repository_id": 900}', now() + interval '1 hour', 1, 'old', now() + interval '1 hour', now(), null),
    ('${one}5', 'plan_sprint', 'specs:900:abc', 'queued', '{"repository_id": 900, "sha": "abc", "paths": []}', now(), 0, null, null, null, null),
    ('${one}6', 'pipeline', 'command:5', 'queued', '{"kind": "command", "repository_id": 900, "pull_request_number": 4, "comment_id": 5}', now(), 0, null, null, null, null),
    ('${one}7', 'pipeline', 'protection:900:1:prod', 'queued', '{"kind": "protection", "repository_id": 900, "sha": "abc"}', now(), 0, null, null, null, null),
    ('${one}8', 'pipeline', 'deadline:protection:900:1:prod', 'queued', '{"kind": "protection", "repository_id": 900, "sha": "abc"}', now() + interval '1 hour', 0, null, null, null, null),
    ('${one}9', 'pipeline', 'deadline:bypasses:900:60', 'queued', '{"kind": "bypasses", "repository_id": 900}', now(), 0, null, null, null, null),
    ('${one}a', 'report', 'report:900:done', 'completed', '{"repository_id": 900, "head_sha": "done"}', now(), 1, null, null, now(), null),
    ('${one}b', 'diagnose', 'diagnose:job:2', 'failed', '{}', now(), 8, null, null, now(), null),
    ('${one}c', 'pipeline', 'command:6', 'queued', '{"repository_id": 1e30, "pull_request_number": "x", "ci_event_id": "y"}', now(), 0, null, null, null, null),
    ('${one}d', 'pipeline', 'nightly', 'queued', '{}', now(), 0, null, null, null, null),
    ('${one}e', 'plan_sprint', 'sprint 7', 'queued', '{"sprint": 7}', now(), 0, null, null, null, null),
    ('${one}f', 'research', null, 'queued', '{}', now(), 0, null, null, null, null)`;

const moved = [
  ['1', 'diagnose', 'queued', '1', 'f', '900', null],
  ['2', 'report', 'queued', '1', 'f', '900', 'abc'],
  ['3', 'report', 'queued', '2', 't', '900', 'abc'],
  ['4', 'artifacts', 'running', '1', 'f', '900', null],
  ['5', 'plan_sprint', 'queued', '1', 'f', '900', 'abc'],
  ['6', 'command', 'queued', '0', 'f', '900', null],
  ['7', 'protection', 'queued', '0', 'f', '900', 'abc'],
  ['8', 'protection', 'queued', '2', 't', '900', 'abc'],
  ['9', 'bypasses', 'queued', '2', 't', '900', null],
  ['a', 'report', 'completed', '1', 'f', '900', 'done'],
  ['b', 'diagnose', 'failed', '1', 'f', null, null],
  ['c', 'command', 'queued', '0', 'f', null, null],
];

describe.each(testBackends)('the move of the follow-ups on %s', (kind) => {
  let files: MigrationFiles;
  let lent: LentDatabase | null = null;
  let backend: SqlBackend;
  let brain: TestBrain;
  beforeAll(async () => {
    files = await readMigrationFiles();
    lent = kind === 'postgres' ? await lendDatabase(null) : null;
    backend =
      lent === null ? await openEmbedded({ directory: null }) : openPostgres({ url: lent.url, onIdleError: () => {} });
    // Without the seed, which is of today's columns.
    const migrations = files.migrations.filter(({ version }) => version < MOVE);
    await migrateBackend(backend, { ...files, migrations, seed: '' });
    brain = testBrain(backend, null);
    await brain.call('record_facts', { facts: asJson({ repositories: [repositoryFact()] }) });
    await brain.script(`delete from codered.agent_jobs; ${rows}`);
  });
  afterAll(async () => {
    await brain?.close();
    await lent?.giveBack();
  });

  const jobs = () => brain.sql('select * from codered.agent_jobs order by id');
  const statusOf = async (id: string) =>
    (await brain.sql('select status, error from codered.follow_ups where id = $1', [`${one}${id}`]))[0];
  const claimOld = (worker: string) => brain.call('claim_jobs', { worker, batch: 50, lease_seconds: 60 });

  it('is nothing at all when it breaks off half-way', async () => {
    const before = await jobs();
    const broken = files.migrations.map((one) =>
      one.version === MOVE ? { ...one, sql: `${one.sql}\nselect 1 / 0;` } : one,
    );
    await expect(migrateBackend(backend, { ...files, migrations: broken })).rejects.toThrow(/left nothing behind/);
    expect(await jobs()).toEqual(before);
    expect(await brain.sql(`select to_regclass('codered.follow_ups') as there`)).toEqual([{ there: null }]);
  });

  it('waits for whoever is writing a job, and takes it along', async () => {
    const migrated = Promise.withResolvers<unknown>();
    if (kind === 'postgres') {
      await brain.session(async (writer) => {
        await writer.script(
          `begin; select codered.queue_job(null, 'report', '{"repository_id": 900, "head_sha": "late"}', 'report:900:late')`,
        );
        migrateBackend(backend, files).then(migrated.resolve, migrated.reject);
        await expect
          .poll(() =>
            brain.sql(`select 1 from pg_locks where not granted and relation = 'codered.agent_jobs'::regclass`),
          )
          .not.toEqual([]);
        await writer.script('commit');
      });
    } else {
      await brain.sql(
        `select codered.queue_job(null, 'report', '{"repository_id": 900, "head_sha": "late"}', 'report:900:late')`,
      );
      migrateBackend(backend, files).then(migrated.resolve, migrated.reject);
    }
    expect(await migrated.promise).toMatchObject({ applied: expect.arrayContaining([`${MOVE}_follow_ups`]) });
    expect(await brain.sql(`select status from codered.follow_ups where commit_sha = 'late'`)).toEqual([
      { status: 'queued' },
    ]);
    await brain.script(`delete from codered.follow_ups where commit_sha = 'late'`);
  });

  it('takes all that is the app’s own, and nothing else', async () => {
    const found = await brain.sql(
      `select right(id::text, 1) as id, kind, status, priority, is_scheduled, repository_id, commit_sha from codered.follow_ups order by id`,
    );
    expect(found.map((row) => Object.values(row))).toEqual(moved);
    expect((await jobs()).map(({ agent_type }) => agent_type)).toEqual(['pipeline', 'plan_sprint', 'research']);
    expect(
      await brain.sql(`
        select run_after > now() + interval '59 minutes' as later, attempts, input, dedupe_key from codered.follow_ups where id = '${one}2'`),
    ).toEqual([
      { later: 't', attempts: '3', input: '{"head_sha": "abc", "repository_id": 900}', dedupe_key: 'report:900:abc' },
    ]);
    // What agents queue under keys of their own stays theirs, and is let in as before.
    await brain.sql(`select codered.queue_job(null, 'pipeline', '{"a": 1}', 'nightly')`);
    await brain.sql(`update codered.agent_jobs set progress = 3 where dedupe_key = 'sprint 7'`);
  });

  it('lets whoever held a follow-up renew and finish it under its name alone', async () => {
    const key = { id: `${one}4`, worker: 'old' };
    const lease = { lease_seconds: 7200, guids: [], publications: [] };
    expect(await brain.call('renew_leases', { ...lease, worker: 'another', jobs: [key.id] })).toBe(0);
    expect(await brain.call('renew_leases', { ...lease, worker: 'old', jobs: [key.id] })).toBe(1);
    await brain.call('complete_job', { ...key, worker: 'another' });
    await brain.call('retry_job', { ...key, worker: 'another', error: 'x', delay_ms: 0 });
    await brain.call('fail_job', { ...key, worker: 'another', error: 'x' });
    expect(await statusOf('4')).toEqual({ status: 'running', error: null });
  });

  it('has what a worker of before died at taken up when its lease ends, by new workers', async () => {
    const claim = () => brain.call('claim_follow_ups', { worker: 'new', batch: 50, lease_seconds: 60 });
    await brain.script(`update codered.follow_ups set run_after = now() + interval '1 hour' where status = 'queued'`);
    expect(await claim()).toEqual([]);
    await brain.script(`update codered.follow_ups set run_after = now(), locked_until = now() where id = '${one}4'`);
    const [taken] = await claim();
    expect(taken).toMatchObject({ id: `${one}4`, attempts: 1 });
    await brain.call('complete_job', { id: `${one}4`, worker: 'old' });
    expect(await statusOf('4')).toMatchObject({ status: 'running' });
    await brain.call('finish_follow_up', { id: `${one}4`, claim: taken?.claim ?? 0 });
    expect(await statusOf('4')).toMatchObject({ status: 'completed' });
  });

  it('hands each step to workers of before as they know it, who complete, retry and fail it', async () => {
    await brain.script(`update codered.follow_ups set run_after = now() where status = 'queued'`);
    const claimed = await claimOld('old');
    const types = claimed.map(({ id, agent_type, input }) => [
      id.at(-1),
      agent_type,
      (input as { kind?: string }).kind ?? null,
    ]);
    expect(types.toSorted()).toEqual([
      ['1', 'diagnose', null],
      ['2', 'report', null],
      ['3', 'report', null],
      ['5', 'plan_sprint', null],
      ['6', 'pipeline', 'command'],
      ['7', 'pipeline', 'protection'],
      ['8', 'pipeline', 'protection'],
      ['9', 'pipeline', 'bypasses'],
      ['c', 'pipeline', null],
    ]);
    await brain.call('complete_job', { id: `${one}1`, worker: 'old', result: { a: 1 } });
    await brain.call('fail_job', { id: `${one}5`, worker: 'old', error: 'no' });
    await brain.call('retry_job', { id: `${one}6`, worker: 'old', error: 'later', delay_ms: 0 });
    expect(await statusOf('1')).toEqual({ status: 'completed', error: null });
    expect(await statusOf('5')).toEqual({ status: 'failed', error: 'no' });
    expect(await statusOf('6')).toEqual({ status: 'queued', error: 'later' });
    expect((await claimOld('old')).map(({ id, attempts }) => [id, attempts])).toEqual([[`${one}6`, 2]]);
  });

  it('is answered by every function that workers of before call, with what they give it', async () => {
    await brain.script(`insert into codered.webhook_deliveries (app_id, guid, event, payload) values
      (1, 'g1', 'push', '{}'), (1, 'g2', 'push', '{}'), (1, 'g3', 'push', '{}'), (1, 'g4', 'push', '{}'), (1, 'g5', 'push', '{}')`);
    expect(await brain.call('claim_deliveries', { worker: 'old', batch: 9, lease_seconds: 60 })).toHaveLength(5);
    await brain.call('ignore_delivery', { app_id: 1, guid: 'g1', reason: 'r' });
    await brain.call('keep_out_delivery', { app_id: 1, guid: 'g2', reason: 'r' });
    await brain.call('put_off_delivery', { app_id: 1, guid: 'g3', reason: 'r', until: '2099-01-01T00:00:00Z' });
    await brain.call('fail_delivery', { app_id: 1, guid: 'g4', error: 'e', dead: false, worker: 'old' });
    const facts = {
      pull_requests: [pullRequestFact()],
      ci_events: [runFact({ status: 'failed', conclusion: 'failure' })],
      ci_jobs: [jobFact({ status: 'failed', conclusion: 'failure' })],
    };
    await brain.call('record_delivery', { app_id: 1, guid: 'g5', facts: asJson(facts) });
    expect(await brain.sql('select guid, status from codered.webhook_deliveries order by guid')).toEqual([
      { guid: 'g1', status: 'ignored' },
      { guid: 'g2', status: 'ignored' },
      { guid: 'g3', status: 'failed' },
      { guid: 'g4', status: 'failed' },
      { guid: 'g5', status: 'done' },
    ]);
    expect((await claimOld('old')).map(({ agent_type }) => agent_type)).toContain('diagnose');
    const publication = { id: `${one}1`, worker: 'old' };
    await brain.call('claim_publications', { worker: 'old', batch: 1, lease_seconds: 60 });
    await brain.call('park_publication', { ...publication, error: 'e' });
    await brain.call('yield_publication', { ...publication, error: 'e' });
    await brain.call('defer_publication', { ...publication, error: 'e', delay_ms: 1, pause_installation_ms: 0 });
    await brain.call('release_leases', {});
  });
});
