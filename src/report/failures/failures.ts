// Groups what failed on a pull request: failures of one fingerprint are one entry, whatever jobs and deployments they hit.
// Pure.

import type { FailureVerdict, Severity } from '../../model/failure.ts';
import type { PullRequestReport, ReportDeployment, ReportFailure, ReportJob } from '../../model/pull-request.ts';

/** What failed: a job (or another system's check or status), or a deployment. */
export type Failed =
  | { readonly kind: 'job'; readonly job: ReportJob }
  | { readonly kind: 'deployment'; readonly deployment: ReportDeployment };

/**
 * What is known of an entry: `known` by a pattern, `unknown` to all of them, `no-log` to know it by, `reading` while the
 * diagnosis is awaited, `elsewhere` for what ran outside GitHub Actions and of which we read no log.
 */
export type Knowledge = 'known' | 'unknown' | 'no-log' | 'reading' | 'elsewhere';

export interface FailureEntry {
  readonly knowledge: Knowledge;
  /** At least one; jobs before deployments, by workflow and name. */
  readonly failed: readonly Failed[];
  /** The one of `failed` whose evidence is shown. */
  readonly shown: Failed;
  readonly failure: ReportFailure | null;
}

const KNOWLEDGE_ORDER: readonly Knowledge[] = ['known', 'unknown', 'no-log', 'elsewhere', 'reading'];
const SEVERITY_ORDER: readonly Severity[] = ['critical', 'error', 'warning', 'info'];
const natural = new Intl.Collator('en', { numeric: true });

const THEIRS: ReadonlySet<FailureVerdict> = new Set(['flaky', 'broken_base', 'infra', 'collateral']);

/** The entry's verdict; null before it is judged, and where there is nothing to judge. */
export function verdictOf({ failure }: Pick<FailureEntry, 'failure'>): FailureVerdict | null {
  return failure === null || (failure.rule ?? null) === null ? null : failure.verdict;
}

/** Whether the author of the pull request has nothing to do for it. What is not judged is theirs to look at. */
export function isNotYours(entry: Pick<FailureEntry, 'failure'>): boolean {
  const verdict = verdictOf(entry);
  return verdict !== null && THEIRS.has(verdict);
}

/**
 * The failures in the order in which they are shown: what is new first, then what is known, graver first, same pattern together, then
 * by name. The order of the report's jobs and deployments does not matter. All jobs whose log is being read are one entry.
 */
export function groupFailures(report: PullRequestReport): FailureEntry[] {
  const groups = Map.groupBy(failedOf(report), groupKey);
  return [...groups.values()].map(entryOf).toSorted(compareEntries);
}

/** What failed or GitHub calls it: a job's name, a deployment's environment. */
export function nameOf(failed: Failed): string {
  return failed.kind === 'job' ? failed.job.name : failed.deployment.environment_name;
}

/** The page of the job, or of the deployment's log; null when GitHub names none. */
export function pageOf(failed: Failed): string | null {
  return failed.kind === 'job' ? failed.job.html_url : (failed.deployment.log_url ?? failed.deployment.url);
}

/** Compares names as people sort them (`node 8` before `node 10`); equal only for equal names. */
export function compareNames(a: string, b: string): number {
  return natural.compare(a, b) || (a < b ? -1 : a > b ? 1 : 0);
}

function failedOf(report: PullRequestReport): Failed[] {
  const jobs = report.jobs.filter((job) => job.status === 'failed').map((job): Failed => ({ kind: 'job', job }));
  const deployments = report.deployments
    .filter((deployment) => deployment.status === 'failed')
    .map((deployment): Failed => ({ kind: 'deployment', deployment }));
  return [...jobs, ...deployments].toSorted(compareFailed);
}

// Nobody can say of two failures without a fingerprint that they are the same, so each stands alone.
function groupKey(failed: Failed, index: number): string {
  const failure = failureOf(failed);
  if (failure !== null) return `fingerprint ${JSON.stringify(sameness(failure))}`;
  return knowledgeOf(failed) === 'reading' ? 'reading' : `alone ${index}`;
}

/** What one sentence can be said of: alike in what broke, and in whose it is. */
function sameness(failure: ReportFailure): readonly unknown[] {
  const tests = (failure.tests ?? []).map(({ suite, name }) => [suite, name]);
  return [failure.fingerprint, failure.rule ?? null, failure.verdict, tests, ...causeNames(failure)];
}

/** Jobs that break in one thing alike and in others not are no one failure: each of the others is told. */
function causeNames({ further_causes }: ReportFailure): string[] {
  return further_causes.map(({ pattern: { name } }) => name).toSorted();
}

function entryOf(failed: readonly Failed[]): FailureEntry {
  const shown = failed.find((one) => failureOf(one)?.excerpt != null) ?? failed[0];
  if (shown === undefined) throw new Error('a group of failures was empty');
  return { knowledge: knowledgeOf(shown), failed, shown, failure: failureOf(shown) };
}

function failureOf(failed: Failed): ReportFailure | null {
  return failed.kind === 'job' ? failed.job.failure : failed.deployment.failure;
}

function knowledgeOf(failed: Failed): Knowledge {
  const failure = failureOf(failed);
  if (failure?.pattern) return 'known';
  if (failed.kind === 'deployment') return failure === null ? 'elsewhere' : 'unknown';
  if (failed.job.log_state === 'missing' || failed.job.log_state === 'expired') return 'no-log';
  if (failure !== null) return 'unknown';
  return failed.job.provider === 'github-actions' ? 'reading' : 'elsewhere';
}

function compareEntries(a: FailureEntry, b: FailureEntry): number {
  return (
    Number(verdictOf(b) === 'new') - Number(verdictOf(a) === 'new') ||
    KNOWLEDGE_ORDER.indexOf(a.knowledge) - KNOWLEDGE_ORDER.indexOf(b.knowledge) ||
    severityRank(a) - severityRank(b) ||
    compareNames(a.failure?.pattern?.name ?? '', b.failure?.pattern?.name ?? '') ||
    compareFailed(a.shown, b.shown)
  );
}

function severityRank(entry: FailureEntry): number {
  return SEVERITY_ORDER.indexOf(entry.failure?.pattern?.severity ?? 'error');
}

function compareFailed(a: Failed, b: Failed): number {
  if (a.kind !== b.kind) return a.kind === 'job' ? -1 : 1;
  return (
    compareNames(a.kind === 'job' ? a.job.workflow_name : '', b.kind === 'job' ? b.job.workflow_name : '') ||
    compareNames(nameOf(a), nameOf(b)) ||
    compareNames(pageOf(a) ?? '', pageOf(b) ?? '') ||
    compareNames(JSON.stringify(a), JSON.stringify(b))
  );
}
