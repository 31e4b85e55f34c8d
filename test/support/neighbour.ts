// A second of everything beside what a test is about, with keys that are almost the same: the same numbers, commits and runs in
// another repository. Whatever forgets a key changes it, or takes it for its own.

import { expect } from 'vitest';
import { asJson } from '../../src/model/json.ts';
import type { TestBrain } from './brain.ts';
import { rowsOf } from './brain-rows.ts';
import {
  commitFact,
  deploymentFact,
  HEAD,
  installationFact,
  jobFact,
  minute,
  pullRequestFact,
  repositoryFact,
  runFact,
} from './fact-rows.ts';

/** The repository's id. */
export const NEIGHBOUR = 901;
const INSTALLATION_BESIDE = 701;

/** Whoever works takes what is due, of every repository. */
const QUEUES = ['agent_jobs', 'follow_ups', 'publications', 'installation_usage', 'request_budgets', 'chores'];

/** What was told of it. */
export interface Neighbour {
  /** Expects that no row about it has changed, none has gone and none has come. */
  expectUntouched(): Promise<void>;
}

/** Tells of another organisation's repository with a merged pull request 1 on HEAD, its run, a failed verdict and a deployment. */
export async function tellNeighbour(brain: TestBrain, { merged = true } = {}): Promise<Neighbour> {
  const repository_id = NEIGHBOUR;
  const merge = merged
    ? {
        state: 'merged' as const,
        merged_at: minute(30),
        merge_commit_sha: 'b'.repeat(40),
        source_updated_at: minute(30),
      }
    : {};
  await brain.call('record_facts', {
    facts: asJson({
      installations: [installationFact({ id: INSTALLATION_BESIDE, account_login: 'octo-else', account_id: 501 })],
      repositories: [repositoryFact({ id: repository_id, installation_id: INSTALLATION_BESIDE, owner: 'octo-else' })],
      commits: [commitFact({ repository_id })],
      pull_requests: [pullRequestFact({ repository_id, head_repository_id: repository_id, ...merge })],
      ci_events: [runFact({ repository_id, head_repository_id: repository_id })],
      ci_jobs: [jobFact({ repository_id, job_id: 8901 })],
      deployments: [deploymentFact({ repository_id })],
    }),
  });
  await recordVerdict(brain, { repository_id });
  const before = await rowsAbout(brain);
  return {
    expectUntouched: async () => expect(await rowsAbout(brain)).toEqual(before),
  };
}

interface Told {
  readonly repository_id: number;
  readonly pull_request_number?: number;
  readonly commit_sha?: string;
  readonly state?: 'pass' | 'fail' | 'pending';
  readonly gate?: string;
}

/** Records a verdict of one criterion as the gate does. */
export async function recordVerdict(
  brain: TestBrain,
  { repository_id, pull_request_number = 1, commit_sha = HEAD, state = 'fail', gate = 'lint' }: Told,
): Promise<void> {
  const version = await brain.call('read_evidence_version', { repository_id, sha: commit_sha });
  const status = { pass: 'passed', fail: 'failed', pending: 'pending' }[state];
  const criterion = { gate_id: 'lint_pass', gate_name: gate, gate_order: 0, status, attempt_number: 1 };
  const criteria = [{ ...criterion, validation_results: [], fail_codes: [] }];
  const verdict = { repository_id, pull_request_number, commit_sha, state, version, ci_event_ids: [], criteria };
  expect(await brain.call('record_gate_verdict', { verdict })).toMatchObject({ stale: false });
}

/** Every row that names the repository or its project. */
async function rowsAbout(brain: TestBrain): Promise<Record<string, readonly string[]>> {
  const [row] = await brain.sql('select project_id from codered.repositories where id = $1', [String(NEIGHBOUR)]);
  const marks = [`"repository_id": ${NEIGHBOUR},`, `"id": ${NEIGHBOUR},`, `"${row?.project_id}"`];
  const rows = Object.entries(await rowsOf(brain))
    .filter(([table]) => !QUEUES.includes(table))
    .map(([table, all]) => {
      return [table, all.filter((text) => marks.some((mark) => text.includes(mark)))] as const;
    });
  return Object.fromEntries(rows);
}
