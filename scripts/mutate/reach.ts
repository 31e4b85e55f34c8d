// Which tests could notice a change: those that reach it by imports, and by the names of SQL functions. Nearest first.
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { remadeStatements } from './sql-mutations.ts';

/** What uses what, turned round: for each file (`src/…`) or SQL object (`sql:name`) whatever uses it directly. */
export type Users = ReadonlyMap<string, ReadonlySet<string>>;

/** Reads the whole tree. */
export function readUsers(repository: string): Users {
  const users = new Map<string, Set<string>>();
  const use = (user: string, used: string) => {
    users.set(used, (users.get(used) ?? new Set()).add(user));
  };
  const schemas = filesBelow(repository, 'supabase/schemas', '.sql').map((file) =>
    readFileSync(join(repository, file), 'utf8'),
  );
  const made = schemas.flatMap(remadeStatements);
  const names = new Set(made.map(({ name }) => name));
  const triggers = triggersOf(schemas);
  for (const { kind, name, text } of made) {
    // A policy is met by whoever reads its table.
    if (kind === 'policy') for (const table of tablesIn(text)) use(`sql:table ${table}`, `sql:${name}`);
    for (const called of calledIn(text, names)) if (called !== name) use(`sql:${name}`, `sql:${called}`);
    for (const trigger of triggered(text, triggers)) use(`sql:${name}`, `sql:${trigger}`);
    for (const table of tablesIn(text)) use(`sql:${name}`, `sql:table ${table}`);
  }
  for (const file of ['src', 'test'].flatMap((folder) => filesBelow(repository, folder, '.ts'))) {
    const text = readFileSync(join(repository, file), 'utf8');
    for (const target of importsOf(text)) use(file, relative(repository, resolve(repository, dirname(file), target)));
    for (const name of namesIn(text, names)) use(file, `sql:${name}`);
    for (const trigger of triggered(text, triggers)) use(file, `sql:${trigger}`);
    for (const table of tablesIn(text)) use(file, `sql:table ${table}`);
  }
  return users;
}

/** Tests that reach nearly everything, in their own processes or with random lives. */
const WIDE = /^test\/(?:stories|web|http|server|work-process)\/|^test\/[^/]+$|\.property\.test\.ts$/;

const MOST_WIDE = 2;

/** A name that more tests than this say tells none of them from the others. */
const MOST_THAT_SAY = 12;

/** By the names of columns, fields and functions: the fast tests that say them, where those are few. */
export type Sayings = ReadonlyMap<string, ReadonlySet<string>>;

/** Reads the tests. */
export function readSayings(repository: string): Sayings {
  const sayings = new Map<string, Set<string>>();
  for (const test of filesBelow(repository, 'test', '.test.ts').filter(isFastTest)) {
    for (const name of longNames(readFileSync(join(repository, test), 'utf8')))
      sayings.set(name, (sayings.get(name) ?? new Set()).add(test));
  }
  return new Map([...sayings].filter(([, tests]) => tests.size <= MOST_THAT_SAY));
}

/** What a change is about. */
export interface About {
  /** The changed file and the function: a test that is named alike is nearer. */
  readonly names: string;
  /** The lines around it: a test that says the same columns or fields is nearer. */
  readonly lines: string;
}

/** The `most` nearest of the test files that reach `start`. */
export function testsFor(
  users: Users,
  start: string,
  about: About,
  { most, sayings }: { readonly most: number; readonly sayings: Sayings },
): readonly string[] {
  const words = wordsOf(about.names);
  const said = longNames(about.lines);
  const distance = new Map([[start, 0]]);
  let layer = [start];
  for (let far = 1; layer.length > 0; far++) {
    const next = new Set(layer.flatMap((node) => [...(users.get(node) ?? [])]).filter((node) => !distance.has(node)));
    layer = [...next];
    for (const node of layer) distance.set(node, far);
  }
  // Named alike is as good as two steps nearer. Random lives and floods take minutes.
  const farness = (test: string) =>
    (distance.get(test) ?? 0) -
    2 * [...wordsOf(test)].filter((word) => words.has(word)).length -
    Math.min(2, said.filter((name) => sayings.get(name)?.has(test)).length) +
    (/\.property\.|flood|key-before-body|kill|main/.test(test) ? 20 : 0);
  const nearest = (wide: boolean, count: number) =>
    [...distance.keys()]
      .filter((test) => isFastTest(test) && WIDE.test(test) === wide)
      .map((test) => ({ test, far: farness(test) }))
      .sort((one, other) => one.far - other.far || (one.test < other.test ? -1 : 1))
      .slice(0, count)
      .map(({ test }) => test);
  // The widest come last, and few of them: they take longest, and a smaller test should have noticed first.
  return [...nearest(false, most - MOST_WIDE), ...nearest(true, MOST_WIDE)];
}

