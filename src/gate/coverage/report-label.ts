// Which package a report is of, by the names of its artifact and its file. Pure. `coverage-api` and `coverage-web` are of two
// packages; `coverage-1`, `coverage-ubuntu`, `coverage-node-20`, `coverage-e2e` are runs of one.

import { isAbsolute } from '../../evidence/reading/report-values.ts';
import { cutAtFigures, isFigure, partsIn, RUN_WORDS, VERSIONED } from './report-folder.ts';

/** Beside what folders of runs are called: what a file of a report, and what a part of a matrix, is called. */
const MORE_RUN_WORDS: ReadonlySet<string> = new Set(
  `codecov coveralls html xml json txt raw info data file files out cover opencover simplecov tarpaulin llvm gcov gcovr kover koverage profile
  merged combined total all final summary full index main master pr nightly stable beta canary rc lts current experimental default
  debug release dev prod cd github runner runners hosted self gcc clang msvc mysql mariadb postgres postgresql pg sqlite redis
  mongo mongodb mssql oracle alpine debian fedora centos rocky ubi jammy noble focal bullseye bookworm musl glibc i686 i386 aarch64 arm
  armv7 s390x ppc64le wasm pypy cpython electron bun deno fast slow parallel serial it its ut unittest unittests unittestcoverage
  temurin zulu corretto bucket executor thread segment set lane pool agent instance container machine vm process feature features
  browser headless visual snapshot bdd cucumber behat behave rspec minitest nose junit testng xunit nunit mstest kotest spock robot
  selenium puppeteer webdriver storybook detox regression system component contract v8 min max minimal lowest highest oldest newest with without and for from of the no id sha
  upload codecoverage testcoverage testing xdebug pcov blob vs2019 vs2022 swiftpm xcode`
    .replaceAll('\n', ' ')
    .split(' ')
    .filter((word) => word !== ''),
);
/** Folders of the repository's root that packages stand in; `components` may stand in a package. */
const AT_THE_ROOT: ReadonlySet<string> = new Set(['packages', 'apps', 'libs', 'crates']);
/** So many signs of a commit's name are shown at least. */
const LEAST_OF_SHA = 7;

/** The words of artifact and file that name a package, in lower case, joined by `-`; empty when the names only name a run. */
export function labelOf(artifact: string, report: string): string {
  const file = report.slice(report.lastIndexOf('/') + 1).toLowerCase();
  // Go's own name for a profile.
  const words = [...packageWords(artifact.toLowerCase()), ...(file === 'c.out' ? [] : packageWords(file))];
  return [...new Set(words)].join('-');
}

/** Whether the report's paths begin at the repository's root, and not in the package that its label names. */
export function isFromRoot(paths: readonly string[], label: string): boolean {
  if (label === '') return false;
  const [first = ''] = paths;
  if (paths.some((path) => AT_THE_ROOT.has(firstOf(path)) || firstOf(path) === label)) return true;
  const through = paths.filter((path) => `/${path}`.includes(`/${label}/`));
  return isAbsolute(first) ? through.length > 0 : through.length * 2 >= paths.length;
}

/** Whether a path surely begins at the repository's root, whatever the report is about. */
export function isAtRoot(path: string): boolean {
  return AT_THE_ROOT.has(firstOf(path));
}

function firstOf(path: string): string {
  return path.slice(0, Math.max(0, path.indexOf('/'))).toLowerCase();
}

/** A figure that stands alone, or after one letter, counts runs: `api-1` and `api-2` are parts of one, `pkg1` and `pkg2` are two. */
function packageWords(name: string): string[] {
  const parts = partsIn(name).filter((part) => part !== '');
  return parts.filter((part, index) => {
    if (isOfRun(part) || isSha(part)) return false;
    const words = cutAtFigures(part);
    const [first = '', ...figures] = words;
    const isCounted = figures.length > 0 && (first.length === 1 || isOfRun(first) || VERSIONED.has(first));
    const next = parts[index + 1] ?? '';
    const isVersion = VERSIONED.has(part) && (isOfRun(next) || isFigure(next.startsWith('v') ? next.slice(1) : next));
    return !isCounted && !isVersion && !words.every((word) => isFigure(word) || word === 'of' || word === 'x');
  });
}

function isOfRun(word: string): boolean {
  return RUN_WORDS.has(word) || MORE_RUN_WORDS.has(word) || word === 'x' || word === 'v';
}

function isSha(part: string): boolean {
  const signs = [...part];
  return (
    part.length >= LEAST_OF_SHA && signs.some(isFigure) && signs.every((sign) => '0123456789abcdef'.includes(sign))
  );
}
