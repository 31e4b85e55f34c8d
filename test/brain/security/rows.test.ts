// Who sees which rows: walks every table, partition and view of the schema, so that one without a rule fails here.

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { SqlSession } from '../../../src/brain/backends/sql-backend.ts';
import { openTestBrain, type TestBrain, testBackends } from '../../support/brain.ts';
import {
  attempt,
  become,
  becomeOwner,
  ID,
  idOf,
  inRolledBack,
  makeAttempts,
  markOf,
  numberOf,
  PEOPLE,
  seedTwoOrgs,
} from './two-orgs.ts';

/** The same for everybody who is signed in; why. */
const SHARED: Readonly<Record<string, string>> = {
  models: 'public read when active',
  agents: 'the agents of the deployment, not of an organisation',
  workflow_templates: 'public read when active',
  pattern_embeddings: 'architectures that worked, for everybody',
  retention_policies: 'how long the deployment keeps what',
};

/** Nobody’s but the app’s; why. */
const NOBODYS: Readonly<Record<string, string>> = {
  webhook_deliveries: 'raw payloads are the app’s',
  follow_ups: 'the app’s own queue; what comes of it is seen',
  command_counts: 'how often somebody commanded something is the app’s, to hold it against the limits',
  allowed_accounts: 'whom a deployment serves is its owner’s',
  sign_in_states: 'what is under way is the app’s: whoever read it could take another’s place',
  oauth_clients: 'what apps say of themselves is shown by the app, to whom they ask',
  oauth_records: 'what the authorization server remembers lets people in: it is the app’s',
  oauth_keys: 'who reads a signing key signs; sealed it is the app’s all the same',
  github_grants: 'what GitHub gave for a person is the app’s alone, also where they are that person',
  sign_ins: 'who is signed in is the app’s to say',
  idempotency_keys: 'what was answered to whoever asks again is given by the app, which asks for the right to it',
  asked_rights: 'what GitHub said that somebody may do is the app’s alone: nobody can say it of themselves',
  access_checks: 'when GitHub was asked of whom is the app’s',
  access_notices: 'what events said of people’s access is the app’s',
  quotas: 'what a deployment allows is its owner’s',
  installation_usage: 'the same, and what was used of it',
  request_budgets: 'how the app spends its requests is its owner’s',
  delivery_lists: 'what GitHub has of the App’s deliveries is the app’s to ask',
  missed_deliveries: 'the same, and what is missing of them',
  sweep_requests: 'the same, and what is asked for instead',
  backfills: 'what is asked of the past, and how far it has come, is the app’s',
  sweep_subjects: 'what the app asks GitHub for, and how often, is its owner’s',
  chores: 'whose turn it is, is the app’s',
  kept_out_installations: 'the same, of those it does not serve',
};

/** Of these a member misses rows of their own organisation’s people; why. */
const PARTLY: Readonly<Record<string, string>> = {
  projects: 'the project without an organisation is its owner’s alone',
  events: 'the same, for its history',
  repository_access: 'what one may see oneself is nobody else’s to read',
  profiles: 'its owner is in no organisation, so nobody but they sees theirs',
};

/** What the operator may read of organisations they are not in: jobs, and runs with what hangs on them. */
const OPERATORS = ['agent_jobs', 'artifacts', 'gate_executions', 'run_ci_events', 'runs'];

interface Relation {
  readonly name: string;
  readonly isView: boolean;
  readonly isPartition: boolean;
  readonly columns: string;
  readonly all: string;
}

async function relationsOf(session: SqlSession): Promise<readonly Relation[]> {
  const rows = await session.query(`
    select c.relname as name, c.relkind in ('v', 'm') as is_view, c.relispartition as is_partition,
      string_agg(quote_ident(a.attname), ', ') as all,
      string_agg(quote_ident(a.attname), ', ') filter (where has_column_privilege('authenticated', c.oid, a.attnum, 'select')) as columns
    from pg_class c
    join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
    where c.relnamespace = 'codered'::regnamespace and c.relkind in ('r', 'p', 'v', 'm', 'f')
    group by c.oid
    order by c.relname`);
  return rows.map((row) => ({
    name: row.name ?? '',
    isView: row.is_view === 't',
    isPartition: row.is_partition === 't',
    // What may not be read is asked for all the same, to see it refused.
    columns: row.columns ?? row.all ?? '',
    all: row.all ?? '',
  }));
}

const rowsWith = (mark: string, { name, columns }: Pick<Relation, 'name' | 'columns'>) =>
  `select 1 from (select ${columns} from codered.${name}) t where to_jsonb(t)::text ~ '${mark}'`;

