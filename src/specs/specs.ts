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
});
const specPlace = z.object({ installation_id: z.number().nullable(), owner: z.string(), name: z.string() });
const taken = z.object({ sprint_id: z.string().nullable(), problem: z.string().nullable() });

/** What the step needs. */
export interface SpecsDeps {
  readonly brain: Pick<Brain, 'call'>;
  readonly octokitFor: (installationId: number) => Promise<ProbotOctokit>;
  /** Stores what the policy of a default branch says about zones and environments; left out: nobody needs it. */
  readonly learnRules?: (pushed: {
    readonly octokit: ProbotOctokit;
    readonly repository_id: number;
    readonly owner: string;
    readonly repo: string;
    readonly branch: string;
    readonly sha: string;
  }) => Promise<void>;
}

/**
 * Stores every spec that a push left on its branch, and plans its sprint. What is wrong with a spec is written to a status event; the
 * other specs are planned all the same. `input` is that of a follow-up `plan_sprint`; returns what was planned. Throws `Transient`
 * when GitHub fails.
 */
export async function planSprints(input: unknown, { brain, octokitFor, learnRules }: SpecsDeps): Promise<Json> {
  const { repository_id, sha, branch, paths, author, reads_policy } = specsInput.parse(input);
  const place = specPlace.nullable().parse(await brain.call('read_spec_place', { repository_id }));
  const counts = { specs: 0, sprints: 0, problems: 0 };
  if (place === null || place.installation_id === null) return counts;
  const octokit = await octokitFor(place.installation_id);
  if (reads_policy) await learnRules?.({ octokit, repository_id, owner: place.owner, repo: place.name, branch, sha });
  for (const path of paths) {
    const parsed = await readSpec(octokit, { owner: place.owner, repo: place.name, path, ref: sha, is_commit: true });
    if (parsed === null || parsed.kind === 'page') continue;
    const spec = asJson({ repository_id, branch, storage_path: path, sha, created_by: author });
    const answer = await brain.call('take_spec', { spec, ...askedBy(parsed) });
    const { sprint_id, problem } = taken.parse(answer);
    counts.specs++;
    if (sprint_id !== null) counts.sprints++;
    if (problem !== null) counts.problems++;
  }
  return counts;
}

function askedBy(parsed: Exclude<ParsedSpec, { kind: 'page' }>): { problem?: string; label?: string; dod_json?: Json } {
  if (parsed.kind === 'refused') return { problem: parsed.problem };
  return parsed.dod === null ? {} : { label: parsed.label, dod_json: asJson(parsed.dod) };
}

/** Null when the push deleted the file. */
async function readSpec(octokit: ProbotOctokit, file: FilePlace): Promise<ParsedSpec | null> {
  try {
    const found = await readRepositoryFile(octokit, file);
    return found === null ? null : parseSpec(file.path, found.text);
  } catch (error) {
    if (!(error instanceof Rejected) || error.code !== 'not_a_file') throw error;
    return { kind: 'refused', problem: 'It is no file of at most 1 MB.' };
  }
}
