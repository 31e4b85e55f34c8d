// Who sees which repository: by hand, as GitHub says, and for how long.

import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { asJson } from '../../src/model/json.ts';
import { factsOf } from '../normalise/normalised-facts.ts';
import {
  type Account,
  installOn,
  letPass,
  makeRepository,
  type Person,
  recordAccess,
  seenBy,
  signInPerson,
  tellAccess,
} from '../support/access-scene.ts';
import { openTestBrain, type TestBrain, testBackends } from '../support/brain.ts';
import { examplePayload } from '../support/example-payload.ts';
import { callAs, makeProject } from '../support/people.ts';

describe.each(testBackends)('access (%s)', (backend) => {
  let brain: TestBrain;
  let account: Account;
  let person: Person;
  let project: string;
  beforeAll(async () => {
    brain = await openTestBrain(backend);
  });
  afterAll(() => brain.close());

  /** An organisation, a project in it, and somebody whom nobody told of. */
  async function begin() {
    account = await installOn(brain);
    person = await signInPerson(brain);
    project = await makeProject(brain, { org: account.org });
  }
  const nothing = { projects: [], maintained: [], repositories: [], runs: [], orgs: [] };
  const byHand = (role = 'member', user = person.id, { org } = account) =>
    brain.sql('insert into codered.memberships (org_id, user_id, role) values ($1::uuid, $2::uuid, $3)', [
      org,
      user,
      role,
    ]);
  const stateOf = (one = person) => brain.call('access_state', { user_id: one.id });

  describe('by hand', () => {
    beforeAll(begin);

    it('is to a project without a repository from membership alone, and to its repositories as they come', async () => {
      await byHand();
      expect(await seenBy(brain, person)).toMatchObject({ projects: [project], repositories: [], orgs: [account.org] });
      const [first, second] = [
        await makeRepository(brain, account, project),
        await makeRepository(brain, account, project),
      ];
      expect(await seenBy(brain, person)).toMatchObject({
        projects: [project],
        maintained: [],
        repositories: [first, second],
        runs: [first, second],
      });
      expect(await stateOf()).toMatchObject({ is_checked_by_github: false, is_due: false, is_stale: false });
    });

    it('follows the role, and goes with the membership', async () => {
      await brain.sql(`update codered.memberships set role = 'maintainer' where user_id = $1::uuid`, [person.id]);
      const rights = () =>
        brain.sql(
          'select distinct permission, source, checked_at from codered.repository_access where user_id = $1::uuid',
          [person.id],
        );
      expect(await rights()).toEqual([{ permission: 'maintain', source: 'hand', checked_at: null }]);
      expect((await seenBy(brain, person)).maintained).toEqual([project]);
      await brain.sql('delete from codered.memberships where user_id = $1::uuid', [person.id]);
      expect(await rights()).toEqual([]);
      expect(await seenBy(brain, person)).toEqual(nothing);
    });

    it('goes along with a project that gets another organisation', async () => {
      await begin();
      const [other, stranger] = [await installOn(brain), await signInPerson(brain)];
      await byHand();
      await byHand('member', stranger.id, other);
      const repository = await makeRepository(brain, account, project);
      await brain.sql('update codered.repositories set installation_id = $1::bigint where id = $2::bigint', [
        String(other.installation),
        String(repository),
      ]);
      expect(await seenBy(brain, person)).toMatchObject({ projects: [], repositories: [], runs: [] });
      expect(await seenBy(brain, stranger)).toMatchObject({
        projects: [project],
        repositories: [repository],
        runs: [repository],
      });
    });

    it('is an admin’s to give, who can’t give it in GitHub’s name nor change what GitHub said', async () => {
      await begin();
      const admin = await signInPerson(brain);
      await byHand('admin', admin.id);
      const repository = await makeRepository(brain, account, project);
      const asAdmin = (statement: string) =>
        brain.session(async (session) => {
          await session.script('begin');
          await session.script(
            `set local role authenticated; set local request.jwt.claims = '${JSON.stringify({ role: 'authenticated', sub: admin.id })}'`,
          );
          await session.script(statement);
          await session.script('commit');
        });
      const insert = (source: string) =>
        asAdmin(
          `insert into codered.memberships (org_id, user_id, source) values ('${account.org}', '${person.id}', '${source}')`,
        );
      await expect(insert('github')).rejects.toMatchObject({ code: '42501' });
      await brain.script('rollback');
      await recordAccess(brain, person, [{ account }]);
      await asAdmin(`update codered.memberships set role = 'admin' where user_id = '${person.id}'`);
      expect(await brain.sql('select role from codered.memberships where user_id = $1::uuid', [person.id])).toEqual([
        { role: 'member' },
      ]);
      await recordAccess(brain, person, []);
      await insert('hand');
      expect((await seenBy(brain, person)).repositories).toEqual([repository]);
    });
  });

  describe('as GitHub says', () => {
    beforeAll(begin);

    it('is to what it names, and to nothing else of the project', async () => {
      const [read, hidden] = [
        await makeRepository(brain, account, project),
        await makeRepository(brain, account, project),
      ];
      const other = await makeProject(brain, { org: account.org });
      await makeRepository(brain, account, other);
      expect(await recordAccess(brain, person, [{ account, repositories: { [read]: 'write' } }])).toEqual({
        is_recorded: true,
        is_due: false,
      });
      expect(await seenBy(brain, person)).toEqual({
        projects: [project],
        maintained: [],
        repositories: [read],
        runs: [read],
        orgs: [account.org],
      });
      await recordAccess(brain, person, [{ account, repositories: { [read]: 'maintain', [hidden]: 'admin' } }]);
      expect((await seenBy(brain, person)).maintained).toEqual([project]);
      await recordAccess(brain, person, [{ account, repositories: { [hidden]: 'admin' } }]);
      expect(await seenBy(brain, person)).toMatchObject({
        projects: [project],
        maintained: [],
        repositories: [hidden],
      });
      await recordAccess(brain, person, [{ account, repositories: { [hidden]: 'admin' } }], { withheld: [account] });
      expect(await seenBy(brain, person)).toEqual(nothing);
    });

    it('makes an outside collaborator no member', async () => {
      await begin();
      const repository = await makeRepository(brain, account, project);
      const empty = await makeProject(brain, { org: account.org });
      await recordAccess(brain, person, [{ account, role: 'collaborator', repositories: { [repository]: 'read' } }]);
      expect(await seenBy(brain, person)).toEqual({
        ...nothing,
        projects: [project],
        repositories: [repository],
        runs: [repository],
      });
      await recordAccess(brain, person, [{ account, repositories: { [repository]: 'read' } }]);
      expect((await seenBy(brain, person)).projects).toEqual([project, empty].sort());
    });

    it('counts for an hour, then for what is public alone', async () => {
      await begin();
      const [open, closed] = [
        await makeRepository(brain, account, project, { isPrivate: false }),
        await makeRepository(brain, account, project),
      ];
      const empty = await makeProject(brain, { org: account.org });
      await recordAccess(brain, person, [
        { account, role: 'admin', repositories: { [open]: 'admin', [closed]: 'admin' } },
      ]);
      await letPass(brain, person, 44);
      expect(await stateOf()).toMatchObject({ is_due: false, is_stale: false });
      await letPass(brain, person, 2);
      expect(await stateOf()).toMatchObject({ is_due: true, is_stale: false });
      expect((await seenBy(brain, person)).maintained).toEqual([project, empty].sort());
      await letPass(brain, person, 15);
      expect(await stateOf()).toMatchObject({ is_due: true, is_stale: true });
      expect(await seenBy(brain, person)).toEqual({
        projects: [project],
        maintained: [],
        repositories: [open],
        runs: [open],
        orgs: [],
      });
    });

    it('makes nobody a member beside a public repository, when it was told more than a day ago', async () => {
      await begin();
      const open = await makeRepository(brain, account, project, { isPrivate: false });
      await recordAccess(brain, person, [{ account, repositories: { [open]: 'read' } }]);
      await letPass(brain, person, 23 * 60);
      expect(await seenBy(brain, person)).toMatchObject({ projects: [project], repositories: [open] });
      const lists = () =>
        brain.call('call_as', { user_id: person.id, name: 'list_tasks', arguments: { project_id: project } });
      expect(await lists()).toEqual([]);
      await letPass(brain, person, 2 * 60);
      expect(await seenBy(brain, person)).toMatchObject({ projects: [], repositories: [open] });
      await expect(lists()).rejects.toMatchObject({ code: 'CR010' });
    });

    it('tells nothing of a hidden repository beside one that is read: runs, jobs, specs under a name that went on', async () => {
      await begin();
      const [open, hidden] = [
        await makeRepository(brain, account, project),
        await makeRepository(brain, account, project),
      ];
      await recordAccess(brain, person, [{ account, repositories: { [open]: 'read' } }]);
      const made = async (statement: string) => (await brain.sql(`${statement} returning id`))[0]?.id ?? '';
      const of = `'${project}'`;
      const run = await made(
        `insert into codered.runs (project_id, repository_id, commit_sha) values (${of}, ${hidden}, repeat('d', 40))`,
      );
      const job = await made(
        `insert into codered.agent_jobs (project_id, agent_type, input) values (${of}, 'backfill', '{"repository_id": ${hidden}}')`,
      );
      const spec = await made(
        `insert into codered.specs (project_id, repo, branch, storage_path) values (${of}, 'somebody/before', 'main', 'x.md')`,
      );
      // Somewhere else the name is taken again, and read by the same person.
      const elsewhere = await makeProject(brain, { owner: person.id });
      await makeRepository(brain, account, elsewhere);
      await brain.sql(`update codered.repositories set name = 'before' where project_id = $1::uuid`, [elsewhere]);
      const code = async (name: string, given: Record<string, string>) =>
        (await callAs(brain, person.id, name, given)).code;
      expect([
        await code('pause_run', { run_id: run, reason: 'x' }),
        await code('list_job_events', { job_id: job }),
        await code('read_spec', { spec_id: spec }),
      ]).toEqual(['CR004', 'CR004', 'CR004']);
    });

    it('does not stand before what was written by hand', async () => {
      await begin();
      const repository = await makeRepository(brain, account, project);
      await byHand();
      await recordAccess(brain, person, [{ account, role: 'admin', repositories: { [repository]: 'admin' } }]);
      await letPass(brain, person, 120);
      expect(await seenBy(brain, person)).toMatchObject({
        projects: [project],
        repositories: [repository],
        orgs: [account.org],
      });
      await brain.sql('delete from codered.memberships where user_id = $1::uuid', [person.id]);
      expect(await stateOf()).toMatchObject({ is_due: true });
      expect(await seenBy(brain, person)).toEqual(nothing);
    });

    it('is passed over of accounts and repositories that are not here, and of what was asked earlier than what is known', async () => {
      await begin();
      const repository = await makeRepository(brain, account, project);
      const other = await installOn(brain);
      const elsewhere = { ...other, accountId: 1 };
      await recordAccess(brain, person, [
        { account: other, repositories: { [repository]: 'read', 12: 'read' } },
        { account: elsewhere, repositories: { 13: 'read' } },
      ]);
      expect(await seenBy(brain, person)).toMatchObject({ projects: [], repositories: [], orgs: [other.org] });
      const told = [{ account, repositories: { [repository]: 'read' } }];
      expect(await recordAccess(brain, person, told, { secondsAgo: 60 })).toEqual({
        is_recorded: false,
        is_due: false,
      });
      expect((await seenBy(brain, person)).repositories).toEqual([]);
    });

    it.each([
      ['nothing', null],
      ['another key', { checked_at: new Date().toISOString(), accounts: [], also: 1 }],
      ['no accounts', { checked_at: new Date().toISOString() }],
      ['a time that is none', { checked_at: 'yesterday', accounts: [] }],
      ['a time to come', { checked_at: new Date(Date.now() + 3_600_000).toISOString(), accounts: [] }],
      ['a time long ago', { checked_at: '2001-01-01T00:00:00.000Z', accounts: [] }],
      [
        'a role that is none',
        { checked_at: new Date().toISOString(), accounts: [{ account_id: 1, role: 'owner', repositories: [] }] },
      ],
      [
        'an id that is none',
        { checked_at: new Date().toISOString(), accounts: [{ account_id: 1.5, role: 'member', repositories: [] }] },
      ],
      ['ids as text', { checked_at: new Date().toISOString(), accounts: [], withheld: ['1'] }],
      [
        'a permission that is none',
        {
          checked_at: new Date().toISOString(),
          accounts: [{ account_id: 1, role: 'member', repositories: [{ id: 1, permission: 'push' }] }],
        },
      ],
    ])('is refused with %s', async (_, told) => {
      await expect(brain.call('record_access', { user_id: person.id, told })).rejects.toMatchObject({ code: 'CR002' });
    });

    it('is refused of nobody', async () => {
      const told = { checked_at: new Date().toISOString(), accounts: [] };
      await expect(brain.call('record_access', { user_id: randomUUID(), told })).rejects.toMatchObject({
        code: 'CR004',
      });
    });
  });

  describe('by what events tell', () => {
    beforeAll(begin);

    it('is gone at once from the organisation, also what was by hand, and stays gone for what was asked before', async () => {
      const repository = await makeRepository(brain, account, project);
      const told = [{ account, role: 'admin', repositories: { [repository]: 'admin' } }];
      await recordAccess(brain, person, told);
      const removed = [{ kind: 'withdrawn', github_user_id: person.githubId, account_id: account.accountId }];
      await tellAccess(brain, removed);
      expect(await seenBy(brain, person)).toEqual(nothing);
      await recordAccess(brain, person, told);
      expect((await seenBy(brain, person)).repositories).toEqual([repository]);
      // Late once more: GitHub was asked since.
      await tellAccess(brain, removed, { secondsAgo: 60 });
      expect((await seenBy(brain, person)).repositories).toEqual([repository]);
      await recordAccess(brain, person, []);
      await byHand();
      await tellAccess(brain, removed, { secondsAgo: 60 });
      expect((await seenBy(brain, person)).repositories).toEqual([repository]);
      await tellAccess(brain, removed);
      expect(await seenBy(brain, person)).toEqual(nothing);
    });

    it('is not given back by an answer to what was asked before, also to who was never here', async () => {
      await begin();
      const [first, second] = [
        await makeRepository(brain, account, project),
        await makeRepository(brain, account, project),
      ];
      await tellAccess(brain, [{ kind: 'withdrawn', github_user_id: person.githubId, repository_id: first }]);
      await recordAccess(brain, person, [{ account, repositories: { [first]: 'read', [second]: 'read' } }], {
        secondsAgo: 5,
      });
      expect((await seenBy(brain, person)).repositories).toEqual([second]);
      await recordAccess(brain, person, [{ account, repositories: { [first]: 'read', [second]: 'read' } }]);
      expect((await seenBy(brain, person)).repositories).toEqual([first, second]);
      await tellAccess(brain, [{ kind: 'withdrawn', github_user_id: person.githubId, repository_id: second }]);
      expect((await seenBy(brain, person)).repositories).toEqual([first]);
      expect(await stateOf()).toMatchObject({ is_due: true, is_stale: false });
    });

    it('in doubt is as if GitHub had not been asked, of one person or of everybody of an organisation', async () => {
      await begin();
      const [repository, other] = [await makeRepository(brain, account, project), await signInPerson(brain)];
      const told = [{ account, repositories: { [repository]: 'read' } }];
      for (const one of [person, other]) await recordAccess(brain, one, told);
      await tellAccess(brain, [{ kind: 'doubted', github_user_id: person.githubId, account_id: account.accountId }]);
      expect(await seenBy(brain, person)).toEqual(nothing);
      expect(await stateOf()).toMatchObject({ is_due: true, is_stale: true });
      expect((await seenBy(brain, other)).repositories).toEqual([repository]);
      expect(await recordAccess(brain, person, told, { secondsAgo: 0 })).toEqual({ is_recorded: true, is_due: false });
      expect((await seenBy(brain, person)).repositories).toEqual([repository]);
      await tellAccess(brain, [{ kind: 'doubted', github_user_id: null, account_id: account.accountId }]);
      for (const one of [person, other]) expect(await seenBy(brain, one)).toEqual(nothing);
    });

    it('comes with deliveries, and counts from when they arrived first, however often they are worked on', async () => {
      await begin();
      const repository = await makeRepository(brain, account, project);
      const told = [{ account, repositories: { [repository]: 'read' } }];
      await recordAccess(brain, person, told);
      const removed = examplePayload('organization', 2, {
        action: 'member_removed',
        'membership.user.id': person.githubId,
        'organization.id': account.accountId,
      });
      const guid = randomUUID();
      await brain.sql(
        `insert into codered.webhook_deliveries (app_id, guid, event, payload) values (1, $1, 'organization', $2::json)`,
        [guid, JSON.stringify(removed)],
      );
      const record = () =>
        brain.call('record_facts', { facts: asJson(factsOf('organization', removed)), app_id: 1, guid });
      await record();
      expect(await seenBy(brain, person)).toEqual(nothing);
      await recordAccess(brain, person, told);
      await record();
      expect((await seenBy(brain, person)).repositories).toEqual([repository]);
    });

    it('counts as not asked for of a repository that became private', async () => {
      await begin();
      const [one, other] = [
        await makeRepository(brain, account, project, { isPrivate: false }),
        await makeRepository(brain, account, project),
      ];
      const told = [{ account, repositories: { [one]: 'read', [other]: 'read' } }];
      await recordAccess(brain, person, told);
      await brain.sql('update codered.repositories set private = true where id = $1::bigint', [String(one)]);
      expect((await seenBy(brain, person)).repositories).toEqual([other]);
      expect(await stateOf()).toMatchObject({ is_due: true, is_stale: true });
      await recordAccess(brain, person, told);
      expect((await seenBy(brain, person)).repositories).toEqual([one, other]);
    });
  });

  describe('of people whom GitHub is to be asked for', () => {
    beforeAll(begin);
    const due = async () => {
      const list = (await brain.call('list_access_due', { batch: 500 })) as { user_id: string }[];
      return list.some(({ user_id }) => user_id === person.id);
    };

    it('are those who came within the hour, after 45 minutes or an event', async () => {
      expect(await due()).toBe(false);
      await recordAccess(brain, person, [{ account }]);
      expect(await due()).toBe(false);
      await letPass(brain, person, 46);
      expect(await due()).toBe(true);
      await letPass(brain, person, 20);
      expect(await due()).toBe(false);
      await brain.call('note_seen', { user_id: person.id });
      expect(await due()).toBe(true);
      await recordAccess(brain, person, [{ account }]);
      expect(await due()).toBe(false);
      await tellAccess(brain, [{ kind: 'doubted', github_user_id: person.githubId, account_id: account.accountId }]);
      expect(await due()).toBe(true);
    });

    it('are the app’s to know', async () => {
      for (const [name, given] of [
        ['list_access_due', { batch: 1 }],
        ['access_state', { user_id: person.id }],
        ['note_seen', { user_id: person.id }],
        ['record_access', { user_id: person.id, told: {} }],
      ] as const) {
        expect((await callAs(brain, person.id, name, given)).code, name).toBe('42501');
      }
    });
  });
});
