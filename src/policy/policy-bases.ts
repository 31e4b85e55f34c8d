// Reads the policies that a repository's own stands on: its organisation's, and those that a file extends.
//
// 1. `codered.yml` in the account's repository `.github` counts for all its repositories, also where a file extends others.
// 2. A file may extend one of the same owner, and that one another, three in a row; none that has been met on the way.
// 3. One that is named and can't be had is an error, never no policy. So is the organisation's once it has been there, until
//    GitHub shows that the file, or the repository, is gone.

import type { ProbotOctokit } from 'probot';
import type { ReadFile, RepositoryFile } from '../github/contents.ts';
import { asking } from '../github/github-error.ts';
import { asError, Rejected, Transient } from '../model/errors.ts';
import type { PolicyProblem } from '../model/gate.ts';
import { type PolicyBase, parseLayer, problemOfExtended } from './policy-layers.ts';
import {
  ORGANISATION_PATH,
  ORGANISATION_REPOSITORY,
  type PolicyPlace,
  parsePlace,
  placeKey,
  placeText,
} from './schema/policy-extends.ts';

/** What the brain knows of the organisation's file. */
export interface KnownOrganisation {
  /** Git's hash of the file that was read last; null: there was none. */
  readonly known_sha: string | null;
  /** A text that changes with every event of that repository; null: GitHub has sent none yet. */
  readonly version: string | null;
  /** Whether GitHub has said that the repository was deleted. */
  readonly is_deleted: boolean;
}

/** What `readPolicyBases` needs to know. */
export interface BasesAsked {
  readonly octokit: ProbotOctokit;
  readonly readFile: ReadFile;
  readonly owner: string;
  readonly organisation: KnownOrganisation;
  /** The file on top: its text, its `placeKey` and its place in words; null when there is none. */
  readonly own: { readonly text: string; readonly key: string; readonly from: string } | null;
}

/** The policies below the one on top, as far as they could be read. */
export interface Bases {
  /** The lowest first. */
  readonly bases: readonly PolicyBase[];
  /** Why one of them cannot be read or is no policy, and which file that is; null: all could be read. */
  readonly broken: { readonly problems: readonly PolicyProblem[]; readonly from: string } | null;
  /** The `placeKey` of each file that was asked for because another one extends it. */
  readonly parts: readonly string[];
  readonly organisation_sha: string | null;
}

const MOST_LEVELS = 3;
const MOST_PROBLEMS = 10;

/** Reads everything below the policy on top, by the rules at the head of this file. Throws `Transient` while GitHub fails. */
export async function readPolicyBases(asked: BasesAsked): Promise<Bases> {
  const { owner, own } = asked;
  const parts: string[] = [];
  const place = { owner, repo: ORGANISATION_REPOSITORY, ref: null, path: ORGANISATION_PATH };
  const from = placeText(place);
  const below = await readOrganisation(asked, place);
  if ('problem' in below)
    return { bases: [], parts, organisation_sha: asked.organisation.known_sha, broken: broken(below.problem, from) };
  const organisation_sha = below.file?.sha ?? null;
  const nothing = { bases: [], parts, organisation_sha };
  const bases: PolicyBase[] = [];
  if (below.file !== null) {
    const parsed = parseLayer(below.file.text, { isOnTop: false });
    if ('problems' in parsed) return { ...nothing, broken: { problems: parsed.problems, from } };
    const met = [placeKey(place)];
    const chain = await readExtended(asked, { text: below.file.text, named: parsed.policy.extends, met, parts });
    if ('problem' in chain) return { ...nothing, broken: { problems: [chain.problem], from } };
    bases.push(...chain.bases, { ...parsed, from });
  }
  if (own === null) return { ...nothing, bases, broken: null };
  const parsed = parseLayer(own.text, { isOnTop: bases.length > 0 });
  if ('problems' in parsed) return { ...nothing, bases, broken: { problems: parsed.problems, from: own.from } };
  const named = parsed.policy.extends;
  const chain = await readExtended(asked, { text: own.text, named, met: [own.key], parts });
  if ('problem' in chain) return { ...nothing, broken: { problems: [chain.problem], from: own.from } };
  const isThere = (base: PolicyBase) => bases.some((one) => one.from === base.from);
  return { ...nothing, bases: [...bases, ...chain.bases.filter((base) => !isThere(base))], broken: null };
}

