// Asks GitHub what the database can't know of a head: where it left its base, which files it changes, what its merge was made of.

import type { ProbotOctokit } from 'probot';
import type { Brain } from '../../brain/client.ts';
import { compareWithBranch, readParents } from '../../github/compare.ts';
import type { OctokitFor } from '../../github/installation.ts';
import { asError, Misconfigured, Rejected, Transient } from '../../model/errors.ts';
import { asJson } from '../../model/json.ts';
import type { VerdictEvidence } from '../evidence.ts';
import type { Gathered, GatheredRun } from './gathered.ts';

/** Who is asked. */
export interface SourceReaders {
  readonly brain: Pick<Brain, 'call'>;
  readonly octokitFor: OctokitFor;
}

/** Whether anything was learned, and why the rest could not be had, by pull request. */
export interface AskedSources {
  readonly learned: boolean;
  readonly whyNot: ReadonlyMap<number, string>;
}

/** By its making a merge commit is told from one that GitHub made after the run had begun. */
const SLACK_MS = 60_000;

/**
 * Asks once for each head of which the answer can change a verdict, and keeps what GitHub says. What fails for now is asked for
 * again by the next report; a verdict waits for none of it.
 */
export async function askSources(
  gathered: Gathered,
  evidence: readonly VerdictEvidence[],
  readers: SourceReaders,
): Promise<AskedSources> {
  const whyNot = new Map<number, string>();
  const { installation_id, id: repository_id } = gathered.repository;
  let learned = false;
  for (const [number, runs] of Map.groupBy(gathered.runs, ({ pull_request_number }) => pull_request_number)) {
    const [run] = runs;
    if (number === null || run === undefined || run.head?.state !== 'open' || run.head.sources_asked_at !== null)
      continue;
    const own = evidence.filter(({ failure }) => failure.pull_request === number);
    if (installation_id === null || !(own.some(isWorthAsking) || runs.some((one) => lacksBase(one, gathered))))
      continue;
    try {
      const octokit = await readers.octokitFor(installation_id, 'comment');
      const told = await readSources(octokit, runs, gathered);
      await readers.brain.call('note_sources', {
        repository_id,
        pull_request_number: number,
        sha: run.tested_sha,
        told: asJson(told),
      });
      learned = true;
    } catch (thrown) {
      const error = asError(thrown);
      if (!(error instanceof Transient || error instanceof Rejected || error instanceof Misconfigured)) throw error;
      whyNot.set(number, 'GitHub did not answer');
    }
  }
  return { learned, whyNot };
}

/** Whether the files that the pull request changes can decide: something would excuse it, or a step is said to be GitHub's own. */
function isWorthAsking({ base, around, own_attempts, elsewhere, failure }: VerdictEvidence): boolean {
  return (
    base?.result?.same === true ||
    around.some(({ same }) => same === true) ||
    own_attempts.some(({ conclusion }) => conclusion === 'success') ||
    elsewhere.length > 0 ||
    (failure.step.is_service === null && failure.step.name !== null)
  );
}

/** Whether GitHub may know the base of a run, and its workflow ran on the base branch: else there is nothing to compare it with. */
function lacksBase(
  { event, base_ref, workflow_path, run_number, head }: GatheredRun,
  { bases, base_attempts }: Pick<Gathered, 'bases' | 'base_attempts'>,
): boolean {
  if (!base_attempts.some(([, branch, , , , path]) => branch === base_ref && path === workflow_path)) return false;
  if (event === 'push') return head?.merge_base_sha === null;
  const commits = bases[base_ref ?? '']?.commits ?? [];
  return event === 'pull_request' && !commits.some(({ place }) => run_number !== null && place < run_number);
}

async function readSources(octokit: ProbotOctokit, runs: readonly GatheredRun[], { repository }: Gathered) {
  const { owner, name: repo } = repository;
  const [run] = runs;
  const { base_ref: branch = null, tested_sha: sha = null } = run ?? {};
  if (branch === null || sha === null) return {};
  const { merge_base_sha, files } = await compareWithBranch(octokit, { owner, repo, branch, sha });
  const merge_parent_sha = await readMergeParent(octokit, runs, { owner, repo, sha });
  return {
    merge_base_sha,
    ...(files === null ? {} : { changed_files: files }),
    ...(merge_parent_sha === null ? {} : { merge_parent_sha }),
  };
}

/** The parent of GitHub's merge that is not the head, if the merge is of this head and from before its first run. */
async function readMergeParent(
  octokit: ProbotOctokit,
  runs: readonly GatheredRun[],
  { owner, repo, sha }: { readonly owner: string; readonly repo: string; readonly sha: string },
): Promise<string | null> {
  const merged = runs.find(({ event, started_at }) => event === 'pull_request' && started_at !== null);
  const commit_sha = merged?.head?.merge_commit_sha ?? null;
  if (merged === undefined || commit_sha === null) return null;
  try {
    const { parents, made_at } = await readParents(octokit, { owner, repo, commit_sha });
    const [parent = null, second] = parents;
    const began = Math.min(...runs.flatMap(({ started_at }) => (started_at === null ? [] : [Date.parse(started_at)])));
    return parents.length === 2 && second === sha && Date.parse(made_at) <= began + SLACK_MS ? parent : null;
  } catch (error) {
    // It is made anew whenever the base moves, and then it is gone.
    if (error instanceof Rejected && error.code === '404') return null;
    throw error;
  }
}