/** Per relation how many rows with the mark that person reads, or the error's code. */
async function seenBy(session: SqlSession, user: string | null, mark: string, relations: readonly Relation[]) {
  await become(session, user);
  const outcomes = await attempt(
    session,
    relations.map((relation) => rowsWith(mark, relation)),
  );
  await becomeOwner(session);
  return Object.fromEntries(relations.map(({ name }, index) => [name, outcomes[index]?.outcome ?? 'nothing']));
}

/** Per relation how many rows with the mark there are. */
async function thereAre(session: SqlSession, mark: string, relations: readonly Relation[]) {
  const everything = relations.map(({ name, all }) => rowsWith(mark, { name, columns: all }));
  const outcomes = await attempt(session, everything);
  return Object.fromEntries(relations.map(({ name }, index) => [name, outcomes[index]?.outcome ?? 'nothing']));
}

describe.each(testBackends)('rows of another organisation (%s)', (backend) => {
  let brain: TestBrain;
  beforeAll(async () => {
    brain = await openTestBrain(backend);
    await seedTwoOrgs(brain);
  });
  afterAll(() => brain.close());

  const looking = <T>(work: (session: SqlSession, relations: readonly Relation[]) => Promise<T>) =>
    inRolledBack(brain, async (session) => {
      await makeAttempts(session);
      return work(session, await relationsOf(session));
    });
  /** Names of the relations whose outcome is not as it should be, with the outcome. */
  const wrong = (seen: Readonly<Record<string, string>>, isRight: (outcome: string, name: string) => boolean) =>
    Object.entries(seen)
      .filter(([name, outcome]) => !isRight(outcome, name))
      .map(([name, outcome]) => `${name}: ${outcome}`);
  const nothing = (outcome: string) => outcome === '0 rows' || outcome === '42501';

  it.each(['a', 'b'] as const)(
    'stand in every table and view (%s), or the tests below would prove nothing',
    async (letter) => {
      const empty = await looking(async (session, relations) => {
        expect(relations.length).toBeGreaterThan(45);
        const there = await thereAre(session, markOf(letter), relations);
        return wrong(there, (outcome, name) => name === 'retention_policies' || !nothing(outcome));
      });
      const advice = empty.map((found) => `${found}: add a row of each organisation to two-orgs.ts`);
      expect(advice).toEqual([]);
    },
  );

  it('name no other organisation, so that a mark tells whose a row is', async () => {
    const mixed = await looking(async (session, relations) => {
      const found = [];
      for (const { name, all } of relations.filter(({ isView }) => !isView)) {
        const both = `${rowsWith(markOf('a'), { name, columns: all })} and to_jsonb(t)::text ~ '${markOf('b')}'`;
        if ((await session.query(both)).length > 0) found.push(name);
      }
      return found;
    });
    expect(mixed).toEqual([]);
  });

  it.each([
    ['a member', PEOPLE.a.member],
    ['a maintainer', PEOPLE.a.maintainer],
    ['an admin', PEOPLE.a.admin],
    ['the owner of a project without organisation', PEOPLE.a.owner],
    ['a stranger', PEOPLE.stranger],
  ])('are not seen by %s, in any table or view', async (_, user) => {
    const seen = await looking((session, relations) => seenBy(session, user, markOf('b'), relations));
    expect(wrong(seen, (outcome, name) => Object.hasOwn(SHARED, name) || nothing(outcome))).toEqual([]);
  });

  it('are not seen, nor are anybody’s, by whoever has not signed in', async () => {
    const seen = await looking((session, relations) => seenBy(session, null, '', relations));
    expect(wrong(seen, (outcome) => outcome === '42501')).toEqual([]);
  });

  it.each([
    ['maintainer', ['profiles']],
    // Their tokens, and what they noted of no project; neither the job nor the run that they began there.
    ['member', ['events', 'oauth_tokens', 'profiles']],
  ] as const)('are not seen any more by whoever was a %s, not even a project that is theirs', async (who, own) => {
    const seen = await looking(async (session, relations) => {
      await session.script(`
        update codered.projects set owner_user_id = '${PEOPLE.b[who]}' where id = '${idOf('b', ID.project)}';
        delete from codered.memberships where user_id = '${PEOPLE.b[who]}';`);
      return seenBy(session, PEOPLE.b[who], markOf('b'), relations);
    });
    const left = Object.keys(seen).filter((name) => !Object.hasOwn(SHARED, name) && !nothing(seen[name] ?? ''));
    expect(left).toEqual(own);
  });

  it('and of one repository of a project are not seen by who reads another one of it alone', async () => {
    const reader = PEOPLE.stranger;
    const [first, second] = [numberOf('b', ID.repository), numberOf('b', 500)];
    const { ciEvent, passedCiEvent, ciJob, deployment, failedDeployment, deploymentStatus, error, testResult } = ID;
    const ofRuns = [ciEvent, passedCiEvent, ciJob, deployment, failedDeployment, deploymentStatus, error, testResult];
    const ofGate = [ID.publication, ID.override, ID.spec, ID.sprint, ID.run, ID.gate, ID.artifact];
    const things = [...ofRuns, ...ofGate].map((number) => idOf('b', number));
    const mark = [first, numberOf('b', 20), ...things].join('|');
    const { theirs, seen, project } = await looking(async (session, relations) => {
      await session.script(`
        insert into codered.repositories (id, installation_id, project_id, owner, name, private)
          values (${second}, ${numberOf('b', 2)}, '${idOf('b', ID.project)}', 'org-b', 'open', false);
        insert into codered.access_checks (user_id, checked_at) values ('${reader}', now());
        insert into codered.memberships (org_id, user_id, role, source)
          values ('${idOf('b', ID.org)}', '${reader}', 'collaborator', 'github');
        insert into codered.repository_access (user_id, repository_id, permission, source, checked_at)
          values ('${reader}', ${second}, 'admin', 'github', now())`);
      const there = relations.filter(({ name, isPartition }) => !Object.hasOwn(NOBODYS, name) && !isPartition);
      return {
        theirs: await thereAre(session, mark, there),
        seen: await seenBy(session, reader, mark, there),
        project: await seenBy(session, reader, idOf('b', ID.project), there),
      };
    });
    expect(wrong(seen, nothing)).toEqual([]);
    // Or the line above would prove nothing: of the project they see what is nobody's repository's.
    expect(Object.keys(theirs).filter((name) => !nothing(theirs[name] ?? '')).length).toBeGreaterThan(25);
    expect(project).toMatchObject({ projects: '1 rows', tasks: '2 rows', decisions: '1 rows' });
    expect(nothing(project.events ?? '')).toBe(false);
  });

  it('are seen by the operator where the documents say so, and nowhere else', async () => {
    const seen = await looking((session, relations) =>
      seenBy(
        session,
        PEOPLE.operator,
        markOf('b'),
        relations.filter(({ isView }) => !isView),
      ),
    );
    const open = Object.keys(seen).filter((name) => !nothing(seen[name] ?? ''));
    expect(open.filter((name) => !Object.hasOwn(SHARED, name))).toEqual(OPERATORS);
  });

  it('are seen by their own member, every one, unless a reason is written down', async () => {
    const missing = await looking(async (session, relations) => {
      const seen = await seenBy(session, PEOPLE.b.member, markOf('b'), relations);
      const there = await thereAre(session, markOf('b'), relations);
      return relations
        .filter(
          ({ name, isPartition }) => !Object.hasOwn(NOBODYS, name) && !isPartition && name !== 'retention_policies',
        )
        .filter(({ name, isView }) =>
          isView || Object.hasOwn(PARTLY, name) ? nothing(seen[name] ?? '') : seen[name] !== there[name],
        )
        .map(({ name }) => `${name}: ${seen[name]} of ${there[name]}`);
    });
    expect(missing).toEqual([]);
  });

  it('in partitions and in what is nobody’s are refused to their own member too', async () => {
    const open = await looking(async (session, relations) => {
      const closed = relations.filter(({ name, isPartition }) => isPartition || Object.hasOwn(NOBODYS, name));
      expect(closed.length).toBeGreaterThan(1);
      return wrong(await seenBy(session, PEOPLE.b.member, markOf('b'), closed), nothing);
    });
    expect(open).toEqual([]);
  });

  it('that are the same for everybody are seen by a stranger too', async () => {
    const seen = await looking((session, relations) =>
      seenBy(
        session,
        PEOPLE.stranger,
        '',
        relations.filter(({ name }) => Object.hasOwn(SHARED, name)),
      ),
    );
    expect(wrong(seen, (outcome) => !nothing(outcome))).toEqual([]);
    expect(Object.keys(seen)).toHaveLength(Object.keys(SHARED).length);
  });
});

