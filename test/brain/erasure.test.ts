// Erasing an organisation or a repository: walks the catalogue for what is left of it, column by column.

import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  countErasure,
  type ErasureScope,
  erase,
  scopeDue,
  scopeOfOrganisation,
  scopeOfRepository,
} from '../../src/brain/retention/erasure.ts';
import { openTestBrain, type TestBrain, testBackends } from '../support/brain.ts';
import { rowsOf } from '../support/brain-rows.ts';
import { AUDIT, columnsHolding, textColumns } from '../support/columns-holding.ts';
import { atOneMoment } from '../support/one-moment.ts';
import { ID, idOf, numberOf, seedTwoOrgs } from './security/two-orgs.ts';

const MARK = 'unmistakable-7f3a9c';

/** Not of the organisation, though the seed names them after it. */
const NOT_THEIRS: Readonly<Record<string, string>> = {
  profiles: 'a person’s, with their account',
  oauth_tokens: 'a person’s',
  oauth_records: 'a person’s, or of whoever is about to be asked',
  oauth_clients: 'of an app that registered itself',
  oauth_keys: 'the deployment’s',
  github_grants: 'a person’s',
  sign_ins: 'a person’s',
  sign_in_states: 'of whoever is about to sign in',
  models: 'the deployment’s',
  agents: 'the deployment’s',
  workflow_templates: 'the deployment’s',
  pattern_embeddings: 'the deployment’s, for everybody',
  allowed_accounts: 'the deployment’s: whom it serves',
  memberships: 'who reads the audit',
  retention_policies: 'the deployment’s',
  chores: 'the deployment’s: whose turn it is',
  delivery_lists: 'the deployment’s: how far GitHub’s list was read',
};

