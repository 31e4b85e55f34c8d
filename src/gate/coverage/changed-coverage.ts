// Finds the changed files of a pull request in the reports. Pure. Reports name files as their tools do: from the repository's root,
// from a module (Go), or from a package (JaCoCo).

import type { ChangedLines } from '../model/evidence-model.ts';
import { claimedOften } from './claimed-files.ts';
import type { MergedFile } from './merge-file.ts';
import { createEndings } from './path-endings.ts';

/** A changed file that the reports know, or may know. */
export interface ChangedFile {
  readonly path: string;
  /** The files that it may be; the worst counts, as nothing shows which it is. Empty where there is only a `doubt`. */
  readonly files: readonly MergedFile[];
  /** The 1-based numbers of the new lines; null when GitHub does not list them. */
  readonly lines: readonly number[] | null;
  /** A file of the reports that it may or may not be: then its coverage must not let anything pass. */
  readonly doubt: MergedFile | null;
}

/**
 * Returns the changed files that the reports know or may know. Null when they know none, although they count files of the same kind:
 * then their paths are not those of the repository, and nothing can be said.
 */
export function changedFiles(files: readonly MergedFile[], changed: ChangedLines): ChangedFile[] | null {
  const endings = createEndings(files, new Set(Object.keys(changed)));
  const entries = Object.entries(changed).filter(([, lines]) => lines === null || lines.length > 0);
  const found = entries.flatMap(([path, lines]) => {
    const { doubt, ...meant } = endings.find(path);
    const one = { path, lines, ...meant, doubt: isOfTests(path) ? null : doubt };
    return one.files.length === 0 && one.doubt === null ? [] : [one];
  });
  const kinds = new Set(files.map(({ path }) => kindOf(path)));
  if (found.length === 0 && entries.some(([path]) => kinds.has(kindOf(path)))) return null;
  const often = claimedOften(found.filter(({ path }) => !isOfTests(path)));
  return found.map(({ path, files: meant, lines, doubt }) => {
    const contested = often.has(path) ? (meant[0] ?? null) : null;
    return { path, files: meant, lines, doubt: doubt ?? contested };
  });
}

function kindOf(path: string): string {
  return /\.[^./]+$/.exec(path)?.[0] ?? '';
}

const TESTS: ReadonlySet<string> = new Set(['test', 'tests', '__tests__', 'spec', 'specs']);

/** Tests are in no report, and often named like what they test. */
function isOfTests(path: string): boolean {
  return path
    .split('/')
    .slice(0, -1)
    .some((name) => TESTS.has(name));
}
