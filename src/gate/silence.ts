// What counts for a commit on which no workflow ran at all: its files match no filter of a workflow, it asks to be skipped, or it
// conflicts with its base. Pure.
//
// 1. Nothing ran means nothing at all: no run for whatever event, no other system's check or status. Those of Apps that merge
//    don't count: they wait for us.
// 2. Only what the policy says lets such a commit pass, never before its time is over, and never an error: a fork that takes
//    the workflows away has nothing run as well.
// 3. The commit of a merge queue is waited for as everything else is.

import type { GateReport, NoRuns } from '../model/gate.ts';
import { isMergeApp, WAIT_DEFAULTS, type WaitSettings } from '../model/waits.ts';
import type { Policy } from '../policy/schema/policy.ts';
import type { GateSubject } from './collect/collect.ts';
import { type CriterionVerdict, type GateVerdict, gateVerdict } from './model/verdict.ts';
import type { EvaluatedSubject } from './trust-pull-request.ts';

/** What follows for a commit on which nothing ran. */
export interface Silence {
  readonly no_runs: NoRuns;
  /** When to recheck, ISO 8601; null: never. */
  readonly until: string | null;
  /**
   * Whether it passes, once GitHub says that it merges. GitHub starts no workflow for what conflicts with its base, and none
   * when the base is mended.
   */
  readonly asks: boolean;
}

const ASK_AGAIN_MS = 60_000;

/** What follows for the commit by the policy, at the time `now` (ms since 1970). */
export function silenceOf(
  subject: EvaluatedSubject,
  { no_runs: noRuns }: Policy,
  verdict: GateVerdict,
  { waits = WAIT_DEFAULTS, now }: { readonly waits?: WaitSettings | undefined; readonly now: number },
): Silence {
  const no_runs: NoRuns = {
    after_minutes: noRuns?.after_minutes ?? waits.silenceMinutes,
    conclusion: noRuns?.conclusion ?? 'action_required',
  };
  if (subject.merge_group || subject.trusted_sha !== null || !isSilent(subject, waits))
    return { no_runs, until: null, asks: false };
  const ends = Date.parse(subject.since) + no_runs.after_minutes * 60_000;
  const accepts = no_runs.conclusion === 'success' || no_runs.conclusion === 'neutral';
  const asks = now >= ends && accepts && verdict.criteria.some(isAbsent);
  return { no_runs, until: new Date(asks ? now + ASK_AGAIN_MS : ends).toISOString(), asks };
}

/** Lets criteria that nothing measured count as passed. A criterion that could not be trusted stays an error. */
export function acceptSilence({ criteria }: GateVerdict): GateVerdict {
  const reason = 'no workflow ran on this commit, which the policy accepts';
  return gateVerdict(
    criteria.map((one) =>
      isAbsent(one) ? { ...one, state: 'pass', reason, fail_codes: [], sources: [], waits: null } : one,
    ),
  );
}

/** The report with the sentence about what counts because nothing ran. */
export function withNoRuns(report: GateReport, no_runs: NoRuns): GateReport {
  return report.state === 'error' ? report : { ...report, no_runs };
}

function isSilent({ runs, signals }: GateSubject, { mergeApps }: WaitSettings): boolean {
  return runs.length === 0 && signals.every(({ author }) => isMergeApp(author, mergeApps));
}

function isAbsent({ state }: CriterionVerdict): boolean {
  return state === 'pending' || state === 'missing';
}
