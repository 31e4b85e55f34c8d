// Whether all parts of a suite have reported: shards and parts of a matrix. Pure.
//
// 1. What a report says of itself (shard 1 of 4), and what the artifact's name says (`report-1-of-4`), tells how many there are.
//    The same part twice is one part. Parts of several workflows make one suite where no workflow has one of another's.
// 2. Where artifacts carry the values of a matrix, each of its jobs that did not end well has to have left one, in each set of names
//    (matrix-reports.ts). Where the names can't be matched to the jobs one by one, there have to be as many as jobs.
// 3. Where end-to-end tests run in a matrix and their reports are put into one, each job has to have ended well, and all of Playwright's
//    blobs have to be there.
// 4. While the run may still bring it, what is missing is waited for; then it is missing.

import type { Criterion } from '../../policy/schema/criteria.ts';
import { tells } from '../collect/found-report.ts';
import type { EvidenceModel, Report, Signal } from '../model/evidence-model.ts';
import { type Matrix, matricesOf, type Part, tokensOf } from '../names/sibling-jobs.ts';
import { worksOf } from '../names/work-names.ts';
import { type ReportSet, setsOfMatrices } from './matrix-reports.ts';
import { numberedParts } from './numbered-parts.ts';

/** A part of what was to be measured that is not there. */
export interface MissingPart {
  readonly state: 'pending' | 'missing';
  /** In words. */
  readonly reason: string;
}

/** Finds a missing part of the suite that the reports (those that a criterion rests on) belong to; null when none is known to be missing. */
export function missingPart(
  criterion: Criterion,
  reports: readonly Report[],
  model: EvidenceModel,
): MissingPart | null {
  const known = foundBefore.get(model);
  const isKnown =
    known?.key === criterion.key &&
    known.reports.length === reports.length &&
    known.reports.every((one, index) => one === reports[index]);
  if (isKnown) return known.part;
  const part = findMissingPart(criterion, reports, model);
  foundBefore.set(model, { key: criterion.key, reports, part });
  return part;
}

/** A policy may have hundreds of shares that rest on the same reports: what is missing of those is looked for once. */
const foundBefore = new WeakMap<
  EvidenceModel,
  { readonly key: Criterion['key']; readonly reports: readonly Report[]; readonly part: MissingPart | null }
>();

function findMissingPart(
  criterion: Criterion,
  reports: readonly Report[],
  { signals, runs, reports: others }: EvidenceModel,
): MissingPart | null {
  const state = (isOver: boolean) => (isOver ? ('missing' as const) : ('pending' as const));
  const numbered = numberedParts([...reports, ...blobsOf(criterion, reports, others)], (one) => tells(criterion, one));
  if (numbered !== null) {
    return {
      state: state(runs.every(({ is_over }) => is_over)),
      reason: `a part of the suite is missing: ${numbered}`,
    };
  }
  const places = new Map(
    reports.map((report) => [JSON.stringify([report.workflow, report.foreign_event ?? null]), report]),
  );
  for (const { workflow, foreign_event } of places.values()) {
    const isHere = (one: { foreign_event?: string | null }) => (one.foreign_event ?? null) === (foreign_event ?? null);
    const here = reports.filter((report) => report.workflow === workflow && isHere(report));
    const jobs = signals.filter((job) => job.kind === 'job' && job.origin === workflow && isHere(job));
    const [without] = jobsWithout(criterion, here, jobs);
    if (without === undefined) continue;
    const { job, why } = without;
    const isOver = runs.every((run) => run.workflow !== workflow || run.is_over) && !isUnderWay(job);
    return { state: state(isOver), reason: `a part of the suite is missing: job ${job.name} ${endOf(job)} and ${why}` };
  }
  return null;
}

/** What Playwright's shards leave to be put into one report, where the criterion rests on that one. */
function blobsOf({ key }: Criterion, reports: readonly Report[], others: EvidenceModel['reports']): Report[] {
  if (key !== 'e2e_pass') return [];
  return others.filter(
    (one) =>
      tokensOf(one.artifact)[0] === 'blob' &&
      !one.is_stale &&
      !reports.includes(one) &&
      reports.some(({ run_id }) => run_id === one.run_id),
  );
}

interface Without {
  readonly job: Signal;
  /** In words, after how it ended. */
  readonly why: string;
}

/** The parts of a matrix that the reports are of which did not end well and left none. */
function jobsWithout(criterion: Criterion, reports: readonly Report[], jobs: readonly Signal[]): Without[] {
  const isEndToEnd = ({ parts }: Matrix) =>
    criterion.key === 'e2e_pass' && parts.every(({ job }) => worksOf(job.name).includes('e2e'));
  const matrices = matricesOf(jobs);
  if (matrices.every(({ parts }) => parts.every(({ job }) => isGood(job)))) return [];
  const setsOf = setsOfMatrices(
    matrices,
    reports.map(({ artifact }) => artifact),
  );
  const exact = matrices
    .filter(isEndToEnd)
    .flatMap((matrix) => setsOf.get(matrix)?.filter(({ isExact }) => isExact) ?? []);
  return matrices.flatMap((matrix) => {
    const failed = matrix.parts.filter(({ job }) => !isGood(job));
    if (failed.length === 0) return [];
    const sets = setsOf.get(matrix) ?? [];
    if (isEndToEnd(matrix) && sets.length === 0) return failed.map(({ job }) => ({ job, why: 'left no report' }));
    // Reports of end-to-end tests that are called by numbers alone are those of the matrix that is named for such tests.
    const isTheirs = (set: ReportSet) =>
      !isEndToEnd(matrix) && !set.isOwn && [...set.names].every((name) => exact.some(({ names }) => names.has(name)));
    return sets.filter((set) => !isTheirs(set)).flatMap((set) => withoutIn(set, sets, { matrix, failed }));
  });
}

/** Of the parts that failed those that have none in a set of reports. */
function withoutIn(
  { found, isOneEach, isExact, like, names }: ReportSet,
  sets: readonly ReportSet[],
  { matrix: { parts }, failed }: { matrix: Matrix; failed: readonly Part[] },
): Without[] {
  if (isExact) return [];
  const without = isOneEach ? failed.filter((part) => !found.has(part)) : failed;
  if (without.length > 0) {
    const hasOther = (part: Part) => sets.some((set) => set.found.has(part));
    return without.map((part) => ({
      job: part.job,
      why: isOneEach && hasOther(part) ? `left no report like ${like}` : 'left no report',
    }));
  }
  // Names may count the jobs in another way than their values do: then there are at least as many as jobs.
  if (names.size >= parts.length) return [];
  const why = `of ${parts.length} such jobs only ${names.size} left a report`;
  return failed.map(({ job }) => ({ job, why }));
}

function isGood({ status, conclusion }: Signal): boolean {
  return status === 'succeeded' && conclusion === 'success';
}

function isUnderWay({ status }: Signal): boolean {
  return status === 'queued' || status === 'running';
}

function endOf(job: Signal): string {
  if (isUnderWay(job)) return 'is not over';
  const words: Readonly<Record<string, string>> = {
    cancelled: 'was cancelled',
    skipped: 'was skipped',
    timed_out: 'ran out of time',
  };
  return words[job.conclusion ?? ''] ?? (job.status === 'canceled' ? 'was cancelled' : 'failed');
}
