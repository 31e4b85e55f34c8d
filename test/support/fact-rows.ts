// Facts with everything filled in, for tests that care about one or two of their fields.

import type {
  CiEventFact,
  CiJobFact,
  CommitFact,
  DeploymentFact,
  DeploymentStatusFact,
  Facts,
  InstallationFact,
  PullRequestFact,
  RepositoryFact,
} from '../../src/model/facts.ts';
import { asJson } from '../../src/model/json.ts';
import type { TestBrain } from './brain.ts';

export const INSTALLATION = 700;
export const REPOSITORY = 900;
export const HEAD = 'a'.repeat(40);

/** A minute of the morning that these facts are about, as GitHub writes it. */
export const minute = (number: number): string => new Date(Date.UTC(2026, 10, 1, 10, number)).toISOString();

export const installationFact = (given: Partial<InstallationFact> = {}): InstallationFact => ({
  id: INSTALLATION,
  account_login: 'octo-org',
  account_id: 500,
  account_type: 'Organization',
  repository_selection: 'all',
  permissions: { checks: 'write' },
  suspended_at: null,
  deleted_at: null,
  source_updated_at: minute(0),
  ...given,
});

export const repositoryFact = (given: Partial<RepositoryFact> = {}): RepositoryFact => ({
  id: REPOSITORY,
  installation_id: INSTALLATION,
  owner: 'octo-org',
  name: 'web-shop',
  private: false,
  default_branch: 'main',
  archived: false,
  tells_presence: false,
  deleted_at: null,
  source_updated_at: minute(0),
  ...given,
});

export const commitFact = (given: Partial<CommitFact> = {}): CommitFact => ({
  repository_id: REPOSITORY,
  sha: HEAD,
  ref: 'refs/heads/react-19',
  message: 'Use React 19',
  author: 'octocat',
  authored_at: minute(1),
  pushed_at: minute(1),
  files: [],
  merge_group_ref: null,
  is_ref_reset: false,
  ...given,
});

export const pullRequestFact = (given: Partial<PullRequestFact> = {}): PullRequestFact => ({
  repository_id: REPOSITORY,
  number: 1,
  title: 'Use React 19',
  html_url: `https://github.com/octo-org/web-shop/pull/${given.number ?? 1}`,
  head_sha: HEAD,
  head_ref: 'react-19',
  head_repository_id: REPOSITORY,
  base_ref: 'main',
  base_sha: 'f'.repeat(40),
  state: 'open',
  draft: false,
  author: 'octocat',
  opened_at: minute(1),
  merged_at: null,
  merge_commit_sha: null,
  merged_by: null,
  source_updated_at: minute(1),
  ...given,
});

export const runFact = (given: Partial<CiEventFact> = {}): CiEventFact => ({
  provider: 'github-actions',
  repository_id: REPOSITORY,
  run_id: '7001',
  run_attempt: 1,
  workflow_name: 'CI',
  workflow_path: '.github/workflows/ci.yml',
  branch: 'react-19',
  head_repository_id: REPOSITORY,
  commit_sha: HEAD,
  status: 'failed',
  conclusion: given.status === undefined || given.status === 'failed' ? 'failure' : null,
  trigger: 'pull_request',
  start_time: minute(2),
  end_time: null,
  pull_request_numbers: [],
  html_url: null,
  actor: 'octocat',
  summary: null,
  source_updated_at: minute(5),
  ...given,
});

export const jobFact = (given: Partial<CiJobFact> = {}): CiJobFact => ({
  repository_id: REPOSITORY,
  run_id: '7001',
  run_attempt: 1,
  job_id: 8001,
  name: 'test',
  status: 'failed',
  conclusion: given.status === undefined || given.status === 'failed' ? 'failure' : null,
  runner_name: null,
  labels: [],
  started_at: minute(3),
  completed_at: minute(4),
  steps: [],
  html_url: null,
  source_updated_at: minute(4),
  ...given,
});

export const deploymentFact = (given: Partial<DeploymentFact> = {}): DeploymentFact => ({
  provider: 'github',
  repository_id: REPOSITORY,
  deployment_id: '6001',
  environment_name: 'production',
  commit_sha: HEAD,
  ref: 'main',
  creator: 'octocat',
  run_id: null,
  run_attempt: null,
  created_at: minute(6),
  source_updated_at: minute(6),
  ...given,
});

export const deploymentStatusFact = (given: Partial<DeploymentStatusFact> = {}): DeploymentStatusFact => ({
  provider: 'github',
  repository_id: REPOSITORY,
  deployment_id: '6001',
  status_id: 6101,
  state: 'success',
  environment_name: 'production',
  environment_url: null,
  log_url: null,
  description: '',
  creator: 'octocat',
  created_at: minute(7),
  ...given,
});

/** Records facts of the one repository, which stands behind them as it does behind every payload. */
export async function tell(brain: Pick<TestBrain, 'call'>, given: Partial<Facts>, guid = ''): Promise<unknown> {
  const facts: Partial<Facts> = { installations: [installationFact()], repositories: [repositoryFact()], ...given };
  return brain.call('record_facts', { facts: asJson(facts), ...(guid === '' ? {} : { app_id: 1, guid }) });
}

/** Empties everything that deliveries fill, for the next test. */
export async function forgetEverything(brain: Pick<TestBrain, 'script'>): Promise<void> {
  const tables = ['webhook_deliveries', 'follow_ups', 'repositories', 'projects', 'installations', 'orgs'];
  const deletions = tables.map((table) => `delete from codered.${table};`).join('\n');
  await brain.script(`${deletions} delete from codered.bug_patterns where source <> 'builtin';`);
}
