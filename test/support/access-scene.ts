// An organisation with repositories, and people whose access GitHub tells, for tests of who sees what. Only tests of brain/ and operations/ import it.

import type { Json } from '../../src/brain/database.types.ts';
import type { TestBrain } from './brain.ts';
import { signUp } from './people.ts';

let numbers = 880_000_000;
const nextNumber = () => {
  numbers += 1;
  return numbers;
};

/** An organisation that has the App. */
export interface Account {
  readonly org: string;
  readonly accountId: number;
  readonly installation: number;
}

export async function installOn(brain: TestBrain): Promise<Account> {
  const accountId = nextNumber();
  const installation = nextNumber();
  const [row] = await brain.sql(
    'insert into codered.orgs (name, login, github_account_id) values ($1, $1, $2::bigint) returning id',
    [`account-${accountId}`, String(accountId)],
  );
  const org = row?.id ?? '';
  await brain.sql('insert into codered.installations (id, org_id, account_login) values ($1::bigint, $2::uuid, $3)', [
    String(installation),
    org,
    `account-${accountId}`,
  ]);
  return { org, accountId, installation };
}

/** A repository of an account, in the project; private unless said. With a commit and a run of CI, to be seen or not. */
export async function makeRepository(
  brain: TestBrain,
  { installation }: Account,
  project: string,
  { isPrivate = true }: { isPrivate?: boolean } = {},
): Promise<number> {
  const id = nextNumber();
  await brain.sql(
    `insert into codered.repositories (id, installation_id, project_id, owner, name, private, default_branch)
     values ($1::bigint, $2::bigint, $3::uuid, 'somebody', $4, $5::boolean, 'main')`,
    [String(id), String(installation), project, `repository-${id}`, String(isPrivate)],
  );
  await brain.sql(
    `insert into codered.ci_events (project_id, repository_id, provider, workflow_name, run_id, commit_sha, status, trigger)
     values ($1::uuid, $2::bigint, 'github-actions', 'CI', $3, repeat('e', 40), 'succeeded', 'push')`,
    [project, String(id), String(id)],
  );
  return id;
}

/** Somebody who signed in with GitHub. */
export interface Person {
  readonly id: string;
  readonly githubId: number;
}

export async function signInPerson(brain: TestBrain): Promise<Person> {
  const githubId = nextNumber();
  const id = await signUp(brain);
  await brain.sql('update codered.profiles set github_id = $1::bigint where id = $2::uuid', [String(githubId), id]);
  return { id, githubId };
}

/** What GitHub may say of a person in an account. */
export interface Told {
  readonly account: Account;
  readonly role?: string;
  readonly repositories?: Readonly<Record<number, string>>;
}

/** Writes down what GitHub said; it was asked that many seconds ago. */
export async function recordAccess(
  brain: TestBrain,
  person: Person,
  told: readonly Told[],
  { secondsAgo = 0, withheld = [] }: { secondsAgo?: number; withheld?: readonly Account[] } = {},
): Promise<Json> {
  const [row] = await brain.sql(
    `select to_char((now() - $1::float * interval '1 second') at time zone 'utc', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') as at`,
    [String(secondsAgo)],
  );
  const accounts = told.map(({ account, role = 'member', repositories = {} }) => ({
    account_id: account.accountId,
    role,
    repositories: Object.entries(repositories).map(([id, permission]) => ({ id: Number(id), permission })),
  }));
  return brain.call('record_access', {
    user_id: person.id,
    told: {
      checked_at: row?.at ?? '',
      accounts,
      withheld: withheld.map(({ accountId }) => accountId),
    },
  }) as Promise<Json>;
}

/** Hands in what an event says, as a delivery that arrived for the first time that many seconds ago. */
export async function tellAccess(
  brain: TestBrain,
  facts: readonly Record<string, string | number | null>[],
  { secondsAgo = 0 }: { secondsAgo?: number } = {},
): Promise<void> {
  await brain.sql(`select codered.merge_access($1::json, clock_timestamp() - $2::float * interval '1 second')`, [
    JSON.stringify(facts),
    String(secondsAgo),
  ]);
}

/** Lets time go by for a person: what GitHub said of them was asked that much earlier. */
export async function letPass(brain: TestBrain, person: Person, minutes: number): Promise<void> {
  const earlier = (times: readonly string[]) =>
    times.map((time) => `${time} = ${time} - ${minutes} * interval '1 minute'`).join(', ');
  // In one statement: time goes by for all of it at once, also for who looks meanwhile.
  await brain.sql(
    `with accessed as (update codered.repository_access set ${earlier(['checked_at'])} where user_id = $1::uuid)
     update codered.access_checks set ${earlier(['checked_at', 'doubted_at', 'due_at', 'last_seen_at'])} where user_id = $1::uuid`,
    [person.id],
  );
}

/** What a person sees through row security: projects, repositories, and the repositories of the CI runs. */
export async function seenBy(brain: TestBrain, { id }: Person) {
  return brain.session(async (session) => {
    await session.script('begin');
    try {
      const claims = JSON.stringify({ role: 'authenticated', sub: id });
      await session.script(`set local role authenticated; set local request.jwt.claims = '${claims}'`);
      const column = async (query: string) => (await session.query(query)).map((row) => Object.values(row)[0] ?? '');
      return {
        projects: await column('select id from codered.projects order by id'),
        maintained: await column(`select p from codered.my_projects('maintainer') as p order by 1`),
        repositories: (await column('select id from codered.repositories order by id')).map(Number),
        runs: (await column('select repository_id from codered.ci_events order by 1')).map(Number),
        orgs: await column('select id from codered.orgs order by id'),
      };
    } finally {
      await session.script('rollback');
    }
  });
}
