// Who may write what: attacks made from the catalogue, and the rules of docs/brain.md#who-may-do-what one by one.

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { SqlSession, TextRow } from '../../../src/brain/backends/sql-backend.ts';
import { openTestBrain, type TestBrain, testBackends } from '../../support/brain.ts';
import { rowsOf } from '../../support/brain-rows.ts';
import {
  attempt,
  become,
  becomeOwner,
  GLOBAL_ID,
  ID,
  idOf,
  inRolledBack,
  makeAttempts,
  markOf,
  numberOf,
  PEOPLE,
  seedTwoOrgs,
  shaOf,
} from './two-orgs.ts';

/** Plain ids that tell nothing and open nothing: a row of A may hold one of B, if somebody has guessed it. */
const PLAIN: Readonly<Record<string, string>> = {
  'bug_patterns.related_lessons': 'ids of lessons for a reader, looked up under the reader’s own policies',
  'tasks.assignee_agent_id': 'agents are the deployment’s, not an organisation’s',
  'lessons.source_id': 'the lesson outlives what it was learned from',
  'user_overrides.target_id': 'the override outlives what it was about',
  'memberships.user_id': 'an admin may take in anybody',
};

/** What only the operator writes, for every organisation. */
const OPERATORS = ['models', 'specs', 'workflow_templates', 'retention_policies'];

interface Column {
  readonly table: string;
  readonly name: string;
  readonly type: string;
  readonly isKey: boolean;
  readonly isUnique: boolean;
  readonly isGenerated: boolean;
  readonly mayInsert: boolean;
  readonly mayUpdate: boolean;
  readonly target: string | null;
}

async function columnsOf(session: SqlSession): Promise<ReadonlyMap<string, readonly Column[]>> {
  const rows = await session.query(`
    select c.relname as table, a.attname as name, format_type(a.atttypid, null) as type,
      exists (select from pg_index i where i.indrelid = c.oid and i.indisprimary and a.attnum = any (i.indkey)) as is_key,
      exists (select from pg_index i where i.indrelid = c.oid and i.indisunique and not i.indisprimary and a.attnum = any (i.indkey)) as is_unique,
      a.attgenerated <> '' or a.attidentity <> '' as is_generated,
      has_column_privilege('authenticated', c.oid, a.attnum, 'insert') and a.attgenerated = '' as may_insert,
      has_column_privilege('authenticated', c.oid, a.attnum, 'update') as may_update,
      (select f.confrelid::regclass::text from pg_constraint f where f.conrelid = c.oid and f.contype = 'f' and f.conkey = array[a.attnum]) as target
    from pg_class c
    join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
    where c.relnamespace = 'codered'::regnamespace and c.relkind in ('r', 'p')
    order by c.relname, a.attnum`);
  const tables = new Map<string, Column[]>();
  for (const row of rows) {
    const table = row.table ?? '';
    const column = {
      table,
      name: row.name ?? '',
      type: row.type ?? '',
      isKey: row.is_key === 't',
      isUnique: row.is_unique === 't',
      isGenerated: row.is_generated === 't',
      mayInsert: row.may_insert === 't',
      mayUpdate: row.may_update === 't',
      target: row.target ?? null,
    };
    tables.set(table, [...(tables.get(table) ?? []), column]);
  }
  return tables;
}

const quoted = (text: string | null | undefined) => (text == null ? 'null' : `'${text.replaceAll("'", "''")}'`);

/** The rows of one of the two, each value as text. */
async function rowsIn(session: SqlSession, table: string, columns: readonly Column[], mark: string) {
  const list = columns.map(({ name }) => `t."${name}"::text as "${name}"`).join(', ');
  return session.query(
    `select ${list} from codered.${table} t where to_jsonb(t)::text ~ '${mark}' order by to_jsonb(t)::text`,
  );
}

const whereKey = (columns: readonly Column[], row: TextRow) =>
  columns
    .filter(({ isKey }) => isKey)
    .map(({ name }) => `"${name}" = ${quoted(row[name])}`)
    .join(' and ');

/** Everything a stranger could try on one row of B. */
function attacksOn(table: string, columns: readonly Column[], row: TextRow, user: string): readonly string[] {
  const where = whereKey(columns, row);
  const mine: Readonly<Record<string, string>> = {
    project_id: idOf('a', ID.project),
    org_id: idOf('a', ID.org),
    user_id: user,
    owner_user_id: user,
    repository_id: String(numberOf('a', ID.repository)),
    deleted_at: '2020-01-01',
  };
  const updates = columns.flatMap(({ name }) =>
    [`"${name}"`, 'default', ...(mine[name] === undefined ? [] : [quoted(mine[name])])].flatMap((value) => [
      `update codered.${table} set "${name}" = ${value}`,
      `update codered.${table} set "${name}" = ${value} where ${where}`,
    ]),
  );
  const inserted = columns.filter(({ mayInsert, name }) => mayInsert && name !== 'id');
  const insert = (told: Readonly<Record<string, string | null>>) => insertInto(table, inserted, { ...row, ...told });
  return [
    ...updates,
    `delete from codered.${table}`,
    `delete from codered.${table} where ${where}`,
    `truncate codered.${table} cascade`,
    ...(inserted.length === 0 ? [`insert into codered.${table} default values`] : [insert({})]),
    ...(inserted.length === 0 ? [] : [insert({ user_id: user, owner_user_id: user })]),
  ];
}

function insertInto(table: string, columns: readonly Column[], row: TextRow): string {
  const names = columns.map(({ name }) => `"${name}"`).join(', ');
  return `insert into codered.${table} (${names}) values (${columns.map(({ name }) => quoted(row[name])).join(', ')})`;
}

