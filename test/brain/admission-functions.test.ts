// Who is let in, in SQL: by the account that a login means, whatever installations and logins look alike.

import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { openTestBrain, type TestBrain, testBackends } from '../support/brain.ts';
import {
  forgetEverything,
  installationFact,
  jobFact,
  minute,
  REPOSITORY,
  repositoryFact,
  runFact,
  tell,
} from '../support/fact-rows.ts';

describe.each(testBackends)('admission in SQL (%s)', (backend) => {
  let brain: TestBrain;
  beforeAll(async () => {
    brain = await openTestBrain(backend);
  });
  afterAll(() => brain.close());
  beforeEach(async () => {
    await forgetEverything(brain);
    await brain.script('delete from codered.allowed_accounts; delete from codered.kept_out_installations');
  });
  const know = (login: string, id: number) =>
    brain.sql('insert into codered.allowed_accounts (login, account_id) values ($1, $2)', [login, String(id)]);
  const twoInstallations = () =>
    tell(brain, {
      installations: [installationFact(), installationFact({ id: 701, account_login: 'Octo-Else', account_id: 501 })],
      repositories: [repositoryFact(), repositoryFact({ id: 901, installation_id: 701, owner: 'Octo-Else' })],
    });

  describe('is_account_allowed', () => {
    const isAllowed = async (allowed: string, id: number | null, login: string | null) =>
      (
        await brain.sql('select codered.is_account_allowed($1::text[], $2::bigint, $3) as a', [
          allowed,
          id === null ? null : String(id),
          login,
        ])
      )[0]?.a;

    it('goes by the login, whatever its case, as long as nobody is known under it', async () => {
      expect(await isAllowed('{octo,mona}', 500, 'OCTO')).toBe('t');
      expect(await isAllowed('{octo}', null, 'octo')).toBe('t');
      expect(await isAllowed('{octo}', 500, 'hubot')).toBe('f');
      expect(await isAllowed('{octo}', 500, null)).toBe('f');
      expect(await isAllowed('{}', 500, 'octo')).toBe('f');
    });

    it('goes by the id once one is known: the account may change its name, and nobody takes its place', async () => {
      await know('octo', 500);
      await know('mona', 600);
      expect(await isAllowed('{octo}', 500, 'renamed')).toBe('t');
      expect(await isAllowed('{octo}', 501, 'octo')).toBe('f');
      expect(await isAllowed('{octo}', null, 'octo')).toBe('f');
      expect(await isAllowed('{octo}', 600, 'mona')).toBe('f');
      expect(await isAllowed('{octo,mona}', 600, 'renamed')).toBe('t');
    });
  });

  describe('admit_account', () => {
    const admit = async (args: object) => brain.call('admit_account', { allowed: ['octo'], ...args });
    const keptOut = () =>
      brain.sql(
        'select id, account_id, account_login, deleted_at is not null as is_gone from codered.kept_out_installations order by id',
      );

    it('lets in a login of the list and notes whose it is, once', async () => {
      const found = { installation_id: 1, account_id: 500, account_login: 'Octo' };
      const answer = { is_allowed: true, is_news: false, account_login: 'Octo', reason: null };
      expect(await admit(found)).toEqual(answer);
      expect(await admit(found)).toEqual(answer);
      expect(await brain.sql('select login, account_id from codered.allowed_accounts')).toEqual([
        { login: 'octo', account_id: '500' },
      ]);
      expect(await keptOut()).toEqual([]);
    });

    it('keeps out what the list does not name, tells of it once, and says why', async () => {
      const found = { installation_id: 1, account_id: 600, account_login: 'mona' };
      const reason = 'kept out: CODERED_ALLOWED_ACCOUNTS does not name the account mona';
      expect(await admit(found)).toEqual({ is_allowed: false, is_news: true, account_login: 'mona', reason });
      expect(await admit(found)).toMatchObject({ is_news: false });
      expect(await admit({ ...found, installation_id: 2 })).toMatchObject({ is_news: true });
      await admit({ ...found, is_leaving: true });
      expect(await keptOut()).toEqual([
        { id: '1', account_id: '600', account_login: 'mona', is_gone: 't' },
        { id: '2', account_id: '600', account_login: 'mona', is_gone: 'f' },
      ]);
    });

    it('keeps out whoever took the name of another, with both ids, and one that names nobody', async () => {
      await know('octo', 500);
      expect(await admit({ account_id: 501, account_login: 'octo' })).toMatchObject({
        is_allowed: false,
        is_news: false,
        reason:
          'kept out: octo in CODERED_ALLOWED_ACCOUNTS is the account with the id 500, and this one has the id 501',
      });
      expect(await admit({ account_login: 'octo' })).toMatchObject({
        reason: expect.stringContaining('the id unknown'),
      });
      expect(await admit({})).toMatchObject({
        reason: 'kept out: it names no account, and CODERED_ALLOWED_ACCOUNTS is set',
      });
      expect(await keptOut()).toEqual([]);
    });

    it('goes by the account that the installation is known to have, not by what is told of another’s repository', async () => {
      await twoInstallations();
      const found = { allowed: ['octo-org'], account_id: 501, account_login: 'Octo-Else' };
      expect(await admit({ ...found, installation_id: 700 })).toMatchObject({
        is_allowed: true,
        account_login: 'octo-org',
      });
      expect(await admit({ ...found, installation_id: 701 })).toMatchObject({
        is_allowed: false,
        account_login: 'Octo-Else',
      });
      expect(await admit({ ...found, installation_id: 702 })).toMatchObject({ is_allowed: false });
    });

    it('lets in again what was kept out, tells of that once, and leaves others out', async () => {
      for (const [installation_id, account_login] of [
        [1, 'mona'],
        [2, 'hubot'],
      ] as const) {
        await admit({ installation_id, account_id: 600 + installation_id, account_login });
      }
      const found = { allowed: ['mona'], installation_id: 1, account_id: 601, account_login: 'mona' };
      expect(await admit(found)).toMatchObject({ is_allowed: true, is_news: true });
      expect(await admit(found)).toMatchObject({ is_news: false });
      expect((await keptOut()).map(({ id }) => id)).toEqual(['2']);
    });
  });

  describe('read_admission', () => {
    const read = (args: object) => brain.call('read_admission', { allowed: ['octo-org'], ...args });
    beforeEach(twoInstallations);

    it('answers for an installation, a repository by id or by name, and nothing for one that is not known', async () => {
      const ours = { account_login: 'octo-org', is_allowed: true };
      for (const args of [
        { installation_id: 700 },
        { repository_id: REPOSITORY },
        { full_name: 'octo-org/web-shop' },
      ]) {
        expect(await read(args)).toEqual(ours);
      }
      for (const args of [{ installation_id: 701 }, { repository_id: 901 }, { full_name: 'Octo-Else/web-shop' }]) {
        expect(await read(args)).toEqual({ account_login: 'Octo-Else', is_allowed: false });
      }
      expect(await read({ installation_id: 1 })).toBeNull();
      expect(await read({ full_name: 'octo-org/other' })).toBeNull();
    });

    it('wants the owner let in too who is told of', async () => {
      expect(await read({ installation_id: 700, owner_login: 'mona' })).toMatchObject({ is_allowed: false });
      expect(await read({ installation_id: 700, owner_id: 600 })).toMatchObject({ is_allowed: false });
      expect(await read({ installation_id: 700, owner_id: 500, owner_login: 'octo-org' })).toMatchObject({
        is_allowed: true,
      });
    });
  });

  it('kept_out_installations_now are those that are kept out and those that the list names no more', async () => {
    await twoInstallations();
    await brain.call('admit_account', {
      allowed: ['octo'],
      installation_id: 5,
      account_id: 600,
      account_login: 'mona',
    });
    await brain.call('admit_account', {
      allowed: ['octo'],
      installation_id: 6,
      account_id: 601,
      account_login: 'gone',
      is_leaving: true,
    });
    const now = async (...allowed: string[]) =>
      (await brain.sql('select id, reason from codered.kept_out_installations_now($1::text[])', [`{${allowed}}`])).map(
        ({ id }) => id,
      );
    expect(await now('octo-org')).toEqual(['5', '701']);
    expect(await now('octo-org', 'mona')).toEqual(['701']);
    expect(await now('octo-org', 'mona', 'octo-else')).toEqual([]);
    expect(await now()).toEqual(['5', '700', '701']);
    await tell(brain, {
      installations: [
        installationFact({
          id: 701,
          account_login: 'Octo-Else',
          account_id: 501,
          deleted_at: minute(9),
          source_updated_at: minute(9),
        }),
      ],
    });
    expect(await now('octo-org')).toEqual(['5']);
  });

  it('keep_out_delivery and put_off_delivery change the one delivery that is meant, unless it is done', async () => {
    const guids: [number, string, string][] = [
      [1, 'ours', 'processing'],
      [2, 'ours', 'processing'],
      [1, 'other', 'processing'],
      [1, 'done', 'done'],
    ];
    for (const [app, guid, status] of guids) {
      await brain.sql(
        `insert into codered.webhook_deliveries (app_id, guid, event, payload, status, attempts, locked_by, locked_until)
         values ($1::bigint, $2, 'push', '{"a": 1}', $3, 2, 'w', now())`,
        [String(app), guid, status],
      );
    }
    const rows = () =>
      brain
        .sql(
          `select app_id || ' ' || guid || ' ' || status || ' ' || attempts || ' ' || payload || ' ' || coalesce(last_error, '-') || ' ' || coalesce(locked_by, '-') as row
         from codered.webhook_deliveries order by app_id, guid`,
        )
        .then((all) => all.map(({ row }) => row));
    const before = await rows();
    const put = (guid: string) =>
      brain.sql(`select codered.put_off_delivery(1, $1, timestamptz '2030-01-01 00:00+00', 'not yet')`, [guid]);
    await put('done');
    expect(await rows()).toEqual(before);
    await put('ours');
    expect(await rows()).toEqual([before[0], before[1], '1 ours failed 1 {"a": 1} not yet -', before[3]]);
    const [due] = await brain.sql(
      `select available_at = timestamptz '2030-01-01 00:00+00' as due from codered.webhook_deliveries where app_id = 1 and guid = 'ours'`,
    );
    expect(due).toEqual({ due: 't' });
    for (const guid of ['done', 'ours']) {
      await brain.sql("select codered.keep_out_delivery(1, $1, 'kept out')", [guid]);
    }
    expect(await rows()).toEqual([before[0], before[1], '1 ours ignored 1 {} kept out -', before[3]]);
  });

  describe('quotas', () => {
    const limit = (excerpts: number) =>
      brain.script(`update codered.quotas set excerpts = ${excerpts} where installation_id is null`);
    const take = async (call: string) =>
      JSON.parse((await brain.sql(`select codered.${call} as answer`))[0]?.answer ?? 'null');
    beforeEach(async () => {
      await twoInstallations();
      await brain.script(
        'delete from codered.installation_usage; delete from codered.quotas where installation_id is not null',
      );
      await limit(2);
    });

    it('are those of the installation that sees the repository', async () => {
      const mine = (amount: number) => take(`take_repository_quota(${REPOSITORY}, 'excerpts', ${amount})`);
      expect(await mine(2)).toMatchObject({ granted: 2 });
      expect(await mine(1)).toMatchObject({ granted: 0 });
      expect(await take(`take_repository_quota(901, 'excerpts', 1)`)).toMatchObject({ granted: 1 });
      expect(await take(`take_repository_quota(1, 'excerpts', 1)`)).toBeNull();
    });

    it('of one’s own go before those of everybody, and are nobody else’s', async () => {
      await brain.script('insert into codered.quotas (installation_id, excerpts) values (700, 5)');
      expect(await take(`take_quota(700, 'excerpts', 5)`)).toMatchObject({ granted: 5 });
      expect(await take(`take_quota(701, 'excerpts', 3)`)).toMatchObject({ granted: 0 });
      expect(await take(`take_quota(701, 'excerpts', 2)`)).toMatchObject({ granted: 2 });
    });

    it('count an excerpt once: a failure that has one takes none, and another of the same run does', async () => {
      await tell(brain, { ci_events: [runFact(), runFact({ run_id: '7002' })], ci_jobs: [jobFact()] });
      await brain.script(`
        insert into codered.errors (project_id, source, ci_event_id, message, severity, fingerprint, verdict, excerpt)
        select e.project_id, 'ci', e.id, 'm', 'error', 'f' || e.run_id, 'new', case e.run_id when '7001' then 'said' end from codered.ci_events e`);
      const failure = (run: string, job: string) =>
        `(select jsonb_build_object('ci_event_id', e.id, 'ci_job_id', ${job}, 'deployment_id', null) from codered.ci_events e where e.run_id = '${run}')`;
      const job = '(select j.id from codered.ci_jobs j)';
      for (const [of, granted] of [
        [failure('7001', 'null'), 0],
        [failure('7002', 'null'), 1],
        [failure('7001', job), 1],
      ] as const) {
        await brain.script('delete from codered.installation_usage');
        await take(`take_excerpt(700, ${of})`);
        const [usage] = await brain.sql('select excerpts from codered.installation_usage where installation_id = 700');
        expect(usage?.excerpts).toBe(String(granted));
      }
    });
  });
});
