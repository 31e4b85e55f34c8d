import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import nock from 'nock';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { openBrain } from '../../src/brain/client.ts';
import { erase } from '../../src/brain/retention/erasure.ts';
import { command } from '../../src/cli/erase.ts';
import { type CommandContext, Misused } from '../../src/cli/terminal/command.ts';
import { Misconfigured } from '../../src/model/errors.ts';
import { seedTwoOrgs } from '../brain/security/two-orgs.ts';
import { openTestBrain, type TestBrain } from '../support/brain.ts';
import { rowsOf } from '../support/brain-rows.ts';

describe('codered erase', () => {
  let brain: TestBrain;
  /** Keeps the server of this process running from one test to the next. */
  let keeper: TestBrain;
  beforeAll(async () => {
    keeper = await openTestBrain('postgres');
  });
  afterAll(() => keeper.close());
  beforeEach(async () => {
    brain = await openTestBrain('postgres');
    await seedTwoOrgs(brain);
  });
  afterEach(() => brain.close());

  async function run(args: readonly string[], more: Partial<CommandContext> = {}) {
    const out: string[] = [];
    const err: string[] = [];
    const env = { DATABASE_URL: brain.databaseUrl ?? '' };
    const stop = new AbortController().signal;
    const context = { args, env, out: (line: string) => out.push(line), err: (line: string) => err.push(line), stop };
    return { code: await command.run({ ...context, ...more }), out, err };
  }

  it('says with --dry-run what would go, in words or as JSON, asks nothing and changes nothing', async () => {
    const before = await rowsOf(brain);
    const words = await run(['--repo', 'org-a/shop', '--dry-run']);
    expect(words.code).toBe(0);
    expect(words.out[0]).toBe('Of repository org-a/shop (org-a/shop) would be erased:');
    expect(words.out).toContain('  webhook_deliveries     1 row');
    expect(words.out.at(-1)).toBe(
      'CodeRed is still installed: what GitHub tells of repository org-a/shop from now on is kept again.',
    );
    const { out } = await run(['--org', 'ORG-A', '--dry-run', '--json']);
    expect(out.map((line) => JSON.parse(line))).toContainEqual({ table_name: 'ci_events', rows: 2 });
    expect(await rowsOf(brain)).toEqual(before);
  });

  it('asks first, and erases nothing unless the answer is yes', async () => {
    const before = await rowsOf(brain);
    const asked: string[] = [];
    const answering = (answer: string | null) => async (question: string) => {
      asked.push(question);
      return answer;
    };
    for (const answer of ['', 'no', 'yes please', 'org-a']) {
      const { code, err } = await run(['--org', 'org-a'], { ask: answering(answer) });
      expect([code, err.at(-1)]).toEqual([1, 'Nothing was erased.']);
    }
    await expect(run(['--org', 'org-a'], { ask: answering(null) })).rejects.toThrow(/add --yes/);
    await expect(run(['--org', 'org-a'])).rejects.toThrow(Misused);
    expect(await rowsOf(brain)).toEqual(before);
    expect(asked[0]).toBe("Erase all this of organisation org-a? It can't be undone. Type yes: ");
    expect((await run(['--org', 'org-a'], { ask: answering(' YES ') })).code).toBe(0);
    expect(await brain.sql(`select 1 from codered.ci_events where workflow_name = 'CI'`)).toHaveLength(2);
  });

  it('with --yes erases at once, tells how far it is and what went, and has nothing to do a second time', async () => {
    const progress: string[] = [];
    const { code, out } = await run(['--org', 'org-a', '--yes'], { progress: (line) => progress.push(line) });
    expect(code).toBe(0);
    expect(out).toContain('ci_events: 2 rows erased');
    expect(out.at(-1)).toBe('Of organisation org-a nothing is kept but the audit.');
    expect(progress).toContain('webhook_deliveries: 1 rows erased');
    const again = await run(['--org', 'org-a', '--yes', '--json']);
    expect([again.code, again.out]).toEqual([0, []]);
  });

  it('takes the answer from the terminal or a pipe; without any it is misused', async () => {
    const main = fileURLToPath(new URL('../../src/main.ts', import.meta.url));
    const answered = async (input: string) => {
      const env = { PATH: process.env.PATH, DATABASE_URL: brain.databaseUrl ?? '' };
      const child = spawn(process.execPath, [main, 'erase', '--repo', 'org-a/shop'], { env, cwd: tmpdir() });
      let err = '';
      child.stderr.on('data', (chunk) => {
        err += chunk;
      });
      child.stdin.end(input);
      const [code] = await once(child, 'close');
      return { code, err };
    };
    expect(await answered('')).toMatchObject({ code: 2, err: expect.stringContaining('add --yes') });
    expect(await answered('no\n')).toMatchObject({ code: 1, err: expect.stringContaining('Nothing was erased.') });
    expect(await answered('yes\n')).toMatchObject({ code: 0 });
    expect(await brain.sql(`select 1 from codered.publications where desired_hash = 'org-a'`)).toEqual([]);
  });

  it('ends with 1 and says what to do when it is stopped, or nobody has the name', async () => {
    const ending = new AbortController();
    const stopped = await run(['--org', 'org-a', '--yes'], { stop: ending.signal, progress: () => ending.abort() });
    expect([stopped.code, stopped.err.at(-1)]).toEqual([
      1,
      'stopped before all was done; run `codered erase` again to go on',
    ]);
    const unknown = await run(['--repo', 'org-a/elsewhere', '--yes']);
    expect([unknown.code, unknown.err[0]]).toEqual([1, expect.stringContaining('knows no repository org-a/elsewhere')]);
  });

  it.each([
    {
      misused: [
        [],
        ['--repo', 'a/b', '--org', 'a'],
        ['--repo', 'a'],
        ['--repo', 'a/b/c'],
        ['--org', 'a/b'],
        ['--org', ''],
      ],
    },
    { misused: [['org-a', '--yes']] },
  ])('is misused with $misused', async ({ misused }) => {
    for (const args of misused) await expect(run(args)).rejects.toThrow();
  });
});

