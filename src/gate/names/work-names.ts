// Whether a job's name plainly says that it lints, checks types or runs end-to-end tests. Pure.
//
// 1. Whole words count, of the job, of what called it, and of its matrix: `delint` and `prototypes` say nothing.
// 2. A job that checks no code (titles, commits, labels, prose, workflows, charts …) does not count, nor does one that does something
//    else with a linter or end-to-end tests (installs, deploys, reports, fixes …).
// 3. `types` alone says it only as the whole name, `type` only beside `check`.
// 4. A value of a matrix says it where the job is named for checks or tests as such: `checks (lint)`, not `build (lint)`.
// 5. In doubt it says nothing: the policy names the job.

import type { CriterionKey } from '../../policy/schema/policy.ts';
import { MOST_CHARACTERS, type NameStep, stepsOfName, wordsOf } from './name-words.ts';
import * as lists from './work-words.ts';

/** What a name may say; a job may do several. */
export type Work = 'lint' | 'types' | 'e2e';

/** What a job's name has to say for a criterion; coverage and Lighthouse are figures: no job's colour stands for them. */
export function workOf(key: CriterionKey): Work | null {
  const works: Partial<Record<CriterionKey, Work>> = { lint_pass: 'lint', type_check: 'types', e2e_pass: 'e2e' };
  return works[key] ?? null;
}

/** The work that a job's name plainly says; empty when it says none, or is not clear. */
export function worksOf(name: string): readonly Work[] {
  const steps = stepsOfName(name);
  // Of a name that is cut nobody knows what its end says.
  if (name.length > MOST_CHARACTERS || steps.some(isOfNoCode)) return [];
  const isOfFiles = steps.some(isOfFormats);
  for (const [index, step] of steps.toReversed().entries()) {
    const works = worksOfStep(step);
    if (works.length === 0) continue;
    const [outer, inner] = [steps.slice(0, steps.length - index - 1), steps.slice(steps.length - index)];
    if (outer.some(({ base }) => isDeed(base)) || steps.some(({ values }) => values.some(isDeedOrBuild))) return [];
    const within = inner.flatMap(({ base }) => wordsOf(base));
    const isOfRequest = outer.some(({ base }) => has(wordsOf(base), lists.NO_CODE_HERE));
    return works.filter(
      (work) =>
        leaves(within, work) && !(work === 'lint' && isOfFiles) && !(isOfRequest && isVague(wordsOf(step.base), work)),
    );
  }
  return [];
}

/** Whether a name or command has any word of this work, so that it may be meant. */
export function hints(text: string, work: Work): boolean {
  const words = wordsOf(text);
  if (work === 'lint') return has(words, lists.LINT, lists.LINT_TOOLS, lists.LINT_PERHAPS);
  if (work === 'types') return has(words, lists.TYPES, lists.MANY_TYPES) || isTypeCheck(words);
  return has(words, lists.E2E) || isEndToEnd(words);
}

type WordSet = ReadonlySet<string>;

function has(words: readonly string[], ...sets: readonly WordSet[]): boolean {
  return words.some((word) => sets.some((set) => set.has(word)));
}

function isOfNoCode({ base, values }: NameStep): boolean {
  return has([base, ...values].flatMap(wordsOf), lists.NO_CODE);
}

/** What a part of a matrix is called may be a package (`docs`) or what is linted: nobody knows. */
function isOfFormats({ base, values }: NameStep): boolean {
  return [wordsOf(base), values.flatMap(wordsOf)].some(
    (words) => has(words, lists.FORMATS, lists.FORMATS_OR_PACKAGES) && !has(words, lists.CODE, lists.LINT_TOOLS),
  );
}

/** What a caller does something else with, or a part of a matrix: `update-snapshots / e2e`, `e2e (setup)`. */
function isDeed(text: string): boolean {
  return (
    wordsOf(text).some((word) => lists.DEEDS.has(word) && !lists.WHEN_OR_WHERE.has(word)) || isDenial(wordsOf(text))
  );
}

function isDeedOrBuild(value: string): boolean {
  return isDeed(value) || has(wordsOf(value), lists.BUILDING);
}

/** `no-lint`, `skip / e2e`: of what is not done. */
function isDenial(words: readonly string[]): boolean {
  return words.some((word, index) => {
    const next = words[index + 1] ?? '';
    return (word === 'no' || word === 'not') && (lists.LINT.has(next) || lists.TYPES.has(next) || lists.E2E.has(next));
  });
}

/** `lint` and `types` in a workflow for pull requests may be of their titles and labels; `eslint` is not. */
function isVague(words: readonly string[], work: Work): boolean {
  if (work === 'lint') return !has(words, lists.LINT_TOOLS);
  return work === 'types' && !has(words, lists.TYPES, lists.CHECK);
}

function worksOfStep({ base, values }: NameStep): readonly Work[] {
  const words = wordsOf(base);
  if (has(words, lists.DEEDS, lists.NO_CODE_HERE) || isDenial(words)) return [];
  const works = worksOfWords(words);
  if (works.length > 0) return works;
  if (words.length === 1 && words[0] === 'types') return ['types'];
  if (words.length === 0 || !words.every((word) => lists.RUNNERS.has(word) || lists.JOINING.has(word))) return [];
  const inner = values.map(wordsOf).filter((value) => !has(value, lists.DEEDS, lists.NO_CODE_HERE));
  return [...new Set(inner.flatMap(worksOfWords))];
}

function worksOfWords(words: readonly string[]): readonly Work[] {
  const joined = has(words, lists.JOINING);
  if (has(words, lists.BUILDING) && !joined) return [];
  const code: Work[] = [];
  const tests = has(words, lists.TESTING) && !joined;
  if (isLint(words) && !tests) code.push('lint');
  if ((has(words, lists.TYPES) || isTypeCheck(words)) && !tests) code.push('types');
  const isVersion = has(words, lists.VERSION) && !has(words, lists.TESTING);
  const isE2e = (has(words, lists.E2E) || isEndToEnd(words)) && !isVersion;
  if (!isE2e) return code;
  // The linter of the end-to-end tests is none of them.
  return joined || !(isLint(words) || has(words, lists.TYPES) || isTypeCheck(words)) ? [...code, 'e2e'] : code;
}

function isLint(words: readonly string[]): boolean {
  if (has(words, lists.LINT, lists.LINT_TOOLS)) return true;
  if (!has(words, lists.LINT_PERHAPS)) return false;
  const isFormat = has(words, new Set(['format', 'formatting', 'fmt']));
  return !isFormat && words.every((word) => lists.LINT_PERHAPS.has(word) || lists.PLAIN.has(word));
}

/** `type-check`, `types check`, `check types`. */
function isTypeCheck(words: readonly string[]): boolean {
  return words.some((word, index) => {
    const next = words[index + 1];
    if (next === undefined) return false;
    return (lists.TYPE.has(word) && lists.CHECK.has(next)) || (lists.CHECK.has(word) && lists.MANY_TYPES.has(next));
  });
}

function isEndToEnd(words: readonly string[]): boolean {
  return words.some((word, index) => word === 'end' && words[index + 1] === 'to' && words[index + 2] === 'end');
}

/** What a called workflow calls its job may say that this one does something else. */
function leaves(inner: readonly string[], work: Work): boolean {
  if (has(inner, lists.DEEDS, lists.BUILDING, lists.NO_CODE_HERE, new Set(['format', 'formatting', 'fmt'])))
    return false;
  return work === 'e2e' || !has(inner, lists.TESTING);
}
