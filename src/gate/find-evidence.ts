// Which signals and reports a criterion rests on: those that the policy names, else those whose names say so. Pure.

import { nameMatcher } from '../policy/globs/name-matcher.ts';
import type { Criterion } from '../policy/schema/criteria.ts';
import type { CriterionKey, Source } from '../policy/schema/policy.ts';
import { foundReport } from './collect/found-report.ts';
import {
  type EvidenceModel,
  type Provenance,
  type Report,
  type Signal,
  UNKNOWN_EVENT,
} from './model/evidence-model.ts';
import { stepsOfName } from './names/name-words.ts';
import { isDenied } from './names/step-names.ts';
import { hints, type Work, workOf, worksOf } from './names/work-names.ts';

/** What a criterion rests on. */
export interface Evidence {
  readonly signals: readonly Signal[];
  readonly reports: readonly Report[];
  /** What is waited for, in words: "job `lint`". */
  readonly wanted: string;
  /** What has the right name but cannot count, in words; null when there is none. */
  readonly set_aside: string | null;
}

/**
 * Finds the signals and reports for a criterion. What ran for an event that is not the pull request's own counts only when the policy
 * names its workflow: a job "lint" may check a title, and anybody who comments can start a run.
 */
export function findEvidence(
  criterion: Criterion,
  { signals, reports }: Pick<EvidenceModel, 'signals' | 'reports'>,
): Evidence {
  const { source } = criterion;
  const found = withRest(
    criterion,
    source === null ? byName(criterion, { signals, reports }) : named(criterion, source, { signals, reports }),
    reports,
  );
  if (source !== null && 'workflow' in source && source.workflow !== undefined) return { ...found, set_aside: null };
  const counts = (signal: Signal) => isOwn(signal) && (source !== null || !isWord(signal));
  const own = { signals: found.signals.filter(counts), reports: found.reports.filter(isOwn) };
  return { ...found, ...own, set_aside: setAside(found) };
}

/**
 * Says why the place where a criterion is measured cannot be trusted; null when it can. It does not matter whether anything from there
 * exists: what is missing may have been removed on purpose.
 */
export function distrustedPlace(
  { source }: Criterion,
  { distrust_of_actions = null, distrusted_workflows = [] }: EvidenceModel,
): { readonly what: string; readonly why: string } | null {
  if (source !== null && !('job' in source) && !('artifact' in source)) return null;
  if (distrust_of_actions !== null) return { what: 'GitHub Actions', why: distrust_of_actions };
  const wanted = source?.workflow;
  if (wanted === undefined) return null;
  const distrusted = distrusted_workflows.find(({ workflow }) => isOfWorkflow({}, workflow, wanted));
  return distrusted === undefined ? null : { what: wanted, why: distrusted.why };
}

type Found = Omit<Evidence, 'set_aside'>;

function byName(criterion: Criterion, { signals, reports }: Pick<EvidenceModel, 'signals' | 'reports'>): Found {
  const work = workOf(criterion.key);
  const jobs = work === null ? [] : signals.filter((signal) => saysOf(signal, work));
  const speaks = jobs.some((signal) => isOwn(signal) && !isWord(signal));
  return {
    signals: jobs,
    reports: reports.flatMap((report) => (isOfFlag(criterion, report) ? foundReport(criterion, report, speaks) : [])),
    wanted: WANTED[criterion.key],
  };
}

/** Whether the name of a job or check says that it does this work. When it does not count anyway: whether its author may think so. */
function saysOf(signal: Signal, work: Work): boolean {
  const { kind, name, steps } = signal;
  if (kind === 'status') return false;
  return isOwn(signal) ? worksOf(name).includes(work) && !isDenied(steps ?? [], work) : hints(name, work);
}

/** What may rest on artifacts rests on those as well that were too many to be read, whatever they are called. */
function withRest({ source }: Criterion, found: Found, reports: readonly Report[]): Found {
  if (source !== null && !('artifact' in source)) return found;
  const wanted = source?.workflow;
  const rest = reports.filter(
    (report) =>
      report.hides_others === true &&
      (wanted === undefined ? isOwn(report) : isOfWorkflow(report, report.workflow, wanted)),
  );
  return { ...found, reports: [...new Set([...found.reports, ...rest])] };
}

function isOwn({ foreign_event }: Provenance): boolean {
  return (foreign_event ?? null) === null;
}

/**
 * A step of any workflow, for whatever event, may write that a check is well: that counts where the policy names the check.
 * That it is not well counts in any case.
 */
function isWord({ kind, origin, status }: Signal): boolean {
  return kind === 'check' && origin === 'github-actions' && status === 'succeeded';
}

