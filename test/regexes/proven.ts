// What recheck has proven before: a proof is the same each time, and all of them take a minute of processor time. The file is written by
// `WRITE_PROVEN=1 npx vitest run --project slow test/regexes/linear.slow.test.ts`, which proves all of it again.
import { createHash } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';

const FILE = new URL('proven.txt', import.meta.url);
const { version } = createRequire(import.meta.url)('recheck/package.json') as { version: string };
/** Another checker may know more. */
const CHECKER = `recheck ${version}`;

const hashOf = (expression: RegExp) => createHash('sha256').update(String(expression)).digest('hex').slice(0, 32);

/** Whether the file is made anew: then nothing counts as proven. */
export const isWriting = process.env.WRITE_PROVEN === '1';

const [checker, ...lines] = isWriting ? [] : readFileSync(FILE, 'utf8').trimEnd().split('\n');
const proven = new Set(checker === CHECKER ? lines : []);

/** Whether this checker has found nothing against this very expression. */
export function wasProven(expression: RegExp): boolean {
  return proven.has(hashOf(expression));
}

/** Keeps these for the next time. */
export function writeProven(expressions: readonly RegExp[]): void {
  writeFileSync(FILE, `${[CHECKER, ...expressions.map(hashOf).sort()].join('\n')}\n`);
}
