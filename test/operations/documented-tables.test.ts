// Every table is reached by an operation, or docs/work.md says why not. Reads text only.

import { globSync, readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { OPERATIONS } from '../../src/operations/operations.ts';

const SCHEMA = globSync('supabase/schemas/*.sql').map((file) => readFileSync(file, 'utf8'));

/** Everything of ours that a piece of SQL names. */
const named = (sql: string) => [...sql.matchAll(/\bcodered\.([a-z_]+)/g)].map(([, name = '']) => name);

/** The text of each statement that makes something of a kind, by name; of several with one name all of it. */
function made(kind: 'table' | 'function' | 'view'): Map<string, string> {
  const found = new Map<string, string>();
  for (const statement of SCHEMA.flatMap((sql) => sql.split(/^ *(?=create )/m))) {
    const name = new RegExp(`^create (?:or replace )?${kind} codered\\.([a-z_]+)`).exec(statement)?.[1];
    // What follows a body is about it, as grants are, or of another kind.
    const text = statement.split(/^comment on /m, 1)[0] ?? '';
    if (name !== undefined) found.set(name, (found.get(name) ?? '') + text);
  }
  return found;
}

/** The tables of the section, by the first column. */
function listed(): string[] {
  const [, section = ''] = readFileSync('docs/work.md', 'utf8').split('### Tables that no operation reaches');
  const rows = section.split('\n').filter((line) => line.startsWith('| `'));
  return rows.flatMap((row) => [...(row.split('|')[1] ?? '').matchAll(/`([a-z_]+)`/g)].map(([, name = '']) => name));
}

it('every table is reached by an operation, or docs/work.md says what it is for', () => {
  const [tables, functions, views] = [made('table'), made('function'), made('view')];
  const reached = new Set<string>(OPERATIONS.map(({ run }) => run));
  for (const name of reached) for (const next of named(functions.get(name) ?? views.get(name) ?? '')) reached.add(next);
  const without = [...tables.keys()].filter((table) => !reached.has(table));
  expect(tables.size).toBeGreaterThan(60);
  expect(listed().toSorted()).toEqual(without.toSorted());
});