describe.each(testBackends)('writes from another organisation (%s)', (backend) => {
  let brain: TestBrain;
  beforeAll(async () => {
    brain = await openTestBrain(backend);
    await seedTwoOrgs(brain);
  });
  afterAll(() => brain.close());

  const marked = async (session: SqlSession) => {
    const rows = await rowsOf({ sql: session.query });
    const mark = new RegExp(markOf('b'));
    return Object.fromEntries(Object.entries(rows).map(([table, all]) => [table, all.filter((row) => mark.test(row))]));
  };

  it.each([
    ['a member', PEOPLE.a.member],
    ['an admin', PEOPLE.a.admin],
    ['a stranger', PEOPLE.stranger],
  ])('change and add nothing, whatever %s tries on any table', async (_, user) => {
    await inRolledBack(brain, async (session) => {
      await makeAttempts(session);
      const tables = await columnsOf(session);
      const before = await marked(session);
      const attacks: string[] = [];
      for (const [table, columns] of tables) {
        const [row] = await rowsIn(session, table, columns, markOf('b'));
        if (row !== undefined) attacks.push(...attacksOn(table, columns, row, user));
      }
      expect(attacks.length).toBeGreaterThan(2000);
      await become(session, user);
      await attempt(session, attacks);
      await becomeOwner(session);
      expect(await marked(session)).toEqual(before);
    });
  });

  it('by whoever may add and change rows of A let no row of A point at one of B', async () => {
    const open = await inRolledBack(brain, async (session) => {
      await makeAttempts(session);
      const tables = await columnsOf(session);
      const targets = new Map<string, string>();
      for (const [table, columns] of tables) {
        const [row] = await rowsIn(session, table, columns, markOf('b'));
        targets.set(`codered.${table}`, row?.id ?? '');
      }
      const found: string[] = [];
      for (const [table, columns] of tables) {
        if (OPERATORS.includes(table) || table === 'profiles') continue;
        found.push(...(await pointersFrom(session, table, columns, targets)));
      }
      return [...new Set(found)].sort();
    });
    expect(open).toEqual(Object.keys(PLAIN).sort());
  });

  /** The columns of a table in which somebody of A got an id of B. */
  async function pointersFrom(
    session: SqlSession,
    table: string,
    columns: readonly Column[],
    targets: ReadonlyMap<string, string>,
  ): Promise<readonly string[]> {
    const rows = await rowsIn(session, table, columns, markOf('a'));
    const [own] = await rowsIn(session, table, columns, markOf('b'));
    const inserted = columns.filter(({ mayInsert, isKey, name }) => mayInsert && !(isKey && name === 'id'));
    const updated = columns.filter(({ mayUpdate }) => mayUpdate);
    const ids = columns.filter(({ type, isGenerated, name, isKey, target }) => {
      const names = /^uuid/.test(type) || (type === 'bigint' && (target !== null || name.endsWith('_id')));
      return names && !isGenerated && !(isKey && name === 'id');
    });
    const foreign = ({ type, name, target }: Column) => {
      const value = own?.[name] ?? (target === null ? null : targets.get(target)) ?? idOf('b', ID.task);
      return type.endsWith('[]') && !value.startsWith('{')
        ? `{${value}}`
        : value === '{}'
          ? `{${idOf('b', ID.task)}}`
          : value;
    };
    const found: string[] = [];
    let added = false;
    for (const user of [PEOPLE.a.member, PEOPLE.a.maintainer, PEOPLE.a.admin]) {
      for (const row of rows) {
        const mine: TextRow = {
          ...row,
          ...Object.fromEntries(
            columns.filter((c) => c.isUnique && c.type === 'text').map((c) => [c.name, `${row[c.name]}_2`]),
          ),
          ...('event_type' in row ? { event_type: 'note.more' } : {}),
          // A project is made by a maintainer, a membership given to somebody who has none, a run belongs to no repository.
          ...('user_id' in row ? { user_id: table === 'memberships' ? PEOPLE.stranger : user } : {}),
          ...(table === 'artifacts' ? { run_id: null, gate_execution_id: null, task_id: idOf('a', ID.task) } : {}),
        };
        await become(session, user);
        const [base] = inserted.length === 0 ? [] : await attempt(session, [insertInto(table, inserted, mine)]);
        added ||= base?.outcome === '1 rows';
        const tries = ids.flatMap((column) => {
          const bad: TextRow = { ...mine, [column.name]: foreign(column) };
          return [
            ...(inserted.includes(column) && base?.outcome === '1 rows'
              ? [{ column, statement: insertInto(table, inserted, renewed(columns, bad)) }]
              : []),
            ...(updated.includes(column)
              ? [
                  {
                    column,
                    statement: `update codered.${table} set "${column.name}" = ${quoted(foreign(column))} where ${whereKey(columns, row)}`,
                  },
                ]
              : []),
          ];
        });
        const outcomes = await attempt(
          session,
          tries.map(({ statement }) => statement),
        );
        await becomeOwner(session);
        found.push(
          ...tries
            .filter((_, index) => outcomes[index]?.outcome === '1 rows')
            .map(({ column }) => `${table}.${column.name}`),
        );
      }
    }
    if (inserted.length > 0 && !added)
      found.push(`${table}: granted, but no row of A could be added, so nothing was tried`);
    return found;
  }

  /** With other unique names than the row that was added just before. */
  function renewed(columns: readonly Column[], row: TextRow): TextRow {
    const unique = columns.filter((column) => column.isUnique && column.type === 'text');
    return { ...row, ...Object.fromEntries(unique.map(({ name }) => [name, `${row[name]}_3`])) };
  }
});

type Who = 'member' | 'maintainer' | 'admin' | 'owner' | 'operator' | 'stranger' | 'other' | 'anon';

