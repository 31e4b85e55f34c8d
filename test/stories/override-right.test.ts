// Overriding a criterion without a comment: GitHub is asked at that moment, and whoever can't be asked about may nothing.

import { randomBytes } from 'node:crypto';
import { Probot } from 'probot';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { Account } from '../../src/demo/github/state/records.ts';
import { ACCOUNTS } from '../../src/demo/github/state/retell.ts';
import { APP } from '../../src/demo/story/play-story.ts';
import { admittedOctokit } from '../../src/github/installation.ts';
import { resourceAt } from '../../src/model/resources.ts';
import { askGithub } from '../../src/on-behalf/on-behalf.ts';
import { type Asked, OPERATIONS, runOperation } from '../../src/operations/operations.ts';
import { localPauses } from '../support/github-octokit.ts';
import { joinStory, type Teammate } from '../support/people-of-story.ts';
import { job, opened, openStoryRepository, ran, type StoryRepository } from '../support/story-repository.ts';

const POLICY = 'dod: { lint_pass: true, type_check: true }\n';
/** With OAuth, so that tokens of apps are let in at all. */
const URL_OF_CODERED = 'https://codered.example';
const WITH_OAUTH = {
  CODERED_URL: URL_OF_CODERED,
  GITHUB_CLIENT_ID: 'Iv1.0123456789abcdef',
  GITHUB_CLIENT_SECRET: 'a'.repeat(40),
  CODERED_SECRET_KEY: randomBytes(32).toString('base64'),
};
const FORK_AUTHOR: Account = { login: 'forker', id: 4_242_001, type: 'User' };
const lintFails = (on: number) => ({ ...ran(job('lint', 'failure'), job('typecheck')), on });

