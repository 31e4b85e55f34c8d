// What scripts/mutate changes, and which tests it runs for it.

import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { readEquivalents } from '../../scripts/mutate/equivalent.ts';
import { applyMutation, linesOf } from '../../scripts/mutate/mutation.ts';
import { readSayings, readUsers, testsFor } from '../../scripts/mutate/reach.ts';
import { drawSample } from '../../scripts/mutate/sample.ts';
import { remaking, sqlMutations } from '../../scripts/mutate/sql-mutations.ts';
import { repository } from '../support/source-tree.ts';

const root = repository.replace(/\/$/, '');

describe('mutations of SQL', () => {
  const changes = (body: string) => {
    const sql = `create function codered.f(a integer)\nreturns integer\nlanguage sql\nas $$\n  ${body}\n$$;\n`;
    return sqlMutations('f.sql', sql).map((mutation) => linesOf(sql, mutation).now);
  };

  it('drop a join’s key and each part of a where, and turn comparisons round', () => {
    expect(
      changes('select 1 from codered.a a join codered.b b on b.id = a.id where a.x is null and a.y = f.a'),
    ).toEqual(
      expect.arrayContaining([
        'select 1 from codered.a a join codered.b b on true where a.x is null and a.y = f.a',
        'select 1 from codered.a a join codered.b b on b.id <> a.id where a.x is null and a.y = f.a',
        'select 1 from codered.a a join codered.b b on b.id = a.id where a.y = f.a',
        'select 1 from codered.a a join codered.b b on b.id = a.id where a.x is null',
        'select 1 from codered.a a join codered.b b on b.id = a.id where a.x is not null and a.y = f.a',
        'select 1 from codered.a a join codered.b b on b.id = a.id where a.x is null or a.y = f.a',
      ]),
    );
  });

  it('leave alone what sets, what is between, comments and texts', () => {
    expect(changes("update codered.a set x = 'y and z > 1' -- and so on").filter((now) => now.includes('<>'))).toEqual(
      [],
    );
    expect(changes('select 1 where a between b and c')).toEqual([
      'select 2 where a between b and c',
      'select 1 where true',
    ]);
  });

  it('move waits and limits by one', () => {
    expect(changes("select now() - interval '7 days' limit 20")).toEqual([
      "select now() - interval '8 days' limit 20",
      "select now() - interval '7 days' limit 21",
    ]);
  });

  it('are put into a database in the place of what is there', () => {
    expect(remaking('function', 'create function codered.f()')).toBe('create or replace function codered.f()');
    expect(remaking('policy', 'create policy p on codered.t for select;')).toBe(
      'drop policy p on codered.t;\ncreate policy p on codered.t for select;',
    );
  });

  it('change one place of the text and nothing else', () => {
    const mutation = { file: 'f', from: 4, to: 5, replacement: '<=', what: 'boundary', within: null };
    expect(applyMutation('a + < b', mutation)).toBe('a + <= b');
  });
});

describe('a sample', () => {
  const all = Array.from({ length: 100 }, (_, index) => index);
  it('is the same for a seed, another for another, and holds nothing twice', () => {
    expect(drawSample(all, 10, 7)).toEqual(drawSample(all, 10, 7));
    expect(drawSample(all, 10, 7)).not.toEqual(drawSample(all, 10, 8));
    expect(new Set(drawSample(all, 200, 7)).size).toBe(100);
  });
});

describe('the tests that could notice', () => {
  const users = readUsers(root);
  const sayings = readSayings(root);
  const nearest = (start: string, names: string, lines = '') =>
    testsFor(users, start, { names, lines }, { most: 8, sayings });

  it('are found by imports, through other files too', () => {
    const tests = nearest('src/gate/evaluate.ts', 'src/gate/evaluate.ts');
    expect(tests[0]).toBe('test/gate/evaluate.test.ts');
    expect(tests).toHaveLength(8);
  });

  it('are found by the names of SQL functions, through those that call them too', () => {
    expect(nearest('sql:record_bypass', 'supabase/schemas/58_merges.sql record_bypass')).toContain(
      'test/brain/bypasses.test.ts',
    );
  });

  it('are found where a template puts the name together', () => {
    expect(nearest('sql:break_task_lock', 'supabase/schemas/33_task_locks.sql break_task_lock')).toContain(
      'test/brain/task-locks.test.ts',
    );
  });

  it('are those first that say the same columns as the lines around the change', () => {
    const names = 'supabase/schemas/56_gate.sql read_gate_subject';
    const lines = "'is_former', coalesce((select min(a.start_time) from codered.ci_events a) < pr.based_at, false)";
    expect(nearest('sql:read_gate_subject', names, lines).slice(0, 4)).toContain('test/brain/run-events.test.ts');
  });
});

describe('equivalent.json', () => {
  it.each(readEquivalents())('is about lines that are there: $file: $was', ({ file, was }) => {
    const lines = readFileSync(`${root}/${file}`, 'utf8').split('\n');
    const text = lines.map((line) => line.trim()).filter((line) => line !== '');
    expect(text.join('\n')).toContain(was);
  });

  it('is a list of its own entries alone', () => {
    expect(new Set(readEquivalents().map((one) => JSON.stringify(one))).size).toBe(readEquivalents().length);
  });
});
