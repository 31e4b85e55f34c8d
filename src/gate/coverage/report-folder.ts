// Which package a report is of, by the folder that it lies in within its artifact. Pure. `packages/a/coverage/lcov.info` is of
// packages/a; `shard-1/lcov.info` and `e2e/lcov.info` are of the whole, for they name a run of it.

import { repositoryPath } from '../../evidence/reading/report-values.ts';

/** What names an output, a part of a suite or a machine that it ran on, and no place in the code. */
export const RUN_WORDS: ReadonlySet<string> = new Set(
  `coverage cov lcov cobertura jacoco clover istanbul nyc c8 kover jacocotestreport report reports result results output out
  target build site artifact artifacts testresults test tests spec specs unit units integration e2e functional acceptance smoke
  shard shards part parts chunk chunks split slice batch worker run attempt job matrix ci group
  ubuntu linux macos mac osx windows win latest x64 x86 amd64 arm64 chrome chromium firefox webkit safari edge
  cypress playwright jest vitest mocha karma pytest phpunit`
    .split(/\s/)
    .filter((word) => word !== ''),
);
/** Names of folders that packages stand in, whatever those are called. */
export const PACKAGES: ReadonlySet<string> = new Set([
  'packages',
  'apps',
  'libs',
  'modules',
  'services',
  'crates',
  'plugins',
  'components',
  'examples',
]);
/** These name a version with a figure beside them, and else may be a package. */
export const VERSIONED: ReadonlySet<string> = new Set([
  'node',
  'nodejs',
  'python',
  'py',
  'java',
  'jdk',
  'go',
  'php',
  'ruby',
  'net',
  'dotnet',
]);
const GUID_LENGTH = 36;

/** The package of a report by its path in the artifact: the folder that it lies in, without names of outputs and runs. Empty when nothing is left. */
export function placeOfReport(report: string): string {
  // An archive may hold the whole path of the checkout.
  const inCheckout = repositoryPath(`/${report}`);
  const path = inCheckout.startsWith('/') ? report : inCheckout;
  return placeOf(path.split('/').slice(0, -1));
}

/** The same for the names along the path of a folder. */
export function placeOf(names: readonly string[]): string {
  return names
    .map((name, index) => (PACKAGES.has(names[index - 1] ?? '') ? name : withoutRun(name)))
    .filter((name) => name !== '' && name !== '.')
    .join('/');
}

/** A figure goes with the word before it: `shard-1` is a run, `pkg1` a package. */
function withoutRun(name: string): string {
  if (isMachineName(name)) return '';
  const words = wordsIn(name.toLowerCase());
  const kept: string[] = [];
  let isOfRun = words.every(isFigure);
  words.forEach((word, index) => {
    const isNumbered = VERSIONED.has(word) && isFigure(words[index + 1] ?? '');
    const isBetween = isOfRun && index > 0 && (word === 'of' || word === 'x');
    isOfRun = RUN_WORDS.has(word) || isNumbered || isBetween || (isOfRun && isFigure(word));
    if (!isOfRun) kept.push(word);
  });
  return kept.length === words.length ? name : kept.join('-');
}

/** `node20`, `shard-1of4` and `py3.12` are words and figures; `e2e` is one word. */
function wordsIn(name: string): string[] {
  return partsIn(name).flatMap((part) => (RUN_WORDS.has(part) ? [part] : cutAtFigures(part)));
}

/** The parts of a name between its separators. */
export function partsIn(name: string): string[] {
  return name.split(/[-_. @+()[\]]/);
}

/** Splits a part into words and numbers: `node20` into `node` and `20`. */
export function cutAtFigures(part: string): string[] {
  const words: string[] = [];
  let start = 0;
  for (let end = 1; end <= part.length; end++) {
    if (end < part.length && isFigure(part.charAt(end)) === isFigure(part.charAt(start))) continue;
    words.push(part.slice(start, end));
    start = end;
  }
  return words;
}

/** Whether the word is a number. */
export function isFigure(word: string): boolean {
  return word !== '' && [...word].every((sign) => sign >= '0' && sign <= '9');
}

/** What .NET calls the folder of a test run by, a GUID. */
function isMachineName(name: string): boolean {
  return name.length === GUID_LENGTH && [...name].every((sign) => '0123456789abcdefABCDEF-'.includes(sign));
}
