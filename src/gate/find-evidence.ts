// Which signals and reports a criterion rests on: those that the policy names, else those whose names say so. Pure; evaluate.ts uses it.

import type { Criterion } from './criteria.ts';
import type { Gathered, Measured, Report, Signal } from './gathered.ts';
import type { CriterionKey, Source } from './policy.ts';

export interface Evidence {
  readonly signals: readonly Signal[];
  readonly reports: readonly Report[];
  /** What is waited for, in words: "job `lint`". */
  readonly wanted: string;
}

/** Jobs and checks that speak for themselves when the policy names none. Coverage and Lighthouse are figures: no job's colour stands for them. */
const TELLING_NAMES: Readonly<Partial<Record<CriterionKey, RegExp>>> = {
  lint_pass:
    /(?:^|[^a-z])(?:lint(?:er|ing)?|eslint|biome|oxlint|ruff|flake8|pylint|rubocop|golangci-lint|clippy|checkstyle|stylelint)(?:[^a-z]|$)/i,
  type_check: /(?:^|[^a-z])(?:type-?check(?:s|er|ing)?|types?|tsc|mypy|pyright)(?:[^a-z]|$)/i,
  e2e_pass: /(?:^|[^a-z0-9])(?:e2e|end-to-end|playwright|cypress)(?:[^a-z0-9]|$)/i,
};

const KIND_OF: Readonly<Record<CriterionKey, Measured['kind']>> = {
  lint_pass: 'findings',
  type_check: 'findings',
  coverage_min: 'coverage',
  coverage_diff_min: 'coverage',
  e2e_pass: 'tests',
  lighthouse_min: 'lighthouse',
};

/** What there is for a criterion on the commit. */
export function findEvidence(
  criterion: Criterion,
  { signals, reports }: Pick<Gathered, 'signals' | 'reports'>,
): Evidence {
  const { key, source } = criterion;
  if (source !== null) return named(criterion, source, { signals, reports });
  const telling = TELLING_NAMES[key];
  return {
    signals: telling === undefined ? [] : signals.filter(({ kind, name }) => kind !== 'status' && telling.test(name)),
    reports: reports.filter(
      (report) => isOfFlag(criterion, report) && report.measured.some((one) => tells(criterion, one)),
    ),
    wanted: WANTED[key],
  };
}

const WANTED: Readonly<Record<CriterionKey, string>> = {
  lint_pass: 'a job or check named for a linter',
  type_check: 'a job or check named for a type checker',
  coverage_min: 'an artifact with a coverage report',
  coverage_diff_min: 'an artifact with a coverage report that names lines',
  e2e_pass: 'an artifact with the report of end-to-end tests',
  lighthouse_min: 'an artifact with a Lighthouse report',
};

/** Whether a measurement is one that the criterion asks for. */
export function tells({ key, source, scope }: Criterion, measured: Measured): boolean {
  if (measured.kind === 'coverage share') return key === 'coverage_min' && scope.kind !== 'path';
  if (measured.kind !== KIND_OF[key]) return false;
  if (measured.kind === 'findings') return measured.about === (key === 'lint_pass' ? 'lint' : 'types');
  // An artifact that the policy names is believed to hold the end-to-end tests; others have to look like it.
  return measured.kind !== 'tests' || measured.is_e2e || source !== null;
}

function named(
  criterion: Criterion,
  source: Source,
  { signals, reports }: Pick<Gathered, 'signals' | 'reports'>,
): Evidence {
  if ('artifact' in source) {
    const fitting = reports.filter(
      (report) => isNamed(report.artifact, source.artifact) && isOfWorkflow(report.workflow, source.workflow),
    );
    return {
      signals: [],
      reports: fitting.filter((report) => isOfFlag(criterion, report)),
      wanted: `artifact ${source.artifact}`,
    };
  }
  if ('job' in source) {
    const jobs = signals.filter(
      ({ kind, name, origin }) => kind === 'job' && isJob(name, source.job) && isOfWorkflow(origin, source.workflow),
    );
    return { signals: jobs, reports: [], wanted: `job ${source.job}` };
  }
  if ('check' in source) {
    const checks = signals.filter(
      ({ kind, name, origin }) =>
        kind === 'check' && name === source.check && (source.app === undefined || origin === source.app),
    );
    return { signals: checks, reports: [], wanted: `check ${source.check}` };
  }
  const statuses = signals.filter(({ kind, name }) => kind === 'status' && name === source.status);
  return { signals: statuses, reports: [], wanted: `status ${source.status}` };
}

/** A matrix makes `test (node 20)` of `test`, a reusable workflow `call / test`. */
function isJob(name: string, wanted: string): boolean {
  return (
    name === wanted ||
    name.startsWith(`${wanted} (`) ||
    name.endsWith(` / ${wanted}`) ||
    name.includes(` / ${wanted} (`)
  );
}

/** A matrix usually hangs its value on the artifact's name: `coverage-node-20` is one of `coverage`'s. */
function isNamed(artifact: string, wanted: string): boolean {
  return artifact === wanted || artifact.startsWith(`${wanted}-`);
}

function isOfWorkflow(workflow: string, wanted: string | undefined): boolean {
  return wanted === undefined || workflow === wanted || workflow === wanted.replace(/^\.github\/workflows\//, '');
}

function isOfFlag({ scope }: Criterion, { artifact }: Report): boolean {
  return scope.kind !== 'flag' || inDashes(artifact).includes(inDashes(scope.flag));
}

/** `coverage_unit.tests` as `-coverage-unit-tests-`, so that a flag is found as whole words. */
function inDashes(name: string): string {
  return `-${name.toLowerCase().replace(/[^a-z0-9]+/g, '-')}-`;
}
