// Webhook payloads of other CI systems: check runs and commit statuses.

import type { JsonObject } from '../github/contract/json-value.ts';
import { pullRequestReference } from '../github/state/record-json.ts';
import type { CheckRun, Commit, PullRequest } from '../github/state/records.ts';
import { apiUrl, fullName, nodeId, webUrl } from '../github/state/retell.ts';
import { EXAMPLES, emailOf, examplePayload, type Scene } from './example-payload.ts';

/** The payload of a `check_run` event about a check run of another CI system's App. */
export function checkRunPayload(
  scene: Scene,
  action: keyof typeof EXAMPLES.check_run,
  { check, pulls }: { check: CheckRun; pulls: PullRequest[] },
): JsonObject {
  const place = EXAMPLES.check_run[action];
  const url = `${apiUrl(scene.repository)}/check-runs/${check.id}`;
  const references = pulls.map((pull) => pullRequestReference(pull, scene.repository));
  const state: JsonObject = {
    status: check.status,
    conclusion: check.conclusion,
    head_sha: check.headSha,
    pull_requests: references,
  };
  const over: JsonObject = {
    action,
    check_run: {
      ...state,
      id: check.id,
      node_id: nodeId('CheckRun', check.id),
      name: check.name,
      external_id: check.externalId,
      url,
      html_url: `${webUrl(scene.repository)}/runs/${check.id}`,
      started_at: check.startedAt,
      completed_at: check.completedAt,
      output: { ...check.output, annotations_count: check.annotations.length, annotations_url: `${url}/annotations` },
      app: { slug: check.appSlug, name: check.appSlug },
      check_suite: {
        ...state,
        after: check.headSha,
        app: { slug: check.appSlug, name: check.appSlug },
        created_at: check.startedAt,
        updated_at: check.completedAt ?? check.startedAt,
      },
    },
  };
  return examplePayload(scene, 'check_run', { place, over });
}

/** The payload of a `status` event about a commit status of another CI system. */
export function statusPayload(
  scene: Scene,
  status: {
    id: number;
    commit: Commit;
    context: string;
    state: 'pending' | 'success' | 'failure' | 'error';
    description: string;
    at: string;
  },
): JsonObject {
  const { id, commit, context, state, description, at } = status;
  const git = { name: commit.author.login, email: emailOf(commit.author), date: commit.at };
  const over: JsonObject = {
    id,
    sha: commit.sha,
    name: fullName(scene.repository),
    context,
    state,
    description,
    branches: [],
    created_at: at,
    updated_at: at,
    commit: {
      sha: commit.sha,
      url: `${apiUrl(scene.repository)}/commits/${commit.sha}`,
      html_url: `${webUrl(scene.repository)}/commit/${commit.sha}`,
      commit: { message: commit.message, author: git, committer: git, verification: { verified_at: null } },
    },
  };
  return examplePayload(scene, 'status', { place: EXAMPLES.status[''], over });
}