const EVERYBODY: Readonly<Record<Who, string | null>> = {
  ...PEOPLE.a,
  operator: PEOPLE.operator,
  stranger: PEOPLE.stranger,
  /** Of organisation B. */
  other: PEOPLE.b.member,
  anon: null,
};
const MEMBERS: readonly Who[] = ['member', 'maintainer', 'admin'];
const MAINTAINERS: readonly Who[] = ['maintainer', 'admin'];
const SIGNED_IN: readonly Who[] = ['member', 'maintainer', 'admin', 'owner', 'operator', 'stranger', 'other'];
const NOBODY: readonly Who[] = [];

const a = (number: number) => `'${idOf('a', number)}'`;
const b = (number: number) => `'${idOf('b', number)}'`;
const P = a(ID.project);
const OWN = a(ID.personalProject);
const [MEMBER, STRANGER] = [PEOPLE.a.member, PEOPLE.stranger].map((id) => `'${id}'`);
const REPOSITORY = numberOf('a', ID.repository);
const override = (columns: string, values: string) =>
  `insert into codered.user_overrides (project_id, "user", override_type, reason, ${columns}) values (${P}, 'me', 'deploy_anyway', 'because', ${values})`;
const artifact = (columns: string, values: string) =>
  `insert into codered.artifacts (project_id, content, ${columns}) values (${P}, 'text', ${values})`;
const note = (columns: string, values: string) =>
  `insert into codered.events (event_type, ${columns}) values ('note.seen', ${values})`;

/** Statement by statement who may; whoever is not named is refused, or touches no row. */
const RULES: Readonly<
  Record<string, readonly (readonly [what: string, statement: string, may: readonly Who[], first?: string])[]>
