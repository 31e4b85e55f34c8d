import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { command as gate } from '../../src/cli/gate.ts';
import { Misused } from '../../src/cli/terminal/command.ts';
import type { Life } from '../../src/demo/story/life.ts';
import { openTestBrain, type TestBrain } from '../support/brain.ts';
import { useFiles } from '../support/command-run.ts';
import { openBench } from '../support/pipeline.ts';
import { playLife } from '../support/play-life.ts';

const file = useFiles();
let brain: TestBrain;
let life: Life;
let repo = '';

beforeAll(async () => {
  brain = await openTestBrain('postgres');
  const bench = await openBench(brain);
  const job = (name: string, conclusion: 'success' | 'failure' = 'success') => ({
    name,
    conclusion,
    steps: ['npm test'],
  });
  life = await playLife(bench, [
    { kind: 'install' },
    { kind: 'open', pull: 1, title: 'Close the shop', branch: 'closed' },
    { kind: 'commit', pull: 1, message: 'Really' },
    { kind: 'run', on: 1, jobs: [job('lint'), job('types', 'failure')] },
    { kind: 'open', pull: 2, title: 'Trust me', branch: 'lint', fromFork: true },
    { kind: 'run', on: 2, jobs: [job('lint')] },
  ]);
  await bench.close();
  repo = `${life.repository.owner.login}/${life.repository.name}`;
}, 600_000);
afterAll(() => brain.close());

async function simulate(...args: string[]) {
  const [out, err]: [string[], string[]] = [[], []];
  const context = { env: { DATABASE_URL: brain.databaseUrl ?? '' }, stop: new AbortController().signal };
  const code = await gate.run({
    ...context,
    args: ['simulate', ...args],
    out: (line) => out.push(line),
    err: (line) => err.push(line),
  });
  return { code, out, err };
}

/** Everything that a look could have left behind. */
const traces = () =>
  brain.sql(`select
    (select count(*) from codered.runs) as runs, (select count(*) from codered.gate_executions) as gates,
    (select count(*) from codered.events) as events, (select count(*) from codered.agent_jobs) as jobs,
    (select count(*) from codered.publications) as publications`);

