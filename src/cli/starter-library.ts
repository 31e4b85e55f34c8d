// Loads the starter library compiled: reading YAML, checking each pattern and building the index of their literals takes longer than
// most logs do. What came of it is kept beside the packages, and made again when a file of patterns or of the matcher changed.
import { createHash } from 'node:crypto';
import { mkdir, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import { deserialize, serialize } from 'node:v8';
import type { Ignores } from '../diagnose/patterns/ignores.ts';
import { compilePatterns, indexPatterns, type LiteralIndex, type Matcher } from '../diagnose/patterns/match.ts';
import type { Pattern } from '../model/failure.ts';

const PATTERNS = fileURLToPath(new URL('../../supabase/patterns/', import.meta.url));
const MATCHER = ['../diagnose/patterns/', '../diagnose/log/'].map((folder) =>
  fileURLToPath(new URL(folder, import.meta.url)),
);
const KEPT = fileURLToPath(new URL('../../node_modules/.cache/codered/', import.meta.url));

const BEGINNING = 'library-';

interface Place {
  /** With a slash at its end. */
  readonly folder: string;
  readonly name: string;
}

interface Library extends Ignores {
  readonly patterns: readonly Pattern[];
  readonly index: LiteralIndex;
}

/** The starter library's matcher; null, with `err` told why, when one of its files is broken. `folder` is where it is kept. */
export async function loadStarterMatcher(err: (line: string) => void, folder = KEPT): Promise<Matcher | null> {
  const place: Place = { folder, name: `${BEGINNING}${await nameOf([PATTERNS, ...MATCHER])}` };
  const library = (await readKept(place)) ?? (await makeLibrary(place, err));
  return library && compilePatterns(library.patterns, library, undefined, library.index);
}

/** Changes whenever a file of the folders does, or Node: its serialisation is its own. */
async function nameOf(folders: readonly string[]): Promise<string> {
  const hash = createHash('sha256').update(process.version);
  for (const folder of folders) {
    const names = (await readdir(folder)).sort();
    const files = await Promise.all(names.map((name) => stat(`${folder}${name}`)));
    files.forEach(({ size, mtimeMs }, at) => {
      hash.update(`${names[at]} ${size} ${mtimeMs}\n`);
    });
  }
  return hash.digest('hex').slice(0, 32);
}

/** Null when it is not there, or was cut short. */
async function readKept({ folder, name }: Place): Promise<Library | null> {
  try {
    return deserialize(await readFile(`${folder}${name}`));
  } catch {
    return null;
  }
}

async function makeLibrary(place: Place, err: (line: string) => void): Promise<Library | null> {
  const { readPatternFile, renderProblem, starterFiles } = await import('./pattern-files.ts');
  const files = await Promise.all((await starterFiles()).map(readPatternFile));
  const problems = files.flatMap((one) => one.problems);
  for (const problem of problems) err(renderProblem(problem));
  if (files.some(({ patterns }) => patterns.length === 0)) return null;
  const patterns = files.flatMap((one) => one.patterns);
  const ignores = {
    ignore: files.flatMap(({ ignore }) => ignore),
    ignore_between: files.flatMap(({ ignore_between }) => ignore_between),
  };
  const library = { patterns, ...ignores, index: indexPatterns(patterns, ignores) };
  if (problems.length === 0) await keep(place, library);
  return library;
}

/** As well as it can: where nothing may be written, it is made each time. What older versions kept is removed, as it is large. */
async function keep({ folder, name }: Place, library: Library): Promise<void> {
  const unfinished = `${folder}${name}.${process.pid}`;
  try {
    await mkdir(folder, { recursive: true });
    await writeFile(unfinished, serialize(library));
    await rename(unfinished, `${folder}${name}`);
    const older = (await readdir(folder)).filter((one) => one.startsWith(BEGINNING) && !one.startsWith(name));
    await Promise.all(older.map((one) => rm(`${folder}${one}`, { force: true })));
  } catch {
    // Without it the next start takes a little longer.
  }
}
