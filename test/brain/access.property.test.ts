// Random lives of people, organisations and repositories: what row security shows is what the rules say, after every step.

import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { SqlSession } from '../../src/brain/backends/sql-backend.ts';
import { ACCOUNTS, AccessModel, PEOPLE, PROJECTS, REPOSITORIES, type Word } from '../support/access-model.ts';
import { openTestBrain, type TestBrain, testBackends } from '../support/brain.ts';
import { runs } from '../support/runs.ts';

type Step =
  | { readonly do: 'hand'; readonly who: number; readonly account: number; readonly role: string | null }
  | { readonly do: 'record'; readonly who: number; readonly words: readonly Word[]; readonly ago: number }
  | {
      readonly do: 'tell';
      readonly kind: 'withdrawn' | 'doubted';
      readonly who: number | null;
      readonly account: number;
      readonly repository: number | null;
      readonly ago: number;
    }
  | { readonly do: 'show'; readonly repository: number; readonly isPrivate: boolean }
  | { readonly do: 'transfer'; readonly repository: number; readonly account: number };

const number = (from: readonly number[]) => fc.constantFrom(...from);
const permission = fc.constantFrom('read', 'write', 'maintain', 'admin');
const word = fc.record({
  role: fc.constantFrom('admin', 'member', 'collaborator'),
  rights: fc.dictionary(fc.constantFrom('0', '1', '2', '3'), permission),
});
const words = fc
  .tuple(fc.option(word), fc.option(word))
  .map((told) => told.flatMap((one, account) => (one === null ? [] : [{ account, ...one }])));
/** Mostly now; else as late as events and answers may be. */
const ago = fc.constantFrom(0, 0, 0, 2, 30, 2000);
const step: fc.Arbitrary<Step> = fc.oneof(
  fc.record({
    do: fc.constant('hand' as const),
    who: number(PEOPLE),
    account: number(ACCOUNTS),
    role: fc.constantFrom('member', 'maintainer', 'admin', null),
  }),
  { arbitrary: fc.record({ do: fc.constant('record' as const), who: number(PEOPLE), words, ago }), weight: 4 },
  {
    arbitrary: fc
      .record({
        do: fc.constant('tell' as const),
        kind: fc.constantFrom('withdrawn' as const, 'doubted' as const),
        who: fc.option(number(PEOPLE)),
        account: number(ACCOUNTS),
        repository: fc.option(number(REPOSITORIES)),
        ago,
      })
      // As the events are read: everybody's access is only ever in doubt, and doubt is about no one repository.
      .map((told) => (told.who === null ? { ...told, kind: 'doubted' as const } : told))
      .map((told) => (told.kind === 'doubted' ? { ...told, repository: null } : told)),
    weight: 2,
  },
  fc.record({ do: fc.constant('show' as const), repository: number(REPOSITORIES), isPrivate: fc.boolean() }),
  fc.record({ do: fc.constant('transfer' as const), repository: number(REPOSITORIES), account: number(ACCOUNTS) }),
);
const life = fc.array(fc.tuple(fc.constantFrom(1, 1, 60, 1500, 3500), step), { minLength: 3, maxLength: 14 });

const uuid = (kind: string, n: number) => `${kind}0000000-0000-4000-8000-${String(n).padStart(12, '0')}`;
const [org, person, project] = ['d', 'e', 'f'].map((kind) => (n: number) => uuid(kind, n)) as [
  (n: number) => string,
  (n: number) => string,
  (n: number) => string,
];
const accountNumber = (n: number) => 900_000 + n;
const repositoryNumber = (n: number) => 910_000 + n;
const githubId = (n: number) => 920_000 + n;

function seed(model: AccessModel): string {
  const repositories = model.repositories.map(
    ({ account, project: of, isPrivate }, n) =>
      `(${repositoryNumber(n)}, ${accountNumber(account)}, '${project(of ?? 0)}', 'o', 'r${n}', ${isPrivate})`,
  );
  return `
    insert into auth.users (id) values ${PEOPLE.map((n) => `('${person(n)}')`)};
    ${PEOPLE.map((n) => `update codered.profiles set github_id = ${githubId(n)} where id = '${person(n)}';`).join('')}
    insert into codered.orgs (id, name, login, github_account_id)
      values ${ACCOUNTS.map((n) => `('${org(n)}', 'o${n}', 'o${n}', ${accountNumber(n)})`)};
    insert into codered.installations (id, org_id, account_login)
      values ${ACCOUNTS.map((n) => `(${accountNumber(n)}, '${org(n)}', 'o${n}')`)};
    insert into codered.projects (created_at, id, org_id, slug, name)
      values ${PROJECTS.map((n) => `(now() - interval '1 day', '${project(n)}', '${org(model.projects[n]?.account ?? 0)}', 'p_${n}', 'p')`)};
    insert into codered.repositories (id, installation_id, project_id, owner, name, private) values ${repositories};
    insert into codered.ci_events (project_id, repository_id, provider, workflow_name, run_id, commit_sha, status, trigger)
      select r.project_id, r.id, 'github-actions', 'CI', r.id, repeat('e', 40), 'succeeded', 'push'
      from codered.repositories r where r.id between ${repositoryNumber(0)} and ${repositoryNumber(9)};
    -- So that time can go by for them too.
    alter table codered.memberships disable trigger memberships_touch;`;
}

