// Puts what was gathered together to the evidence of each failure. Pure.

import { normaliseMessage } from '../../diagnose/normalise-message.ts';
import type { VerdictEvidence } from '../evidence.ts';
import { THRESHOLDS } from '../thresholds.ts';
import { type Change, filesTouched, indexChange } from '../touched.ts';
import { type BaseOfRun, baseOfRun } from './base-of-run.ts';
import { baseResult, type Compared, type Ends, indexEnds, isFailed, isSame, keyOf } from './compared-runs.ts';
import { followsOf } from './follows.ts';
import type { Gathered, GatheredFailure, GatheredRun } from './gathered.ts';
import { brokenStep } from './service-steps.ts';
import { testsOf } from './tests-of-failure.ts';

/** No more rows of a fingerprint than these are looked at. */
const MOST_ROWS = 2_000;

type Missing = VerdictEvidence['missing'];

interface OfRun {
  readonly run: GatheredRun;
  readonly base: BaseOfRun;
  readonly change: Change | null;
  readonly changed: number | null;
}

/** The evidence of every failure, in the order of the failures. `whyNot`: why GitHub could not be asked, by pull request. */
export function assemble(gathered: Gathered, whyNot: ReadonlyMap<number, string> = new Map()): VerdictEvidence[] {
  const ends = indexEnds(gathered);
  const runs = new Map<string, OfRun>();
  for (const run of gathered.runs) {
    const files = run.head?.changed_files ?? null;
    const change = files === null ? null : indexChange(files);
    runs.set(keyOf(run.provider, run.run_id), {
      run,
      base: baseOfRun(run, gathered.bases),
      change,
      changed: files?.length ?? null,
    });
  }
  return gathered.failures.flatMap((failure) => {
    const of = runs.get(keyOf(failure.provider, failure.run_id));
    return of === undefined ? [] : [evidenceOf(failure, { ...of, gathered, ends, whyNot })];
  });
}

interface Around extends OfRun {
  readonly gathered: Gathered;
  readonly ends: Ends;
  readonly whyNot: ReadonlyMap<number, string>;
}

function evidenceOf(failure: GatheredFailure, place: Around): VerdictEvidence {
  const { run, gathered, change, ends } = place;
  const { tests, tests_omitted } = testsOf(failure, ends.siblings.get(failure.ci_event_id) ?? [], gathered);
  const broken = brokenStep(failure.steps, change !== null && change.workflows.length === 0);
  const test_ids = tests === null || tests_omitted !== 0 ? null : tests.flatMap(({ test_id }) => test_id ?? []);
  const compared: Compared = { failure, test_ids, failed_step: broken.step.ended === true ? broken.step.name : null };
  const history = gathered.fingerprints[failure.fingerprint];
  const told: VerdictEvidence['failure'] = {
    ...describe(failure, run, gathered),
    ...broken,
    files: [...new Set([failure.file_path, ...(failure.files ?? [])].filter((path) => path !== null))],
    tests,
    tests_omitted,
  };
  const results = resultsOf(compared, place);
  const evidence: Omit<VerdictEvidence, 'missing'> = {
    version: 1,
    failure: told,
    follows: followsOf(failure, run, ends.siblings.get(failure.ci_event_id) ?? []),
    own_attempts: ownAttempts(compared, place),
    specific: history === undefined ? null : specificOf(failure, history),
    ...results,
    base_flakes: baseFlakes(test_ids, failure, place),
    elsewhere: elsewhereOf(run, history?.elsewhere ?? []),
    earlier_pass: earlierPass(failure, run, results.base),
    base_branch: run.base_ref,
    changed: { files: place.changed, touched: change === null ? null : filesTouched(told, change) },
  };
  return { ...evidence, missing: missingOf(evidence, place) };
}

function describe(failure: GatheredFailure, run: GatheredRun, { repository }: Gathered) {
  const isMerge = run.event === 'pull_request';
  const head_sha = run.tested_sha;
  return {
    id: failure.id,
    fingerprint: failure.fingerprint,
    job: { workflow_path: run.workflow_path, event: run.event, name: failure.name },
    attempt: failure.run_attempt,
    at: failure.at,
    head_sha,
    sources: { kind: isMerge ? ('merge' as const) : ('head' as const), sha: isMerge ? null : head_sha },
    conclusion: failure.conclusion,
    from_fork: run.head_repository_id !== repository.id,
    author: run.author,
    pull_request: run.pull_request_number,
    pattern: failure.pattern,
    log: failure.log_state,
    runner_lost: failure.runner_lost === null ? null : { words: failure.runner_lost, told_by: 'annotation' as const },
  };
}

