// What `codered doctor` is told of what holds gates up: each thing from its moment on, and none that is not stuck.

import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openTestBrain, type TestBrain, testBackends } from '../support/brain.ts';
import { HEAD, pullRequestFact, REPOSITORY, repositoryFact, tell } from '../support/fact-rows.ts';
import { NEIGHBOUR, tellNeighbour } from '../support/neighbour.ts';
import { atOneMoment } from '../support/one-moment.ts';

/** What the doctor shows; a moment ago is that much longer than ten minutes. */
const MOMENT = "'10 minutes 1 millisecond'";

describe.each(testBackends)('the health of gates (%s)', (backend) => {
  let brain: TestBrain;
  beforeAll(async () => {
    brain = await openTestBrain(backend);
    await tell(brain, {
      repositories: [
        repositoryFact(),
        repositoryFact({ id: 902, name: 'gone', tells_presence: true, deleted_at: '2026-11-01T10:09:00Z' }),
      ],
      pull_requests: [pullRequestFact(), pullRequestFact({ number: 2, head_sha: 'c'.repeat(40) })],
    });
    await tellNeighbour(brain, { merged: false });
    await brain.script(`
      delete from codered.follow_ups;
      delete from codered.runs;
      delete from codered.publications;
      delete from codered.webhook_deliveries;`);
  });
  afterAll(() => brain.close());

  interface Health {
    readonly overdue: readonly object[];
    readonly unpublished: readonly object[];
    readonly dead_jobs: readonly object[];
    readonly waiting_jobs: { readonly count: number; readonly since: string | null };
    readonly waiting_deliveries: { readonly count: number; readonly since: string | null; readonly dead: number };
    readonly held_installations: readonly { readonly account: string }[];
  }
  /** What it says once these statements were run, all in one moment. */
  const healthAfter = (statements: string, minutes = 10): Promise<Health> =>
    atOneMoment(brain, async (session) => {
      await session.script(statements);
      const [row] = await session.query('select codered.gate_health($1) as health', [String(minutes)]);
      return JSON.parse(row?.health ?? '{}');
    });

  test('nothing is stuck where nothing is', async () => {
    expect(await healthAfter('')).toEqual({
      overdue: [],
      unpublished: [],
      dead_jobs: [],
      waiting_jobs: { count: 0, since: null },
      waiting_deliveries: { count: 0, since: null, dead: 0 },
      held_installations: [],
    });
  });

  describe('a check run', () => {
    const run = (more: { ago?: string; sha?: string; status?: string; gate?: string; repository?: number } = {}) => `
      with made as (
        insert into codered.runs (project_id, repository_id, pull_request_number, commit_sha, display_name, status)
        select project_id, id, 1, '${more.sha ?? HEAD}', 'x', '${more.status ?? 'running'}'
        from codered.repositories where id = ${more.repository ?? REPOSITORY}
        returning id
      )
      insert into codered.gate_executions
        (run_id, gate_id, gate_name, phase, gate_order, status, attempt_number, max_attempts, validation_results)
      select made.id, g.gate, g.name, g.phase, 0, g.status, 1, 100, jsonb_build_array(jsonb_build_object('waits', jsonb_build_object('until', g.until)))
      from made, (values
        ('a', 'lint', 'definition_of_done', '${more.gate ?? 'pending'}', now() - interval ${more.ago ?? MOMENT}),
        ('b', 'coverage', 'definition_of_done', 'pending', now() + interval '1 hour'),
        ('c', 'later', 'planning', 'pending', now() - interval '1 day')
      ) as g (gate, name, phase, status, until);`;
    const overdue = async (statements: string) => (await healthAfter(statements)).overdue;

    test('is overdue ten minutes after what it waits for should have come', async () => {
      const mine = { repository: 'octo-org/web-shop', pull_request_number: 1, commit_sha: HEAD, criteria: 'lint' };
      expect(await overdue(run())).toEqual([expect.objectContaining(mine)]);
      expect(await overdue(run({ ago: "'10 minutes'" }))).toEqual([]);
      const [first, second] = await overdue(run({ repository: NEIGHBOUR }) + run({ ago: "'1 hour'" }));
      expect([first, second]).toEqual([
        expect.objectContaining(mine),
        expect.objectContaining({ repository: 'octo-else/web-shop' }),
      ]);
    });

    test.each([
      ['of a former head', run({ sha: 'c'.repeat(40) })],
      ['that is over', run({ status: 'failed' })],
      ['whose criterion has passed', run({ gate: 'passed' })],
      ['of a closed pull request', `${run()} update codered.pull_requests set state = 'closed' where number = 1;`],
      ['of a repository that is gone', `${run()} update codered.repositories set deleted_at = now();`],
    ])('%s is not', async (_, statements) => {
      expect(await overdue(statements)).toEqual([]);
    });
  });

  describe('a publication', () => {
    const publication = (fields: string, repository = REPOSITORY) => `
      insert into codered.publications (repository_id, kind, target, desired, desired_hash)
      values (${repository}, 'comment', '1', '{}', 'x');
      alter table codered.publications disable trigger all;
      update codered.publications set updated_at = now() where repository_id = ${repository};
      update codered.publications set ${fields} where repository_id = ${repository};
      alter table codered.publications enable trigger all;`;
    const stuck = async (statements: string) => (await healthAfter(statements)).unpublished;

    test.each([
      ['given up', "available_at = 'infinity'", true],
      ['refused three times', "attempts = 3, last_error = 'no'", false],
      ['due for ten minutes', `updated_at = now() - interval ${MOMENT}`, false],
    ])('is stuck when it is %s', async (_, fields, is_given_up) => {
      const mine = expect.objectContaining({
        repository: 'octo-org/web-shop',
        kind: 'comment',
        target: '1',
        is_given_up,
      });
      expect(await stuck(publication(fields))).toEqual([mine]);
    });

    test.each([
      ['is new', "last_error = 'no'"],
      ['was refused twice', "attempts = 2, last_error = 'no'"],
      ['is tried the third time', 'attempts = 3'],
      ['is due since ten minutes just now', "updated_at = now() - interval '10 minutes'"],
      ['stands on GitHub', `published_hash = 'x', updated_at = now() - interval ${MOMENT}`],
    ])('is not where it %s', async (_, fields) => {
      expect(await stuck(publication(fields))).toEqual([]);
    });

    test('is not where its repository is gone', async () => {
      expect(await stuck(publication("available_at = 'infinity'", 902))).toEqual([]);
    });
  });

  describe('a job', () => {
    const job = (fields: string, kind = 'report') => `
      insert into codered.follow_ups (project_id, kind, repository_id, commit_sha)
      select project_id, '${kind}', id, '${HEAD}'
      from codered.repositories where id = ${REPOSITORY};
      alter table codered.follow_ups disable trigger all;
      update codered.follow_ups set ${fields} where kind = '${kind}';
      alter table codered.follow_ups enable trigger all;`;

    test('that was given up is told of for seven days, the newest first', async () => {
      const dead = async (statements: string) => (await healthAfter(statements)).dead_jobs;
      const given = (ago: string) => `status = 'failed', error = 'no', completed_at = now() - interval '${ago}'`;
      expect(await dead(job(given('6 days 23:59:59.999')))).toEqual([
        expect.objectContaining({
          kind: 'report',
          repository: 'octo-org/web-shop',
          commit_sha: HEAD,
          last_error: 'no',
        }),
      ]);
      expect(await dead(job(given('7 days')))).toEqual([]);
      expect(await dead(job("status = 'completed', completed_at = now()"))).toEqual([]);
      const both = await dead(job(given('2 days')) + job(given('1 day'), 'diagnose'));
      expect(both).toMatchObject([{ kind: 'diagnose' }, { kind: 'report' }]);
    });

    test('waits for a worker when it is due for ten minutes', async () => {
      const waiting = async (statements: string) => (await healthAfter(statements)).waiting_jobs.count;
      const due = (ago: string, status = 'queued') => `status = '${status}', run_after = now() - interval ${ago}`;
      expect(await waiting(job(due(MOMENT)) + job(due("'1 hour'"), 'diagnose'))).toBe(2);
      expect(await waiting(job(due("'10 minutes'")))).toBe(0);
      // One that runs waits when its lease has lapsed.
      expect(await waiting(job(due(MOMENT, 'running')))).toBe(1);
      expect(await waiting(job(due("'-1 second'", 'running')))).toBe(0);
      expect(
        await waiting(job("status = 'completed', completed_at = now(), run_after = now() - interval '1 day'")),
      ).toBe(0);
      expect((await healthAfter(job(due("'4 minutes'")), 3)).waiting_jobs.count).toBe(1);
      const { waiting_jobs } = await healthAfter(
        `${job(due(MOMENT))} ${job("status = 'queued', run_after = '2026-01-02T03:04:05Z'", 'diagnose')}`,
      );
      expect(new Date(waiting_jobs.since ?? '').toISOString()).toBe('2026-01-02T03:04:05.000Z');
    });
  });

  test('deliveries wait after ten minutes, and what was given up is counted apart', async () => {
    const delivery = (guid: string, status: string, ago: string) => `
      insert into codered.webhook_deliveries (app_id, guid, event, payload, status, received_at)
      values (1, '${guid}', 'push', '{}', '${status}', now() - interval ${ago});`;
    const { waiting_deliveries } = await healthAfter(
      delivery('a', 'pending', MOMENT) +
        delivery('b', 'failed', "'1 hour'") +
        delivery('c', 'pending', "'10 minutes'") +
        delivery('d', 'dead', "'1 second'") +
        delivery('e', 'dead', "'1 day'") +
        delivery('f', 'done', "'1 day'"),
    );
    expect(waiting_deliveries).toMatchObject({ count: 2, dead: 2 });
    const age = Date.now() - Date.parse(waiting_deliveries.since ?? '');
    expect(Math.round(age / 3_600_000)).toBe(1);
  });

  test('installations are held while they are paused or suspended, and there', async () => {
    const held = async (fields: string, more = '') =>
      (await healthAfter(`update codered.installations set ${fields}; ${more}`)).held_installations;
    expect(await held("paused_until = now() + interval '1 millisecond'")).toEqual([
      { account: 'octo-else', paused_until: expect.any(String), suspended_at: null },
      { account: 'octo-org', paused_until: expect.any(String), suspended_at: null },
    ]);
    expect(await held('paused_until = now()')).toEqual([]);
    expect(await held("suspended_at = now(), paused_until = now() + interval '1 hour'")).toMatchObject([
      { account: 'octo-else', paused_until: null, suspended_at: expect.any(String) },
      { account: 'octo-org', paused_until: null },
    ]);
    const gone = "update codered.installations set deleted_at = now() where account_login = 'octo-else';";
    expect(await held('suspended_at = now()', gone)).toMatchObject([{ account: 'octo-org' }]);
  });
});
