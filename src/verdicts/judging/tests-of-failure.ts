// Which tests failed in a job: reports belong to a run, not to a job. Pure.

import type { JudgedFailure } from '../evidence.ts';
import { isFailed } from './compared-runs.ts';
import type { Gathered, GatheredFailure, JobEnd } from './gathered.ts';

const MOST_TESTS = 50;

/**
 * The failing tests of a failure. Where several jobs of the attempt failed, nobody says whose a report is: then all of them count for
 * a job that broke in its tests, none for one that broke for a cause of another kind, and for any other they are not known.
 */
export function testsOf(
  { ci_event_id, pattern }: GatheredFailure,
  siblings: readonly JobEnd[],
  { tests: all, test_past }: Pick<Gathered, 'tests' | 'test_past'>,
): Pick<JudgedFailure, 'tests' | 'tests_omitted'> {
  const told = all[ci_event_id];
  if (told === undefined) return { tests: [], tests_omitted: 0 };
  const isAlone = siblings.filter(({ conclusion }) => isFailed(conclusion)).length <= 1;
  const isOfTests = pattern?.category === 'test' || pattern?.category === 'flaky';
  if (!isAlone && !isOfTests && told.tests.length > 0)
    return pattern?.rank === 'cause' ? { tests: [], tests_omitted: 0 } : { tests: null, tests_omitted: null };
  const tests = told.tests.slice(0, MOST_TESTS).map(([test_id, suite, name, file]) => {
    const past = test_past[String(test_id)] ?? { state: 'unknown' as const, failed: 0, runs: 0, mixed: 0 };
    const { state, failed, runs, mixed } = past;
    return {
      ...{ test_id, suite, name, file },
      ...{ state, failed: Math.min(failed, runs), runs, base_mixed: mixed > 0 },
    };
  });
  return { tests, tests_omitted: told.omitted + Math.max(0, told.tests.length - MOST_TESTS) };
}