function setAside({ signals, reports }: Found): string | null {
  const foreign = [...signals, ...reports].find((one) => !isOwn(one));
  if (foreign === undefined) {
    const word = signals.find(isWord);
    return word === undefined
      ? null
      : `check ${word.name} was written by a workflow, and counts only where the policy names it`;
  }
  const name = 'artifact' in foreign ? `artifact ${foreign.artifact}` : `${foreign.kind} ${foreign.name}`;
  if (foreign.foreign_event === UNKNOWN_EVENT)
    return `what set ${name}’s run off was not kept before an upgrade; run it again`;
  return `${name} ran for ${foreign.foreign_event}, and counts only where the policy names its workflow`;
}

const WANTED: Readonly<Record<CriterionKey, string>> = {
  lint_pass: 'a job or check named for a linter',
  type_check: 'a job or check named for a type checker',
  coverage_min: 'an artifact with a coverage report',
  coverage_diff_min: 'an artifact with a coverage report that names lines',
  e2e_pass: 'an artifact with the report of end-to-end tests',
  lighthouse_min: 'an artifact with a Lighthouse report',
};

function named(
  criterion: Criterion,
  source: Source,
  { signals, reports }: Pick<EvidenceModel, 'signals' | 'reports'>,
): Found {
  if ('artifact' in source) {
    const isArtifact = artifactMatcher(source.artifact);
    const fitting = reports.filter(
      (report) => isArtifact(report.artifact) && isOfWorkflow(report, report.workflow, source.workflow),
    );
    return {
      signals: [],
      reports: fitting.filter((report) => isOfFlag(criterion, report)),
      wanted: `artifact ${source.artifact}`,
    };
  }
  if ('job' in source) {
    const isJob = jobMatcher(source.job);
    const jobs = signals.filter(
      (job) => job.kind === 'job' && isJob(job.name) && isOfWorkflow(job, job.origin, source.workflow),
    );
    return { signals: jobs, reports: [], wanted: `job ${source.job}` };
  }
  if ('check' in source) {
    const isCheck = nameMatcher(source.check);
    const checks = signals.filter(
      ({ kind, name, origin }) =>
        kind === 'check' && isCheck(name) && (source.app === undefined || origin === source.app),
    );
    return { signals: checks, reports: [], wanted: `check ${source.check}` };
  }
  const isStatus = nameMatcher(source.status);
  const statuses = signals.filter(({ kind, name }) => kind === 'status' && isStatus(name));
  return { signals: statuses, reports: [], wanted: `status ${source.status}` };
}

/**
 * A matrix makes `test (node 20)` of `test`; a job of a called workflow is `call / test`, and `call` names all of its jobs,
 * however deep: `ci / call / test (node 20)`.
 */
function jobMatcher(wanted: string): (name: string) => boolean {
  const isWanted = withMatrix(wanted);
  const way = stepsOfName(wanted).map(({ text }) => withMatrix(text));
  return (name) => {
    if (isWanted(name)) return true;
    const steps = stepsOfName(name);
    return steps.some((_, at) =>
      way.every((isStep, index) => {
        const step = steps[at + index];
        return step !== undefined && isStep(step.text);
      }),
    );
  };
}

function withMatrix(wanted: string): (name: string) => boolean {
  const forms = [wanted, `${wanted} (*`].map(nameMatcher);
  return (name) => forms.some((isForm) => isForm(name));
}

/** A matrix usually hangs its value on the artifact's name: `coverage-node-20` is one of `coverage`'s. */
function artifactMatcher(wanted: string): (name: string) => boolean {
  const forms = [wanted, `${wanted}-*`].map(nameMatcher);
  return (name) => forms.some((isForm) => isForm(name));
}

/** Whether it may belong to the workflow: one whose workflow is not known yet may belong to any. */
function isOfWorkflow({ is_unknown }: Provenance, workflow: string, wanted: string | undefined): boolean {
  if (wanted === undefined || is_unknown === true) return true;
  return workflow === wanted || workflow === wanted.slice(wanted.lastIndexOf('/') + 1);
}

function isOfFlag({ scope }: Criterion, { artifact }: Report): boolean {
  return scope.kind !== 'flag' || nameMatcher(`*${inDashes(scope.flag, /[^a-z0-9*?]+/g)}*`)(inDashes(artifact));
}

/** `coverage_unit.tests` as `-coverage-unit-tests-`, so that a flag is found as whole words. */
function inDashes(name: string, others = /[^a-z0-9]+/g): string {
  return `-${name.toLowerCase().replace(others, '-')}-`;
}
