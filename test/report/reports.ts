// Builds reports for the tests of report/: plain pieces with everything said, to be changed where a test needs it.
import type { PullRequestReport, ReportDeployment, ReportFailure, ReportJob } from '../../src/model/pull-request.ts';

export const HEAD = 'a1b2c3d4e5f60718293a4b5c6d7e8f9012345678';
export const OLDER = '0d15ea5e0d15ea5e0d15ea5e0d15ea5e0d15ea5e';
export const MERGE = 'c0ffee00c0ffee00c0ffee00c0ffee00c0ffee00';
const REPOSITORY = 'https://github.com/octo-org/web-shop';

export interface ReportCase {
  /** The file's name without its ending. */
  readonly name: string;
  readonly title: string;
  readonly report: PullRequestReport;
}

export function report(change: Partial<PullRequestReport> = {}): PullRequestReport {
  return {
    repository: { id: 4711, owner: 'octo-org', name: 'web-shop', html_url: REPOSITORY },
    pull_request: {
      number: 123,
      title: 'Use React 19',
      state: 'open',
      head_sha: HEAD,
      head_ref: 'react-19',
      merge_commit_sha: null,
      html_url: `${REPOSITORY}/pull/123`,
    },
    jobs: [],
    unfinished_runs: 0,
    deployments: [],
    earlier_failures: [],
    gate: null,
    information: [],
    proposed_problems: [],
    as_of: '2026-11-20T13:58:01Z',
    ...change,
  };
}

/** A passed job; its id in the link comes from its name. */
export function job(name: string, change: Partial<ReportJob> = {}): ReportJob {
  const id = 1000 + [...name].reduce((sum, sign) => sum + (sign.codePointAt(0) ?? 0), 0);
  return {
    provider: 'github-actions',
    workflow_name: 'CI',
    name,
    run_attempt: 1,
    status: 'succeeded',
    conclusion: 'success',
    html_url: `${REPOSITORY}/actions/runs/9001/job/${id}`,
    started_at: '2026-11-20T13:50:00Z',
    completed_at: '2026-11-20T13:58:00Z',
    failed_step: null,
    log_state: 'none',
    failure: null,
    ...change,
  };
}

export function failedJob(name: string, change: Partial<ReportJob> = {}): ReportJob {
  return job(name, {
    status: 'failed',
    conclusion: 'failure',
    failed_step: { number: 4, name: 'npm ci' },
    log_state: 'fetched',
    failure: peerConflict(),
    ...change,
  });
}

export function peerConflict(change: Partial<ReportFailure> = {}): ReportFailure {
  return {
    fingerprint: 'f-eresolve-react',
    pattern: {
      name: 'npm peer dependency conflict',
      category: 'dependency',
      severity: 'error',
      root_cause: 'Two packages ask for versions of the same peer that cannot both be had.',
      recommended_fix: 'Align the two versions, or pin the peer; `npm explain <package>` shows who asks.',
      docs_url: 'https://docs.npmjs.com/cli/v11/using-npm/config#legacy-peer-deps',
    },
    message: 'npm error code ERESOLVE',
    verdict: 'unknown',
    verdict_reason: '',
    excerpt: [
      'npm error code ERESOLVE',
      'npm error ERESOLVE unable to resolve dependency tree',
      'npm error Found: react@19.2.0',
      'npm error Could not resolve dependency: peer react@"^18" from enzyme-adapter@1.15.8',
    ].join('\n'),
    excerpt_first_line: 214,
    excerpt_last_line: 217,
    line_number: 214,
    step_first_line: 178,
    file_path: null,
    line: null,
    evidence: { why: 'match', first_line: 214, last_line: 217 },
    step_name: 'npm ci',
    is_elsewhere: false,
    others: 0,
    other_lines: [],
    further_causes: [],
    ...change,
  };
}

export function typeError(change: Partial<ReportFailure> = {}): ReportFailure {
  return peerConflict({
    fingerprint: 'f-ts2345',
    pattern: {
      name: 'TypeScript type error',
      category: 'type',
      severity: 'error',
      root_cause: 'The code does not fit its types.',
      recommended_fix: 'Run `tsc --noEmit` and mend what it names; the first error is often the cause of the others.',
      docs_url: null,
    },
    message:
      "src/cart.ts(41,7): error TS2345: Argument of type 'string' is not assignable to parameter of type 'number'.",
    excerpt:
      "src/cart.ts(41,7): error TS2345: Argument of type 'string' is not assignable to parameter of type 'number'.\nFound 1 error in src/cart.ts:41",
    excerpt_first_line: 96,
    excerpt_last_line: 97,
    line_number: 96,
    step_first_line: 90,
    evidence: { why: 'match', first_line: 96, last_line: 97 },
    file_path: 'src/cart.ts',
    line: 41,
    ...change,
  });
}

/** A failure that no pattern knows. */
export function unknownFailure(change: Partial<ReportFailure> = {}): ReportFailure {
  return peerConflict({
    fingerprint: 'f-unknown',
    pattern: null,
    message: 'thread main panicked at src/main.rs:7: index out of bounds',
    excerpt: 'thread main panicked at src/main.rs:7: index out of bounds\nnote: run with RUST_BACKTRACE=1',
    excerpt_first_line: 33,
    excerpt_last_line: 34,
    line_number: 33,
    step_first_line: null,
    evidence: { why: 'block', first_line: 33, last_line: 33 },
    ...change,
  });
}

export function deployment(environment_name: string, change: Partial<ReportDeployment> = {}): ReportDeployment {
  return {
    environment_name,
    status: 'succeeded',
    commit_sha: HEAD,
    url: `https://${environment_name}.shop.example`,
    failure: null,
    ...change,
  };
}
