// Lists a workflow run's artifacts and downloads one as the bytes of its zip archive.
import type { RestEndpointMethodTypes } from '@octokit/rest';
import type { ProbotOctokit } from 'probot';
import { Rejected } from '../model/errors.ts';
import { type Download, IDLE_LIMIT_MS, openDownload } from './download.ts';
import { asking } from './github-error.ts';

/** An artifact as GitHub lists it. */
export interface ListedArtifact {
  readonly id: number;
  readonly name: string;
  readonly bytes: number;
  /** True when it is past its retention: then there is nothing left to download. */
  readonly expired: boolean;
  /** The commit that its run was on; null for old artifacts, of which GitHub has not kept it. */
  readonly head_sha: string | null;
  /** `sha256:<hex>` of the archive, where GitHub knows it. */
  readonly digest: string | null;
  readonly created_at: string | null;
}

/** At most so many artifacts of a run are listed. */
export const MOST_ARTIFACTS = 500;

/**
 * Returns the artifacts of a run, of all its attempts; of several with one name only the newest. `left_out` is the first artifact
 * that is not in the list because there are more than `MOST_ARTIFACTS`; null when the list is complete. Throws what `githubError`
 * returns. docs/github.md#artifacts
 */
export async function listArtifacts(
  octokit: ProbotOctokit,
  { owner, repo, run_id }: { owner: string; repo: string; run_id: number },
): Promise<{ readonly artifacts: readonly ListedArtifact[]; readonly left_out: ListedArtifact | null }> {
  const found = new Map<string, ListedArtifact>();
  let leftOut: ListedArtifact | null = null;
  await asking(`list the artifacts of run ${run_id} in ${owner}/${repo}`, async () => {
    const pages = octokit.paginate.iterator(octokit.rest.actions.listWorkflowRunArtifacts, {
      owner,
      repo,
      run_id,
      per_page: 100,
    });
    for await (const { data } of pages) {
      for (const artifact of data) {
        const known = found.get(artifact.name);
        if (known === undefined && found.size >= MOST_ARTIFACTS) leftOut ??= listed(artifact);
        else if (known === undefined || known.id < artifact.id) found.set(artifact.name, listed(artifact));
      }
      if (leftOut !== null) break;
    }
  });
  return { artifacts: [...found.values()], left_out: leftOut };
}

type Answered = RestEndpointMethodTypes['actions']['listWorkflowRunArtifacts']['response']['data']['artifacts'][number];

function listed({ id, name, size_in_bytes, expired, workflow_run, digest, created_at }: Answered): ListedArtifact {
  return {
    id,
    name,
    bytes: size_in_bytes,
    expired,
    head_sha: workflow_run?.head_sha ?? null,
    digest: digest ?? null,
    created_at,
  };
}

/**
 * Opens the zip archive of an artifact as a stream of bytes. Returns null when GitHub no longer has it (HTTP 404, 410). Throws
 * `Transient` when the storage or the network fails, or when no byte comes for `idleMs` milliseconds. docs/github.md#artifacts
 */
export async function openArtifact(
  octokit: ProbotOctokit,
  {
    owner,
    repo,
    artifact_id,
    maxBytes,
    idleMs = IDLE_LIMIT_MS,
  }: { owner: string; repo: string; artifact_id: number; maxBytes: number; idleMs?: number },
): Promise<Download | null> {
  const asked = `download artifact ${artifact_id} of ${owner}/${repo}`;
  const route = 'GET /repos/{owner}/{repo}/actions/artifacts/{artifact_id}/{archive_format}';
  const parameters = { owner, repo, artifact_id, archive_format: 'zip' };
  try {
    return await openDownload(octokit, { route, parameters, asked }, { maxBytes, idleMs });
  } catch (error) {
    if (error instanceof Rejected && (error.code === '404' || error.code === '410')) return null;
    throw error;
  }
}
