// Every operation, asked for by everybody who must not: nothing is read, nothing changes, and what is not theirs is as if it were not there.

import { createHash, randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { listen } from '../../src/http/listen.ts';
import { makePersonDoor } from '../../src/http/person-door/person-door.ts';
import { takesKey } from '../../src/http/rest/once.ts';
import { fullPath, PLACES } from '../../src/http/rest/paths.ts';
import { placed, STREAMED } from '../../src/http/rest/placed.ts';
import { makeRest } from '../../src/http/rest/rest.ts';
import { serveRoutes } from '../../src/http/routing.ts';
import { makeStreams } from '../../src/http/streams/streams.ts';
import { makeMcp } from '../../src/mcp/mcp.ts';
import { TOOL_SETS } from '../../src/mcp/tool-sets.ts';
import { TOOLS } from '../../src/mcp/tools.ts';
import { Transient } from '../../src/model/errors.ts';
import { SCOPES, type Scope } from '../../src/model/scopes.ts';
import { askGithub } from '../../src/on-behalf/on-behalf.ts';
import { makeContentLinks } from '../../src/operations/declared/content-link.ts';
import type { Operation } from '../../src/operations/declared/operation.ts';
import { OPERATIONS } from '../../src/operations/operations.ts';
import { ID, idOf, markOf, numberOf, PEOPLE, seedTwoOrgs, shaOf } from '../brain/security/two-orgs.ts';
import { openTestBrain, ruleBackend, type TestBrain } from '../support/brain.ts';
import { tableHashes } from '../support/brain-rows.ts';
import { expectDescribed } from '../support/described.ts';
import { makeLogLines } from '../support/log-lines.ts';
import { callOf, postMcp } from '../support/mcp-server.ts';
import { seedOutsiders } from './outsiders.ts';

/** An input of each operation that is about organisation A. */
const ABOUT_A: Readonly<Record<string, object>> = {
  project_id: { project_id: idOf('a', ID.project) },
  task_id: { task_id: idOf('a', ID.task) },
  job_id: { job_id: idOf('a', ID.ownJob) },
  work_id: { work_id: idOf('a', ID.ownJob) },
  run_id: { run_id: idOf('a', ID.ownRun) },
  spec_id: { spec_id: idOf('a', ID.templateSpec) },
  sprint_id: { sprint_id: idOf('a', ID.sprint) },
  artifact_id: { artifact_id: idOf('a', ID.taskArtifact) },
  override_id: { override_id: idOf('a', ID.override) },
  deployment_id: { deployment_id: idOf('a', ID.deployment) },
  test_id: { test_id: numberOf('a', ID.repository) },
  pattern_id: { pattern_id: idOf('a', ID.pattern) },
  org: { org: 'org-a' },
  milestone_id: { milestone_id: idOf('a', ID.milestone) },
  task_run_id: { task_run_id: idOf('a', ID.taskRun) },
  decision_id: { decision_id: idOf('a', ID.decision) },
  checkpoint_id: { checkpoint_id: idOf('a', ID.checkpoint) },
  agent_session_id: { agent_session_id: idOf('a', ID.agentSession) },
  snippet_id: { snippet_id: idOf('a', ID.snippet) },
  error_id: { error_id: idOf('a', ID.error) },
  guid: { guid: 'org-a-delivery' },
};
const GLOBAL_TEMPLATE = { template_id: 'd0000000-0000-4000-8000-000000000004' };
/** Templates and kept architectures are everybody's to read: documents 004 and 002. */
const TELLS_OF_ALL = ['list_templates', 'match_patterns', 'list_agents', 'read_agent', 'list_models'];
/** Reads that one of the homes, or the rows of these two, have nothing for: no pgvector, a document that lies in its repository. */
const HAVE_NOTHING = ['match_patterns', 'link_spec_document'];
/** Refused to whoever may, as nobody answers for GitHub here: test/stories/override-right.test.ts. */
const ASKS_GITHUB = ['override_criterion'];
const doneWith = ({ name }: Operation) => (HAVE_NOTHING.includes(name) ? [200, 409] : [200]);
/** Refused to everybody else before anything is looked at. */
const FOR_OPERATORS = ['create_template', 'update_template', 'create_template_version', 'set_model'];
/** What does not suit the fields above. */
const MORE: Readonly<Record<string, object>> = {
  search_events: { query: 'task' },
  list_lessons: { query: 'lesson' },
  list_ux_snippets: { query: 'snippet' },
  report_error: { message: 'Card 4711 was refused', kind: 'PaymentError', stack: 'at pay (src/pay.ts:3)' },
  create_project: { name: 'A walk' },
  update_project: { description: 'Walked' },
  create_milestone: { name: 'Half way' },
  update_milestone: { description: 'Walked' },
  set_milestone_progress: { percent: 50 },
  start_task_run: { phase: 'code' },
  finish_task_run: { status: 'succeeded', summary: 'Done' },
  update_decision: { rationale: 'Walked' },
  supersede_decision: { title: 'The other way' },
  record_lesson: { title: 'Look first' },
  record_ux_snippet: { name: 'Button', code_sample: '<button/>' },
  start_agent_session: { summary: 'Begun' },
  note_in_agent_session: { snapshot: { at: 'line 3' } },
  end_agent_session: { summary: 'Done' },
  create_checkpoint: { label: 'half way' },
  record_decision: { title: 'Which way' },
  create_task: { title: 'Do it' },
  update_task: { title: 'Done otherwise' },
  lock_task: { locker: 'walker' },
  keep_lock: { locker: 'walker' },
  release_task: { locker: 'walker' },
  break_lock: { reason: 'because' },
  run_agent: { agent_type: 'research' },
  answer_job: { responses: [{ question_id: 'q1', answer: 'yes' }] },
  read_result_schema: { type: 'research' },
  claim_work: { worker: 'walker', types: ['research', 'plan_sprint'] },
  keep_work: { claim: 1 },
  report_progress: { claim: 1, progress: 50 },
  ask: { claim: 1, questions: [{ id: 'q9', question: 'Which?' }] },
  complete: { claim: 1, result: { label: 'Walked', dod: {} } },
  fail: { claim: 1, error: 'It broke' },
  give_back: { claim: 1 },
  pause_run: { reason: 'lunch' },
  v1_run_agent: { agent_type: 'research' },
  v1_answer_job: { responses: [{ question_id: 'q1', answer: 'yes' }] },
  read_agent: { slug: 'org-a' },
  read_agent_run: { agent_run_id: idOf('a', ID.agentRun) },
  set_model: { model_id: 'org-a-model', tier: 'top' },
  read_file: { path: 'org-a.ts' },
  export_to_github: { repo_name: 'walked', github_token: 'ghp_walked' },
  v1_export_to_github: { repo_name: 'walked', github_token: 'ghp_walked' },
  write_file: { path: 'src/new.ts', content: 'export {};' },
  create_corpus: { name: 'Handbook' },
  update_corpus: { corpus_id: idOf('a', ID.corpus), name: 'Handbook' },
  list_documents: { corpus_id: idOf('a', ID.corpus) },
  read_roadmap: { roadmap_id: idOf('a', ID.roadmap) },
  create_roadmap: { modules: [{ title: 'Begin', steps: ['read'] }] },
  update_roadmap: { roadmap_id: idOf('a', ID.roadmap), title: 'Another way' },
  move_in_roadmap: { roadmap_id: idOf('a', ID.roadmap), step_index: 1 },
  read_daily_session: { session_id: idOf('a', ID.dailySession) },
  record_daily_session: { transcript: [{ role: 'user', content: 'What is a webhook?' }] },
  extend_daily_session: { session_id: idOf('a', ID.dailySession), duration_minutes: 5 },
  read_attempt: { gate_id: 'draft' },
  approve_stage: { gate_id: 'draft', reason: 'good' },
  reject_stage: { gate_id: 'draft', reason: 'bad' },
  override_stage: { gate_id: 'draft', reason: 'good enough' },
  explain_gate: { repository: 'org-a/shop', pull_request: 1 },
  simulate_policy: { repository: 'org-a/shop', pull_request: 1, policy: 'dod: { lint_pass: true }' },
  override_criterion: {
    ...{ repository: 'org-a/shop', pull_request: 1, commit_sha: shaOf('a') },
    ...{ criterion: 'all', reason: 'because' },
  },
  read_log_lines: { search: 'excerpt' },
  log_agent_run: { agent: 'org-a', status: 'succeeded' },
  suggest_pattern: {
    ...{ name: 'Walked', pattern_signature: 'walk(ed)?', root_cause: 'a walk', recommended_fix: 'stand' },
  },
  create_override: {
    override_type: 'agent_override',
    target_type: 'task',
    target_id: idOf('a', ID.task),
    reason: 'because',
  },
  add_artifact: { content: 'what was done' },
  upload_spec: { repository: 'org-a/shop', path: 'specs/two.md', content: '# Two' },
  create_template: { slug: 'walk', name: 'Walk', type: 'research' },
  read_template: GLOBAL_TEMPLATE,
  update_template: { ...GLOBAL_TEMPLATE, name: 'Walked' },
  list_template_versions: GLOBAL_TEMPLATE,
  create_template_version: { ...GLOBAL_TEMPLATE, version: 'walk' },
  update_template_version: { visibility: 'private' },
  match_patterns: { query_embedding: Array.from({ length: 1536 }, () => 0.5) },
};
/** What is gone when it is done, and which of A's it is done to, so that the others find theirs. */
const SPARE: Readonly<Record<string, object>> = { delete_task: { task_id: idOf('a', ID.otherTask) } };
/** Each operation at each of its places. */
const WALKED = placed().map(([operation]) => [operation.name, operation] as const);
/** What is followed is refused as what is read is; opened it would stay open. */
const FOLLOWED = STREAMED.map(({ operation }) => [operation.name, operation] as const);
const placeOf = new Map([
  ...placed().map(([{ name }, place]) => [name, place] as const),
  ...STREAMED.map(({ operation, place }) => [operation.name, place] as const),
]);
const inputOf = ({ name, input }: Operation, about = ABOUT_A): Record<string, unknown> =>
  Object.assign(
    {},
    ...Object.keys(input.shape).map((field) => about[field] ?? {}),
    about === ABOUT_A ? SPARE[name] : {},
    MORE[name],
  );
/** The same of nothing that is there. */
const absent = () =>
  Object.fromEntries(
    Object.keys(ABOUT_A).map((field) => [field, { [field]: field === 'test_id' ? 555_000_001 : randomUUID() }]),
  );
/** Those that name nothing of anybody's answer for oneself alone. */
const isAboutOneself = ({ input }: Operation) => !Object.keys(input.shape).some((field) => field in ABOUT_A);

let brain: TestBrain;
let outsiders: Awaited<ReturnType<typeof seedOutsiders>>;
let url = '';
let close = async () => {};
/** What all rows come to, but for when a token was last used and its person last seen. */
let rows: Awaited<ReturnType<typeof tableHashes>> = async () => ({});
beforeAll(async () => {
  brain = await openTestBrain(ruleBackend);
  await seedTwoOrgs(brain);
  outsiders = await seedOutsiders(brain);
  rows = await tableHashes(brain, { without: ['oauth_tokens', 'access_checks'] });
  const { log } = makeLogLines();
  const onError = () => {};
  const links = makeContentLinks({ secret: randomUUID(), url: null, hasObjects: false });
  const octokitFor = async () => {
    throw new Transient('nobody answers for GitHub here');
  };
  const github = askGithub({ brain, octokitFor });
  const door = makePersonDoor({ brain, log, links, github });
  const mcp = makeMcp({ door, log, publicUrl: null, audience: null });
  const streams = makeStreams({ brain, log, pollMs: 100 });
  const resources = [mcp, makeRest({ brain, log, links, door }), streams.routes];
  const handlers = [serveRoutes({ resources, onError })];
  const http = await listen({ host: '127.0.0.1', port: 0 }, { handlers, onError });
  url = http.url;
  close = () => streams.close().then(() => http.close(1000));
});
afterAll(async () => {
  await close();
  await brain.close();
});

const hashOf = (token: string) => createHash('sha256').update(token).digest('hex');

async function makeToken(user: string, scopes: readonly Scope[]): Promise<string> {
  const token = `crd_${randomUUID()}`;
  await brain.call('create_token', {
    user_id: user,
    name: 'walk',
    token_hash: hashOf(token),
    scope: scopes.join(' '),
    expires_at: new Date(Date.now() + 86_400_000).toISOString(),
  });
  return token;
}

/** One for each person and what it is good for: nobody may have more than a hundred. */
const tokens = new Map<string, Promise<string>>();
function tokenOf(user: string, scopes: readonly Scope[] = SCOPES, kind = 'live'): Promise<string> {
  const key = [user, kind, ...scopes].join(' ');
  const token = tokens.get(key) ?? makeToken(user, scopes);
  tokens.set(key, token);
  return token;
}

async function ask(
  operation: Operation,
  token: string | null,
  {
    input = inputOf(operation),
    headers = {},
  }: { input?: Record<string, unknown>; headers?: Record<string, string> } = {},
) {
  const place = placeOf.get(operation.name);
  if (place === undefined) throw new Error(`${operation.name} has no place in REST`);
  const rest = { ...input };
  const path = fullPath(place).replace(/\{(\w+)\}/g, (_, name: string) => {
    const value = String(rest[name]);
    delete rest[name];
    return value;
  });
  const query = place.method === 'get' ? `?${new URLSearchParams(rest as Record<string, string>)}` : '';
  const response = await fetch(`${url}${path}${query}`, {
    method: place.method.toUpperCase(),
    headers: {
      ...(token === null ? {} : { authorization: `Bearer ${token}` }),
      ...(place.method === 'get' ? {} : { 'content-type': 'application/json' }),
      ...headers,
    },
    ...(place.method === 'get' ? {} : { body: JSON.stringify(rest) }),
  });
  const text = await response.text();
  const { status, headers: answered } = response;
  expectDescribed({ method: place.method, url: path, status, headers: answered, text });
  return { status: response.status, text, json: text === '' ? null : JSON.parse(text), headers: response.headers };
}

describe('the table of operations', () => {
  it('has each name once, and a place in REST for each and for no other', () => {
    const names = OPERATIONS.map(({ name }) => name);
    expect(new Set(names).size).toBe(names.length);
    expect(Object.keys(PLACES).sort()).toEqual([...names].sort());
    const places = placed().map(([, place]) => `${place.method} ${fullPath(place)}`);
    expect(new Set(places).size).toBe(places.length);
  });
  it('asks for more than reading wherever something changes', () => {
    expect(OPERATIONS.filter(({ hints, scope }) => !hints.readOnly && scope === 'read')).toEqual([]);
  });
});

/** Leaves every row as it is, so that one look after all of them is enough. */
async function refusesTokens(operation: Operation): Promise<void> {
  const { scope } = operation;
  const outcomes = [
    ['no token', null, 401, 'no_token'],
    ['unknown', `crd_${randomUUID()}`, 401, 'invalid_token'],
    ['expired', await spoiledToken('expired', 'expires_at = least(expires_at, now())'), 401, 'invalid_token'],
    ['revoked', await spoiledToken('revoked', 'revoked_at = now()'), 401, 'invalid_token'],
    [
      'other audience',
      await spoiledToken('foreign', "client_id = 'an-app', audience = 'https://codered.example/mcp'"),
      ...([401, 'invalid_token'] as const),
    ],
    [
      'other scopes',
      await tokenOf(
        PEOPLE.a.member,
        SCOPES.filter((other) => other !== scope),
      ),
      ...([403, 'insufficient_scope'] as const),
    ],
  ] as const;
  for (const [what, token, status, code] of outcomes) {
    const answered = await ask(operation, token);
    expect([answered.status, answered.json.code], what).toEqual([status, code]);
    expect(answered.headers.get('content-type'), what).toContain('application/problem+json');
    expect(answered.text, what).not.toMatch(markOf('a'));
  }
}

/** A member's token that is good for everything but for one thing. */
async function spoiledToken(kind: string, changes: string): Promise<string> {
  const token = await tokenOf(PEOPLE.a.member, SCOPES, kind);
  await brain.sql(`update codered.oauth_tokens set ${changes} where access_token_hash = $1`, [hashOf(token)]);
  return token;
}

/** Without a key and, where one may be sent, with one. */
const keysOf = (operation: Operation, key: string): Record<string, string>[] =>
  takesKey(operation) ? [{}, { 'idempotency-key': key }] : [{}];

async function tellsOutsidersNothing(operation: Operation): Promise<void> {
  const { withoutAccess, forksAuthor, removed } = outsiders;
  const input = inputOf(operation, absent());
  for (const headers of keysOf(operation, 'walk')) {
    const ofNothing = await ask(operation, await tokenOf(PEOPLE.b.owner), { input, headers });
    const others = [PEOPLE.b.admin, PEOPLE.b.owner, withoutAccess, forksAuthor];
    // A key is taken around the call, whoever calls: two see whether it lets more through.
    for (const user of [PEOPLE.stranger, removed, ...('idempotency-key' in headers ? [] : others)]) {
      const answered = await ask(operation, await tokenOf(user), { headers });
      if (FOR_OPERATORS.includes(operation.name)) {
        expect([answered.status, answered.json.code]).toEqual([403, 'CR008']);
      } else if (isAboutOneself(operation)) {
        expect(doneWith(operation)).toContain(answered.status);
        if (!TELLS_OF_ALL.includes(operation.name)) expect(answered.text).not.toMatch(markOf('a'));
      } else if (operation.name === 'create_project' && user === withoutAccess) {
        // Who is in the organisation, and no maintainer of it, may know that it is there.
        expect(answered.json.code).toBe('CR008');
      } else {
        expect([400, 404], answered.text).toContain(answered.status);
        expect(wordsOf(answered.text, inputOf(operation)), 'the same words for "absent" and "not yours"').toBe(
          wordsOf(ofNothing.text, input),
        );
      }
    }
  }
}

/** An answer without the names that its question gave. */
const wordsOf = (text: string, given: object) =>
  Object.values(given).reduce<string>((left, value) => left.replaceAll(String(value), '…'), text);

async function saysThatGithubWasNotAsked(operation: Operation): Promise<void> {
  const token = await tokenOf(outsiders.uncheckedAdmin);
  for (const headers of keysOf(operation, 'unchecked')) {
    const answered = await ask(operation, token, { headers });
    const refused = [503, 'access_unchecked', '60'];
    const seen = [answered.status, answered.json.code, answered.headers.get('retry-after')];
    expect(seen, answered.text).toEqual(operation.run === 'my_profile' ? [200, undefined, null] : refused);
    expect(answered.text).not.toMatch(markOf('a'));
    if (isAboutOneself(operation)) continue;
    const refusal = FOR_OPERATORS.includes(operation.name) ? 403 : 404;
    expect((await ask(operation, token, { input: inputOf(operation, absent()), headers })).status).toBe(refusal);
  }
}

/** The tool that is the operation; the forms of document 002 are none's. */
const toolOf = (operation: Operation) => TOOLS.find((tool) => tool.operation === operation);

/** Null: it is no tool. */
async function askTool(
  operation: Operation,
  user: string,
  { input = inputOf(operation), scopes = SCOPES }: { input?: object; scopes?: readonly Scope[] } = {},
) {
  const tool = toolOf(operation);
  if (tool === undefined) return null;
  const token = await tokenOf(user, scopes);
  const { status, json, text } = await postMcp(`${url}/mcp?toolset=${TOOL_SETS}`, token, callOf(tool.name, input));
  expect([status, json.error], text).toEqual([200, undefined]);
  const { isError, content } = json.result;
  return { code: isError ? JSON.parse(content[0].text).error.code : null, text };
}

/** As `tellsOutsidersNothing` and the like, of the same operation as a tool. */
async function tellsNothingOverMcp(operation: Operation): Promise<void> {
  const { removed, uncheckedAdmin } = outsiders;
  const scopes = SCOPES.filter((other) => other !== operation.scope);
  const scoped = await askTool(operation, PEOPLE.a.member, { scopes });
  if (scoped === null) return;
  expect(scoped.code).toBe('insufficient_scope');
  const input = inputOf(operation, absent());
  const ofNothing = await askTool(operation, PEOPLE.b.owner, { input });
  for (const user of [PEOPLE.stranger, removed]) {
    const answered = await askTool(operation, user);
    if (isAboutOneself(operation)) expect(['CR003', null]).toContain(answered?.code);
    else {
      expect(answered?.code, answered?.text).not.toBe(null);
      expect(wordsOf(answered?.text ?? '', inputOf(operation))).toBe(wordsOf(ofNothing?.text ?? '', input));
    }
    if (!TELLS_OF_ALL.includes(operation.name)) expect(answered?.text).not.toMatch(markOf('a'));
  }
  const unchecked = await askTool(operation, uncheckedAdmin);
  expect(unchecked?.code, unchecked?.text).toBe('access_unchecked');
}

describe('whoever must not', () => {
  let before: Readonly<Record<string, string>> = {};
  beforeAll(async () => {
    before = await rows();
  });

  it.each([...WALKED, ...FOLLOWED])(
    'is told nothing by %s, in the same words as of what is not there, and changes nothing',
    async (_, operation) => {
      await refusesTokens(operation);
      await tellsOutsidersNothing(operation);
      await saysThatGithubWasNotAsked(operation);
      await tellsNothingOverMcp(operation);
      expect(await rows()).toEqual(before);
    },
  );

  it('is told nothing after leaving the organisation, also of what they began there themselves', async () => {
    const token = await tokenOf(PEOPLE.a.member);
    await brain.sql('delete from codered.memberships where user_id = $1', [PEOPLE.a.member]);
    try {
      const left = await rows();
      for (const [name, operation] of [...WALKED, ...FOLLOWED]) {
        const answered = await ask(operation, token);
        const refusal = FOR_OPERATORS.includes(name) ? 403 : 404;
        if (!isAboutOneself(operation)) expect(answered.status, `${name}: ${answered.text}`).toBe(refusal);
        // What is one's own may be made by whoever has none.
        else expect(answered.status, `${name}: ${answered.text}`).toBeLessThan(500);
      }
      expect(await rows()).toEqual(left);
    } finally {
      await brain.sql('insert into codered.memberships (org_id, user_id) values ($1::uuid, $2::uuid)', [
        idOf('a', ID.org),
        PEOPLE.a.member,
      ]);
    }
  });
});

describe('whoever may', () => {
  it.each(WALKED)('meets no fault of ours in %s', async (_, operation) => {
    const answered = await ask(operation, await tokenOf(PEOPLE.a.member));
    if (ASKS_GITHUB.includes(operation.name)) {
      expect([answered.status, answered.json.code]).toEqual([503, 'github_unavailable']);
      return;
    }
    expect(answered.status, answered.text).toBeLessThan(500);
    if (operation.hints.readOnly) expect(doneWith(operation), answered.text).toContain(answered.status);
    const told = await askTool(operation, PEOPLE.a.member);
    expect(told?.code, told?.text).not.toBe('internal');
    if (operation.hints.readOnly && !HAVE_NOTHING.includes(operation.name)) expect(told?.code ?? null).toBe(null);
  });
});
