// Loads the starter library compiled: reading YAML, checking each pattern and choosing their literals takes longer than most logs do.
// What came of it is kept, and made again when a file of patterns or of the matcher changed.
import { createHash } from 'node:crypto';
import { readdirSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import type { Library } from '../diagnose/patterns/library.ts';
import { packLibrary, unpackLibrary } from '../diagnose/patterns/library-bytes.ts';
import { type Matcher, openLibrary } from '../diagnose/patterns/matcher.ts';
import { keep, readKept } from './kept-file.ts';

/** All that decides what the library comes to. */
const SOURCES = [
  '../../supabase/patterns/',
  '../diagnose/pattern-files/',
  '../diagnose/patterns/',
  '../diagnose/literals/',
  '../diagnose/log/',
  '../model/',
].map((folder) => fileURLToPath(new URL(folder, import.meta.url)));
/** Beside the packages; where that may not be written, in a folder of this user's own. */
const FOLDERS: readonly string[] = [
  fileURLToPath(new URL('../../node_modules/.cache/codered', import.meta.url)),
  path.join(tmpdir(), `codered-${process.getuid?.() ?? 'cache'}`),
];

/** The starter library's matcher; null, with `err` told why, when one of its files is broken. */
export async function loadStarterMatcher(
  err: (line: string) => void,
  folders: readonly string[] = FOLDERS,
): Promise<Matcher | null> {
  const name = `library-${sourcesKey()}`;
  const kept = readKept(name, folders);
  const library = kept === null ? await makeStarterLibrary(name, { err, folders }) : unpackLibrary(kept);
  return library && openLibrary(library);
}

/** Changes whenever a file of the sources does, or Node. */
function sourcesKey(): string {
  const hash = createHash('sha256').update(`${process.version} ${process.arch}\n`);
  for (const folder of SOURCES) {
    for (const name of readdirSync(folder).sort()) {
      const { size, mtimeMs, ctimeMs } = statSync(`${folder}${name}`);
      hash.update(`${name} ${size} ${mtimeMs} ${ctimeMs}\n`);
    }
  }
  return hash.digest('hex').slice(0, 32);
}

interface Place {
  readonly err: (line: string) => void;
  readonly folders: readonly string[];
}

async function makeStarterLibrary(name: string, { err, folders }: Place): Promise<Library | null> {
  const { readPatternFile, renderProblem, starterFiles } = await import('./pattern-files.ts');
  const { makeLibrary } = await import('../diagnose/patterns/library.ts');
  const files = await Promise.all((await starterFiles()).map(readPatternFile));
  const problems = files.flatMap((one) => one.problems);
  for (const problem of problems) err(renderProblem(problem));
  if (files.some(({ patterns }) => patterns.length === 0)) return null;
  const library = makeLibrary(
    files.flatMap((one) => one.patterns),
    {
      ignore: files.flatMap(({ ignore }) => ignore),
      ignore_between: files.flatMap(({ ignore_between }) => ignore_between),
    },
  );
  if (problems.length === 0) keep(name, packLibrary(library), folders);
  return library;
}
