// Loads the starter library compiled: reading YAML, checking each pattern and building the index of their literals takes longer than
// most logs do. What came of it is kept beside the packages, and made again when a file of patterns or of the matcher changed.
import { createHash } from 'node:crypto';
import { mkdir, readdir, readFile, rename, stat, writeFile } from 'node:fs/promises';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import { deserialize, serialize } from 'node:v8';
import type { Ignores } from '../diagnose/patterns/ignores.ts';
import { compilePatterns, indexPatterns, type LiteralIndex, type Matcher } from '../diagnose/patterns/match.ts';
import type { Pattern } from '../model/failure.ts';

const PATTERNS = fileURLToPath(new URL('../../supabase/patterns/', import.meta.url));
const MATCHER = fileURLToPath(new URL('../diagnose/patterns/', import.meta.url));
const KEPT = fileURLToPath(new URL('../../node_modules/.cache/codered/', import.meta.url));

interface Library extends Ignores {
  readonly patterns: readonly Pattern[];
  readonly index: LiteralIndex;
}

/** The starter library's matcher; null, with `err` told why, when one of its files is broken. */
export async function loadStarterMatcher(err: (line: string) => void): Promise<Matcher | null> {
  const file = `${KEPT}library-${await nameOf([PATTERNS, MATCHER])}`;
  const library = (await readKept(file)) ?? (await makeLibrary(file, err));
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
async function readKept(file: string): Promise<Library | null> {
  try {
    return deserialize(await readFile(file));
  } catch {
    return null;
  }
}

async function makeLibrary(file: string, err: (line: string) => void): Promise<Library | null> {
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
  if (problems.length === 0) await keep(file, library);
  return library;
}

/** As well as it can: where nothing may be written, it is made each time. */
async function keep(file: string, library: Library): Promise<void> {
  const unfinished = `${file}.${process.pid}`;
  try {
    await mkdir(KEPT, { recursive: true });
    await writeFile(unfinished, serialize(library));
    await rename(unfinished, file);
  } catch {
    // Without it the next start takes a little longer.
  }
}