> = {
  projects: [
    [
      'make one in an organisation',
      `insert into codered.projects (org_id, slug, name) values (${a(ID.org)}, 'new', 'New')`,
      MAINTAINERS,
    ],
    [
      'make one of their own and get it back',
      `insert into codered.projects (slug, name) values ('new', 'New') returning id`,
      SIGNED_IN,
    ],
    ['make one of their own', `insert into codered.projects (slug, name) values ('new', 'New')`, SIGNED_IN],
    [
      'make one for somebody else',
      `insert into codered.projects (slug, name, owner_user_id) values ('new', 'New', ${STRANGER})`,
      ['stranger'],
    ],
    [
      'make one of the organisation that somebody else owns',
      `insert into codered.projects (org_id, slug, name, owner_user_id) values (${a(ID.org)}, 'new', 'New', ${STRANGER})`,
      NOBODY,
    ],
    ['change one', `update codered.projects set name = 'New', rules = '{}' where id = ${P}`, MAINTAINERS],
    ['change one without organisation', `update codered.projects set name = 'New' where id = ${OWN}`, ['owner']],
    [
      'change one that is theirs in their organisation',
      `update codered.projects set name = 'New' where id = ${P}`,
      MEMBERS,
      `update codered.projects set owner_user_id = ${MEMBER} where id = ${P}`,
    ],
    [
      'change one that was theirs in an organisation they left',
      `update codered.projects set name = 'New' where id = ${P}`,
      MAINTAINERS,
      `update codered.projects set owner_user_id = ${STRANGER} where id = ${P}`,
    ],
    ['retire one', `update codered.projects set deleted_at = now() where id = ${P}`, MAINTAINERS],
    ['delete one', `delete from codered.projects where id = ${P}`, NOBODY],
    ['delete one without organisation', `delete from codered.projects where id = ${OWN}`, ['owner']],
    [
      'take one out of its organisation',
      `update codered.projects set org_id = null where id = ${P}`,
      NOBODY,
      `update codered.projects set owner_user_id = ${MEMBER} where id = ${P}`,
    ],
    ['move one to another organisation', `update codered.projects set org_id = ${b(ID.org)} where id = ${P}`, NOBODY],
    ['give one away', `update codered.projects set owner_user_id = ${STRANGER} where id = ${P}`, NOBODY],
    ['take one', `update codered.projects set owner_user_id = auth.uid() where id = ${P}`, NOBODY],
    [
      'rename its slug, which its schema is named after',
      `update codered.projects set slug = 'new' where id = ${P}`,
      NOBODY,
    ],
  ],
  tasks: [
    ['add one', `insert into codered.tasks (project_id, title) values (${P}, 'New')`, MEMBERS],
    [
      'add one to a project of their own',
      `insert into codered.tasks (project_id, title) values (${OWN}, 'New')`,
      ['owner'],
    ],
    [
      'add one in another’s name',
      `insert into codered.tasks (project_id, title, user_id) values (${P}, 'New', ${STRANGER})`,
      NOBODY,
    ],
    [
      'add one that is locked',
      `insert into codered.tasks (project_id, title, locked_by, locked_at) values (${P}, 'New', 'me', now())`,
      NOBODY,
    ],
    ['change one', `update codered.tasks set title = 'New', status = 'blocked' where id = ${a(ID.task)}`, MEMBERS],
    ['retire one', `update codered.tasks set deleted_at = now() where id = ${a(ID.task)}`, MEMBERS],
    ['delete one of their own', `delete from codered.tasks where id = ${a(ID.otherTask)}`, ['member']],
    [
      'lock one by hand',
      `update codered.tasks set locked_by = 'me', locked_at = now() where id = ${a(ID.task)}`,
      NOBODY,
    ],
    [
      'unlock one by hand',
      `update codered.tasks set locked_by = null, locked_at = null where id = ${a(ID.task)}`,
      NOBODY,
    ],
    ['move one to another project', `update codered.tasks set project_id = ${OWN} where id = ${a(ID.task)}`, NOBODY],
    ['give one to somebody else', `update codered.tasks set user_id = auth.uid() where id = ${a(ID.task)}`, NOBODY],
    [
      'put one under a foreign milestone',
      `update codered.tasks set milestone_id = ${b(ID.milestone)} where id = ${a(ID.task)}`,
      NOBODY,
    ],
  ],
  decisions: [
    ['add one', `insert into codered.decisions (project_id, title) values (${P}, 'New')`, MEMBERS],
    [
      'add one to a project of their own',
      `insert into codered.decisions (project_id, title) values (${OWN}, 'New')`,
      ['owner'],
    ],
    [
      'add one in another’s name',
      `insert into codered.decisions (project_id, title, user_id) values (${P}, 'New', ${STRANGER})`,
      NOBODY,
    ],
    ['change one', `update codered.decisions set choice = 'no' where id = ${a(ID.decision)}`, MEMBERS],
    [
      'put one of another project in its place',
      `update codered.decisions set superseded_by = '${idOf('b', ID.decision)}' where id = ${a(ID.decision)}`,
      NOBODY,
    ],
    ['delete one of their own', `delete from codered.decisions where id = ${a(ID.decision)}`, ['member']],
    ['change whose it is', `update codered.decisions set user_id = auth.uid() where id = ${a(ID.decision)}`, NOBODY],
    ['move one', `update codered.decisions set project_id = ${OWN} where id = ${a(ID.decision)}`, NOBODY],
  ],
  checkpoints: [
    ['add one', `insert into codered.checkpoints (project_id, label) values (${P}, 'New')`, MEMBERS],
    [
      'add one to a project of their own',
      `insert into codered.checkpoints (project_id, label) values (${OWN}, 'New')`,
      ['owner'],
    ],
    [
      'add one in another’s name',
      `insert into codered.checkpoints (project_id, label, user_id) values (${P}, 'New', ${STRANGER})`,
      NOBODY,
    ],
    [
      'change one of their own',
      `update codered.checkpoints set summary = 'New' where id = ${a(ID.checkpoint)}`,
      ['member'],
    ],
    ['delete one of their own', `delete from codered.checkpoints where id = ${a(ID.checkpoint)}`, ['member']],
    [
      'change whose it is',
      `update codered.checkpoints set user_id = auth.uid() where id = ${a(ID.checkpoint)}`,
      NOBODY,
    ],
  ],
  agent_sessions: [
    ['add one', `insert into codered.agent_sessions (project_id) values (${P})`, MEMBERS],
    [
      'add one in another’s name',
      `insert into codered.agent_sessions (project_id, user_id) values (${P}, ${STRANGER})`,
      NOBODY,
    ],
    [
      'change one of their own',
      `update codered.agent_sessions set summary = 'New' where id = ${a(ID.agentSession)}`,
      ['member'],
    ],
    [
      'give one away',
      `update codered.agent_sessions set user_id = ${STRANGER} where id = ${a(ID.agentSession)}`,
      NOBODY,
    ],
    ['delete one of their own', `delete from codered.agent_sessions where id = ${a(ID.agentSession)}`, ['member']],
  ],
  user_overrides: [
    ['add one that opens no gate', override('target_type', `'task'`), MEMBERS],
    ['add one that opens a gate', override('criterion, repository_id', `'all', ${REPOSITORY}`), NOBODY],
    ['say of themselves that GitHub was asked', override('made_through', `'rest'`), NOBODY],
    [
      'add one to a project of their own',
      `insert into codered.user_overrides (project_id, "user", override_type, reason) values (${OWN}, 'me', 'deploy_anyway', 'because')`,
      ['owner'],
    ],
    ['add one in another’s name', override('user_id', `${STRANGER}`), NOBODY],
    [
      'add one for a repository of another project',
      override('repository_id', `${numberOf('b', ID.repository)}`),
      NOBODY,
    ],
    ['add one that is revoked', override('revoked_at, revoked_by', `now(), 'me'`), NOBODY],
    [
      'revoke one',
      `update codered.user_overrides set revoked_at = now(), revoked_by = 'me' where id = ${a(ID.override)}`,
      MAINTAINERS,
    ],
    [
      'revoke one of their own',
      `update codered.user_overrides set revoked_at = now(), revoked_by = 'me' where id = ${a(ID.override)}`,
      MEMBERS,
      `update codered.user_overrides set user_id = ${MEMBER} where id = ${a(ID.override)}`,
    ],
    [
      'take a revoked one up again',
      `update codered.user_overrides set revoked_at = null, revoked_by = null where id = ${a(ID.override)}`,
      NOBODY,
      `update codered.user_overrides set revoked_at = now(), revoked_by = 'admin' where id = ${a(ID.override)}`,
    ],
    [
      'change who revoked it',
      `update codered.user_overrides set revoked_at = now(), revoked_by = 'me' where id = ${a(ID.override)}`,
      NOBODY,
      `update codered.user_overrides set revoked_at = now(), revoked_by = 'admin' where id = ${a(ID.override)}`,
    ],
    ['change its reason', `update codered.user_overrides set reason = 'New' where id = ${a(ID.override)}`, NOBODY],
    [
      'change how long it holds',
      `update codered.user_overrides set expires_at = now() where id = ${a(ID.override)}`,
      NOBODY,
    ],
    ['delete one', `delete from codered.user_overrides where id = ${a(ID.override)}`, NOBODY],
  ],
  bug_patterns: [
    [
      'add one',
      `insert into codered.bug_patterns (project_id, name, pattern_signature, root_cause, recommended_fix) values (${P}, 'n', 'p', 'c', 'f')`,
      MEMBERS,
    ],
    [
      'add one to a project of their own',
      `insert into codered.bug_patterns (project_id, name, pattern_signature, root_cause, recommended_fix) values (${OWN}, 'n', 'p', 'c', 'f')`,
      ['owner'],
    ],
    [
      'add one for everybody',
      `insert into codered.bug_patterns (name, pattern_signature, root_cause, recommended_fix) values ('n', 'p', 'c', 'f')`,
      ['operator'],
    ],
    [
      'add one as one of ours',
      `insert into codered.bug_patterns (project_id, name, pattern_signature, root_cause, recommended_fix, source) values (${P}, 'n', 'p', 'c', 'f', 'builtin')`,
      NOBODY,
    ],
    [
      'change one',
      `update codered.bug_patterns set priority = 9, deleted_at = now() where id = ${a(ID.pattern)}`,
      MEMBERS,
    ],
    [
      'change one that is everybody’s',
      `update codered.bug_patterns set enabled = false where project_id is null`,
      ['operator'],
    ],
    ['make one everybody’s', `update codered.bug_patterns set project_id = null where id = ${a(ID.pattern)}`, NOBODY],
    ['count its hits', `update codered.bug_patterns set hits = 9 where id = ${a(ID.pattern)}`, NOBODY],
    ['delete one', `delete from codered.bug_patterns where id = ${a(ID.pattern)}`, NOBODY],
  ],
  memberships: [
    ['join', `insert into codered.memberships (org_id, user_id) values (${a(ID.org)}, auth.uid())`, NOBODY],
    [
      'take somebody in',
      `insert into codered.memberships (org_id, user_id) values (${a(ID.org)}, ${STRANGER})`,
      ['admin'],
    ],
    [
      'change a role',
      `update codered.memberships set role = 'maintainer' where org_id = ${a(ID.org)} and user_id = ${MEMBER}`,
      ['admin'],
    ],
    [
      'make themselves admin',
      `update codered.memberships set role = 'admin' where org_id = ${a(ID.org)} and user_id = auth.uid() and role <> 'admin'`,
      NOBODY,
    ],
    [
      'take their membership elsewhere',
      `update codered.memberships set org_id = ${b(ID.org)} where user_id = auth.uid()`,
      NOBODY,
    ],
    [
      'hand a membership on',
      `update codered.memberships set user_id = ${STRANGER} where org_id = ${a(ID.org)}`,
      NOBODY,
    ],
    ['leave', `delete from codered.memberships where org_id = ${a(ID.org)} and user_id = auth.uid()`, MEMBERS],
    ['put somebody out', `delete from codered.memberships where user_id = ${MEMBER}`, ['member', 'admin']],
  ],
  profiles: [
    [
      'make their own',
      `insert into codered.profiles (id, display_name) values (auth.uid(), 'New')`,
      ['stranger'],
      `delete from codered.profiles where id = ${STRANGER}`,
    ],
    [
      'make another’s',
      `insert into codered.profiles (id, display_name) values (${STRANGER}, 'New')`,
      ['stranger'],
      `delete from codered.profiles where id = ${STRANGER}`,
    ],
    [
      'make their own as an operator’s',
      `insert into codered.profiles (id, role) values (auth.uid(), 'admin')`,
      NOBODY,
      `delete from codered.profiles where id = ${STRANGER}`,
    ],
    [
      'change their own',
      `update codered.profiles set display_name = 'New', avatar_url = null where id = auth.uid()`,
      SIGNED_IN,
    ],
    ['change another’s', `update codered.profiles set display_name = 'New' where id = ${STRANGER}`, ['stranger']],
    ['make themselves operator', `update codered.profiles set role = 'admin'`, NOBODY],
    ['change their address', `update codered.profiles set email = 'x@example.com' where id = auth.uid()`, NOBODY],
    ['claim a GitHub login', `update codered.profiles set github_login = 'octocat' where id = auth.uid()`, NOBODY],
    ['become somebody else', `update codered.profiles set id = gen_random_uuid() where id = auth.uid()`, NOBODY],
    ['delete one', `delete from codered.profiles where id = auth.uid()`, NOBODY],
  ],
  models: [
    [
      'add one',
      `insert into codered.models (id, provider, display_name, tier) values ('new', 'p', 'New', 'low')`,
      ['operator'],
    ],
    ['change one', `update codered.models set input_cost_per_1k = 0 where id = 'org-a-model'`, ['operator']],
    ['delete one', `delete from codered.models where id = 'retired-model'`, ['operator']],
  ],
  workflow_templates: [
    [
      'add one',
      `insert into codered.workflow_templates (slug, name, type) values ('new', 'New', 'research')`,
      ['operator'],
    ],
    ['change one', `update codered.workflow_templates set name = 'New' where id = ${a(ID.template)}`, ['operator']],
    ['delete one', `delete from codered.workflow_templates where slug = 'retired'`, ['operator']],
  ],
  specs: [
    [
      'add one',
      `insert into codered.specs (project_id, repo, branch, storage_path) values (${P}, 'o/n', 'main', 'x.md')`,
      ['operator'],
    ],
    ['change one', `update codered.specs set is_active = false where id = '${GLOBAL_ID.publicSpec}'`, ['operator']],
    [
      'delete a draft',
      "delete from codered.specs where version = 'a draft'",
      ['operator'],
      "insert into codered.specs (template_id, version) values ('d0000000-0000-4000-8000-000000000004', 'a draft')",
    ],
  ],
  runs: [
    [
      'start one',
      `insert into codered.runs (project_id, spec_id, user_id) values (${P}, ${a(ID.spec)}, auth.uid())`,
      MEMBERS,
    ],
    [
      'start one in a project of their own',
      `insert into codered.runs (project_id, user_id) values (${OWN}, auth.uid())`,
      ['owner'],
    ],
    [
      'start one of a public spec',
      `insert into codered.runs (spec_id, user_id) values ('${GLOBAL_ID.publicSpec}', auth.uid())`,
      SIGNED_IN,
    ],
    [
      'start one of a private spec',
      `insert into codered.runs (spec_id, user_id) values ('${GLOBAL_ID.privateSpec}', auth.uid())`,
      ['operator'],
    ],
    [
      'start one of a foreign spec',
      `insert into codered.runs (project_id, spec_id, user_id) values (${P}, ${b(ID.spec)}, auth.uid())`,
      NOBODY,
    ],
    [
      'start one in another’s name',
      `insert into codered.runs (project_id, user_id) values (${P}, ${STRANGER})`,
      NOBODY,
    ],
    ['start one as the gate', `insert into codered.runs (project_id) values (${P})`, NOBODY],
    [
      'claim that one passed',
      `insert into codered.runs (project_id, user_id, status, result, started_at, finished_at) values (${P}, auth.uid(), 'completed', 'PASSED', now(), now())`,
      NOBODY,
    ],
    [
      'start one on a commit',
      `insert into codered.runs (project_id, user_id, repository_id, commit_sha) values (${P}, auth.uid(), ${REPOSITORY}, '${shaOf('a')}')`,
      NOBODY,
    ],
    ['change one', `update codered.runs set display_name = 'New' where id = ${a(ID.ownRun)}`, NOBODY],
    ['delete one', `delete from codered.runs where id = ${a(ID.ownRun)}`, NOBODY],
  ],
  agent_jobs: [
    [
      'add one',
      `insert into codered.agent_jobs (project_id, user_id, agent_type) values (${P}, auth.uid(), 'code')`,
      NOBODY,
    ],
    ['change one', `update codered.agent_jobs set status = 'completed' where id = ${a(ID.ownJob)}`, NOBODY],
    ['delete one', `delete from codered.agent_jobs where id = ${a(ID.ownJob)}`, NOBODY],
  ],
  artifacts: [
    ['add one to a task', artifact('task_id', a(ID.task)), MEMBERS],
    ['add one to a run', artifact('run_id', a(ID.run)), NOBODY],
    ['add one to a gate', artifact('task_id, gate_execution_id', `${a(ID.task)}, ${a(ID.gate)}`), NOBODY],
    ['add one to a foreign task', artifact('task_id', b(ID.task)), NOBODY],
    ['add one in another’s name', artifact('task_id, user_id', `${a(ID.task)}, ${STRANGER}`), NOBODY],
    [
      'add one that lies in the bucket',
      artifact('task_id, storage_path', `${a(ID.task)}, '${idOf('a', ID.project)}/report.pdf'`),
      MEMBERS,
    ],
    [
      'add one that lies in another project',
      artifact('task_id, storage_path', `${a(ID.task)}, '${idOf('b', ID.project)}/report.pdf'`),
      NOBODY,
    ],
    [
      'add one that climbs into another project',
      artifact(
        'task_id, storage_path',
        `${a(ID.task)}, '${idOf('a', ID.project)}/../${idOf('b', ID.project)}/report.pdf'`,
      ),
      NOBODY,
    ],
    [
      'change one of their own',
      `update codered.artifacts set summary = 'New' where id = ${a(ID.taskArtifact)}`,
      ['member'],
    ],
    [
      'point one of their own at a foreign file',
      `update codered.artifacts set storage_path = '${idOf('b', ID.project)}/report.pdf' where id = ${a(ID.taskArtifact)}`,
      NOBODY,
    ],
    ['change a run’s', `update codered.artifacts set summary = 'New' where id = ${a(ID.artifact)}`, NOBODY],
    ['delete one of their own', `delete from codered.artifacts where id = ${a(ID.taskArtifact)}`, ['member']],
    ['delete a run’s', `delete from codered.artifacts where id = ${a(ID.artifact)}`, NOBODY],
  ],
  project_files: [
    ['add one', `insert into codered.project_files (project_id, path) values (${P}, 'new.ts')`, MEMBERS],
    [
      'add one to a project of their own',
      `insert into codered.project_files (project_id, path) values (${OWN}, 'new.ts')`,
      ['owner'],
    ],
    ['change one', `update codered.project_files set content = 'New' where id = ${a(ID.file)}`, MEMBERS],
    ['delete one', `delete from codered.project_files where id = ${a(ID.file)}`, MEMBERS],
  ],
  corpora: [
    ['add one', `insert into codered.corpora (project_id, name) values (${P}, 'New')`, MAINTAINERS],
    ['add one for everybody', `insert into codered.corpora (name) values ('New')`, ['operator']],
    ['change one', `update codered.corpora set name = 'New' where id = ${a(ID.corpus)}`, MAINTAINERS],
    [
      'change one that is everybody’s',
      `update codered.corpora set name = 'New' where project_id is null`,
      ['operator'],
    ],
    ['move one', `update codered.corpora set project_id = ${OWN} where id = ${a(ID.corpus)}`, NOBODY],
    ['delete one', `delete from codered.corpora where id = ${a(ID.corpus)}`, NOBODY],
  ],
  learning_roadmaps: [
    [
      'add one',
      `insert into codered.learning_roadmaps (project_id, modules) select project_id, modules from codered.learning_roadmaps where id = ${a(ID.roadmap)}`,
      MEMBERS,
    ],
    ['change one', `update codered.learning_roadmaps set title = 'New' where id = ${a(ID.roadmap)}`, MEMBERS],
    ['delete one', `delete from codered.learning_roadmaps where id = ${a(ID.roadmap)}`, MEMBERS],
  ],
  daily_sessions: [
    ['add one', `insert into codered.daily_sessions (project_id) values (${P})`, MEMBERS],
    ['change one', `update codered.daily_sessions set duration_minutes = 1 where id = ${a(ID.dailySession)}`, MEMBERS],
    ['delete one', `delete from codered.daily_sessions where id = ${a(ID.dailySession)}`, MEMBERS],
  ],
  milestones: [
    ['add one', `insert into codered.milestones (project_id, name) values (${P}, 'New')`, MEMBERS],
    ['change one', `update codered.milestones set name = 'New' where id = ${a(ID.milestone)}`, MEMBERS],
    ['move one', `update codered.milestones set project_id = ${OWN} where id = ${a(ID.milestone)}`, NOBODY],
    ['delete one', `delete from codered.milestones where id = ${a(ID.milestone)}`, MAINTAINERS],
  ],
  lessons: [
    ['add one', `insert into codered.lessons (project_id, title) values (${P}, 'New')`, MEMBERS],
    ['change one', `update codered.lessons set title = 'New' where id = ${a(ID.lesson)}`, MEMBERS],
    ['delete one', `delete from codered.lessons where id = ${a(ID.lesson)}`, MAINTAINERS],
  ],
  errors: [
    ['say that one is done with', `update codered.errors set resolved_at = now() where id = ${a(ID.error)}`, MEMBERS],
    ['say who said so', `update codered.errors set resolved_by = auth.uid() where id = ${a(ID.error)}`, NOBODY],
    ['change what one says', `update codered.errors set message = 'New' where id = ${a(ID.error)}`, NOBODY],
  ],
  task_runs: [
    [
      'add one',
      `insert into codered.task_runs (task_id, project_id, phase) values (${a(ID.task)}, ${P}, 'code')`,
      MEMBERS,
    ],
    [
      'add one to a task of another project',
      `insert into codered.task_runs (task_id, project_id, phase) values (${a(ID.task)}, ${OWN}, 'code')`,
      NOBODY,
    ],
    ['finish one', `update codered.task_runs set status = 'failed' where id = ${a(ID.taskRun)}`, MEMBERS],
    ['move one', `update codered.task_runs set project_id = ${OWN} where id = ${a(ID.taskRun)}`, NOBODY],
    ['delete one', `delete from codered.task_runs where id = ${a(ID.taskRun)}`, NOBODY],
  ],
  ux_snippets: [
    ['retire one', `update codered.ux_snippets set deleted_at = now() where id = ${a(ID.snippet)}`, MEMBERS],
    ['add one', `insert into codered.ux_snippets (project_id, name, code_sample) values (${P}, 'New', 'x')`, MEMBERS],
    ['add one for everybody', `insert into codered.ux_snippets (name, code_sample) values ('New', 'x')`, ['operator']],
    ['change one', `update codered.ux_snippets set name = 'New' where id = ${a(ID.snippet)}`, MEMBERS],
    [
      'change one that is everybody’s',
      `update codered.ux_snippets set name = 'New' where project_id is null`,
      ['operator'],
    ],
    ['delete one', `delete from codered.ux_snippets where id = ${a(ID.snippet)}`, MAINTAINERS],
  ],
  retention_policies: [
    ['change one', `update codered.retention_policies set keep = '2 days' where table_name = 'events'`, ['operator']],
    ['delete one', `delete from codered.retention_policies where table_name = 'events'`, NOBODY],
    [
      'add one',
      `insert into codered.retention_policies (table_name, keep) values ('errors', '1 day')`,
      NOBODY,
      `delete from codered.retention_policies where table_name = 'errors'`,
    ],
  ],
  events: [
    ['note something', note('project_id', P), MEMBERS],
    ['note something in a project of their own', note('project_id', OWN), ['owner']],
    ['note something about no project', note('payload', `'{}'`), SIGNED_IN],
    ['note something about a task', note('project_id, task_id', `${P}, ${a(ID.task)}`), MEMBERS],
    ['write into the timeline of a foreign task', note('project_id, task_id', `${P}, ${b(ID.task)}`), NOBODY],
    ['write into the timeline of a foreign run', note('project_id, run_id', `${P}, ${b(ID.run)}`), NOBODY],
    ['write into the timeline of a foreign run, from no project', note('run_id', b(ID.run)), NOBODY],
    ['note something in another’s name', note('project_id, user_id', `${P}, ${STRANGER}`), NOBODY],
    ['note something as nobody', note('project_id, user_id', `${P}, null`), NOBODY],
    ['note something in the past', note('project_id, created_at', `${P}, '2020-01-01'`), NOBODY],
    [
      'claim that a task was done',
      `insert into codered.events (project_id, event_type) values (${P}, 'task.status_changed')`,
      NOBODY,
    ],
    [
      'claim that a run passed',
      `insert into codered.events (project_id, event_type) values (${P}, 'status.TESTS_PASSED')`,
      NOBODY,
    ],
    [
      'write past the parent',
      `insert into codered.events_other (project_id, event_type, created_at) values (${P}, 'note.seen', '2001-01-01')`,
      NOBODY,
    ],
    ['change one', `update codered.events set payload = '{}'`, NOBODY],
    ['delete one', `delete from codered.events`, NOBODY],
  ],
};

