// From how two schemas differ to the statements that make one from the other: functions, views, policies, triggers, indexes, and
// the comments and rights of what is there. What a table's columns and constraints need is left to people. Pure.
import { compareCatalogues, type SchemaObject } from '../src/brain/schema-catalogue.ts';
import type { SqlStatement } from './sql-statements.ts';

/** The statement, the comment before it, and which object of the catalogue it is about, where it is about one that we can make anew. */
interface Placed extends SqlStatement {
  readonly about: string | null;
}

/** What a statement of supabase/schemas is about, by how it begins; the first that fits counts. */
const subjects: readonly (readonly [RegExp, (found: readonly string[]) => string])[] = [
  [/^create function codered\.(\w+)/, ([name]) => `function ${name}`],
  [/^comment on function codered\.(\w+)/, ([name]) => `function ${name}`],
  [/^(?:revoke|grant) execute on function codered\.(\w+)/, ([name]) => `function ${name}`],
  [/^create view codered\.(\w+)/, ([name]) => `relation ${name}`],
  [/^comment on (?:view|table|sequence) codered\.(\w+)/, ([name]) => `relation ${name}`],
  [/^comment on column codered\.(\w+)\./, ([table]) => `relation ${table}`],
  [/^create policy (\w+) on codered\.(\w+)/, ([name, table]) => `policy ${table}.${name}`],
  [/^create trigger (\w+)[^;]* on (?:codered|auth)\.(\w+)/, ([name, table]) => `trigger ${table}.${name}`],
  [/^create (?:unique )?index (\w+) on codered\.(\w+)/, ([name, table]) => `index ${table}.${name}`],
  [/^(?:revoke|grant) [^;]* on (?:sequence )?codered\.(\w+) (?:to|from)/, ([name]) => `relation ${name}`],
];

/** The schema that is wanted and the one that is there, as catalogues, and the statements of supabase/schemas. */
export interface SchemaChange {
  readonly wanted: readonly SchemaObject[];
  readonly found: readonly SchemaObject[];
  readonly schemas: readonly SqlStatement[];
}

/** The statements, in an order that applies; empty when nothing of what this knows differs. */
export function statementsForChange({ wanted: planned, found, schemas }: SchemaChange): readonly string[] {
  const { missing, additional, changed } = compareCatalogues(planned, found);
  const headerOf = (objects: readonly SchemaObject[], name: string) =>
    objects.find((object) => object.name === name)?.what.split('\n LANGUAGE')[0];
  // A function can't be replaced by one with another header.
  const isOfAnotherShape = (name: string) =>
    /^(policy|index) /.test(name) ||
    (name.startsWith('function ') && headerOf(planned, name) !== headerOf(found, name));
  const placed = schemas.map((statement) => ({ ...statement, about: aboutOf(statement.text) }));
  const wanted = new Set([...missing, ...changed].map(subjectOf));
  const drops = [...additional.map(dropOf), ...changed.filter(isOfAnotherShape).map(dropOf)].filter(
    (text) => text !== null,
  );
  const made = placed.filter(({ about }) => about !== null && wanted.has(about));
  return [...drops, ...inOrderOfCalls(made).map(remaking)];
}

function aboutOf(text: string): string | null {
  for (const [begins, name] of subjects) {
    const found = begins.exec(text);
    if (found) return name(found.slice(1));
  }
  return null;
}

/** A column's comment and rights are its table's statements, a view's query is the view's. */
function subjectOf(name: string): string {
  const [kind = '', ...rest] = name.split(' ');
  const object = rest.join(' ');
  if (kind === 'function') return `function ${object.replace(/^codered\./, '').replace(/\(.*$/, '')}`;
  if (kind === 'query') return `relation ${object}`;
  return kind === 'column' ? `relation ${object.split('.')[0]}` : name;
}

function dropOf(name: string): string | null {
  const [kind = '', ...rest] = name.split(' ');
  const object = rest.join(' ');
  const [table, part] = object.split('.');
  switch (kind) {
    case 'function':
      return `drop function ${object};`;
    case 'query':
      return `drop view codered.${object};`;
    case 'policy':
      return `drop policy ${part} on codered.${table};`;
    case 'trigger':
      return `drop trigger ${part} on codered.${table};`;
    case 'index':
      return `drop index codered.${part};`;
    default:
      return null;
  }
}

/** A function comes after those of the others that it calls, as the body of an SQL function is looked at when it is made. */
function inOrderOfCalls(statements: readonly Placed[]): readonly Placed[] {
  const groups = Map.groupBy(statements, ({ about }) => about ?? '');
  const done = new Set<string>();
  const ordered: Placed[] = [];
  const add = (subject: string) => {
    if (done.has(subject)) return;
    done.add(subject);
    const own = groups.get(subject) ?? [];
    const text = own.map((statement) => statement.text).join('\n');
    for (const [, called] of text.matchAll(/codered\.(\w+)/g)) {
      for (const kind of ['function', 'relation']) if (groups.has(`${kind} ${called}`)) add(`${kind} ${called}`);
    }
    ordered.push(...own);
  };
  for (const subject of groups.keys()) add(subject);
  return ordered;
}

function remaking({ comment, text }: Placed): string {
  const again = text.replace(/^create (function|view|trigger) /, 'create or replace $1 ');
  return comment === '' ? again : `${comment}\n${again}`;
}
