// Lays a record over an example of GitHub's, so that webhooks and API answers tell the same state in GitHub's shape.
// Pure.

import { isJsonObject, type JsonObject, mapObjectStrings, merge, numberAt, objectAt } from '../contract/json-value.ts';
import type { Deployment, DeploymentStatus, Job, PullRequest, Repository, WorkflowRun } from './records.ts';
import { accountJson, apiUrl, nodeId, retell, webUrl } from './retell.ts';

/** The pull request in the shape of `example`, which may be a webhook's or either of the API's. */
export function pullRequestJson(example: JsonObject, pull: PullRequest, repository: Repository): JsonObject {
  const forkedFrom = isJsonObject(objectAt(example, 'head').repo)
    ? objectAt(example, 'head', 'repo')
    : objectAt(example, 'base', 'repo');
  const head = pull.head.repository;
  const owner = head?.owner ?? pull.author;
  return merge(retell(example, repository), {
    ...pullRequestLinks(pull, repository),
    id: pull.id,
    node_id: nodeId('PullRequest', pull.id),
    number: pull.number,
    state: pull.state,
    locked: pull.locked,
    active_lock_reason: null,
    title: pull.title,
    user: accountJson(pull.author),
    body: null,
    created_at: pull.createdAt,
    updated_at: pull.updatedAt,
    closed_at: pull.closedAt,
    merged_at: pull.mergedAt,
    merge_commit_sha: pull.mergeCommitSha,
    draft: pull.draft,
    commits: pull.commits,
    ...nobodyElse,
    author_association: head?.id === repository.id ? 'MEMBER' : 'CONTRIBUTOR',
    head: {
      label: `${owner.login}:${pull.head.ref}`,
      ref: pull.head.ref,
      sha: pull.head.sha,
      user: accountJson(owner),
      repo: head && retell(forkedFrom, head),
    },
    base: { ...pull.base, label: `${repository.owner.login}:${pull.base.ref}`, user: accountJson(repository.owner) },
  });
}

const nobodyElse: JsonObject = {
  labels: [],
  milestone: null,
  assignee: null,
  assignees: [],
  requested_reviewers: [],
  requested_teams: [],
  auto_merge: null,
};

function pullRequestLinks({ number, head }: PullRequest, repository: Repository): JsonObject {
  const api = `${apiUrl(repository)}/pulls/${number}`;
  const html = `${webUrl(repository)}/pull/${number}`;
  const issue = `${apiUrl(repository)}/issues/${number}`;
  const statuses = `${apiUrl(repository)}/statuses/${head.sha}`;
  return {
    url: api,
    html_url: html,
    diff_url: `${html}.diff`,
    patch_url: `${html}.patch`,
    issue_url: issue,
    commits_url: `${api}/commits`,
    review_comments_url: `${api}/comments`,
    comments_url: `${issue}/comments`,
    statuses_url: statuses,
    _links: {
      self: { href: api },
      html: { href: html },
      issue: { href: issue },
      comments: { href: `${issue}/comments` },
      review_comments: { href: `${api}/comments` },
      commits: { href: `${api}/commits` },
      statuses: { href: statuses },
    },
  };
}

/** The short form in which runs and check runs name their pull requests. */
export function pullRequestReference({ id, number, head, base }: PullRequest, repository: Repository): JsonObject {
  const short = (place: Repository): JsonObject => ({ id: place.id, url: apiUrl(place), name: place.name });
  return {
    url: `${apiUrl(repository)}/pulls/${number}`,
    id,
    number,
    head: { ref: head.ref, sha: head.sha, repo: short(head.repository ?? repository) },
    base: { ref: base.ref, sha: base.sha, repo: short(repository) },
  };
}