describe('codered gate simulate', () => {
  test('says that a policy is met by the head commit, in whatever case the repository is named', async () => {
    const policy = await file('p.yml', 'dod: { lint_pass: true }\n');
    const { code, out, err } = await simulate('--repo', repo.toUpperCase(), '--pr', '1', '--policy', policy);
    expect({ code, err }).toEqual({ code: 0, err: [] });
    expect(out).toEqual([
      expect.stringMatching(new RegExp(`^${repo}#1 at [0-9a-f]{7} by ${policy}$`)),
      'state  criterion  measured  needed  from',
      'pass   lint_pass  passed    pass    job lint',
      expect.stringContaining('note: the artifacts of 1 workflow runs are not read yet'),
      'pass: the check run would be green',
    ]);
  });

  test('says what is not met and why, and ends with 1', async () => {
    const policy = await file(
      'p.yml',
      'dod: { lint_pass: true, type_check: true, coverage_diff_min: 0.9 }\nevidence: { lint_pass: { job: lint }, type_check: { job: types }, coverage_diff_min: { status: x } }\nzones: { red: [a] }\nwhen: { zones: [red], dod: { e2e_pass: true } }\n',
    );
    const { code, out } = await simulate('--repo', repo, '--pr', '1', '--policy', policy);
    expect(code).toBe(1);
    expect(out.slice(1)).toEqual([
      expect.stringMatching(/^state +criterion +measured +needed +from$/),
      expect.stringMatching(/^pass +lint_pass +passed +pass +job lint$/),
      expect.stringMatching(/^fail +type_check +– +pass +job types · job types failed$/),
      expect.stringMatching(/^(?:pending|missing) +coverage_diff_min +– +90\.0 % +waiting for status x/),
      'note: which files changed is not known here, so what `when` asks for on top is left out',
      'note: which lines changed is not known here, so coverage_diff_min can not be measured',
      expect.stringMatching(/^(?:pending|fail): the check run would be (?:in progress|red)$/),
    ]);
  });

  test('prints one object with --json, and believes nothing of a fork whose changes it does not know', async () => {
    const policy = await file('p.yml', 'dod: { lint_pass: true }\nevidence: { lint_pass: { job: lint } }\n');
    const { code, out } = await simulate('--repo', repo, '--pr', '2', '--policy', policy, '--json');
    expect(code).toBe(1);
    const [pull] = life.deliveries.filter(({ event }) => event === 'pull_request').slice(-1);
    expect(out.map((line) => JSON.parse(line))).toEqual([
      {
        repository: repo,
        pull_request: 2,
        head_sha: expect.stringMatching(/^[0-9a-f]{40}$/),
        state: 'fail',
        criteria: [expect.objectContaining({ id: 'lint_pass', state: 'error' })],
        notes: [expect.stringContaining('it comes from a fork')],
      },
    ]);
    expect(JSON.stringify(pull?.payload)).toContain(JSON.parse(out[0] ?? '').head_sha);
  });

  test('leaves no trace', async () => {
    const before = await traces();
    const policy = await file('p.yml', 'dod: { lint_pass: true, coverage_min: 0.8 }\n');
    await simulate('--repo', repo, '--pr', '1', '--policy', policy);
    expect(await traces()).toEqual(before);
  });

  test('tells what is wrong with the policy, and what it does not know', async () => {
    const bad = await file('bad.yml', 'dod: { lint: true }\n');
    expect(await simulate('--repo', repo, '--pr', '1', '--policy', bad)).toMatchObject({
      code: 1,
      out: [],
      err: [expect.stringContaining(`${bad}:1:8 dod.lint: there is no such key; did you mean lint_pass?`)],
    });
    const good = await file('good.yml', 'dod: {}\n');
    expect((await simulate('--repo', repo, '--pr', '1', '--policy', good)).out.at(-1)).toContain('asks for nothing');
    for (const [name, number] of [
      [repo, '99'],
      ['nobody/nothing', '1'],
    ] as const) {
      expect(await simulate('--repo', name, '--pr', number, '--policy', good)).toEqual({
        code: 1,
        out: [],
        err: [`The database does not know pull request ${number} of ${name}.`],
      });
    }
  });

  test.each([
    [['--pr', '1', '--policy', 'x'], '--repo'],
    [['--repo', 'a', '--pr', '1', '--policy', 'x'], '--repo'],
    [['--repo', 'a/b', '--pr', '0', '--policy', 'x'], '--pr'],
    [['--repo', 'a/b', '--pr', '1'], '--policy FILE is needed'],
    [['--repo', 'a/b', '--pr', '1', '--policy', 'x', 'more'], 'knows `simulate`'],
  ])('is misused with %j', async (args, said) => {
    await expect(simulate(...args)).rejects.toThrow(Misused);
    await expect(simulate(...args)).rejects.toThrow(said);
  });
});

describe('find_repository', () => {
  test('finds of two of one name the one told of last, and none that was deleted', async () => {
    const find = () => brain.call('find_repository', { owner: 'Acme', name: 'Shop' });
    await brain.script(`
      insert into codered.repositories (id, owner, name, source_updated_at) values
        (11, 'acme', 'shop', '2026-01-01'), (12, 'acme', 'Shop', '2026-02-01'), (13, 'acme', 'shop2', '2026-03-01')`);
    expect(await find()).toBe(12);
    await brain.script(`update codered.repositories set deleted_at = now() where id = 12`);
    expect(await find()).toBe(11);
    await brain.script(`delete from codered.repositories where id in (11, 12, 13)`);
    expect(await find()).toBeNull();
  });
});
