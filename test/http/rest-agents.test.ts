// What agents tell, suggest and try over REST.

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Transient } from '../../src/model/errors.ts';
import { askGithub } from '../../src/on-behalf/on-behalf.ts';
import { ID, idOf, PEOPLE } from '../brain/security/two-orgs.ts';
import { openRestServer, type RestServer } from '../support/rest-server.ts';

const PROJECT = `/projects/${idOf('a', ID.project)}`;
const SECRET = 'ghp_0123456789abcdefghijABCDEFGHIJ012345';

describe('an agent', () => {
  let server: RestServer;
  let token = '';
  let asked = 0;
  let answer: () => Promise<never> = async () => {
    throw new Transient('github.example does not answer');
  };
  beforeAll(async () => {
    server = await openRestServer((brain) => {
      const octokitFor = () => {
        asked += 1;
        return answer();
      };
      return { github: askGithub({ brain, octokitFor, limits: { together: 3, ofOne: 2, inAnHour: 8, people: 10 } }) };
    });
    token = await server.tokenOf(PEOPLE.a.member, 'read agents gate');
  });
  afterAll(() => server.close());

  const post = (path: string, body: unknown) => server.ask(token, PROJECT + path, { method: 'POST', body });

  it('tells of a run of its own, which is kept without secrets and never counted as ours', async () => {
    const before = (await server.ask(token, `${PROJECT}/cost`)).json;
    const { status, json } = await post('/agent-runs', {
      agent: 'org-a',
      status: 'failed',
      model: 'org-a-model',
      tokens_prompt: 1_000,
      tokens_completion: 1_000,
      full_input: `Use ${SECRET}`,
      error_message: `${SECRET} was refused`,
      zones_touched: ['red'],
      tools_used: ['shell'],
    });
    expect([status, json]).toEqual([
      201,
      expect.objectContaining({
        is_self_reported: true,
        full_input: 'Use [redacted:github-token]',
        error_message: '[redacted:github-token] was refused',
        approx_cost_usd: 3,
        zones_touched: ['red'],
        tools_used: ['shell'],
      }),
    ]);
    const { total_cost_usd, calls, self_reported } = (await server.ask(token, `${PROJECT}/cost`)).json;
    expect([total_cost_usd, calls]).toEqual([before.total_cost_usd, before.calls]);
    expect(self_reported).toEqual({
      calls: before.self_reported.calls + 1,
      cost_usd: before.self_reported.cost_usd + 3,
    });
    const listed = (await server.ask(token, `${PROJECT}/agent-runs`)).json.items;
    expect(listed.map((run: { is_self_reported: boolean }) => run.is_self_reported).sort()).toEqual([false, true]);
    const foreign = await post('/agent-runs', { agent: 'org-a', status: 'failed', task_id: idOf('b', ID.task) });
    expect([foreign.status, foreign.json.code]).toEqual([400, 'CR007']);
    expect((await post('/agent-runs', { agent: 'nobody', status: 'failed' })).status).toBe(404);
  });

  it('suggests a pattern, which matches nothing before somebody looked at it, and one that can not be loaded is refused', async () => {
    const words = { name: 'Shop closed', root_cause: 'It is late', recommended_fix: 'Wait' };
    const made = await post('/patterns', { ...words, pattern_signature: 'shop is (closed|shut)' });
    expect([made.status, made.json]).toEqual([201, expect.objectContaining({ source: 'suggested', enabled: false })]);
    const library = await server.brain.sql(`select 1 from codered.bug_patterns where id = $1::uuid and enabled`, [
      made.json.id,
    ]);
    expect(library).toEqual([]);
    for (const pattern_signature of ['(?<=a)b', 'x*', '(']) {
      const { status, json } = await post('/patterns', { ...words, pattern_signature });
      expect([status, json.details.fields[0].field]).toEqual([400, 'pattern_signature']);
    }
    await server.brain.sql(
      `insert into codered.bug_patterns (project_id, name, pattern_signature, root_cause, recommended_fix, source, enabled)
       select $1::uuid, 'n' || n, 'x', 'x', 'x', 'suggested', false from generate_series(1, 99) as n`,
      [idOf('a', ID.project)],
    );
    expect((await post('/patterns', { ...words, pattern_signature: 'x' })).json.code).toBe('CR003');
  });

  it('tries a policy: it says what would be, what is broken, and nothing of what is not theirs', async () => {
    const pull = { repository: 'org-a/shop', pull_request: 1 };
    expect((await post('/gate/simulate', { ...pull, policy: 'dod: { lint_pass: true }' })).json).toMatchObject({
      criteria: [expect.objectContaining({ id: 'lint_pass' })],
      problems: [],
    });
    expect((await post('/gate/simulate', { ...pull, policy: 'dod: { lint_pas: true }' })).json).toMatchObject({
      state: 'invalid',
      problems: [expect.objectContaining({ line: 1, message: expect.stringContaining('did you mean lint_pass') })],
    });
    const foreign = { repository: 'org-b/shop', pull_request: 1, policy: 'dod: {}' };
    expect((await post('/gate/simulate', foreign)).status).toBe(404);
    expect((await post('/gate/simulate', { ...pull, policy: `# ${'x'.repeat(40_000)}` })).status).toBe(400);
  });

  it('has GitHub asked by turns, in an hour so often, and is told why it was not', async () => {
    const read = () => server.ask(token, `${PROJECT}/log?error_id=${idOf('a', ID.error)}&search=nowhere`);
    const { json } = await read();
    expect([json.code, json.detail]).toEqual([
      'github_unavailable',
      'GitHub could not be asked, and nothing was changed: github.example does not answer',
    ]);
    const waiting = Promise.withResolvers<never>();
    answer = () => waiting.promise;
    const begun = asked;
    const both = [read(), read()];
    await expect.poll(() => asked).toBe(begun + 2);
    expect((await read()).json.detail).toContain('too many at once');
    // Who waits for GitHub keeps nobody else from the database.
    expect((await server.ask(token, '/me')).status).toBe(200);
    waiting.reject(new Transient('over'));
    await Promise.all(both);
    answer = async () => {
      throw new Transient('still');
    };
    let detail = '';
    for (let times = 0; times < 9 && !detail.includes('within the hour'); times += 1)
      detail = (await read()).json.detail;
    expect(detail).toContain('You had GitHub asked 8 times within the hour');
  });
});
