// The small functions of the schema that others are made of, called by themselves: what they answer, at their edges too.

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openTestBrain, type TestBrain, testBackends } from '../support/brain.ts';
import { refusalOf, refused } from '../support/run-scene.ts';

describe.each(testBackends)('leaf functions (%s)', (backend) => {
  let brain: TestBrain;
  beforeAll(async () => {
    brain = await openTestBrain(backend);
  });
  afterAll(() => brain.close());
  const ask = async (expression: string) =>
    (await brain.sql(`select (${expression})::text as answer`))[0]?.answer ?? null;

  it.each([
    ["status_rank('queued')", '0'],
    ["status_rank('running')", '1'],
    ["status_rank('failed')", '2'],
    ["month_start('2026-11-30') = timestamptz '2026-11-01 00:00:00+00'", 'true'],
    ["next_month('2026-12-31')", '2027-01-01'],
    [`ids_in('{"runs": [3, 1]}', 'runs')`, '{3,1}'],
    [`ids_in('{"runs": [3]}', 'jobs')`, '{}'],
    [`texts_in('{"names": ["a", "b"]}', 'names')`, '{a,b}'],
    [`texts_in('{}', 'names')`, '{}'],
    [`uuids_in('{"ids": ["00000000-0000-4000-8000-000000000001"]}', 'ids')`, '{00000000-0000-4000-8000-000000000001}'],
    ["environment_of('Production', '{}')", 'prod'],
    ["environment_of('live', '{}')", 'prod'],
    ["environment_of('UAT', '{}')", 'staging'],
    ["environment_of('preview', '{}')", 'staging'],
    ["environment_of('review-7', '{}')", 'dev'],
    [`environment_of('review-7', '{"environments": {"review-7": "prod"}}')`, 'prod'],
    [`environment_of('live', '{"environments": {"live": "dev"}}')`, 'dev'],
    [`environment_of('live', '{"environments": {"live": "moon"}}')`, 'prod'],
    ["guarded_environments('{QA,shop,uat,live}')", '{"QA": "dev", "uat": "staging", "live": "prod", "shop": "prod"}'],
    ["guarded_environments('{}')", '{}'],
    [
      `united_environments('{"a": {"environments": {"x": "dev"}}, "b": {"environments": {"x": "prod", "y": "prod"}}, "c": {}}')`,
      '{"x": "dev", "y": "prod"}',
    ],
    [
      `united_zones('{"b": {"zones": {"red": ["z", "y"]}}, "a": {"zones": {"red": ["y", "x"], "blue": ["q"]}}, "c": {}}')`,
      '{"red": ["y", "x", "z"], "blue": ["q"]}',
    ],
    ["united_zones('{}')", '{}'],
    ["command_limit('refusal_minutes')", '10'],
    ["command_limit('comments_of_author')", '10'],
    ["command_limit('comments_of_writer')", '60'],
    ["command_limit('comments_on_pull_request')", '120'],
    ["command_limit('reactions_to_author')", '3'],
    ["command_limit('anything')", null],
    ["bits_of('{1,3,3,6}')", '101001'],
    ["bits_of('{}')", null],
    ["has_bit(B'101001', 1)", 'true'],
    ["has_bit(B'101001', 2)", 'false'],
    ["has_bit(B'101001', 6)", 'true'],
    ["has_bit(B'101001', 7)", 'false'],
  ])('%s is %s', async (call, answer) => {
    expect(await ask(`codered.${call}`)).toBe(answer);
  });

  it('retention_cutoff is as long ago as the table’s policy keeps, and null for one that is kept for ever', async () => {
    await brain.script(`
      begin;
      update codered.retention_policies set keep = '10 days' where table_name = 'errors';
      update codered.retention_policies set keep = '1000 years' where table_name = 'events';
      commit`);
    expect(await ask("codered.retention_cutoff('errors') = now() - interval '10 days'")).toBe('true');
    expect(await ask("codered.retention_cutoff('events')")).toBeNull();
    await brain.script("update codered.retention_policies set keep = '999 years' where table_name = 'events'");
    expect(await ask("codered.retention_cutoff('events') is null")).toBe('false');
    expect(await ask("codered.retention_cutoff('no_such_table')")).toBeNull();
  });

  it('check_batch takes 1 to 500 and refuses everything else', async () => {
    for (const size of ['1', '500']) await brain.sql(`select codered.check_batch('page', ${size})`);
    for (const size of ['0', '501', 'null::integer']) {
      const refusal = await refusalOf(brain.sql(`select codered.check_batch('page', ${size})`));
      expect(refusal).toMatchObject(refused('CR002', 'page', size.replace('::integer', ''), '1 to 500'));
    }
  });

  it('refuse_value, refuse_missing and refuse_state say what, how it is and what is allowed', async () => {
    const refusal = (call: string) => refusalOf(brain.sql(`select codered.${call}`));
    expect(await refusal("refuse_value('runs.status', 'odd'::text, 'queued, running')")).toMatchObject(
      refused('CR002', 'runs.status is "odd"; allowed: queued, running.'),
    );
    expect(await refusal("refuse_missing('run', 'abc')")).toMatchObject(refused('CR004', 'There is no run "abc".'));
    expect(await refusal("refuse_missing('run', null)")).toMatchObject(refused('CR004', 'There is no run "null".'));
    expect(await refusal("refuse_state('runs.status', repeat('x', 81), 'queued')")).toMatchObject({
      code: 'CR003',
      message: expect.stringContaining(`runs.status is "${'x'.repeat(80)}"; allowed: queued.`),
    });
    expect(await ask("codered.refuse_value('a', null::text, 'b')")).toBeNull();
  });

  it.each(["refuse_value('runs.status', 'odd'::text, 'queued')", "refuse_state('runs.status', 'odd', 'queued')"])(
    '%s names table and column for programs',
    async (call) => {
      await brain.script(`
        create or replace function public.column_refused() returns text language plpgsql as $$
        declare
          its_table text;
          its_column text;
        begin
          perform codered.${call};
        exception when others then
          get stacked diagnostics its_table = table_name, its_column = column_name;
          return its_table || '.' || its_column;
        end $$`);
      expect(await ask('public.column_refused()')).toBe('runs.status');
    },
  );

  it.each([
    // [provider, what is told (status, minute, delivery), what stands, whether it wins]
    ['github-actions', ['running', 1, 'b'], ['queued', 2, 'a'], true],
    ['github-actions', ['queued', 3, 'b'], ['running', 2, 'a'], false],
    ['github-actions', ['failed', 3, 'a'], ['succeeded', 2, 'b'], true],
    ['github-actions', ['failed', 2, 'b'], ['succeeded', 2, 'a'], true],
    ['github-actions', ['failed', 2, 'a'], ['succeeded', 2, 'a'], false],
    ['github-status', ['queued', 3, 'a'], ['failed', 2, 'b'], true],
    ['github-status', ['failed', 2, 'a'], ['queued', 2, 'b'], true],
    ['github-status', ['failed', 2, 'a'], ['failed', 2, 'a'], false],
  ] as const)('is_newer of %s: %j against %j is %s', async (provider, given, known, wins) => {
    const row = ([status, minute, delivery]: readonly [string, number, string]) =>
      `'${status}', timestamptz '2026-11-20 10:0${minute}:00+00', '${delivery}'`;
    expect(await ask(`codered.is_newer('${provider}', ${row(given)}, ${row(known)})`)).toBe(String(wins));
  });

  const number = '{"is": "number", "from": 1, "to": 3}';
  const open = '{"is": "number", "from": 0, "to": 1, "open": true}';
  const object = `{"is": "object", "keys": {"a": ${number}, "b": {"is": "boolean"}}, "optional": ["b"]}`;
  const list = `{"is": "list", "from": 1, "to": 2, "of": ${object}}`;
  it.each([
    [number, ['1', '2.5', '3'], ['0.9', '3.1', '"2"', 'null']],
    [open, ['0.1', '1'], ['0', '1.1']],
    ['{"is": "whole"}', ['7', '7.0'], ['7.5', '"7"']],
    ['{"is": "text", "from": 2, "to": 3}', ['"ab"', '"abc"'], ['"a"', '"abcd"', '12']],
    ['{"is": "word", "of": ["x", "y"]}', ['"y"'], ['"z"', '1']],
    ['{"is": "boolean"}', ['true', 'false'], ['"true"', '1', 'null']],
    [
      object,
      ['{"a": 1}', '{"a": 1, "b": null}', '{"a": 1, "b": true}'],
      ['{}', '{"a": null}', '{"a": 1, "c": 2}', '[]'],
    ],
    [list, ['[{"a": 1}]', '[{"a": 1}, {"a": 2}]'], ['[]', '[{"a": 1}, {"a": 1}, {"a": 1}]', '[{"a": 4}]', '{}']],
  ])('accept_shape of %s takes %j and refuses %j', async (shape, taken, denied) => {
    for (const value of taken) expect(await ask(`codered.accept_shape('it', '${value}', '${shape}')`)).toBe('true');
    for (const value of denied) {
      const refusal = await refusalOf(brain.sql(`select codered.accept_shape('it', '${value}', '${shape}')`));
      expect(refusal.code, value).toBe('CR002');
    }
  });

  it.each([
    [number, '4', 'it is 4; allowed: a number, 1 to 3.'],
    [open, '0', 'it is 0; allowed: a number, more than 0, at most 1.'],
    ['{"is": "text", "to": 3}', '"abcd"', 'it is "abcd"; allowed: text, at most 3 characters.'],
    ['{"is": "text", "from": 3}', '"a"', 'it is "a"; allowed: text, 3 or more characters.'],
    ['{"is": "word", "of": ["x", "y"]}', '1', 'it is 1; allowed: x, y.'],
    ['{"is": "whole"}', '"7"', 'it is "7"; allowed: a whole number.'],
    [object, '{}', 'it.a is missing; allowed: an object of a, b.'],
    [object, '{"a": 1, "c": 2}', 'it.c is 2; allowed: the keys a, b.'],
    [list, '[{"a": 1}, {"a": 9}]', 'it[1].a is 9; allowed: a number, 1 to 3.'],
    [list, '[]', 'it is []; allowed: a list, 1 to 2 entries.'],
  ])('accept_shape of %s says of %s: %s', async (shape, value, message) => {
    const refusal = await refusalOf(brain.sql(`select codered.accept_shape('it', '${value}', '${shape}')`));
    expect(refusal.message).toContain(message);
  });

  it('find_profile goes by the login whatever its case, to the oldest of two, and to nobody else', async () => {
    await brain.script(`
      insert into auth.users (id, email) values
        ('00000000-0000-4000-8000-00000000a001', 'one@example.test'), ('00000000-0000-4000-8000-00000000a002', 'two@example.test'),
        ('00000000-0000-4000-8000-00000000a003', 'three@example.test');
      update codered.profiles set github_login = 'OctoCat' where id = '00000000-0000-4000-8000-00000000a001';
      update codered.profiles set github_login = 'hubot' where id = '00000000-0000-4000-8000-00000000a002'`);
    expect(await ask("codered.find_profile('octocat')")).toBe('00000000-0000-4000-8000-00000000a001');
    expect(await ask("codered.find_profile('HUBOT')")).toBe('00000000-0000-4000-8000-00000000a002');
    expect(await ask("codered.find_profile('mona')")).toBeNull();
    expect(await ask('codered.find_profile(null)')).toBeNull();
  });

  it('cost_of is of the model that is meant, by thousands, with what is missing as nothing', async () => {
    await brain.script(`
      insert into codered.models (id, provider, display_name, tier, input_cost_per_1k, output_cost_per_1k)
      values ('cheap', 'test', 'Cheap', 'low', 0.001, 0.01), ('dear', 'test', 'Dear', 'top', 1, 2)`);
    expect(Number(await ask("codered.cost_of('cheap', 2000, 500)"))).toBe(0.007);
    expect(Number(await ask("codered.cost_of('dear', 500, 1000)"))).toBe(2.5);
    expect(Number(await ask("codered.cost_of('dear', null, 1)"))).toBe(0.002);
    expect(Number(await ask("codered.cost_of('dear', 1, null)"))).toBe(0.001);
    expect(await ask("codered.cost_of('unknown', 1, 1)")).toBeNull();
  });
});