/** In a transaction now() stands still: time goes by in that all that was is put back. */
function pass(seconds: number): string {
  const by = `interval '${seconds} seconds'`;
  return `
    update codered.access_checks set checked_at = checked_at - ${by}, doubted_at = doubted_at - ${by}, due_at = due_at - ${by};
    update codered.repository_access set checked_at = checked_at - ${by} where source = 'github';
    update codered.access_notices set told_at = told_at - ${by};
    update codered.memberships set updated_at = updated_at - ${by};
    update codered.repositories set access_since = access_since - ${by};`;
}

const at = (seconds: number) => `(now() - interval '${seconds} seconds')`;
const iso = (seconds: number) => `to_char(${at(seconds)} at time zone 'utc', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')`;

function statementOf(one: Step): string {
  switch (one.do) {
    case 'hand':
      return one.role === null
        ? `delete from codered.memberships where user_id = '${person(one.who)}' and org_id = '${org(one.account)}' and source = 'hand'`
        : `insert into codered.memberships (org_id, user_id, role) values ('${org(one.account)}', '${person(one.who)}', '${one.role}')
           on conflict (org_id, user_id) do update set role = excluded.role, source = 'hand', updated_at = now()`;
    case 'record': {
      const accounts = one.words.map(({ account, role, rights }) => ({
        account_id: accountNumber(account),
        role,
        repositories: Object.entries(rights).map(([n, permission]) => ({
          id: repositoryNumber(Number(n)),
          permission,
        })),
      }));
      return `select codered.record_access('${person(one.who)}',
        jsonb_build_object('checked_at', ${iso(one.ago)}, 'accounts', '${JSON.stringify(accounts)}'::jsonb))`;
    }
    case 'tell': {
      const fact = {
        kind: one.kind,
        github_user_id: one.who === null ? null : githubId(one.who),
        account_id: accountNumber(one.account),
        repository_id: one.repository === null ? null : repositoryNumber(one.repository),
      };
      return `select codered.merge_access('${JSON.stringify([fact])}', ${at(one.ago)})`;
    }
    case 'show':
      return `update codered.repositories set private = ${one.isPrivate} where id = ${repositoryNumber(one.repository)}`;
    case 'transfer':
      return `update codered.repositories set installation_id = ${accountNumber(one.account)} where id = ${repositoryNumber(one.repository)}`;
  }
}

function applyTo(model: AccessModel, one: Step): void {
  if (one.do === 'hand') model.hand(one.who, one.account, one.role);
  else if (one.do === 'record') model.record(one.who, one.words, -one.ago);
  else if (one.do === 'show') model.show(one.repository, one.isPrivate);
  else if (one.do === 'transfer') model.transfer(one.repository, one.account);
  else model.tell({ kind: one.kind, person: one.who, account: one.account, repository: one.repository, at: -one.ago });
}

const last = (column: string) => `right(${column}::text, 1)::integer`;
const list = (column: string, from: string) =>
  `(select coalesce(json_agg(x order by x), '[]') from (select ${column} as x from ${from}) t)`;

async function seenBy(session: SqlSession, who: number): Promise<unknown> {
  await session.script(
    `set local request.jwt.claims = '${JSON.stringify({ role: 'authenticated', sub: person(who) })}'; set local role authenticated`,
  );
  const [row] = await session.query(`select json_build_object(
    'projects', ${list(last('id'), 'codered.projects')},
    'maintained', ${list(last('p'), `codered.my_projects('maintainer') as p`)},
    'repositories', ${list(last('id'), 'codered.repositories')},
    'runs', ${list(last('repository_id'), 'codered.ci_events')},
    'orgs', ${list(last('id'), 'codered.orgs')}) as seen`);
  await session.script('reset role; reset request.jwt.claims');
  const [unchecked] = await session.query(`select codered.has_unchecked('${person(who)}') as is_so`);
  return { ...JSON.parse(row?.seen ?? '{}'), hasUnchecked: unchecked?.is_so === 't' };
}

describe.each(testBackends)('what people see, whatever GitHub says and when (%s)', (backend) => {
  let brain: TestBrain;
  beforeAll(async () => {
    brain = await openTestBrain(backend);
  });
  afterAll(() => brain.close());

  it('is what the rules say, after every step', async () => {
    await fc.assert(
      fc.asyncProperty(life, (steps) =>
        brain.session(async (session) => {
          const model = new AccessModel();
          await session.script('begin');
          try {
            await session.script(seed(model));
            for (const [seconds, one] of steps) {
              await session.script(`${pass(seconds)} ${statementOf(one)}`);
              model.pass(seconds);
              applyTo(model, one);
              for (const who of PEOPLE) expect(await seenBy(session, who)).toEqual(model.seenBy(who));
            }
          } finally {
            await session.script('rollback');
          }
        }),
      ),
      runs(15, 30),
    );
  });
});