describe.each(testBackends)('rows of one’s own organisation (%s)', (backend) => {
  let brain: TestBrain;
  beforeAll(async () => {
    brain = await openTestBrain(backend);
    await seedTwoOrgs(brain);
  });
  afterAll(() => brain.close());

  const asked = (user: string, query: string) =>
    inRolledBack(brain, async (session) => {
      await become(session, user);
      return (await session.query(query)).map((row) => Object.values(row)[0]);
    });

  it('of a profile show id, username, display_name and avatar_url, of oneself and of others', async () => {
    const readable = await brain.sql(`
      select a.attname as name from pg_attribute a
      where a.attrelid = 'codered.profiles'::regclass and a.attnum > 0 and has_column_privilege('authenticated', a.attrelid, a.attnum, 'select')
      order by 1`);
    expect(readable.map(({ name }) => name)).toEqual(['avatar_url', 'display_name', 'id', 'username']);
    for (const column of ['email', 'role', 'skill_level', 'github_login', 'p']) {
      await expect(asked(PEOPLE.a.member, `select ${column} from codered.profiles p`)).rejects.toMatchObject({
        code: '42501',
      });
    }
    // Nor can they be guessed at by a condition or an order.
    await expect(asked(PEOPLE.a.member, `select id from codered.profiles where role = 'admin'`)).rejects.toMatchObject({
      code: '42501',
    });
  });

  it('of profiles are those of people with whom one shares an organisation, and one’s own', async () => {
    const { member, maintainer, admin, owner } = PEOPLE.a;
    const everybody = [
      ...Object.values(PEOPLE.a),
      ...Object.values(PEOPLE.b),
      PEOPLE.stranger,
      PEOPLE.operator,
      PEOPLE.both,
    ];
    const seen = async (user: string) => {
      const ids = await asked(user, 'select id from codered.profiles');
      return everybody.filter((one) => ids.includes(one)).sort();
    };
    const colleagues = [member, maintainer, admin, PEOPLE.both].sort();
    for (const one of [member, maintainer, admin]) expect(await seen(one)).toEqual(colleagues);
    for (const one of [owner, PEOPLE.stranger, PEOPLE.operator]) expect(await seen(one)).toEqual([one]);
    const others = [PEOPLE.b.member, PEOPLE.b.maintainer, PEOPLE.b.admin];
    expect(await seen(PEOPLE.both)).toEqual([...colleagues, ...others].sort());
    expect(await asked(member, `select count(*) from codered.profiles where username like 'org-b%'`)).toEqual(['0']);
  });

  it.each(['oauth_tokens', 'agent_sessions'])('in %s are those of the one person', async (table) => {
    expect(await asked(PEOPLE.a.member, `select id from codered.${table}`)).toHaveLength(1);
    for (const other of [PEOPLE.a.maintainer, PEOPLE.a.admin, PEOPLE.operator]) {
      expect(await asked(other, `select id from codered.${table}`)).toEqual([]);
    }
  });

  it('that are runs or jobs are one’s own and those of nobody, with their gates and artifacts', async () => {
    const ids = (...numbers: number[]) => numbers.map((number) => idOf('a', number));
    const tables = ['runs', 'agent_jobs', 'gate_executions', 'artifacts'];
    const all = (user: string) =>
      Promise.all(tables.map((table) => asked(user, `select id from codered.${table} order by id`)));
    expect(await all(PEOPLE.a.member)).toEqual([
      ids(ID.run, ID.ownRun),
      ids(ID.job, ID.ownJob),
      ids(ID.gate, ID.ownGate),
      ids(ID.artifact, ID.taskArtifact),
    ]);
    expect(await all(PEOPLE.a.admin)).toEqual([
      ids(ID.run),
      ids(ID.job),
      ids(ID.gate),
      ids(ID.artifact, ID.taskArtifact),
    ]);
  });

  it('are a project without an organisation to its owner, with its history', async () => {
    expect(await asked(PEOPLE.a.owner, 'select id from codered.projects')).toEqual([idOf('a', ID.personalProject)]);
    expect(await asked(PEOPLE.a.owner, 'select distinct project_id from codered.events')).toEqual([
      idOf('a', ID.personalProject),
    ]);
  });

  it('without a project are everybody’s only where they are published', async () => {
    const names = (user: string) =>
      asked(user, 'select version from codered.specs where project_id is null order by 1');
    expect(await names(PEOPLE.stranger)).toEqual(['1']);
    expect(await names(PEOPLE.operator)).toEqual(['1', '2']);
    expect(await asked(PEOPLE.stranger, `select id from codered.models where id = 'retired-model'`)).toEqual([]);
    expect(await asked(PEOPLE.operator, `select id from codered.models where id = 'retired-model'`)).toHaveLength(1);
    expect(await asked(PEOPLE.stranger, `select slug from codered.workflow_templates where not is_active`)).toEqual([]);
    expect(await asked(PEOPLE.stranger, `select id from codered.agent_jobs`)).toEqual([]);
    expect(await asked(PEOPLE.stranger, `select title from codered.documents`)).toEqual(['global document']);
  });
});
