// Follow-ups that are over, days and single results of tests: they go by age, but for what somebody still asks for.

import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { pruneRows } from '../../src/brain/retention/retention.ts';
import { bothBackends, openTestBrain, type TestBrain } from '../support/brain.ts';
import { forgetEverything, HEAD, pullRequestFact, REPOSITORY, runFact, tell } from '../support/fact-rows.ts';

const OTHER = 'b'.repeat(40);

describe.each(bothBackends)('retention of follow-ups (%s)', (backend) => {
  let brain: TestBrain;
  beforeAll(async () => {
    brain = await openTestBrain(backend);
  });
  afterAll(() => brain.close());
  beforeEach(async () => {
    await forgetEverything(brain);
    await brain.script(`
      update codered.retention_policies set keep = '30 days' where table_name in ('follow_ups', 'webhook_deliveries')`);
  });

  const prune = (batchRows = 2) =>
    pruneRows(brain, { stop: new AbortController().signal, pauseMs: 0, batchRows }).then((rows) => rows.follow_ups);
  const keep = (table: string, age: string | null) =>
    brain.sql('update codered.retention_policies set keep = $1::interval where table_name = $2', [age, table]);
  const left = async () =>
    (await brain.sql('select dedupe_key as key from codered.follow_ups order by dedupe_key')).map(({ key }) => key);
  const due = async () => (await brain.call('prunable', {})).find(({ table_name }) => table_name === 'follow_ups')?.due;
  /** One that was queued and was over so many days ago; queued and running ones are not over. */
  const add = (key: string, { kind = 'report', status = 'completed', days = 31 } = {}) =>
    brain.sql(
      `insert into codered.follow_ups (kind, status, dedupe_key, created_at, run_after, completed_at)
       select $1, $2, $3, t.at, t.at, case when $2 in ('completed', 'failed') then t.at end
       from (select now() - make_interval(days => $4::integer) as at) as t`,
      [kind, status, key, String(days)],
    );
  const age = () =>
    brain.script(
      `update codered.follow_ups set created_at = created_at - interval '31 days', completed_at = completed_at - interval '31 days'`,
    );
  const finishAll = () => brain.script(`update codered.follow_ups set status = 'completed'`);

  it('takes what was done or given up before the age, batch by batch, and nothing that waits or runs', async () => {
    for (const key of ['1', '2', '3', '4', '5']) await add(`done ${key}`);
    await add('given up', { status: 'failed' });
    await add('waits', { status: 'queued', days: 400 });
    await add('runs', { status: 'running', days: 400 });
    await add('young', { days: 29 });
    expect(await due()).toBe(6);
    expect(await brain.call('prune_follow_ups', { batch: 2 })).toBe(2);
    expect(await prune()).toBe(4);
    expect(await left()).toEqual(['runs', 'waits', 'young']);
    expect(await due()).toBe(0);
    await expect(brain.call('prune_follow_ups', { batch: 0 })).rejects.toMatchObject({ code: 'CR002' });
  });

  it('takes nothing where the policy keeps for ever', async () => {
    await keep('follow_ups', null);
    await add('done', { days: 4_000 });
    expect(await prune()).toBe(0);
    expect(await left()).toEqual(['done']);
  });

  it.each(['diagnose', 'plan_sprint', 'command', 'protection'])(
    'keeps a %s for as long as the delivery that asked for it may be replayed',
    async (kind) => {
      await keep('webhook_deliveries', '60 days');
      await add('a month', { kind });
      await add('two months', { kind, days: 61 });
      await add('a look', { kind: 'report' });
      expect(await due()).toBe(2);
      expect(await prune()).toBe(2);
      expect(await left()).toEqual(['a month']);
      await keep('webhook_deliveries', null);
      await add('years', { kind, days: 4_000 });
      expect(await prune()).toBe(0);
    },
  );

  it('does not follow a command a second time while its delivery is there', async () => {
    await tell(brain, { pull_requests: [pullRequestFact()] });
    const facts = [
      {
        repository_id: REPOSITORY,
        pull_request_number: 1,
        comment_id: 5,
        author: 'octocat',
        author_id: 583231,
        author_type: 'User',
        text: '/codered recheck',
        created_at: '2026-11-01T10:00:00Z',
      },
    ];
    await brain.script('delete from codered.follow_ups');
    await keep('webhook_deliveries', '60 days');
    expect(await brain.call('queue_commands', { facts })).toBe(1);
    await finishAll();
    await age();
    expect(await prune()).toBe(0);
    expect(await brain.call('queue_commands', { facts })).toBe(0);
  });

  it('keeps that artifacts were read for as long as an open pull request is judged by them', async () => {
    const read = async (number: number, head_sha: string) => {
      await tell(brain, {
        pull_requests: [pullRequestFact({ number, head_sha })],
        ci_events: [runFact({ run_id: String(number), commit_sha: head_sha })],
      });
    };
    await read(1, HEAD);
    await read(2, OTHER);
    const events = await brain.sql('select id, commit_sha from codered.ci_events order by run_id');
    const ci_event_ids = events.map(({ id }) => id ?? '');
    const readAnew = () => brain.call('queue_evidence', { repository_id: REPOSITORY, ci_event_ids });
    await brain.script('delete from codered.follow_ups');
    expect(await readAnew()).toBe(2);
    expect(await brain.call('queue_information', { repository_id: REPOSITORY, ci_event_ids })).toBe(0);
    await finishAll();
    await age();
    await brain.script(`update codered.pull_requests set state = 'closed' where number = 2`);
    expect(await prune()).toBe(1);
    expect(await left()).toEqual([`artifacts:${ci_event_ids[0]}`]);
    const subject = await brain.call('read_gate_subject', {
      repository_id: REPOSITORY,
      pull_request_number: 1,
      sha: HEAD,
    });
    expect(subject).toMatchObject({ runs: [{ is_read: true }] });
    // One that is opened again has its artifacts read again.
    expect(await readAnew()).toBe(1);
    await brain.script(`update codered.follow_ups set status = 'completed', completed_at = null`);
    await age();
    await brain.script(`update codered.pull_requests set state = 'closed'`);
    expect(await prune()).toBe(2);
  });
});

