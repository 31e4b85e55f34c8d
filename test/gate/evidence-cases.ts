// What gate tests build their commits from: one thing of each kind, to be changed where the test is about it.

import type {
  CoveredLines,
  EvidenceModel,
  Measured,
  Report,
  RunOnCommit,
  Signal,
} from '../../src/gate/model/evidence-model.ts';
import type { Criterion } from '../../src/policy/schema/criteria.ts';

const SEEN = '2026-11-20T12:00:00.000Z';
export const NOW = '2026-11-20T12:10:00.000Z';

export function criterion(key: Criterion['key'], fields: Partial<Criterion> = {}): Criterion {
  const figure = { coverage_min: 0.8, coverage_diff_min: 0.8, lighthouse_min: 85 } as const;
  const threshold = key in figure ? figure[key as keyof typeof figure] : null;
  const scope =
    key === 'lighthouse_min' ? ({ kind: 'category', category: 'performance' } as const) : ({ kind: 'whole' } as const);
  return { id: key, key, scope, threshold, source: null, ...fields };
}

export function job(name: string, fields: Partial<Signal> = {}): Signal {
  return {
    kind: 'job',
    name,
    origin: 'ci.yml',
    attempt: 1,
    status: 'succeeded',
    conclusion: 'success',
    url: `https://github.com/octo-org/web-shop/actions/runs/1/job/${name.length}`,
    at: '2026-11-20T12:05:00.000Z',
    distrust: null,
    ...fields,
  };
}

export const FAILED = { status: 'failed', conclusion: 'failure' } as const;
export const RUNNING = { status: 'running', conclusion: null } as const;

export function run(fields: Partial<RunOnCommit> = {}): RunOnCommit {
  return { run_id: '1', workflow: 'ci.yml', attempt: 1, is_over: true, at: '2026-11-20T12:06:00.000Z', ...fields };
}

export function artifact(name: string, measured: readonly Measured[], fields: Partial<Report> = {}): Report {
  return {
    artifact: name,
    run_id: '1',
    workflow: 'ci.yml',
    attempt: 1,
    url: 'https://github.com/octo-org/web-shop/actions/runs/1/artifacts/7',
    at: '2026-11-20T12:05:30.000Z',
    unreadable: null,
    measured,
    is_stale: false,
    distrust: null,
    ...fields,
  };
}

/** A file of which so many lines were run, of so many; with line numbers 1..total, the first ones run, unless `bare`. */
export function file(path: string, covered: number, total: number, { bare = false } = {}): CoveredLines {
  const numbers = Array.from({ length: total }, (_, index) => index + 1);
  return {
    path,
    covered,
    total,
    lines: bare ? null : { run: numbers.slice(0, covered), missed: numbers.slice(covered) },
  };
}

export function coverage(...files: CoveredLines[]): Measured {
  return { kind: 'coverage', files };
}

export function tests(passed: number, failed = 0, skipped = 0): Measured {
  return { kind: 'tests', passed, failed, skipped, is_e2e: true };
}

export function commit(fields: Partial<EvidenceModel> = {}): EvidenceModel {
  return { signals: [], runs: [run()], reports: [], overrides: [], changed_lines: null, since: SEEN, ...fields };
}
