// A policy is tried on a pull request by our own API, over real sockets: it says what the gate would say, and leaves no trace.

import { createHash } from 'node:crypto';
import { afterEach, describe, expect, test } from 'vitest';
import type { Moment } from '../../src/demo/story/life-outline.ts';
import { job, opened, openStoryRepository, ran, type StoryRepository } from '../support/story-repository.ts';
import { zipOf } from '../support/zip.ts';

const KEY = 'the-key-of-the-tests';
const CODERED_API_KEYS = `planner:${createHash('sha256').update(KEY).digest('hex')}`;
const ASKS_MUCH = `dod: { lint_pass: true, coverage_min: 0.80, coverage_diff_min: 0.90 }
zones: { red: ['src/billing/**'] }
when: { zones: [red], dod: { coverage_min: 0.95 } }
`;

const forked: Moment = { ...opened, title: 'Trust me', branch: 'lint', fromFork: true };
/** 80 of 100 lines run; of the three that are new, one. */
const LCOV = [
  'SF:src/billing/shop.ts',
  ...Array.from({ length: 100 }, (_, index) => `DA:${index + 1},${index === 0 || index > 20 ? 1 : 0}`),
  'end_of_record',
].join('\n');

describe('a policy that is tried', () => {
  let scene: StoryRepository;
  afterEach(() => scene.close());

  /** All that happens up to a finished run of the jobs; `policy` is in force then. */
  async function begin(open: Moment, policy: string): Promise<void> {
    scene = await openStoryRepository([open, ran(job('lint'), job('test'))], policy, { env: { CODERED_API_KEYS } });
    const patch = '@@ -1,0 +1,3 @@\n+one\n+two\n+three';
    const change = { status: 'modified', additions: 3, deletions: 0, patch } as const;
    await scene.send(scene.life.deliveries, () => {
      scene.inside.pullFiles.set(1, [
        { ...change, filename: 'src/billing/shop.ts' },
        { ...change, filename: '.github/workflows/ci.yml', patch: '@@ -1 +1 @@\n-run: lint\n+run: true' },
      ]);
      scene.upload('coverage', zipOf([{ name: 'lcov.info', content: LCOV }]));
    });
  }

  async function simulate(body: unknown, headers: Record<string, string> = {}) {
    const response = await fetch(`${scene.codered.url}/api/v1/gate/simulate`, {
      method: 'POST',
      headers: { authorization: `Bearer ${KEY}`, 'content-type': 'application/json', ...headers },
      body: typeof body === 'string' ? body : JSON.stringify(body),
    });
    return { status: response.status, headers: response.headers, body: JSON.parse(await response.text()) };
  }
  const trying = (policy: string, change: Record<string, unknown> = {}, headers: Record<string, string> = {}) =>
    simulate({ repository: scene.fullName, pull_request: 1, policy, ...change }, headers);

  /** Every row of every table, but for those that the workers' own clocks move. */
  async function wholeBrain(): Promise<unknown> {
    const tables = await scene.brain.sql(
      `select c.oid::regclass::text as name from pg_class c join pg_namespace n on n.oid = c.relnamespace
       -- What GitHub says of its limit with each answer is noted for whoever asks next.
       where n.nspname = 'codered' and c.relkind = 'r' and c.relname <> 'request_budgets' order by 1`,
    );
    const rows: unknown[] = [];
    for (const { name } of tables)
      rows.push([name, await scene.brain.sql(`select xmin, ctid, t::text from ${name} t order by t::text`)]);
    return rows;
  }
  const asked = () => scene.github.requests.filter(({ path }) => path.endsWith('/pulls/1/files')).length;
  const evaluated = async () =>
    (
      await scene.brain.sql(`select gate_id, status from codered.gate_executions order by gate_order, attempt_number`)
    ).map(({ gate_id, status }) => [gate_id, status]);

  test('says what the gate says of the same policy, changed files and all, and changes no row', async () => {
    await begin(opened, ASKS_MUCH);
    const before = await wholeBrain();
    // Who answers here signs in by itself; that writes nothing.
    const written = () =>
      scene.github.requests.filter(({ method, path }) => method !== 'GET' && !path.endsWith('/access_tokens')).length;
    const writes = written();
    const { status, body } = await trying(ASKS_MUCH, { repository: scene.fullName.toUpperCase() });
    expect(status).toBe(200);
    expect(body).toEqual({
      repository: scene.fullName,
      pull_request: 1,
      head_sha: scene.inside.pulls.get(1)?.head.sha,
      state: 'fail',
      criteria: [
        expect.objectContaining({ id: 'lint_pass', state: 'pass' }),
        expect.objectContaining({ id: 'coverage_min', state: 'fail', measured: 0.8, threshold: 0.95 }),
        expect.objectContaining({ id: 'coverage_diff_min', state: 'fail', measured: 1 / 3 }),
      ],
      notes: [],
    });
    const states: Readonly<Record<string, string>> = { pass: 'passed', fail: 'failed' };
    const said = body.criteria.map(({ id, state }: { id: string; state: string }) => [id, states[state]]);
    expect((await evaluated()).toSorted()).toEqual(said.toSorted());
    await scene.idle();
    expect(await wholeBrain()).toEqual(before);
    expect(written()).toBe(writes);
    expect(scene.github.violations).toEqual([]);
  });

  test('asks GitHub for files only where they decide something, and queues no reading of artifacts', async () => {
    await begin(opened, 'dod: {}\n');
    const before = await wholeBrain();
    const had = asked();
    expect(await trying('dod: { lint_pass: true, coverage_min: 0.8 }\n')).toMatchObject({
      status: 200,
      body: { state: 'pending', notes: [expect.stringContaining('the artifacts of 1 workflow runs are not read yet')] },
    });
    expect(asked()).toBe(had);
    expect(await trying('dod: { lint_pass: true }\n')).toMatchObject({ body: { state: 'pass' } });
    await scene.idle();
    expect(await wholeBrain()).toEqual(before);
  });

  test('believes a fork as little as the gate does: not the workflow file that it changes', async () => {
    await begin(forked, 'dod: { lint_pass: true }\n');
    const { body } = await trying('dod: { lint_pass: true }\n');
    expect(body).toMatchObject({ state: 'fail', criteria: [{ id: 'lint_pass', state: 'error' }], notes: [] });
    expect(body.criteria[0].reason).toContain('changes its workflow file');
    expect(await evaluated()).toEqual([['lint_pass', 'error']]);
    scene.inside.pullFiles.set(1, []);
    expect((await trying('dod: { lint_pass: true }\n')).body.state).toBe('pass');
  });

  test('is refused with where and what is wrong with it, however much that is', async () => {
    await begin(opened, 'dod: {}\n');
    expect(await trying('dod:\n  lint: true\n')).toMatchObject({
      status: 422,
      body: {
        code: 'policy_invalid',
        details: {
          problems: [{ line: 2, column: 3, path: 'dod.lint', message: expect.stringContaining('lint_pass') }],
        },
      },
    });
    expect(await trying('['.repeat(30_000))).toMatchObject({ status: 422, body: { code: 'policy_invalid' } });
    expect((await trying('a: 1\n'.repeat(6_000))).body.details.problems.length).toBe(100);
    expect(await trying('x'.repeat(70_000))).toMatchObject({ status: 422 });
  });

  test('needs a key, a body as it should be, and a pull request that is known', async () => {
    await begin(opened, 'dod: {}\n');
    const fine = 'dod: { lint_pass: true }\n';
    for (const authorization of ['', 'Bearer wrong', `Basic ${KEY}`]) {
      expect(await trying(fine, {}, { authorization })).toMatchObject({ status: 401, body: { code: 'bad_key' } });
    }
    const wrong: [string, Record<string, unknown>][] = [
      ['repository', { repository: 'web-shop' }],
      ['repository', { repository: '../../etc' }],
      ['pull_request', { pull_request: 0 }],
      ['pull_request', { pull_request: '1' }],
      ['pull_request', { pull_request: 1e12 }],
      ['policy', { policy: undefined }],
      ['write', { write: true }],
    ];
    for (const [field, change] of wrong) {
      const { status, body } = await trying(fine, change);
      expect([status, body.details.fields[0].field]).toEqual([400, field]);
    }
    expect(await simulate('{"repository":')).toMatchObject({ status: 400, body: { code: 'malformed' } });
    expect(await trying('x'.repeat(1_100_000))).toMatchObject({ status: 413, body: { code: 'too_large' } });
    expect(await trying(fine, {}, { 'content-type': 'text/yaml' })).toMatchObject({ status: 415 });
    for (const change of [{ pull_request: 99 }, { repository: 'octo-org/elsewhere' }]) {
      expect(await trying(fine, change)).toMatchObject({ status: 404, body: { code: 'unknown_pull_request' } });
    }
    await scene.brain.script('update codered.repositories set installation_id = null');
    expect(await trying(fine)).toMatchObject({ status: 404, body: { code: 'unknown_pull_request' } });
  });

  test('is told to come back when GitHub can not be reached, and is unknown when GitHub knows it no more', async () => {
    await begin(opened, 'dod: {}\n');
    const files = { method: 'GET', path: /\/pulls\/1\/files$/ };
    scene.github.failNext(files, { status: 502 });
    const { status, headers, body } = await trying(ASKS_MUCH);
    expect([status, body.code, headers.get('retry-after')]).toEqual([503, 'unavailable', '10']);
    scene.github.failNext(files, { status: 404 });
    expect(await trying(ASKS_MUCH)).toMatchObject({ status: 404, body: { code: 'unknown_pull_request' } });
    expect((await trying(ASKS_MUCH)).status).toBe(200);
  });
});
