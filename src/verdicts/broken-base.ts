// Rule 6: the base is broken in the same way. Pure.

import type { BaseResult, VerdictEvidence } from './evidence.ts';
import { knownBy } from './known-by.ts';
import { no, type Rule, type RuleAnswer } from './rule.ts';
import { THRESHOLDS } from './thresholds.ts';
import { baseBranch, sentenceOf, shortSha } from './words.ts';

/**
 * The base itself failed in the same way; or it has no run, and three runs in a row that touch it did; or six of the ten around
 * it. When the base passed, or its result is not known, the commits around it exonerate nobody.
 */
export const brokenBase: Rule = { name: 'base_is_broken', exonerates: true, answer };

function answer(evidence: VerdictEvidence): RuleAnswer {
  const { base } = evidence;
  const branch = baseBranch(evidence);
  if (base === null) return no('what it is to be compared with is not known');
  const known = knownBy(evidence);
  if (known.by === null) return no(known.not);
  const at = `${branch} at ${shortSha(base.sha)}`;
  const { result } = base;
  if (result === null || result.conclusion === null) return no(`there is no result of this job on ${at} yet`);
  if (result.conclusion === 'success') return no(`this job passed on ${at}`);
  if (result.mixed) return no(`this job failed and passed on ${at}: that is no broken base`);
  const around = aroundOf(evidence, base.sha);
  if (failsSame(result)) return broken(`${at} fails in the same way`, around);
  const isRun = result.conclusion !== 'none';
  const row = isRun ? 0 : inARow(around);
  if (row >= THRESHOLDS.brokenInARow)
    return broken(`${row} runs of ${branch} in a row around ${shortSha(base.sha)} fail in the same way`, around);
  const most = mostInWindow(around, isRun);
  if (most >= THRESHOLDS.brokenInWindow)
    return broken(
      `${most} of ${THRESHOLDS.brokenWindow} runs of ${branch} around ${shortSha(base.sha)} fail in the same way`,
      around,
    );
  return no(
    `${isRun ? `this job failed on ${at}, but is not known to have failed in the same way` : `${at} has no run of this job`}; ${row} in a row and ${most} of ${THRESHOLDS.brokenWindow} around it fail in the same way`,
  );
}

function broken(what: string, around: Around): RuleAnswer {
  return { holds: true, verdict: 'broken_base', sentence: sentenceOf(`Not this change: ${what}${sinceWhen(around)}.`) };
}

/** Runs before and after the base, both nearest first. */
interface Around {
  readonly before: readonly BaseResult[];
  readonly after: readonly BaseResult[];
}

/** The runs on both sides; a commit that is known to have no run says nothing, one that stands twice is one. */
export function aroundOf({ around }: VerdictEvidence, baseSha: string): Around {
  const once = [...new Map(around.map((result) => [result.sha, result])).values()];
  const runs = once.filter(({ sha, conclusion }) => sha !== baseSha && conclusion !== 'none');
  return {
    before: runs.filter(({ before_base: before }) => before),
    after: runs.filter(({ before_base: before }) => !before).toReversed(),
  };
}

/** Whether it failed there, every time, and all that failed here did. */
export function failsSame({ conclusion, same, mixed }: BaseResult): boolean {
  return conclusion === 'failure' && same === true && !mixed;
}

const failing = (runs: readonly BaseResult[]) => {
  const end = runs.findIndex((run) => !failsSame(run));
  return end === -1 ? runs.length : end;
};

/** How many runs in a row fail in the same way, of which the nearest before the base must be one: what came after is not in it. */
function inARow({ before, after }: Around): number {
  const earlier = failing(before);
  return earlier === 0 ? 0 : earlier + failing(after);
}

/** The most failures in the same way in any ten runs that hold the base (`isRun`), or else the last run before it. */
function mostInWindow({ before, after }: Around, isRun: boolean): number {
  const runs = [...before.toReversed(), ...(isRun ? [null] : []), ...after];
  const held = isRun ? before.length : before.length - 1;
  if (held < 0) return 0;
  let most = 0;
  for (let from = Math.max(0, held - THRESHOLDS.brokenWindow + 1); from <= held; from += 1) {
    const window = runs.slice(from, from + THRESHOLDS.brokenWindow);
    most = Math.max(most, window.filter((run) => run !== null && failsSame(run)).length);
  }
  return most;
}

/** Since which commit the runs before the base fail, as far back as they are known. */
function sinceWhen({ before }: Around): string {
  const many = failing(before);
  const oldest = before[many - 1];
  if (oldest === undefined) return '';
  return many === before.length ? `, since ${shortSha(oldest.sha)} or before` : `, since ${shortSha(oldest.sha)}`;
}
