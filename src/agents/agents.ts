// The agents step: writes the agents of a push to the default branch (agents/*.yml) of a repository that the operator named.

import type { ProbotOctokit } from 'probot';
import { z } from 'zod';
import type { Brain } from '../brain/client.ts';
import { readRepositoryFile, readRepositoryFolder } from '../github/contents.ts';
import { Rejected } from '../model/errors.ts';
import { asJson } from '../model/json.ts';
import { type Agent, type AgentProblem, findDuplicates, parseAgentFile } from './agent-file.ts';

/** Where a repository keeps its agents. */
const FOLDER = 'agents';
const MOST_FILES = 50;
/** To look for a key twice takes the square of a file's size. */
const MOST_BYTES = 16_384;
const MOST_PROBLEMS = 50;

/** A push to a default branch. */
export interface PushedAgents {
  readonly octokit: ProbotOctokit;
  readonly repository_id: number;
  readonly owner: string;
  readonly repo: string;
  readonly sha: string;
}

/** What the step needs. */
export interface AgentsDeps {
  readonly brain: Pick<Brain, 'call'>;
  /** Repositories whose agents are everybody's here, as CODERED_AGENTS_REPOSITORIES names them: `owner/name` in lower case, or ids. */
  readonly repositories: readonly string[];
}

const taken = z.object({ written: z.int(), problems: z.array(z.unknown()), is_over: z.boolean() });

/**
 * Writes the agents that a repository's default branch holds at a commit: at most 50 files of at most 16 KB, in the order of their
 * names. A file with a problem leaves its agent as it was, and all problems become one status event; agents that no file names stay.
 * Returns how many changed, null for a repository that the operator did not name. Throws `Transient` when GitHub fails.
 */
export async function syncAgents(
  { octokit, repository_id, owner, repo, sha }: PushedAgents,
  { brain, repositories }: AgentsDeps,
): Promise<number | null> {
  if (!repositories.includes(`${owner}/${repo}`.toLowerCase()) && !repositories.includes(String(repository_id)))
    return null;
  const place = { owner, repo, ref: sha, is_commit: true };
  const listed = (await readRepositoryFolder(octokit, { ...place, path: FOLDER })).filter(({ name }) =>
    /\.ya?ml$/.test(name),
  );
  const agents: Agent[] = [];
  const problems: AgentProblem[] = [];
  for (const { path, size } of listed.slice(0, MOST_FILES)) {
    const read = size > MOST_BYTES ? tooLarge(path) : await readAgent(octokit, { ...place, path });
    problems.push(...read.problems);
    if (read.agent !== null) agents.push(read.agent);
  }
  for (const { path } of listed.slice(MOST_FILES)) {
    problems.push({ file: path, field: null, reason: `is left out: ${MOST_FILES} files are read` });
  }
  const twice = findDuplicates(agents);
  const refused = new Set(twice.map(({ file }) => file));
  const answer = await brain.call('take_agents', {
    ...{ repository_id, sha },
    agents: asJson(agents.filter(({ config_yaml_path }) => !refused.has(config_yaml_path))),
    problems: asJson([...problems, ...twice].slice(0, MOST_PROBLEMS)),
  });
  return taken.parse(answer).written;
}

interface ReadAgent {
  readonly agent: Agent | null;
  readonly problems: readonly AgentProblem[];
}

async function readAgent(
  octokit: ProbotOctokit,
  place: { owner: string; repo: string; path: string; ref: string; is_commit: boolean },
): Promise<ReadAgent> {
  try {
    const found = await readRepositoryFile(octokit, place);
    if (found === null) return { agent: null, problems: [] };
    return Buffer.byteLength(found.text) > MOST_BYTES ? tooLarge(place.path) : parseAgentFile(place.path, found.text);
  } catch (error) {
    // A link or a submodule.
    if (!(error instanceof Rejected) || error.code !== 'not_a_file') throw error;
    return { agent: null, problems: [{ file: place.path, field: null, reason: 'is no file' }] };
  }
}

function tooLarge(file: string): ReadAgent {
  return { agent: null, problems: [{ file, field: null, reason: `has more than ${MOST_BYTES} bytes` }] };
}
