// The three queues when one installation fills them: another one is served at once, and a claim reads few rows.

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { asJson } from '../../src/model/json.ts';
import { openTestBrain, type TestBrain } from '../support/brain.ts';
import { installationFact, repositoryFact } from '../support/fact-rows.ts';

const ROWS = 100_000;
const BATCH = 8;
/** Of 100,000: what a claim of eight may look at. */
const MOST_READ = 1_000;

const queues = [
  ['claim_deliveries', 'webhook_deliveries', `codered.claim_deliveries('w', ${BATCH}, 60)`, 'guid', 'quiet'],
  ['claim_follow_ups', 'follow_ups', `codered.claim_follow_ups('w', ${BATCH}, 60)`, 'kind', 'diagnose'],
  ['claim_publications', 'publications', `codered.claim_publications('w', ${BATCH}, 60, 0)`, 'target', 'quiet'],
] as const;

describe('a queue that one installation fills', () => {
  let brain: TestBrain;
  beforeAll(async () => {
    brain = await openTestBrain('postgres');
    const facts = {
      installations: [
        installationFact({ id: 1 }),
        installationFact({ id: 2, account_login: 'other', account_id: 501 }),
      ],
      repositories: [
        repositoryFact({ id: 10, installation_id: 1 }),
        repositoryFact({ id: 20, installation_id: 2, owner: 'other', name: 'quiet' }),
      ],
    };
    await brain.call('record_facts', { facts: asJson(facts) });
    const past = `now() - interval '1 hour' + n * interval '1 millisecond'`;
    await brain.script(`
      delete from codered.follow_ups;
      insert into codered.webhook_deliveries (app_id, guid, event, installation_id, repository_id, payload, available_at)
      select 1, 'noisy ' || n, 'push', 1, 10, '{}', ${past} from generate_series(1, ${ROWS}) n;
      insert into codered.webhook_deliveries (app_id, guid, event, installation_id, repository_id, payload)
      values (1, 'quiet', 'push', 2, 20, '{}');
      insert into codered.follow_ups (kind, installation_id, repository_id, commit_sha, dedupe_key, run_after, created_at)
      select 'report', 1, 10, 'sha ' || n, 'noisy ' || n, ${past}, now() - interval '1 hour' from generate_series(1, ${ROWS}) n;
      insert into codered.follow_ups (kind, installation_id, repository_id, dedupe_key) values ('diagnose', 2, 20, 'quiet');
      insert into codered.publications (repository_id, kind, target, desired, desired_hash, available_at)
      select 10, 'comment', 'noisy ' || n, '{}', 'h', ${past} from generate_series(1, ${ROWS}) n;
      insert into codered.publications (repository_id, kind, target, desired, desired_hash)
      values (20, 'comment', 'quiet', '{}', 'h');
      analyze codered.webhook_deliveries, codered.follow_ups, codered.publications, codered.repositories, codered.installations`);
  });
  afterAll(() => brain?.close());

  it.each(queues)('is served by turns, and few of its rows are read: %s', async (_, table, claim, column, quiet) => {
    const { claimed, read } = await brain.session(async (session) => {
      await session.script('begin');
      const rows = await session.query(`select ${column} as name from ${claim}`);
      const [counts] = await session.query(
        `select seq_scan, seq_tup_read + coalesce(idx_tup_fetch, 0) as rows from pg_stat_xact_user_tables
         where schemaname = 'codered' and relname = '${table}'`,
      );
      await session.script('rollback');
      return { claimed: rows.map(({ name }) => name), read: counts };
    });
    expect(claimed).toContain(quiet);
    expect([table, read?.seq_scan, read?.rows]).toEqual([table, '0', expect.any(String)]);
    expect(Number(read?.rows)).toBeLessThan(MOST_READ);
  });
});