describe('the right to override', () => {
  let scene: StoryRepository;
  let maintainer: Teammate;
  let head = '';
  beforeAll(async () => {
    const forked = { ...opened, pull: 2, branch: 'fork', fromFork: true, author: FORK_AUTHOR };
    scene = await openStoryRepository([opened, lintFails(1), forked, lintFails(2)], POLICY, { env: WITH_OAUTH });
    await scene.send(scene.life.deliveries);
    maintainer = await joinStory(scene, ACCOUNTS.octocat);
    head = scene.inside.pulls.get(1)?.head.sha ?? '';
  });
  afterAll(() => scene?.close());
  beforeEach(async () => {
    scene.github.state.people.clear();
    scene.inside.roles.clear();
    scene.inside.roles.set(ACCOUNTS.octocat.login, 'maintain');
    scene.inside.files.set('.github/codered.yml', POLICY);
    await scene.brain.sql(
      'update codered.user_overrides set revoked_at = now(), revoked_by = $1 where revoked_at is null',
      ['x'],
    );
    await scene.brain.sql('delete from codered.access_checks');
    await scene.brain.sql('delete from codered.asked_rights');
    await scene.idle();
  });

  const bodyFor = (more: object = {}) => ({
    repository: scene.fullName,
    pull_request: 1,
    commit_sha: head,
    criterion: 'lint_pass',
    reason: 'the rule is wrong',
    ...more,
  });
  async function override(who: Teammate, more: object = {}, headers: Record<string, string> = {}) {
    const response = await fetch(`${scene.codered.url}/api/v1/projects/${who.projectId}/gate/override`, {
      method: 'POST',
      headers: { authorization: `Bearer ${who.token}`, 'content-type': 'application/json', ...headers },
      body: JSON.stringify(bodyFor(more)),
    });
    return { status: response.status, json: (await response.json()) as Record<string, unknown> };
  }
  const standing = async () =>
    (await scene.brain.sql('select count(*)::text as n from codered.user_overrides where revoked_at is null'))[0]?.n;
  const conclusion = () => scene.ownCheckRuns(head).at(-1)?.conclusion;

  /** As a skin does it for an agent, or somebody else than REST. */
  async function asAgent(more: Partial<Asked> = {}) {
    const probot = new Probot({
      appId: APP.id,
      privateKey: scene.privateKey,
      baseUrl: scene.github.url,
      logLevel: 'fatal',
    });
    const octokitFor = admittedOctokit(probot, { check: async () => {} }, localPauses());
    const github = askGithub({ brain: scene.brain, octokitFor });
    const operation = OPERATIONS.find(({ name }) => name === 'override_criterion');
    if (operation === undefined) throw new RangeError('there is no such operation');
    const input = operation.input.parse({ project_id: maintainer.projectId, ...bodyFor() });
    const { userId } = maintainer;
    return runOperation(scene.brain, operation, {
      userId,
      input,
      by: 'agent',
      through: 'mcp',
      clientId: 'client-1',
      github,
      ...more,
    });
  }

  test('is the maintainer’s: the check turns green, and who, why, by which way is kept', async () => {
    const { status, json } = await override(maintainer, {
      reason: 'wrong, as ghp_0123456789abcdefghijABCDEFGHIJ012345 said',
    });
    expect([status, json]).toEqual([
      201,
      expect.objectContaining({
        criterion: 'lint_pass',
        user: 'octocat',
        commit_sha: head,
        made_by: 'person',
        made_through: 'rest',
        client_id: null,
      }),
    ]);
    expect(json.reason).toBe('wrong, as [redacted:github-token] said');
    await scene.settle();
    expect(conclusion()).toBe('success');
    const [event] = await scene.brain.sql(
      `select payload::text from codered.events where event_type = 'status.OVERRIDDEN' or payload ->> 'phase' = 'OVERRIDDEN' order by id desc limit 1`,
    );
    expect(event?.payload).toContain('"made_through": "rest"');
    expect(await scene.brain.sql('select 1 from codered.asked_rights')).toEqual([]);
  });

  test.each([
    ['write', 403],
    ['read', 403],
    ['none', 403],
    ['admin', 201],
  ])('of who has the role %s at this moment ends with %i', async (role, status) => {
    scene.inside.roles.set(ACCOUNTS.octocat.login, role);
    expect((await override(maintainer)).status).toBe(status);
    expect(await standing()).toBe(status === 201 ? '1' : '0');
  });

  test('is not theirs who have the login of somebody who may, but another account', async () => {
    const late = await joinStory(scene, { login: 'octocat', id: 4_242_002, type: 'User' });
    scene.github.state.people.set(4_242_002, { login: 'late', id: 4_242_002, type: 'User' });
    expect((await override(late)).json).toMatchObject({ status: 403, code: 'CR008' });
    // And stays theirs who changed their login.
    scene.github.state.people.set(ACCOUNTS.octocat.id, { ...ACCOUNTS.octocat, login: 'octo-new' });
    scene.github.state.people.set(4_242_002, { login: 'octocat', id: 4_242_002, type: 'User' });
    scene.inside.roles.clear();
    scene.inside.roles.set('octo-new', 'maintain');
    expect((await override(late)).status).toBe(403);
    expect((await override(maintainer)).json).toMatchObject({ user: 'octo-new' });
  });

  test('is nobody’s who never signed in with GitHub', async () => {
    const nobody = await joinStory(scene, null);
    expect((await override(nobody)).json).toMatchObject({
      status: 403,
      code: 'CR008',
      detail: expect.stringContaining('never signed in'),
    });
  });

  test('is nobody’s while GitHub does not answer, whatever is asked of it: 503, and nothing is written', async () => {
    for (const path of [/^\/user\//, /collaborators/, /contents/, /pulls\/1$/]) {
      scene.github.failNext({ path }, { status: 502 });
      const { status, json } = await override(maintainer);
      expect([status, json.code, json.detail]).toEqual([
        503,
        'github_unavailable',
        expect.stringContaining('could not be asked'),
      ]);
    }
    scene.github.failNext({ path: /collaborators/ }, 'hang up');
    expect((await override(maintainer)).status).toBe(503);
    expect(await standing()).toBe('0');
    expect(await scene.brain.sql('select 1 from codered.asked_rights')).toEqual([]);
  });

  test('is asked for again when the same request comes again', async () => {
    const key = { 'idempotency-key': 'once' };
    expect((await override(maintainer, {}, key)).status).toBe(201);
    scene.inside.roles.set(ACCOUNTS.octocat.login, 'read');
    expect((await override(maintainer, {}, key)).status).toBe(403);
  });

  test('is good for the newest commit alone, for a criterion that there is, and for a day that is not over', async () => {
    expect((await override(maintainer, { commit_sha: 'f'.repeat(40) })).json).toMatchObject({
      status: 409,
      code: 'CR014',
    });
    expect((await override(maintainer, { criterion: 'coverage_min' })).json).toMatchObject({
      status: 400,
      detail: expect.stringContaining('all, lint_pass, type_check'),
    });
    expect((await override(maintainer, { until: '2020-01-01' })).json).toMatchObject({ status: 400, code: 'CR002' });
    expect(await standing()).toBe('0');
    expect((await override(maintainer, { until: '2999-12-31' })).json).toMatchObject({ commit_sha: null });
  });

  test('is not the fork’s author’s, and on a fork it is for no day', async () => {
    const fork = { pull_request: 2, commit_sha: scene.inside.pulls.get(2)?.head.sha };
    const author = await joinStory(scene, FORK_AUTHOR);
    expect((await override(author, fork)).json).toMatchObject({ status: 403, code: 'CR008' });
    expect((await override(maintainer, { ...fork, until: '2999-12-31' })).json).toMatchObject({
      status: 409,
      code: 'CR003',
    });
    expect((await override(maintainer, fork)).status).toBe(201);
  });

  test('is no agent’s, unless the policy of the base branch says so, and then as much as the person’s', async () => {
    await expect(asAgent()).rejects.toMatchObject({ code: 'CR008', message: expect.stringContaining('agents: true') });
    scene.inside.files.set('.github/codered.yml', `${POLICY}override: { agents: true }\n`);
    scene.inside.roles.set(ACCOUNTS.octocat.login, 'write');
    await expect(asAgent()).rejects.toMatchObject({ code: 'CR008' });
    scene.inside.roles.set(ACCOUNTS.octocat.login, 'maintain');
    expect((await asAgent()).output).toMatchObject({ made_by: 'agent', made_through: 'mcp', client_id: 'client-1' });
    expect(await standing()).toBe('1');
    // Whoever is not said to be a person is an agent, and a broken policy lets none.
    scene.inside.files.set('.github/codered.yml', 'override: { agents: true }\nnonsense: 1\n');
    await expect(asAgent({ by: undefined })).rejects.toMatchObject({ code: 'CR008' });
  });

  test('is no agent’s where the organisation’s policy does not say so', async () => {
    const { life, github } = scene;
    const repository = { ...life.repository, id: 4_243_000, name: '.github' };
    const place = github.state.addRepository(repository, life.installation.id);
    place.files.set('codered.yml', 'dod: {}\n');
    scene.inside.files.set('.github/codered.yml', `${POLICY}override: { agents: true, roles: [write] }\n`);
    await expect(asAgent()).rejects.toMatchObject({ code: 'CR008' });
    github.state.repositories.delete(4_243_000);
  });

  test('is like all that a person decides over agents: approving, rejecting and overriding are refused to an agent', async () => {
    const input = { run_id: head, gate_id: 'draft', reason: 'fine' };
    const asked = { userId: maintainer.userId, input, by: 'agent' } as const;
    const forPeople = OPERATIONS.filter(({ isForPeople }) => isForPeople);
    expect(forPeople.map(({ name }) => name)).toEqual([
      ...['approve_stage', 'reject_stage', 'override_stage', 'create_override'],
    ]);
    for (const operation of forPeople) {
      await expect(runOperation(scene.brain, operation, asked)).rejects.toMatchObject({ code: 'CR008' });
    }
  });

  test('is no app’s that comes with a person’s token over REST, whatever its scopes; nor is what a person decides over agents', async () => {
    const app = await joinStory(scene, null);
    const asApp = { ...maintainer, token: app.token };
    await scene.brain.sql(
      `update codered.oauth_tokens set client_id = 'client-1', user_id = $1::uuid, scope = 'read tasks agents gate admin',
         audience = $3
       where user_id = $2::uuid`,
      [maintainer.userId, app.userId, resourceAt(URL_OF_CODERED, 'api')],
    );
    expect(await override(asApp)).toMatchObject({ status: 403, json: { code: 'CR008' } });
    expect(await standing()).toBe('0');
    const stage = { gate_id: 'draft', reason: 'fine' };
    const run = '00000000-0000-4000-8000-000000000001';
    for (const [path, body] of [
      [`/runs/${run}/approve`, stage],
      [`/runs/${run}/reject`, stage],
      [`/runs/${run}/override`, stage],
      [
        `/projects/${maintainer.projectId}/overrides`,
        { target_type: 'run', target_id: run, override_type: 'agent_override', reason: 'fine' },
      ],
    ] as const) {
      const send = async (token: string) => {
        const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' };
        const url = `${scene.codered.url}/api/v1${path}`;
        const response = await fetch(url, { method: 'POST', headers, body: JSON.stringify(body) });
        return [response.status, ((await response.json()) as { code: string }).code];
      };
      expect(await send(app.token), path).toEqual([403, 'CR008']);
      // A person is let in as far as to hear that there is no such run.
      expect((await send(maintainer.token))[1], path).toMatch(/^CR00[47]$/);
    }
  });

  test('can’t be asked of by a skin that has no GitHub', async () => {
    await expect(asAgent({ github: undefined })).rejects.toMatchObject({ code: 'github_unavailable' });
    expect(await standing()).toBe('0');
  });

  test('ends half a minute after it was asked, with a word of GitHub since, and once it was used', async () => {
    const keep = (asked_ms_ago: number) =>
      scene.brain.call('keep_asked_right', {
        user_id: maintainer.userId,
        action: 'override',
        repository_id: scene.life.repository.id,
        pull_request_number: 1,
        commit_sha: head,
        login: 'octocat',
        made_by: 'person',
        made_through: 'rest',
        client_id: null as never,
        asked_ms_ago,
      });
    const use = (right_id: unknown, userId = maintainer.userId) =>
      scene.brain.callAs({
        userId,
        name: 'override_criterion',
        arguments: { ...bodyFor(), project_id: maintainer.projectId, right_id: String(right_id) },
      });
    await expect(use(await keep(31_000))).rejects.toMatchObject({ code: 'CR010' });
    const other = await joinStory(scene, FORK_AUTHOR).catch(() => null);
    const right = await keep(10);
    if (other !== null) await expect(use(right, other.userId)).rejects.toMatchObject({ code: 'CR008' });
    await scene.brain.sql(
      `insert into codered.access_checks (user_id, checked_at, doubted_at) values ($1::uuid, now() + interval '1 second', now())`,
      [maintainer.userId],
    );
    await expect(use(right)).rejects.toMatchObject({ code: 'CR010' });
    await scene.brain.sql('delete from codered.access_checks');
    await expect(use(right)).resolves.toBeDefined();
    await expect(use(right)).rejects.toMatchObject({ code: 'CR008' });
    expect(scene.github.violations).toEqual([]);
  });
});
