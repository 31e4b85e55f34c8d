// `codered failures`, as a person types it.

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { command } from '../../src/cli/failures.ts';
import { Misused } from '../../src/cli/terminal/command.ts';
import { seedTwoOrgs } from '../brain/security/two-orgs.ts';
import { openTestBrain, type TestBrain } from '../support/brain.ts';

describe('codered failures', () => {
  let brain: TestBrain;
  beforeAll(async () => {
    brain = await openTestBrain('postgres');
    await seedTwoOrgs(brain);
  });
  afterAll(() => brain.close());

  async function run(args: string) {
    const [out, err]: [string[], string[]] = [[], []];
    const code = await command.run({
      args: args.split(' '),
      env: { DATABASE_URL: brain.databaseUrl ?? '' },
      out: (line) => out.push(line),
      err: (line) => err.push(line),
      stop: new AbortController().signal,
    });
    return { code, out, err };
  }

  it('says what failed, in words and as JSON, of that repository alone', async () => {
    const { code, out } = await run('--repo ORG-A/shop');
    expect(code).toBe(1);
    expect(out.join('\n')).toMatch(/^✗ .*\n {2}(?:On [0-9a-f]{7}, f|F)irst seen .* UTC\n {2}Cause: /);
    const { out: json } = await run('--repo org-a/shop --json');
    const summary = JSON.parse(json.join());
    expect(summary.failures.length).toBeGreaterThan(0);
    expect(new Set(summary.failures.map(({ repository }: { repository: string }) => repository))).toEqual(
      new Set(['org-a/shop']),
    );
  });

  it('says that there is none, and that a repository or a pull request is not known', async () => {
    const clean = await run(`--repo org-a/shop --commit ${'9'.repeat(40)}`);
    expect(clean).toMatchObject({ code: 0, out: ['No failure is known here.'] });
    await expect(run('--repo org-a/shop --pr 999999')).rejects.toThrow('There is no pull request "999999"');
    const { code, err } = await run('--repo org-c/shop');
    expect([code, err.join()]).toEqual([1, expect.stringContaining('See that the App is installed on it')]);
  });

  it.each(['--pr 1', '--repo shop', '--repo a/b --pr x', '--repo a/b --commit abc', '--repo a/b --pr 1 --commit abc'])(
    'refuses `%s`',
    async (args) => {
      await expect(run(args)).rejects.toBeInstanceOf(Misused);
    },
  );
});