function broken(message: string, from: string): Bases['broken'] {
  return { problems: [{ line: 1, column: 1, path: '', message }], from };
}

/** Null: there is none, as far as GitHub lets us see. */
async function readOrganisation(
  asked: BasesAsked,
  place: PolicyPlace,
): Promise<{ readonly file: RepositoryFile | null } | { readonly problem: string }> {
  const { version, known_sha, is_deleted } = asked.organisation;
  // What was there may be there again at any moment.
  const read = await readAt(asked, place, known_sha === null ? (version ?? '') : null);
  if ('problem' in read || read.file !== null || known_sha === null || is_deleted) return read;
  if (await isVisible(asked.octokit, place)) return read;
  const problem =
    `${placeText(place)} counted until now, and CodeRed can't see that repository any more. ${howToChoose(place)} ` +
    'To do without it, take the file out of the repository first, or delete the repository';
  return { problem };
}

interface Extending {
  readonly text: string;
  readonly named: string | undefined;
  readonly met: readonly string[];
  /** Grows by what is asked for. */
  readonly parts: string[];
}

async function readExtended(
  asked: BasesAsked,
  { text, named, met, parts }: Extending,
): Promise<{ readonly bases: readonly PolicyBase[] } | { readonly problem: PolicyProblem }> {
  const place = named === undefined ? null : parsePlace(named);
  if (place === null) return { bases: [] };
  const key = placeKey(place);
  const refused = (message: string) => ({ problem: problemOfExtended(text, message) });
  if (place.owner.toLowerCase() !== asked.owner.toLowerCase())
    return refused(
      `only a policy of ${asked.owner} can be extended: whoever may write there decides what is asked for here`,
    );
  if (met.includes(key)) return refused(`${placeText(place)} comes to stand on itself`);
  if (met.length > MOST_LEVELS) return refused(`more than ${MOST_LEVELS} policies stand on each other`);
  parts.push(key);
  const read = await readAt(asked, place, null);
  if ('problem' in read) return refused(read.problem);
  if (read.file === null)
    return refused(
      `there is no ${placeText(place)} that CodeRed can see. See that it is written right. ${howToChoose(place)}`,
    );
  const parsed = parseLayer(read.file.text, { isOnTop: true });
  if ('problems' in parsed) return refused(`${placeText(place)} is broken: ${listed(parsed.problems)}`);
  const further = { text: read.file.text, named: parsed.policy.extends, met: [...met, key], parts };
  const below = await readExtended(asked, further);
  if ('problem' in below) return refused(`${placeText(place)}: ${below.problem.message}`);
  return { bases: [...below.bases, { ...parsed, from: placeText(place) }] };
}

function listed(problems: readonly PolicyProblem[]): string {
  const shown = problems.slice(0, MOST_PROBLEMS).map(({ line, path, message }) => `line ${line}, ${path}: ${message}`);
  return shown.join('; ');
}

function howToChoose({ owner, repo }: PolicyPlace): string {
  return `A private repository has to be chosen for CodeRed: settings of ${owner}, GitHub Apps, CodeRed, Configure, Repository access, ${repo}.`;
}

const SHA = /^[0-9a-f]{40}(?:[0-9a-f]{24})?$/;

/** `version` null: what is not there is asked for each time. */
async function readAt(
  { octokit, readFile }: BasesAsked,
  { owner, repo, ref, path }: PolicyPlace,
  version: string | null,
): Promise<{ readonly file: RepositoryFile | null } | { readonly problem: string }> {
  const at = { owner, repo, path, ref: ref ?? 'HEAD', is_commit: ref !== null && SHA.test(ref) };
  try {
    return { file: await readFile(octokit, version === null ? at : { ...at, version }) };
  } catch (thrown) {
    if (thrown instanceof Transient) throw thrown;
    return { problem: asError(thrown).message };
  }
}

async function isVisible(octokit: ProbotOctokit, { owner, repo }: PolicyPlace): Promise<boolean> {
  try {
    await asking(`look for ${owner}/${repo}`, () => octokit.rest.repos.get({ owner, repo }));
    return true;
  } catch (error) {
    if (error instanceof Rejected && error.code === '404') return false;
    throw error;
  }
}
