// What a report that cannot be read may be evidence of: a criterion that asks for it is held back. Pure.
//
// 1. The format tells, where it is known: half an lcov is coverage, whatever the artifact is called.
// 2. JUnit is of end-to-end tests in an artifact that is named for them, or beside a report of such tests; SARIF is a linter's or
//    a type checker's, unless artifact or file are named for a scanner.
// 3. Else file and artifact tell by their names. One that is called `reports` and nothing more may hold anything.
// 4. What is plainly of another kind (`dist`, `e2e-videos`, the coverage of an artifact that should hold tests) holds nothing back.

import type { UnreadableMeasurement } from '../../evidence/reading/measurement.ts';
import type { BrokenReport, ReportKind } from '../model/evidence-model.ts';
import { wordsOf } from '../names/name-words.ts';
import { hints, worksOf } from '../names/work-names.ts';
import * as lists from '../names/work-words.ts';
import { isScanner } from './finding-tools.ts';

const ALL: readonly ReportKind[] = ['coverage', 'lighthouse', 'e2e', 'lint', 'types'];
const KINDS_OF_FORMAT: Readonly<Record<string, readonly ReportKind[]>> = {
  playwright: ['e2e'],
  mochawesome: ['e2e'],
  lighthouse: ['lighthouse'],
  'lighthouse-manifest': ['lighthouse'],
  eslint: ['lint'],
  tsc: ['types'],
  summary: ['coverage', 'e2e', 'lighthouse'],
  ...Object.fromEntries(
    ['lcov', 'cobertura', 'jacoco', 'clover', 'istanbul-summary', 'istanbul-final', 'go-cover', 'coverage-py'].map(
      (format) => [format, ['coverage']],
    ),
  ),
};

const E2E = /(?:^|[^a-z0-9])(?:e2e|end-to-end|playwright|cypress|mochawesome)(?:[^a-z0-9]|$)/i;
const COVERAGE = /(?:^|[^a-z])(?:coverage|cov|lcov|jacoco|cobertura|clover|istanbul|nyc)(?:[^a-z]|$)/i;
const LIGHTHOUSE = /(?:^|[^a-z])(?:lighthouse|lhci)(?:[^a-z]|$)/i;

/** What such tools leave beside their reports, and what is made for them. */
const ASIDE = lists.words(`
  screenshot screenshots screen screens video videos trace traces snapshot snapshots recording recordings har baseline baselines diff
  diffs browser browsers cache image images docker build builds dist bundle app apk ipa wheels wheel binary binaries package`);
/** Words that say no more than that there is a report. */
const GENERIC = lists.words(`
  report reports result results test tests testing output outputs ci all run job shard part attempt node python ubuntu windows macos
  linux latest`);
const OF_TESTS = lists.words('test tests testing');
const OF_REPORTS = lists.words('report reports result results');

/** Whether an artifact, or what a suite is called, is plainly of end-to-end tests. */
export function isOfEndToEnd(name: string): boolean {
  return E2E.test(name);
}

/** Says what an unreadable report may be evidence of. `beside_e2e`: the artifact has another report of end-to-end tests. */
export function brokenReport(
  artifact: string,
  { path, beside_e2e }: { readonly path: string; readonly beside_e2e: boolean },
  { format, reason, line }: UnreadableMeasurement,
): BrokenReport {
  const said = `${path}${line === undefined ? '' : `:${line}`}: ${reason}`;
  const file = path.slice(path.lastIndexOf('/') + 1);
  if (format === 'junit') {
    const isE2e = beside_e2e || isOfEndToEnd(artifact) || kindsOfName(artifact).includes('e2e');
    return { reason: said, kinds: isE2e ? ['e2e'] : [] };
  }
  if (format === 'sarif') return { reason: said, ...kindsOfSarif(artifact, file) };
  if (format === 'tsc') return { reason: said, kinds: ['types'], is_silent: reason.startsWith(SILENT) };
  const known = format === null ? undefined : KINDS_OF_FORMAT[format];
  if (known !== undefined) return { reason: said, kinds: known };
  const byFile = kindsOfName(file);
  return byFile.length > 0 ? { reason: said, kinds: byFile } : { ...brokenByName(artifact, said) };
}

/** How the reason begins that src/evidence/findings/tsc.ts gives for an output without a result. */
const SILENT = 'tsc says neither an error';

/** The same for an artifact of which only the name is known. */
export function brokenByName(artifact: string, reason: string): BrokenReport {
  const kinds = kindsOfName(artifact);
  if (kinds.length > 0) return { reason, kinds };
  const words = wordsOf(artifact).filter((word) => Number.isNaN(Number(word)));
  if (!words.every((word) => GENERIC.has(word))) return { reason, kinds: [] };
  const guess: readonly ReportKind[] = has(words, OF_TESTS) ? ['e2e'] : has(words, OF_REPORTS) ? ALL : [];
  return { reason, kinds: guess, is_guess: true };
}

function kindsOfSarif(artifact: string, file: string): Pick<BrokenReport, 'kinds' | 'is_guess'> {
  if (isScanner(artifact) || isScanner(file)) return { kinds: [] };
  const named = [...kindsOfName(file), ...kindsOfName(artifact)].filter((kind) => kind === 'lint' || kind === 'types');
  return named.length > 0 ? { kinds: named } : { kinds: ['lint', 'types'], is_guess: true };
}

/** What a name plainly says of what is in it; empty: nothing. */
function kindsOfName(name: string): readonly ReportKind[] {
  const words = wordsOf(name);
  // `eslint2` is one of eslint's.
  const all = [...words, ...words.map(withoutNumber)].join(' ');
  const isAside = has(words, ASIDE);
  const isOfNoCode = has(words, lists.NO_CODE) || (has(words, lists.FORMATS) && !has(words, lists.CODE));
  const bare = words.filter((word) => !GENERIC.has(word)).join(' ');
  const kinds: Readonly<Record<ReportKind, boolean>> = {
    coverage: COVERAGE.test(name),
    lighthouse: LIGHTHOUSE.test(name),
    e2e: !isAside && (isOfEndToEnd(all) || hints(all, 'e2e')),
    lint: !isAside && !isOfNoCode && hints(all, 'lint'),
    types: !isAside && (has(words, lists.TYPES) || worksOf(bare).includes('types')),
  };
  return ALL.filter((kind) => kinds[kind]);
}

function withoutNumber(word: string): string {
  let end = word.length;
  while (end > 0 && '0123456789'.includes(word.charAt(end - 1))) end -= 1;
  return word.slice(0, end);
}

function has(words: readonly string[], those: ReadonlySet<string>): boolean {
  return words.some((word) => those.has(word));
}
