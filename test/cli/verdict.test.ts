// `codered verdict`, as a person types it.

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Misused } from '../../src/cli/terminal/command.ts';
import { command } from '../../src/cli/verdict.ts';
import { seedTwoOrgs } from '../brain/security/two-orgs.ts';
import { openTestBrain, type TestBrain } from '../support/brain.ts';
import { base, evidence } from '../verdicts/evidence-of.ts';

describe('codered verdict', () => {
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

  it('says that nothing was judged, then each rule with the one that held, and the evidence', async () => {
    const [failure] = await brain.sql(
      `select e.id, c.repository_id from codered.errors e join codered.ci_events c on c.id = e.ci_event_id limit 1`,
    );
    const error_id = failure?.id ?? '';
    await brain.sql(`delete from codered.verdicts where error_id = '${error_id}'`);
    expect((await run(`explain --failure ${error_id}`)).out[0]).toContain('Not judged yet');
    await brain.call('record_verdicts', {
      repository_id: Number(failure?.repository_id),
      verdicts: [
        {
          ...{ error_id, verdict: 'new', rule: 'passed_before', sentence: 'New with this change: it passed before.' },
          evidence: evidence({ base: base('success') }),
        },
      ],
    });
    const { code, out } = await run(`explain --failure ${error_id}`);
    const text = out.join('\n');
    expect(code).toBe(0);
    expect(text).toMatch(/^new: New with this change/);
    expect(text).toMatch(/ {2}no {3}base_is_broken .*\n(?:.*\n)* {2}held passed_before /);
    expect(text).toContain('"base": {');
    const { out: json } = await run(`explain --failure ${error_id} --json`);
    expect(JSON.parse(json.join())).toMatchObject({ error_id, verdict: 'new', rules: expect.any(Array) });
  });

  it('says that there is no such failure', async () => {
    const { code, err } = await run('explain --failure f0000000-0000-4000-8000-000000000001');
    expect([code, err.join()]).toEqual([1, expect.stringContaining('knows no failure')]);
  });

  it.each(['explain', 'explain --failure 7', `forget --failure ${'a'.repeat(8)}`])('refuses `%s`', async (args) => {
    await expect(run(args)).rejects.toBeInstanceOf(Misused);
  });
});
