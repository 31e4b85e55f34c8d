// Finds the place in the repository that a line of a log points at. Pure.

import { redact } from '../text/redact.ts';

/** A file of the repository, by its path from the root, and a 1-based line. */
export interface Location {
  readonly file_path: string;
  readonly line: number;
}

/**
 * Where the runner checks a repository out: /home/runner/work/<repo>/<repo>, D:\a\<repo>\<repo> on Windows, /__w in job
 * containers, /github/workspace in container actions.
 */
const WORKSPACE =
  /^(?:(?:\/home\/runner\/work|\/Users\/runner\/work|[A-Za-z]:[/\\]a|\/__w)[/\\][^/\\]+[/\\][^/\\]+|\/github\/workspace)[/\\]/;

// path:12, path:12:5, path(12,5), path(12) and "path", line 12 — the forms compilers and test runners write. Every part is
// of bounded length, so the time on one line (at most 4 KB) is too.
const FORMS = [
  /(?:^|[\s"'(<[\]])(?:file:\/\/)?((?:[A-Za-z]:)?[\w./\\@+-]{1,300}\.[A-Za-z]\w{0,9})[:(](\d{1,7})(?=[:,)\s]|$)/g,
  /File "([^"\n]{1,300})", line (\d{1,7})/g,
];

/** `db.example.com:5432` has the form of a file and a line, and is a host and a port. */
const HOST = /^[\w-]+(?:\.[\w-]+)*\.(?:com|org|net|io|dev|app|cloud|local|internal|example)$/i;

/** Returns the place in the first of the (cleaned) lines that names a file inside the repository; null when none does. */
export function findLocation(lines: readonly string[]): Location | null {
  for (const text of lines) {
    for (const form of FORMS) {
      for (const [, path, line] of text.matchAll(form)) {
        const file_path = path === undefined ? null : repositoryPath(path);
        if (file_path !== null && Number(line) > 0) return { file_path, line: Number(line) };
      }
    }
  }
  return null;
}

/** Turns a path from a log into one from the repository's root, with forward slashes; null when it leads outside or into dependencies, or holds a secret. */
export function repositoryPath(path: string): string | null {
  const inside = path.replace(WORKSPACE, '').replaceAll('\\', '/').replace(/^\.\//, '');
  const isOutside = inside.startsWith('/') || /^[A-Za-z]:/.test(inside) || inside.split('/').includes('..');
  const isForeign = /(?:^|\/)(?:node_modules|site-packages|vendor|\.cargo|\.m2)\//.test(inside);
  const isNoFile = inside.includes('<') || HOST.test(inside);
  if (isOutside || isForeign || isNoFile || inside.includes('//')) return null;
  return redact(inside) === inside ? inside : null;
}