describe('stored files, on Supabase', () => {
  const url = 'https://project.supabase.test';
  const project = 'a0000000-0000-4000-8000-000000000002';
  const scope = {
    repositories: [1],
    names: [],
    projects: [project],
    installations: [],
    logins: [],
    is_installed: false,
  };
  const stop = new AbortController().signal;
  beforeEach(() => nock.disableNetConnect());
  afterEach(() => {
    nock.cleanAll();
    nock.enableNetConnect();
  });
  const brainThere = () =>
    openBrain({ kind: 'supabase', url, serviceRoleKey: 'k' }, { log: { info: () => {}, warn: () => {} } });

  it('go before the rows that point at them, and whatever lies in the folder of a project', async () => {
    const brain = await brainThere();
    const api = nock(url);
    api.post('/rest/v1/rpc/erasable_objects').reply(200, [`${project}/a.log`, 'reports/b.zip']);
    const removes = (...prefixes: string[]) =>
      api.delete('/storage/v1/object/codered-artifacts', { prefixes }).reply(
        200,
        prefixes.map((name) => ({ name })),
      );
    removes(`${project}/a.log`, 'reports/b.zip');
    removes(`${project}/deep/d.txt`);
    removes(`${project}/c.txt`);
    const list = '/storage/v1/object/list/codered-artifacts';
    api
      .post(list, ({ prefix }) => prefix === project)
      .reply(200, [
        { name: 'c.txt', id: '1' },
        { name: 'deep', id: null },
      ]);
    api.post(list, ({ prefix }) => prefix === `${project}/deep`).reply(200, [{ name: 'd.txt', id: '2' }]);
    api.post('/rest/v1/rpc/erasure_counts').reply(200, []);
    api.post('/rest/v1/rpc/finish_erasure').reply(204);
    expect(await erase(brain, scope, { stop, pauseMs: 0 })).toEqual({ rows: {}, objects: 4, is_done: true });
    expect(nock.isDone()).toBe(true);
  });

  it('that storage does not let go keep their rows', async () => {
    const brain = await brainThere();
    const api = nock(url);
    api.post('/rest/v1/rpc/erasable_objects').reply(200, ['a/b']);
    api
      .delete('/storage/v1/object/codered-artifacts')
      .reply(400, { statusCode: '403', error: 'Unauthorized', message: 'no' });
    await expect(erase(brain, scope, { stop, pauseMs: 0 })).rejects.toThrow(Misconfigured);
    expect(nock.isDone()).toBe(true);
  });
});