/** What signed-in people may write at all; all else is the app’s. */
const WRITABLE = [...Object.keys(RULES).filter((table) => table !== 'agent_jobs')].sort();

describe.each(testBackends)('what members may write (%s)', (backend) => {
  let brain: TestBrain;
  beforeAll(async () => {
    brain = await openTestBrain(backend);
    await seedTwoOrgs(brain);
  });
  afterAll(() => brain.close());

  /** Who of everybody gets the statement done, each as if nobody had before. */
  async function whoMay(session: SqlSession, statement: string, first: string): Promise<readonly string[]> {
    const able: string[] = [];
    await session.script(`savepoint rule; ${first}`);
    for (const [who, user] of Object.entries(EVERYBODY)) {
      await session.script('savepoint person');
      await become(session, user);
      const [one] = await attempt(session, [statement]);
      await session.script('rollback to person');
      if (/^[1-9]\d* rows$/.test(one?.outcome ?? '')) able.push(who);
      // Anything but a refusal is a mistake in the statement.
      else if (!/^(0 rows|42501|CR00[14578]|23505)$/.test(one?.outcome ?? '')) able.push(`${who}: ${one?.told}`);
    }
    await session.script('rollback to rule');
    return able;
  }

  describe.each(Object.keys(RULES))('%s', (table) => {
    const rules = (RULES[table] ?? []).map(([what, statement, may, first = '']) => ({ what, statement, may, first }));
    const able = new Map<string, readonly string[]>();
    beforeAll(() =>
      inRolledBack(brain, async (session) => {
        await makeAttempts(session);
        for (const { what, statement, first } of rules) able.set(what, await whoMay(session, statement, first));
      }),
    );
    it.each(rules)('$what', ({ what, may }) => {
      expect(able.get(what)).toEqual(may);
    });
  });

  it('is in the tables above and nowhere else, column by column', async () => {
    const rows = await brain.sql(`
      select distinct c.relname as name
      from pg_class c
      join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
      where c.relnamespace = 'codered'::regnamespace and c.relkind in ('r', 'p')
        and (has_column_privilege('authenticated', c.oid, a.attnum, 'insert') or has_column_privilege('authenticated', c.oid, a.attnum, 'update')
          or has_table_privilege('authenticated', c.oid, 'delete') or has_table_privilege('authenticated', c.oid, 'truncate')
          or has_table_privilege('authenticated', c.oid, 'trigger'))
      order by 1`);
    expect(rows.map(({ name }) => name)).toEqual(WRITABLE);
  });

  it('needs no sequence, and gives none', async () => {
    const open = await brain.sql(`
      select c.relname as name from pg_class c, unnest('{anon,authenticated}'::text[]) as role
      where c.relnamespace = 'codered'::regnamespace and c.relkind = 'S'
        and has_sequence_privilege(role, c.oid, 'usage, select, update')`);
    expect(open).toEqual([]);
  });

  it('is no lock either for the app: only the functions take and release it', async () => {
    for (const write of [
      `update codered.tasks set locked_by = 'me', locked_at = now()`,
      `insert into codered.tasks (project_id, title, locked_by, locked_at) values (${P}, 'New', 'me', now())`,
    ]) {
      const [outcome] = await inRolledBack(brain, async (session) => {
        await makeAttempts(session);
        await session.script('set local role service_role');
        return attempt(session, [write]);
      });
      expect(outcome?.outcome).toBe('42501');
    }
  });

  it('names who overrides, and who revokes, by what is known of them, whatever they write', async () => {
    const { member, maintainer, admin } = PEOPLE.a;
    const rows = await inRolledBack(brain, async (session) => {
      await session.script(`update codered.profiles set github_login = 'org-a-at-github' where id = '${maintainer}'`);
      await become(session, maintainer);
      await session.script(`
        update codered.profiles set username = 'octocat', display_name = 'octocat' where id = auth.uid();
        ${override('repository_id', `${REPOSITORY}`)};
        insert into codered.user_overrides (project_id, override_type, reason) values (${P}, 'cynic_reject', 'no name')`);
      await becomeOwner(session);
      await become(session, member);
      await session.script(override('target_type', `'task'`));
      await becomeOwner(session);
      await become(session, admin);
      await session.script(
        `update codered.user_overrides set revoked_at = '2020-01-01', revoked_by = 'octocat' where repository_id is not null and user_id = '${maintainer}' and "user" like '%github'`,
      );
      await becomeOwner(session);
      return session.query(`
        select "user", user_id, revoked_by, revoked_at > now() - interval '1 hour' as is_now
        from codered.user_overrides where id <> ${a(ID.override)} and id <> ${b(ID.override)} order by "user", revoked_by`);
    });
    const none = { revoked_by: null, is_now: null };
    expect(rows).toEqual([
      { user: `account ${member}`, user_id: member, ...none },
      { user: 'org-a-at-github', user_id: maintainer, revoked_by: `account ${admin}`, is_now: 't' },
      { user: 'org-a-at-github', user_id: maintainer, ...none },
    ]);
  });

  it('does not let a maintainer of one organisation open a gate of another where they are a member', async () => {
    const [outcome] = await inRolledBack(brain, async (session) => {
      await makeAttempts(session);
      await become(session, PEOPLE.both);
      return attempt(session, [override('criterion, repository_id', `'all', ${numberOf('b', ID.repository)}`)]);
    });
    expect(outcome?.outcome).toBe('42501');
  });

  it('does not let a member who may not delete carry rows off to a project of their own', async () => {
    const moves = ['milestones', 'lessons', 'ux_snippets', 'tasks', 'decisions', 'checkpoints', 'bug_patterns'];
    const outcomes = await inRolledBack(brain, async (session) => {
      await makeAttempts(session);
      await become(session, PEOPLE.both);
      return attempt(
        session,
        moves.map((table) => `update codered.${table} set project_id = ${P} where project_id = ${b(ID.project)}`),
      );
    });
    expect(outcomes.map(({ outcome }) => outcome)).toEqual(moves.map(() => '42501'));
  });

  it('tells a stranger the same whether what they point at is there or not', async () => {
    const told = await inRolledBack(brain, async (session) => {
      await makeAttempts(session);
      await become(session, PEOPLE.a.member);
      const task = (project: string, milestone: string) =>
        `insert into codered.tasks (project_id, milestone_id, title) values (${project}, ${milestone}, 'New')`;
      const nowhere = `'e0000000-0000-4000-8000-000000000001'`;
      return attempt(session, [
        task(b(ID.project), b(ID.milestone)),
        task(b(ID.project), nowhere),
        task(nowhere, nowhere),
        task(P, b(ID.milestone)),
        task(P, nowhere),
      ]);
    });
    expect(told.map(({ outcome }) => outcome)).toEqual(['42501', '42501', '42501', 'CR007', 'CR007']);
    const words = told.map((one) => one.told.replace(/[0-9a-f]{8}-[0-9a-f-]{27}/, 'id'));
    expect(new Set(words.slice(0, 3)).size).toBe(1);
    expect(new Set(words.slice(3)).size).toBe(1);
  });
});
