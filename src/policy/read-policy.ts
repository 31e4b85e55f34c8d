// Reads the policy that counts for a repository: its own file on top of its organisation's and of those that it extends, and
// what else decides how it is understood.

import type { ProbotOctokit } from 'probot';
import { z } from 'zod';
import type { Brain } from '../brain/client.ts';
import type { ReadFile, RepositoryFile } from '../github/contents.ts';
import { asError, Transient } from '../model/errors.ts';
import type { PolicyProblem } from '../model/gate.ts';
import { type FoundPolicy, ownLayer, placeOnBranch, policyOf, policyPlace } from './find-policy.ts';
import { type Bases, readPolicyBases } from './policy-bases.ts';
import type { PolicySubject } from './policy-subject.ts';

/** What reading a policy needs. */
export interface PolicyDeps {
  readonly brain: Pick<Brain, 'call'>;
  readonly octokit: ProbotOctokit;
  readonly readFile: ReadFile;
}

const policyFacts = z.object({
  installed_at: z.string().nullable(),
  draft: z.boolean(),
  parts: z.array(z.string()),
  organisation: z.object({
    known_sha: z.string().nullable(),
    version: z.string().nullable(),
    is_deleted: z.boolean(),
  }),
});
/** What the brain's `read_policy_facts` returns: the facts besides the files that decide how a policy is read. */
export type PolicyFacts = z.infer<typeof policyFacts>;

const NOTHING_KNOWN: PolicyFacts = {
  installed_at: null,
  draft: false,
  parts: [],
  organisation: { known_sha: null, version: null, is_deleted: false },
};

/**
 * Reads the policy for a pull request from its base branch, with the policies below it and the running sprint. `found` is null when
 * none of them exists: then nothing is asked for. When a file may exist but GitHub does not hand it out, this is not taken for
 * "no policy": a broken policy is returned, so that the gate holds. Throws `Transient` while GitHub fails.
 */
export async function readPolicy(
  subject: PolicySubject,
  deps: PolicyDeps,
): Promise<{ readonly found: FoundPolicy | null; readonly facts: PolicyFacts }> {
  const { repository, pull_request } = subject;
  const facts = await readFacts(deps, { repository_id: repository.id, pull_request_number: pull_request.number });
  const from = placeOnBranch(pull_request.base_ref);
  const read = await tryToRead(() => deps.readFile(deps.octokit, policyPlace(subject)));
  if ('problem' in read) return { found: { problems: [read.problem], from, blob_sha: null }, facts };
  const { bases, broken } = await readBases({ ...deps, facts }, repository, ownLayer(read.file, subject));
  const found =
    broken === null
      ? policyOf(read.file, subject, bases)
      : { ...broken, blob_sha: broken.from === from ? (read.file?.sha ?? null) : null };
  return { found, facts };
}

/** Reads the facts about the repository, and about the pull request when one is named. */
export async function readFacts(
  { brain }: Pick<PolicyDeps, 'brain'>,
  about: { readonly repository_id: number; readonly pull_request_number?: number },
): Promise<PolicyFacts> {
  return policyFacts.nullable().parse(await brain.call('read_policy_facts', about)) ?? NOTHING_KNOWN;
}

/**
 * Reads the policies below the file `own` and notes in the brain which files they are, so that a push that changes one has the
 * open pull requests rechecked. Throws `Transient` while GitHub fails.
 */
export async function readBases(
  { brain, octokit, readFile, facts }: PolicyDeps & { readonly facts: PolicyFacts },
  { id: repository_id, owner }: { readonly id: number; readonly owner: string },
  own: { readonly text: string; readonly key: string; readonly from: string } | null,
): Promise<Bases> {
  const { organisation } = facts;
  const read = await readPolicyBases({ octokit, readFile, owner, organisation, own });
  const isKnown = read.parts.every((part) => facts.parts.includes(part));
  if (!isKnown || read.organisation_sha !== organisation.known_sha) {
    const sha = read.organisation_sha;
    const row = { repository_id, parts: [...read.parts], ...(sha === null ? {} : { organisation_sha: sha }) };
    await brain.call('note_policy_files', row);
  }
  return read;
}

async function tryToRead(
  read: () => Promise<RepositoryFile | null>,
): Promise<{ readonly file: RepositoryFile | null } | { readonly problem: PolicyProblem }> {
  try {
    return { file: await read() };
  } catch (thrown) {
    if (thrown instanceof Transient) throw thrown;
    return { problem: { line: 1, column: 1, path: '', message: asError(thrown).message } };
  }
}
