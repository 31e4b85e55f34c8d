// The stand-in's artifacts of workflow runs.

import { createHash } from 'node:crypto';
import type { JsonObject } from '../contract/json-value.ts';
import type { Artifact, Repository } from '../state/records.ts';
import { apiUrl, nodeId } from '../state/retell.ts';
import type { LogStorage } from './log-storage.ts';
import {
  type Answer,
  notFound,
  numberParameter,
  page,
  type RepositoryCall,
  type RepositoryRoutes,
  refuse,
} from './route.ts';

const needs = ['actions:read'];

/** The list of a run's artifacts, and the way to one's archive. docs/github.md#artifacts */
export function artifactRoutes(storage: LogStorage): RepositoryRoutes {
  return {
    'GET /repos/{owner}/{repo}/actions/runs/{run_id}/artifacts': { needs, answer: listArtifacts },
    'GET /repos/{owner}/{repo}/actions/artifacts/{artifact_id}/{archive_format}': {
      needs,
      answer: (call) => redirectToArchive(call, storage),
    },
  };
}

function listArtifacts(call: RepositoryCall): Answer {
  const runId = numberParameter(call, 'run_id');
  const all = [...call.inside.artifacts.values()].filter((artifact) => artifact.runId === runId);
  const { items, headers } = page(call, all);
  const artifacts = items.map((artifact) => artifactJson(artifact, call.inside.repository));
  return { status: 200, body: { total_count: all.length, artifacts }, headers };
}

function artifactJson(artifact: Artifact, repository: Repository): JsonObject {
  const { id, name, zip, createdAt, runId, headSha, headBranch } = artifact;
  const url = `${apiUrl(repository)}/actions/artifacts/${id}`;
  return {
    id,
    node_id: nodeId('Artifact', id),
    name,
    size_in_bytes: zip?.length ?? 0,
    url,
    archive_download_url: `${url}/zip`,
    expired: zip === null,
    created_at: createdAt,
    updated_at: createdAt,
    expires_at: createdAt,
    digest: zip === null ? null : `sha256:${createHash('sha256').update(zip).digest('hex')}`,
    workflow_run: {
      id: runId,
      repository_id: repository.id,
      head_repository_id: repository.id,
      head_branch: headBranch,
      head_sha: headSha,
    },
  };
}

function redirectToArchive(call: RepositoryCall, storage: LogStorage): Answer {
  const artifact = call.inside.artifacts.get(numberParameter(call, 'artifact_id'));
  if (artifact === undefined) return notFound();
  if (artifact.zip === null) return refuse(410, 'Artifact has expired');
  return { status: 302, headers: { location: storage.publish(call.origin, { kept: artifact.zip }) } };
}