/** Names of more than one word, as `is_former` and `isFormer`. */
function longNames(text: string): readonly string[] {
  return [...new Set(text.match(/\b[a-z]+(?:_[a-z]+)+\b|\b[a-z]+(?:[A-Z][a-z]+)+\b/g) ?? [])];
}

/** Words of a path or a name that tell it from others, each cut to where its plural or its form begins. */
function wordsOf(text: string): ReadonlySet<string> {
  const words = text.toLowerCase().match(/[a-z]{4,}/g) ?? [];
  const said = ['test', 'supabase', 'schemas', 'brain', 'stories', 'read', 'functions', 'property', 'record'];
  return new Set(words.filter((word) => !said.includes(word)).map((word) => word.slice(0, 5)));
}

function isFastTest(path: string): boolean {
  return path.endsWith('.test.ts') && !path.endsWith('.slow.test.ts');
}

/**
 * The names among `names` that stand in the text as `codered.name` or in quotes, and those of several words wherever they stand;
 * of one that a template puts together, as `${step}_task_lock`, all that end so.
 */
function namesIn(text: string, names: ReadonlySet<string>): readonly string[] {
  const words = text.matchAll(/\bcodered\.(\w+)|['"](\w+)['"]|\b([a-z]+(?:_[a-z]+)+)\b/g);
  const found = [...words].map(([, dotted, quoted, several]) => dotted ?? quoted ?? several ?? '');
  const ends = [...text.matchAll(/\$\{\w+\}((?:_[a-z]+){2,})\b/g)].map(([, end]) => end ?? '');
  const templated = [...names].filter((name) => ends.some((end) => name.endsWith(end)));
  return [...new Set([...found, ...templated])].filter((name) => names.has(name));
}

function calledIn(text: string, names: ReadonlySet<string>): readonly string[] {
  const called = [...text.matchAll(/\bcodered\.(\w+)/g)].map(([, name]) => name ?? '');
  return [...new Set(called)].filter((name) => names.has(name));
}

function importsOf(text: string): readonly string[] {
  return [...text.matchAll(/(?:import|export)(?! type\b)[^;'"]*?\s?(?:from )?\(?['"](\.[^'"]+)['"]/g)].map(
    ([, target]) => target ?? '',
  );
}

/** The functions of triggers, by their table. */
function triggersOf(schemas: readonly string[]): ReadonlyMap<string, readonly string[]> {
  const found = schemas.flatMap((sql) => [
    ...sql.matchAll(/create trigger \w+ [^;]*? on (?:codered|auth)\.(\w+)[^;]*?execute function codered\.(\w+)/g),
  ]);
  const byTable = Map.groupBy(found, ([, table]) => table ?? '');
  return new Map([...byTable].map(([table, all]) => [table, all.map(([, , name]) => name ?? '')]));
}

function triggered(text: string, triggers: ReadonlyMap<string, readonly string[]>): readonly string[] {
  const written = text.matchAll(/(?:insert into|update|delete from) (?:codered|auth)\.(\w+)/g);
  return [...new Set([...written].flatMap(([, table]) => triggers.get(table ?? '') ?? []))];
}

function tablesIn(text: string): readonly string[] {
  return [
    ...new Set([...text.matchAll(/\b(?:from|join|on|into|update) codered\.(\w+)/g)].map(([, table]) => table ?? '')),
  ];
}

function filesBelow(repository: string, folder: string, ending: string): readonly string[] {
  return readdirSync(join(repository, folder), { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith(ending))
    .map((path) => join(folder, path))
    .sort();
}