function ownAttempts(compared: Compared, { run, ends, gathered }: Around): VerdictEvidence['own_attempts'] {
  const { failure } = compared;
  const all = ends.own.get(keyOf(run.run_id, failure.name)) ?? [];
  return all
    .filter(({ attempt }) => attempt !== failure.run_attempt)
    .map((end) => ({
      attempt: end.attempt,
      conclusion: end.is_over ? end.conclusion : null,
      same: isFailed(end.conclusion) ? isSame(compared, end, gathered) : end.conclusion === 'success' ? false : null,
    }));
}

function resultsOf(
  compared: Compared,
  { run, base: { base, around }, ends, gathered }: Around,
): Pick<VerdictEvidence, 'base' | 'around'> {
  const { name } = compared.failure;
  const resultAt = (commit: { readonly sha: string; readonly at: string | null }, before_base: boolean) =>
    baseResult(commit, {
      ends: ends.base.get(keyOf(run.workflow_path, run.base_ref, commit.sha, name)) ?? [],
      ...{ compared, known: gathered, before_base },
    });
  return {
    base: base === null ? null : { ...base, result: resultAt({ sha: base.sha, at: null }, true) },
    around: around.map((commit) => resultAt(commit, commit.before_base)),
  };
}

function specificOf({ line_text, message }: GatheredFailure, { rows, job_keys }: { rows: number; job_keys: number }) {
  const words = normaliseMessage(line_text ?? message)
    .split(' ')
    .filter(isWord).length;
  const isSpecific = rows <= MOST_ROWS && job_keys <= THRESHOLDS.specificJobKeys && words >= THRESHOLDS.specificWords;
  return { is_specific: isSpecific, job_keys, words };
}

/** No mask, and more than marks, digits or a single letter. */
function isWord(word: string): boolean {
  return word.length > 1 && !word.includes('<*>') && word.toLowerCase() !== word.toUpperCase();
}

function baseFlakes(
  test_ids: readonly number[] | null,
  failure: GatheredFailure,
  { run, gathered }: Around,
): number | null {
  if (test_ids === null) return null;
  if (test_ids.length === 0) return gathered.fingerprints[failure.fingerprint]?.base_flakes ?? null;
  if (run.base_ref !== gathered.repository.default_branch) return null;
  return Math.min(...test_ids.map((id) => gathered.test_past[String(id)]?.mixed ?? 0));
}

function elsewhereOf(
  { pull_request_number, author }: GatheredRun,
  elsewhere: Gathered['fingerprints'][string]['elsewhere'],
): VerdictEvidence['elsewhere'] {
  return elsewhere
    .filter((one) => one.pull_request !== pull_request_number && author !== null && one.author !== author)
    .map((one) => ({ ...one, trusted: true }));
}

function earlierPass(
  { name }: GatheredFailure,
  { passes, tested_sha }: GatheredRun,
  base: VerdictEvidence['base'],
): VerdictEvidence['earlier_pass'] {
  if (base?.result?.conclusion === 'success') return { sha: base.sha, at: base.result.at, where: 'base' };
  const passed = passes.find((one) => one.name === name && one.sha !== tested_sha);
  return passed === undefined ? null : { sha: passed.sha, at: passed.at, where: 'pull_request' };
}

function missingOf(evidence: Omit<VerdictEvidence, 'missing'>, { run, base, whyNot }: Around): Missing {
  const { failure, changed } = evidence;
  const unasked = whyNot.get(run.pull_request_number ?? 0) ?? null;
  const missing: Missing = [];
  if (failure.log === 'missing') missing.push({ what: 'log', why: 'GitHub has no log of the job' });
  if (failure.log === 'expired') missing.push({ what: 'log', why: 'GitHub no longer has the log' });
  if (failure.log === 'none') missing.push({ what: 'log', why: 'the log was not read' });
  if (base.base === null)
    missing.push({
      what: 'base',
      why: [base.why ?? 'it is not known', unasked].filter((why) => why !== null).join('; '),
    });
  if (evidence.around.length === 0)
    missing.push({ what: 'around', why: 'no runs on the base branch around it are known' });
  if (changed.files === null)
    missing.push({ what: 'changed_files', why: unasked ?? 'GitHub was not asked which files change' });
  if (failure.tests === null) missing.push({ what: 'tests', why: 'which tests failed in this job is not known' });
  if (failure.step.name === null) missing.push({ what: 'steps', why: 'no step is known in which it broke' });
  if (run.author === null) missing.push({ what: 'elsewhere', why: 'who opened the pull request is not known' });
  if (evidence.specific === null) missing.push({ what: 'fingerprint', why: 'where else it stands is not known' });
  return missing;
}
