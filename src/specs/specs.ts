// The specs step: reads the specs of a push as they are at its head commit, and plans the sprints that they ask for.

import type { ProbotOctokit } from 'probot';
import { z } from 'zod';
import type { Brain } from '../brain/client.ts';
import { type FilePlace, readRepositoryFile } from '../github/contents.ts';
import { Rejected } from '../model/errors.ts';
import { asJson, type Json } from '../model/json.ts';
import { type ParsedSpec, parseSpec } from './parse-spec.ts';

const specsInput = z.object({
  repository_id: z.number(),
  sha: z.string(),
  branch: z.string(),
  paths: z.array(z.string()).max(20),
  author: z.string().nullable(),
  /** The push may have changed the policy file of the default branch. */
  reads_policy: z.boolean().default(false),
  /** The push may have changed agents/*.yml of the default branch. */
  reads_agents: z.boolean().default(false),
});
const specPlace = z.object({ installation_id: z.number().nullable(), owner: z.string(), name: z.string() });
const taken = z.object({
  sprint_id: z.string().nullable(),
  problem: z.string().nullable(),
  is_analysed: z.boolean(),
});

/** What the step needs. */
export interface SpecsDeps {
  readonly brain: Pick<Brain, 'call'>;
  readonly octokitFor: (installationId: number) => Promise<ProbotOctokit>;
  /** Stores what the policy of a default branch says about zones and environments; left out: nobody needs it. */
  readonly learnRules?: (pushed: PushedBranch) => Promise<void>;
  /** Writes the agents of a default branch; returns how many changed, null where they are nobody's here. Left out: nobody has any. */
  readonly syncAgents?: (pushed: PushedBranch) => Promise<number | null>;
}

/** The head of a push to a branch. */
interface PushedBranch {
  readonly octokit: ProbotOctokit;
  readonly repository_id: number;
  readonly owner: string;
  readonly repo: string;
  readonly branch: string;
  readonly sha: string;
}

/**
 * Stores every spec that a push left on its branch, and plans its sprint. What is wrong with a spec is written to a status event; the
 * other specs are planned all the same. `input` is that of a follow-up `plan_sprint`; returns what was planned. Throws `Transient`
 * when GitHub fails.
 */
export async function planSprints(
  input: unknown,
  { brain, octokitFor, learnRules, syncAgents }: SpecsDeps,
): Promise<Json> {
  const { repository_id, sha, branch, paths, author, reads_policy, reads_agents } = specsInput.parse(input);
  const place = specPlace.nullable().parse(await brain.call('read_spec_place', { repository_id }));
  const counts = { specs: 0, sprints: 0, analyses: 0, problems: 0 };
  if (place === null || place.installation_id === null) return counts;
  const octokit = await octokitFor(place.installation_id);
  const pushed = { octokit, repository_id, owner: place.owner, repo: place.name, branch, sha };
  if (reads_policy) await learnRules?.(pushed);
  if (reads_agents) await syncAgents?.(pushed);
  for (const path of paths) {
    const read = await readSpec(octokit, { owner: place.owner, repo: place.name, path, ref: sha, is_commit: true });
    if (read === null || read.parsed.kind === 'page') continue;
    const { parsed, text } = read;
    const spec = asJson({ repository_id, branch, storage_path: path, sha, created_by: author });
    const answer = await brain.call('take_spec', { spec, ...askedBy(parsed, text) });
    const { sprint_id, problem, is_analysed } = taken.parse(answer);
    counts.specs++;
    if (sprint_id !== null) counts.sprints++;
    if (is_analysed) counts.analyses++;
    if (problem !== null) counts.problems++;
  }
  return counts;
}

interface AskedBySpec {
  readonly problem?: string;
  readonly label?: string;
  readonly dod_json?: Json;
  /** Of a spec without a Definition of Done: what an agent is to make one of. */
  readonly document?: string;
}

function askedBy(parsed: Exclude<ParsedSpec, { kind: 'page' }>, text: string): AskedBySpec {
  if (parsed.kind === 'refused') return { problem: parsed.problem };
  return parsed.dod === null ? { document: storableText(text) } : { label: parsed.label, dod_json: asJson(parsed.dod) };
}

/** Postgres keeps neither NUL nor half of a surrogate pair. */
const storableText = (text: string): string => text.toWellFormed().replaceAll('\0', ' ').slice(0, MOST_DOCUMENT);

/** Beyond what is kept of it for its analysis, so that how much is left out is known. */
const MOST_DOCUMENT = 1_048_576;

/** Null when the push deleted the file. */
async function readSpec(
  octokit: ProbotOctokit,
  file: FilePlace,
): Promise<{ readonly parsed: ParsedSpec; readonly text: string } | null> {
  try {
    const found = await readRepositoryFile(octokit, file);
    return found === null ? null : { parsed: parseSpec(file.path, found.text), text: found.text };
  } catch (error) {
    if (!(error instanceof Rejected) || error.code !== 'not_a_file') throw error;
    return { parsed: { kind: 'refused', problem: 'It is no file of at most 1 MB.' }, text: '' };
  }
}
