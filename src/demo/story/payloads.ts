// Webhook payloads of pull requests, workflow runs, jobs, pushes and of the App's own life, made from GitHub's examples.

import { type JsonObject, objectAt } from '../github/contract/json-value.ts';
import { jobJson, pullRequestJson, workflowRunJson } from '../github/state/record-json.ts';
import type { Commit, Installation, Job, PullRequest, Repository, WorkflowRun } from '../github/state/records.ts';
import { accountJson, apiUrl, nodeId, retell, webUrl } from '../github/state/retell.ts';
import { EXAMPLES, emailOf, examplePayload, publishedExample, type Scene } from './example-payload.ts';

/** The payload of a `pull_request` event. `before` is the former head of a pull request that was pushed to. */
export function pullRequestPayload(
  scene: Scene,
  action: keyof typeof EXAMPLES.pull_request,
  { pull, before }: { pull: PullRequest; before?: string },
): JsonObject {
  const place = EXAMPLES.pull_request[action];
  const example = objectAt(publishedExample('pull_request', place).pull_request);
  const merged: JsonObject = {
    merged: pull.mergedAt !== null,
    merged_by: pull.mergedAt === null ? null : accountJson(scene.sender),
  };
  const over: JsonObject = {
    action,
    number: pull.number,
    pull_request: { ...pullRequestJson(example, pull, scene.repository), ...merged },
  };
  return examplePayload(scene, 'pull_request', {
    place,
    over: before === undefined ? over : { ...over, before, after: pull.head.sha },
  });
}

/** The payload of a `workflow_run` event: one attempt of a run as it is now. */
export function workflowRunPayload(
  scene: Scene,
  action: keyof typeof EXAMPLES.workflow_run,
  run: WorkflowRun,
): JsonObject {
  const place = EXAMPLES.workflow_run[action];
  const example = objectAt(publishedExample('workflow_run', place).workflow_run);
  const { workflow, headRepository } = run;
  const over: JsonObject = {
    action,
    workflow: {
      ...workflow,
      node_id: nodeId('Workflow', workflow.id),
      url: `${apiUrl(scene.repository)}/actions/workflows/${workflow.id}`,
      html_url: `${webUrl(scene.repository)}/blob/${scene.repository.defaultBranch}/${workflow.path}`,
      badge_url: `${webUrl(scene.repository)}/workflows/${encodeURIComponent(workflow.name)}/badge.svg`,
    },
    workflow_run: {
      ...workflowRunJson(example, run, scene.repository),
      head_repository: headOf(example, headRepository),
    },
  };
  return examplePayload(scene, 'workflow_run', { place, over });
}

function headOf(example: JsonObject, repository: Repository): JsonObject {
  return retell(objectAt(example, 'head_repository'), repository);
}

/** The payload of a `workflow_job` event: one job as it is now. */
export function workflowJobPayload(scene: Scene, action: keyof typeof EXAMPLES.workflow_job, job: Job): JsonObject {
  const place = EXAMPLES.workflow_job[action];
  const example = objectAt(publishedExample('workflow_job', place).workflow_job);
  return examplePayload(scene, 'workflow_job', {
    place,
    over: { action, workflow_job: jobJson(example, job, scene.repository) },
  });
}

/** The payload of a `push` event. The last of the commits becomes the head of the branch. */
export function pushPayload(
  scene: Scene,
  { branch, before, commits }: { branch: string; before: string; commits: Commit[] },
): JsonObject {
  const all = commits.map((commit) => commitJson(commit, scene.repository));
  const head = all.at(-1) ?? null;
  const at = commits.at(-1)?.at;
  const over: JsonObject = {
    // Of this event alone GitHub tells it in seconds since 1970.
    ...(at === undefined ? {} : { repository: { pushed_at: Date.parse(at) / 1000 } }),
    ref: `refs/heads/${branch}`,
    before,
    after: commits.at(-1)?.sha ?? before,
    created: false,
    commits: all,
    head_commit: head,
    compare: `${webUrl(scene.repository)}/compare/${before.slice(0, 12)}...${(commits.at(-1)?.sha ?? before).slice(0, 12)}`,
    pusher: { name: scene.sender.login, email: emailOf(scene.sender) },
  };
  return examplePayload(scene, 'push', { place: EXAMPLES.push[''], over });
}

function commitJson({ sha, message, author, at, added, modified }: Commit, repository: Repository): JsonObject {
  const person = { name: author.login, email: emailOf(author), username: author.login };
  const url = `${webUrl(repository)}/commit/${sha}`;
  return {
    id: sha,
    tree_id: sha,
    distinct: true,
    message,
    timestamp: at,
    url,
    author: person,
    committer: person,
    added,
    removed: [],
    modified,
  };
}

/** The payload of `installation.created`: the App was installed on some repositories of an account. */
export function installationPayload(
  scene: Scene,
  { installation, app }: { installation: Installation; app: { id: number; slug: string } },
): JsonObject {
  const { account, permissions, createdAt } = installation;
  const over: JsonObject = {
    requester: null,
    installation: {
      account: accountJson(account),
      app_id: app.id,
      app_slug: app.slug,
      target_id: account.id,
      target_type: account.type,
      access_tokens_url: `https://api.github.com/app/installations/${installation.id}/access_tokens`,
      html_url: `https://github.com/organizations/${account.login}/settings/installations/${installation.id}`,
      created_at: createdAt,
      updated_at: createdAt,
    },
  };
  const { repository: _, ...payload } = examplePayload(scene, 'installation', {
    place: EXAMPLES.installation.created,
    over,
  });
  return { ...payload, installation: { ...objectAt(payload.installation), permissions } };
}

/** The payload of `repository.renamed`. `scene.repository` has the new name already. */
export function repositoryRenamedPayload(scene: Scene, formerName: string): JsonObject {
  const over = { changes: { repository: { name: { from: formerName } } } };
  return examplePayload(scene, 'repository', { place: EXAMPLES.repository.renamed, over });
}
