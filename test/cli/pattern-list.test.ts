import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { command } from '../../src/cli/patterns.ts';
import { asJson } from '../../src/model/json.ts';
import { openTestBrain, type TestBrain } from '../support/brain.ts';
import { installationFact, REPOSITORY, repositoryFact } from '../support/fact-rows.ts';

let brain: TestBrain;
beforeAll(async () => {
  brain = await openTestBrain('postgres');
  await brain.call('record_facts', {
    facts: asJson({ installations: [installationFact()], repositories: [repositoryFact()] }),
  });
});
afterAll(() => brain?.close());

async function list(...args: string[]) {
  const lines: string[] = [];
  const say = (line: string) => void lines.push(line);
  const env = { DATABASE_URL: brain.databaseUrl ?? '' };
  const exit = await command.run({
    args: ['list', ...args],
    env,
    out: say,
    err: say,
    stop: new AbortController().signal,
  });
  return { exit, lines };
}

const NAMES = ['wide', 'narrow', 'silent', 'own'];

describe('codered patterns list', () => {
  it('shows which patterns matched in the organisation, first those that green logs have too', async () => {
    await brain.script(`
      delete from codered.bug_patterns;
      insert into codered.bug_patterns (name, pattern_signature, root_cause, recommended_fix, category, rank, project_id, enabled)
        select n, n, 'R.', 'F.', 'test', case n when 'narrow' then 'generic' else 'cause' end,
          case n when 'own' then r.project_id end, n <> 'own'
        from codered.repositories r, unnest(array['${NAMES.join("', '")}']) as n where r.id = ${REPOSITORY};
      insert into codered.orgs (id, name, login) values ('00000000-0000-4000-8000-000000000077', 'others', 'others');
      insert into codered.projects (id, org_id, name, slug)
        values ('00000000-0000-4000-8000-000000000078', '00000000-0000-4000-8000-000000000077', 'theirs', 'theirs');
      insert into codered.errors (project_id, source, message, fingerprint)
        select r.project_id, 'ci', 'x', f from codered.repositories r, unnest(array['one', 'two']) as f where r.id = ${REPOSITORY}
        union all values ('00000000-0000-4000-8000-000000000078'::uuid, 'ci', 'x', 'theirs');
      insert into codered.error_matches (error_id, bug_pattern_id, line_number, line_text, is_primary, demoted, created_at)
        select e.id, b.id, 1, 'x', b.name = 'narrow', case when b.name = 'wide' then 'in-green-log' end, '2026-11-02'
        from codered.errors e, codered.bug_patterns b
        where b.name = 'wide' or (b.name = 'narrow' and e.fingerprint = 'one')`);
    expect(await list('--repo', 'octo-org/web-shop')).toEqual({
      exit: 0,
      lines: [
        '  told  matched  green logs  last match  pattern',
        '     0        2           2  2026-11-02  wide (test)',
        '     1        1           0  2026-11-02  narrow (test, generic)',
        '     0        0           0           –  own (test, own, switched off)',
        '1 others have not matched yet; --all lists them.',
      ],
    });
    expect((await list('--repo', 'octo-org/web-shop', '--all')).lines.at(-1)).toContain('silent (test)');
    const [first] = (await list('--repo', 'Octo-Org/Web-Shop', '--json')).lines;
    expect(JSON.parse(first ?? '')).toMatchObject({
      name: 'wide',
      matched: 2,
      told: 0,
      in_green_logs: 2,
      is_own: false,
    });
  });

  it('says of a repository that is not known that it is not', async () => {
    expect(await list('--repo', 'octo-org/nothing')).toEqual({
      exit: 1,
      lines: ['The database knows no repository octo-org/nothing.'],
    });
  });
});