/** The run in the shape of `example`, a webhook's or the API's. */
export function workflowRunJson(example: JsonObject, run: WorkflowRun, repository: Repository): JsonObject {
  const renamed = rename(retell(example, repository), [
    [numberAt(example, 'id'), run.id],
    [numberAt(example, 'workflow_id'), run.workflow.id],
    [numberAt(example, 'check_suite_id'), run.checkSuiteId],
  ]);
  const author = { name: run.actor.login, email: `${run.actor.id}+${run.actor.login}@users.noreply.github.com` };
  const overlay: JsonObject = {
    id: run.id,
    node_id: nodeId('WorkflowRun', run.id),
    name: run.workflow.name,
    path: run.workflow.path,
    display_title: run.commitMessage,
    workflow_id: run.workflow.id,
    check_suite_id: run.checkSuiteId,
    check_suite_node_id: nodeId('CheckSuite', run.checkSuiteId),
    event: run.event,
    head_branch: run.headBranch,
    head_sha: run.headSha,
    head_commit: { id: run.headSha, message: run.commitMessage, timestamp: run.createdAt, author, committer: author },
    run_number: run.runNumber,
    run_attempt: run.attempt,
    status: run.status,
    conclusion: run.conclusion,
    pull_requests: run.pullRequests.map((pull) => pullRequestReference(pull, repository)),
    actor: accountJson(run.actor),
    triggering_actor: accountJson(run.actor),
    created_at: run.createdAt,
    run_started_at: run.startedAt,
    updated_at: run.updatedAt,
    previous_attempt_url:
      run.attempt === 1 ? null : `${apiUrl(repository)}/actions/runs/${run.id}/attempts/${run.attempt - 1}`,
    referenced_workflows: [],
  };
  if (isJsonObject(example.head_repository))
    overlay.head_repository = retell(example.head_repository, run.headRepository);
  return merge(renamed, overlay);
}

/** The job in the shape of `example`, a webhook's or the API's. */
export function jobJson(example: JsonObject, job: Job, repository: Repository): JsonObject {
  return merge(retell(example, repository), {
    id: job.id,
    node_id: nodeId('CheckRun', job.id),
    run_id: job.runId,
    run_attempt: job.attempt,
    run_url: `${apiUrl(repository)}/actions/runs/${job.runId}`,
    url: `${apiUrl(repository)}/actions/jobs/${job.id}`,
    html_url: `${webUrl(repository)}/actions/runs/${job.runId}/job/${job.id}`,
    check_run_url: `${apiUrl(repository)}/check-runs/${job.id}`,
    name: job.name,
    workflow_name: job.workflowName,
    head_branch: job.headBranch,
    head_sha: job.headSha,
    status: job.status,
    conclusion: job.conclusion,
    created_at: job.createdAt,
    started_at: job.startedAt,
    completed_at: job.completedAt,
    steps: job.steps.map(({ name, number, status, conclusion, startedAt, completedAt }) => {
      return { name, number, status, conclusion, started_at: startedAt, completed_at: completedAt };
    }),
    labels: job.labels,
    runner_id: job.runnerName === null ? null : 1,
    runner_name: job.runnerName,
    runner_group_id: job.runnerName === null ? null : 2,
    runner_group_name: job.runnerName === null ? null : 'GitHub Actions',
  });
}

/** The deployment in the shape of a webhook's `example`. */
export function deploymentJson(example: JsonObject, deployment: Deployment, repository: Repository): JsonObject {
  return merge(rename(retell(example, repository), [[numberAt(example, 'id'), deployment.id]]), {
    id: deployment.id,
    node_id: nodeId('Deployment', deployment.id),
    sha: deployment.sha,
    ref: deployment.ref,
    environment: deployment.environment,
    original_environment: deployment.environment,
    creator: accountJson(deployment.creator),
    created_at: deployment.createdAt,
    updated_at: deployment.updatedAt,
  });
}

/** A status of the deployment in the shape of a webhook's `example`. */
export function deploymentStatusJson(
  example: JsonObject,
  { status, deployment, repository }: { status: DeploymentStatus; deployment: Deployment; repository: Repository },
): JsonObject {
  const url = `${apiUrl(repository)}/deployments/${deployment.id}`;
  const { environment_url: _, ...like } = retell(example, repository);
  return merge(like, {
    url: `${url}/statuses/${status.id}`,
    deployment_url: url,
    id: status.id,
    node_id: nodeId('DeploymentStatus', status.id),
    state: status.state,
    description: status.description,
    environment: deployment.environment,
    target_url: status.logUrl,
    log_url: status.logUrl,
    ...(status.environmentUrl === null ? {} : { environment_url: status.environmentUrl }),
    creator: accountJson(deployment.creator),
    created_at: status.createdAt,
    updated_at: status.createdAt,
  });
}

/** Replaces long ids of an example wherever they stand in its strings; ids the example lacks change nothing. */
function rename(example: JsonObject, ids: [number | undefined, number][]): JsonObject {
  return mapObjectStrings(example, (text) =>
    ids.reduce(
      (renamed, [from, to]) => (from === undefined ? renamed : renamed.replaceAll(String(from), String(to))),
      text,
    ),
  );
}