describe.each(bothBackends)('retention of tests (%s)', (backend) => {
  let brain: TestBrain;
  beforeAll(async () => {
    brain = await openTestBrain(backend);
    await tell(brain, { ci_events: [runFact()] });
    await brain.script(`
      insert into codered.tests (repository_id, number, key, suite, name) values (${REPOSITORY}, 1, gen_random_uuid(), 'suite', 'test');
      insert into codered.test_days (test_id, day, on_default_branch, passed)
        select t.id, (now() at time zone 'UTC')::date - d, branch, 1
        from codered.tests t, unnest(array[0, 399, 401, 500]) as d, unnest(array[true, false]) as branch;
      insert into codered.test_results (repository_id, ci_event_id, commit_sha, run_attempt, suite, name, status, created_at)
        select ${REPOSITORY}, e.id, e.commit_sha, 1, 'suite', 'test', 'failed', now() - make_interval(days => d)
        from codered.ci_events e, unnest(array[0, 399, 401, 500]) as d`);
  });
  afterAll(() => brain.close());

  it('takes days and single results after 400 days, and leaves the test', async () => {
    const due = async () =>
      (await brain.call('prunable', {})).flatMap(({ table_name, due: rows }) =>
        table_name.startsWith('test_') ? [`${table_name} ${rows}`] : [],
      );
    expect(await due()).toEqual(['test_days 4', 'test_results 2']);
    const rows = await pruneRows(brain, { stop: new AbortController().signal, pauseMs: 0, batchRows: 3 });
    expect(rows).toMatchObject({ test_days: 4, test_results: 2 });
    expect(await due()).toEqual(['test_days 0', 'test_results 0']);
    const [row] = await brain.sql(`
      select (select count(*) from codered.test_days) as days, (select count(*) from codered.test_results) as results,
        (select count(*) from codered.tests) as tests`);
    expect(row).toEqual({ days: '4', results: '2', tests: '1' });
    for (const name of ['prune_test_days', 'prune_test_results'] as const) {
      await expect(brain.call(name, { batch: 0 })).rejects.toMatchObject({ code: 'CR002' });
    }
  });
});