describe.each(testBackends)('erasing on %s', (backend) => {
  let brain: TestBrain;
  const stop = new AbortController().signal;
  beforeEach(async () => {
    brain = await openTestBrain(backend);
    await seedTwoOrgs(brain);
  });
  afterEach(() => brain.close());

  const eraseAll = (scope: ErasureScope | null, batchRows = 500) => {
    if (scope === null) throw new RangeError('there is no such scope');
    return erase(brain, scope, { stop, pauseMs: 0, batchRows });
  };

  /** Writes the mark into all that takes it, of every row whose JSON matches; gives the columns that took it. */
  const markAll = async (ofThem: string) => {
    const taken: string[] = [];
    const columns = await textColumns(brain);
    await brain.session(async (session) => {
      // Neither keys nor triggers: what a column may hold is the question, not how it gets there.
      await session.script('set session_replication_role = replica');
      for (const { table, column, type, isWritten } of columns) {
        if (!isWritten || Object.hasOwn(NOT_THEIRS, table)) continue;
        const name = `"${column}"`;
        const values = {
          text: [`left(coalesce(${name}, ''), 40) || ' ${MARK}'`, `'${MARK}'`, `'https://${MARK}.example/'`],
          'text[]': [`coalesce(${name}, '{}') || array['${MARK}']`],
          json: [`'{"repository": {"id": 1}, "text": "${MARK}"}'::json`],
          jsonb: [
            `case jsonb_typeof(${name}) when 'array' then ${name} || '"${MARK}"' else coalesce(${name}, '{}') || '{"x": "${MARK}"}' end`,
            `${name} || '{"message": "${MARK}"}'`,
          ],
        }[type];
        for (const value of values ?? []) {
          const sql = `update codered.${table} t set ${name} = ${value} where to_jsonb(t)::text ~ '${ofThem}' returning 1`;
          const rows = await session.query(sql).catch(() => []);
          if (rows.length === 0) continue;
          taken.push(`${table}.${column}`);
          break;
        }
      }
      await session.script('set session_replication_role = origin');
    });
    return taken;
  };

  const holding = (text: string) => columnsHolding(brain, text);

  it('leaves no word of an organisation in any column but those of the audit, and all of the other’s rows', async () => {
    // One that is still there keeps what it may do; a person's own project is nobody else's.
    await brain.script(`
      update codered.installations set deleted_at = now() where id = ${numberOf('a', 2)};
      delete from codered.projects where org_id is null`);
    const theirs = await rowsOf(brain);
    const scope = await scopeOfOrganisation(brain, 'ORG-A');
    const taken = await markAll('org-a|666000');
    expect(taken.length).toBeGreaterThan(100);
    for (const place of ['webhook_deliveries.payload', 'errors.excerpt', 'artifacts.content', 'chunks.content']) {
      expect(taken).toContain(place);
    }
    await eraseAll(scope, 1);
    const left = await holding(MARK);
    expect(left.filter((place) => !Object.hasOwn(AUDIT, place))).toEqual([]);
    expect(left).toEqual(expect.arrayContaining(['events.payload', 'user_overrides.reason', 'decisions.title']));

    const ofB = (rows: Awaited<ReturnType<typeof rowsOf>>) =>
      Object.fromEntries(
        Object.entries(rows).map(([table, all]) => [table, all.filter((row) => /org-b|777000/.test(row)).sort()]),
      );
    expect(ofB(await rowsOf(brain))).toEqual(ofB(theirs));
    expect(await brain.sql(`select count(*)::text from codered.bug_patterns where source = 'builtin'`)).not.toEqual([
      { count: '0' },
    ]);
  });

  it('of a repository leaves nothing of it, and all of another one in the same project', async () => {
    const other = numberOf('a', 500);
    await brain.script(`
      insert into codered.repositories (id, installation_id, project_id, owner, name)
        values (${other}, ${numberOf('a', 2)}, '${idOf('a', ID.project)}', 'org-a', 'other');
      insert into codered.commits (repository_id, sha, message) values (${other}, repeat('c', 40), 'stays');
      insert into codered.agent_jobs (project_id, agent_type, input) values
        ('${idOf('a', ID.project)}', 'research', '{"repository_id": ${other}}'),
        ('${idOf('a', ID.project)}', 'research', '{"repository_id": ${numberOf('a', 1)}}');
      insert into codered.webhook_deliveries (app_id, guid, event, installation_id, repository_id, payload)
        values (1, 'stays', 'push', ${numberOf('a', 2)}, ${other}, '{}');`);
    const before = await brain.sql(`select count(*) from codered.tasks`);
    const { rows } = await eraseAll(await scopeOfRepository(brain, 'Org-A/Shop'));
    expect(rows).toMatchObject({ webhook_deliveries: 1, agent_jobs: 1, publications: 1, ci_events: 2, commits: 1 });
    for (const table of [
      'commits',
      'pull_requests',
      'publications',
      'ci_events',
      'deployments',
      'runs',
      'green_logs',
      'verdicts',
      'test_results',
    ]) {
      const left = await brain.sql(`select 1 from codered.${table} where repository_id = ${numberOf('a', 1)}`);
      expect([table, left]).toEqual([table, []]);
    }
    expect(await brain.sql(`select guid from codered.webhook_deliveries where guid = 'stays'`)).toHaveLength(1);
    expect(
      await brain.sql(`select 1 from codered.agent_jobs where input ->> 'repository_id' = '${other}'`),
    ).toHaveLength(1);
    expect(await brain.sql(`select count(*) from codered.tasks`)).toEqual(before);
    expect(
      await brain.sql(`select reason from codered.user_overrides where repository_id = ${numberOf('a', 1)}`),
    ).toHaveLength(1);
  });

  it('finds payloads whose row does not say whose they are, also such that Postgres can’t read', async () => {
    const [shop, account] = [numberOf('a', 1), numberOf('a', 9)];
    const deliver = (guid: string, payload: string, status = 'done') =>
      brain.sql(
        `insert into codered.webhook_deliveries (app_id, guid, event, payload, status) values (1, $1, 'push', $2, $3)`,
        [guid, payload, status],
      );
    await deliver(
      'nul',
      `{"head_commit": {"message": "a \\u0000 b \\\\u0000 ${MARK}"}, "repository": {"id": ${shop}}}`,
    );
    await deliver('half', `{"text": "\\ud83d ${MARK} \\udc00", "repository": {"id": ${shop}}}`, 'pending');
    await deliver('installed', `{"installation": {"id": 5, "account": {"id": ${account}}}, "text": "${MARK}"}`);
    await deliver('listed', `{"repositories": [{"id": 9}, {"id": ${shop}}], "text": "${MARK}"}`);
    await deliver('removed', `{"repositories_removed": [{"id": ${shop}}], "text": "${MARK}"}`, 'dead');
    await deliver('not yet', `{"repositories_added": [{"id": ${shop}}, {"id": 9}], "text": "x"}`, 'pending');
    await deliver('another’s', `{"repository": {"id": 1${shop}}, "organization": {"id": 1${account}}}`);
    await deliver('quotes it', `{"repository": {"id": 9}, "text": "\\"repository\\": {\\"id\\": ${shop}}"}`);
    await eraseAll(await scopeOfRepository(brain, 'org-a/shop'));
    const left = async () =>
      (await brain.sql(`select guid from codered.webhook_deliveries where repository_id is null order by 1`)).map(
        (row) => row.guid,
      );
    expect(await left()).toEqual(['another’s', 'installed', 'not yet', 'quotes it']);
    await eraseAll(await scopeOfOrganisation(brain, 'org-a'));
    expect(await left()).toEqual(['another’s', 'not yet', 'quotes it']);
    expect(await holding(MARK)).toEqual([]);
  });

  it('leaves what has gone to another organisation to that one', async () => {
    await brain.script(`update codered.repositories set installation_id = ${numberOf('b', 2)}, owner = 'org-b', name = 'moved'
      where id = ${numberOf('a', 1)}`);
    const scope = await scopeOfOrganisation(brain, 'org-a');
    expect(scope).toMatchObject({ repositories: [], projects: [] });
    await eraseAll(scope);
    expect(await brain.sql(`select 1 from codered.commits where repository_id = ${numberOf('a', 1)}`)).toHaveLength(1);
  });

  it('is nothing for names that nobody has, and nothing more a second time', async () => {
    expect(await scopeOfRepository(brain, 'org-a/nothing')).toBeNull();
    expect(await scopeOfRepository(brain, 'org-a')).toBeNull();
    expect(await scopeOfOrganisation(brain, 'org-%')).toBeNull();
    const scope = await scopeOfOrganisation(brain, 'org-a');
    await eraseAll(scope);
    const after = await rowsOf(brain);
    expect(scope && (await countErasure(brain, scope))).toEqual([]);
    expect((await eraseAll(scope)).rows).toEqual({});
    expect((await rowsOf(brain)).events).toEqual(after.events);
  });

  it('tells the history once, and nothing of what went', async () => {
    await brain.script(
      `update codered.projects set description = '${MARK}', rules = '{"x": "${MARK}"}' where id = '${idOf('a', ID.project)}'`,
    );
    const newest = async () => Number((await brain.sql('select max(id)::text as id from codered.events'))[0]?.id);
    const before = await newest();
    await eraseAll(await scopeOfOrganisation(brain, 'org-a'));
    const found = await brain.sql(`select event_type, payload::text from codered.events where id > ${before}`);
    expect(found.map(({ event_type }) => event_type)).toEqual(['retention.erased']);
    expect(found[0]?.payload).toContain('"ci_events": 2');
    expect(
      await brain.sql(`select description, rules::text from codered.projects where id = '${idOf('a', ID.project)}'`),
    ).toEqual([{ description: null, rules: '{}' }]);
  });

  it('takes what is written of a project, whichever of its texts it has, and nothing of another project', async () => {
    const [ours, theirs] = [idOf('a', ID.project), idOf('b', ID.project)];
    const texts: Readonly<Record<string, string>> = {
      description: `'${MARK}'`,
      tech_stack: `array['${MARK}']`,
      rules: `'{"x": "${MARK}"}'`,
      policy_rules: `'{"x": "${MARK}"}'`,
      architecture_spec: `'{"site_map": [], "global_state_needs": ["${MARK}"], "theme_colors": []}'`,
    };
    const bare = Object.keys(texts).map((column) => `${column} = ${/rules/.test(column) ? "'{}'" : 'null'}`);
    for (const [column, value] of Object.entries(texts)) {
      const rest = bare.filter((one) => !one.startsWith(`${column} =`)).join(', ');
      const left = await atOneMoment(brain, async (session) => {
        await session.script(`
          update codered.projects set ${column} = ${value}, ${rest}, requirements_spec = null;
          select codered.finish_erasure('{"repositories": [], "installations": [], "projects": ["${ours}"]}', '{}');`);
        const sql = `select id from codered.projects where to_jsonb(projects)::text like '%${MARK}%' and id in ('${ours}', '${theirs}')`;
        return session.query(sql);
      });
      expect([column, left]).toEqual([column, [{ id: theirs }]]);
    }
  });

  it('stops between two batches, and goes on from there', async () => {
    const ending = new AbortController();
    const scope = await scopeOfOrganisation(brain, 'org-a');
    if (scope === null) throw new RangeError('there is no such scope');
    const onBatch = () => ending.abort();
    const first = await erase(brain, scope, { stop: ending.signal, pauseMs: 0, batchRows: 1, onBatch });
    expect(first).toMatchObject({ is_done: false, rows: { webhook_deliveries: 1 } });
    expect(await eraseAll(scope)).toMatchObject({ is_done: true });
    expect(await countErasure(brain, scope)).toEqual([]);
  });

  describe('what is gone', () => {
    const shop = numberOf('a', 1);
    const installation = numberOf('a', 2);
    const later = (table: string, id: number, days: number) =>
      brain.script(`update codered.${table} set gone_at = gone_at - interval '${days} days' where id = ${id}`);

    it('is due so long after we were told as the policy says, whatever time GitHub gives; null means never', async () => {
      await brain.script(`update codered.repositories set deleted_at = '2020-01-01' where id = ${shop}`);
      expect(await scopeDue(brain)).toBeNull();
      await later('repositories', shop, 29);
      expect(await scopeDue(brain)).toBeNull();
      await later('repositories', shop, 2);
      expect(await scopeDue(brain)).toMatchObject({ repositories: [shop], installations: [] });
      await brain.script(`update codered.retention_policies set keep = null where table_name = 'repositories'`);
      expect(await scopeDue(brain)).toBeNull();
      await brain.script(`update codered.retention_policies set keep = '1 day' where table_name = 'repositories'`);
      expect(await scopeDue(brain)).toMatchObject({ repositories: [shop] });
    });

    it('is not due once it is there again, or GitHub tells of it', async () => {
      await brain.script(`update codered.repositories set deleted_at = '2020-01-01' where id = ${shop}`);
      await later('repositories', shop, 40);
      await brain.script(`update codered.repositories set source_updated_at = '2020-02-01' where id = ${shop}`);
      expect(await scopeDue(brain)).toBeNull();
      await later('repositories', shop, 40);
      expect(await scopeDue(brain)).not.toBeNull();
      await brain.script(`update codered.repositories set deleted_at = null where id = ${shop}`);
      expect(await scopeDue(brain)).toBeNull();
      expect(await brain.sql(`select 1 from codered.repositories where gone_at is not null`)).toEqual([]);
    });

    it('is all of an organisation that has uninstalled, also repositories that the last word did not list', async () => {
      await brain.script(`update codered.installations set deleted_at = '2020-01-01' where id = ${installation}`);
      await later('installations', installation, 31);
      const scope = await scopeDue(brain);
      expect(scope).toMatchObject({ repositories: [shop], installations: [installation], logins: ['org-a'] });
      await eraseAll(scope);
      expect(
        await brain.sql(`select 1 from codered.webhook_deliveries where installation_id = ${installation}`),
      ).toEqual([]);
      expect(await brain.sql(`select 1 from codered.tasks where title like 'org-a%'`)).toEqual([]);
    });

    it('is not what an organisation that has installed again can see', async () => {
      await brain.script(`
        update codered.installations set deleted_at = '2020-01-01' where id = ${installation};
        insert into codered.installations (id, org_id, account_login) values (${numberOf('a', 300)}, '${idOf('a', ID.org)}', 'org-a');
        update codered.repositories set installation_id = ${numberOf('a', 300)} where id = ${shop};`);
      await later('installations', installation, 31);
      expect(await scopeDue(brain)).toBeNull();
    });

    it('is looked for once more for a week, and lets work that was under way leave nothing', async () => {
      await brain.script(`update codered.repositories set deleted_at = '2020-01-01' where id = ${shop}`);
      await later('repositories', shop, 31);
      await eraseAll(await scopeDue(brain));
      const publish = `insert into codered.publications (repository_id, kind, target, desired, desired_hash) values (${shop}, 'comment', '9', '{}', 'x')`;
      await expect(brain.sql(publish)).rejects.toThrow(/There is no repository/);
      expect(await scopeDue(brain)).toMatchObject({ repositories: [shop] });
      await brain.script(`update codered.repositories set erased_at = now() - interval '8 days' where id = ${shop}`);
      expect(await scopeDue(brain)).toBeNull();
      // It is there again: everything goes on.
      await brain.script(
        `update codered.repositories set source_updated_at = now(), deleted_at = null where id = ${shop}`,
      );
      await brain.sql(publish);
    });

    it('takes the deliveries along that a worker has: nothing of them comes to stand', async () => {
      const guid = 'org-a-delivery';
      await brain.script(
        `update codered.webhook_deliveries set status = 'processing', locked_by = 'w' where guid = '${guid}'`,
      );
      await eraseAll(await scopeOfRepository(brain, 'org-a/shop'));
      const facts = { commits: [{ repository_id: shop, sha: 'd'.repeat(40), message: MARK, files: [] }] };
      expect(await brain.call('record_delivery', { app_id: 1, guid, facts })).toMatchObject({ is_erased: true });
      expect(await holding(MARK)).toEqual([]);
    });
  });
});
