// Reads the pattern files that commands are given, or the starter library.
import { readdir } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import {
  NOTHING,
  type PatternFile,
  type PatternProblem,
  parsePatternFile,
} from '../diagnose/pattern-files/pattern-file.ts';
import { fileProblem } from './terminal/file-problem.ts';
import { printable } from './terminal/printable.ts';
import { readTextFile } from './terminal/text-file.ts';

const STARTER_FOLDER = fileURLToPath(new URL('../../supabase/patterns/', import.meta.url));

/** Paths of the starter library's files, in the order in which they are loaded. */
export async function starterFiles(): Promise<string[]> {
  const names = await readdir(STARTER_FOLDER);
  return names
    .filter((name) => /\.ya?ml$/.test(name))
    .sort()
    .map((name) => `${STARTER_FOLDER}${name}`);
}

/** Reads one file; a file that cannot be read is a problem of the whole file. */
export async function readPatternFile(path: string): Promise<PatternFile> {
  try {
    return parsePatternFile(path, await readTextFile(path));
  } catch (thrown) {
    const problem = { file: path, section: null, index: null, name: null, reason: fileProblem(thrown) };
    return { ...NOTHING, problems: [problem] };
  }
}

/** A problem as one line: where it is, and what is wrong. */
export function renderProblem({ file, section, index, name, reason }: PatternProblem): string {
  const entry = section === null ? '' : `: ${section}[${index}]`;
  return printable(`${file}${entry}${name === null ? '' : ` "${name}"`}: ${reason}`);
}
