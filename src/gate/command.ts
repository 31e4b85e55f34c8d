// The command step: follows what a comment commands, if its author may, and answers. Only pipeline.ts imports it.

import type { ProbotOctokit } from 'probot';
import { z } from 'zod';
import type { Brain } from '../brain/client.ts';
import { redact } from '../diagnose/redact.ts';
import type { GateAnswer, GateReport } from '../gate-report.ts';
import { createComment, findOwnComments } from '../github/comments.ts';
import { isInTeam, readRole } from '../github/permission.ts';
import { reactToComment } from '../github/reactions.ts';
import { readRepositoryFile } from '../github/repository-file.ts';
import { type Json, Misconfigured, Rejected, Transient } from '../model.ts';
import {
  allowedSentence,
  explainAnswer,
  helpAnswer,
  nothingToRevokeAnswer,
  readAnswerMarker,
  renderAnswer,
  unknownCriterionAnswer,
} from './command-answer.ts';
import { type CommentCommand, parseCommandLine } from './comment-command.ts';
import { policyOf, policyPlace } from './find-policy.ts';
import { type GateInput, type GateSubject, gateSubject } from './gather.ts';
import { type Overriders, overridersOf, type Role, reaches } from './overriders.ts';

const commandInput = z.object({
  kind: z.literal('command'),
  repository_id: z.number(),
  pull_request_number: z.number(),
  comment_id: z.number(),
  author: z.string(),
  author_id: z.number(),
  author_type: z.string(),
  text: z.string(),
  created_at: z.iso.datetime(),
  head_sha: z.string().nullable(),
});
type CommandInput = z.infer<typeof commandInput>;

export interface CommandParts {
  readonly brain: Pick<Brain, 'call'>;
  readonly octokitFor: (installationId: number) => Promise<ProbotOctokit>;
  /** Judges a commit. */
  readonly assessFor: (head: GateInput) => Promise<GateAnswer>;
  readonly app: () => Promise<{ readonly appId: number; readonly appSlug: string }>;
  readonly pause: (ms: number) => Promise<void>;
  /** Between two writes to an installation. */
  readonly writeSpacingMs: number;
}

/** One command on its way. */
interface Following {
  readonly told: CommandInput & { readonly head_sha: string };
  readonly subject: GateSubject;
  readonly installationId: number;
  readonly place: { readonly owner: string; readonly repo: string };
  readonly octokit: ProbotOctokit;
  readonly parts: CommandParts;
}

/** What became of a command; `answer` is what is written besides the reaction, as safe Markdown. */
interface Followed {
  readonly done: boolean;
  readonly answer: string | null;
}

/**
 * Follows one command and tells its author: a reaction, and a short answer where there is something to say. A second time
 * it changes nothing and says nothing more. Throws `Transient` to be called again.
 */
export async function command(input: unknown, parts: CommandParts): Promise<Json> {
  const told = commandInput.parse(input);
  const { repository_id, pull_request_number, head_sha } = told;
  if (head_sha === null) return { done: false, why: 'the pull request is not known' };
  const subject = gateSubject
    .nullable()
    .parse(await parts.brain.call('read_gate_subject', { repository_id, pull_request_number, sha: head_sha }));
  const installationId = subject?.repository.installation_id ?? null;
  if (subject === null || installationId === null) return { done: false, why: 'the repository is out of reach' };
  const octokit = await parts.octokitFor(installationId);
  const place = { owner: subject.repository.owner, repo: subject.repository.name };
  const following = { told: { ...told, head_sha }, subject, installationId, place, octokit, parts };
  const followed = await follow(following);
  return { done: followed.done, told: await tell(followed, following) };
}

async function follow(following: Following): Promise<Followed> {
  const { told } = following;
  const said = parseCommandLine(told.text, told.created_at.slice(0, 10));
  if (said.kind === 'refused') return refuse(said.answer);
  const overriders = await readOverriders(following);
  switch (said.kind) {
    case 'help':
      return { done: true, answer: helpAnswer(await gateOf(following), allowedSentence(overriders)) };
    case 'explain':
      return { done: true, answer: explainAnswer(await gateOf(following)) };
    default: {
      const refusal = await refusalOf(said.kind, overriders, following);
      return refusal === null ? obey(said, following) : refuse(refusal);
    }
  }
}

function refuse(answer: string): Followed {
  return { done: false, answer };
}

function headOf({ told, subject }: Following): GateInput {
  const { repository_id, pull_request_number } = told;
  return { repository_id, pull_request_number, head_sha: subject.pull_request.head_sha };
}

/** Null when no Definition of Done is asked for. */
async function gateOf(following: Following): Promise<GateReport | null> {
  return (await following.parts.assessFor(headOf(following))).gate;
}

/** A broken policy names nobody: then those may who may without one. */
async function readOverriders({ octokit, subject }: Following): Promise<Overriders> {
  const found = policyOf(await readRepositoryFile(octokit, policyPlace(subject)), subject);
  return overridersOf(found !== null && 'policy' in found ? found.policy : null);
}

/** Null when the author may; GitHub is asked each time, for rights come and go. */
async function refusalOf(
  kind: 'override' | 'revoke' | 'recheck',
  { roles, teams }: Overriders,
  { told, octokit, place }: Following,
): Promise<string | null> {
  const { author, author_id, author_type } = told;
  if (author_type !== 'User') return 'only people can command this.';
  const role = (await readRole(octokit, { ...place, username: author, user_id: author_id })) as Role;
  if (kind === 'recheck' && reaches(role, ['triage'])) return null;
  if (reaches(role, roles)) return null;
  const allowed = allowedSentence({ roles, teams });
  // A name that is a stranger's by now is in no team of ours.
  if (role === 'none') return `you may not ${kind} here. ${allowed}`;
  try {
    for (const team_slug of teams) {
      if (await isInTeam(octokit, { org: place.owner, team_slug, username: author })) return null;
    }
  } catch (error) {
    if (!(error instanceof Misconfigured)) throw error;
    return `you may not ${kind} here by your role, and CodeRed lacks the permission "Members" to see who is in the teams. ${allowed}`;
  }
  return `you may not ${kind} here. ${kind === 'recheck' ? 'Rechecking is for people with the role triage or more.' : allowed}`;
}

type Obeyed = Extract<CommentCommand, { kind: 'override' | 'revoke' | 'recheck' }>;

async function obey(said: Obeyed, following: Following): Promise<Followed> {
  switch (said.kind) {
    case 'override':
      return override(said, following);
    case 'revoke':
      return revoke(said.criterion, following);
    case 'recheck': {
      const { repository_id, head_sha } = headOf(following);
      await following.parts.brain.call('recheck_commit', { repository_id, head_sha });
      return { done: true, answer: null };
    }
    default:
      throw new Error(`command ${said satisfies never} is not known`);
  }
}

async function override(said: Extract<Obeyed, { kind: 'override' }>, following: Following): Promise<Followed> {
  const { criterion, reason, until } = said;
  const { told, parts } = following;
  const head = headOf(following);
  // Nobody answers for a commit that came while they wrote.
  if (until === null && head.head_sha !== told.head_sha)
    return refuse('the pull request has a newer commit by now: look at it and say it again.');
  const gate = await gateOf(following);
  const ids = gate === null || gate.state === 'error' ? [] : gate.criteria.map(({ id }) => id);
  const isKnown = criterion === 'all' ? ids.length > 0 : ids.includes(criterion);
  if (!isKnown) return refuse(unknownCriterionAnswer(criterion, gate));
  const { pull_request_number, comment_id, author: login } = told;
  await parts.brain.call('record_override', {
    ...head,
    pull_request_number,
    comment_id,
    login,
    criterion,
    reason: redact(reason),
    ...(until === null ? {} : { expires_at: `${until}T23:59:59.999Z` }),
  });
  return { done: true, answer: null };
}

async function revoke(criterion: string, following: Following): Promise<Followed> {
  const { told, parts, subject } = following;
  const { comment_id, author: login } = told;
  const revoked = await parts.brain.call('revoke_overrides', { ...headOf(following), comment_id, login, criterion });
  if (revoked > 0) return { done: true, answer: null };
  return refuse(
    nothingToRevokeAnswer(
      criterion,
      subject.overrides.map((one) => one.criterion),
    ),
  );
}

/** Tells the author; false when there is nothing left to tell on: a comment that is deleted, a locked conversation. */
async function tell({ done, answer }: Followed, following: Following): Promise<boolean> {
  const { told, place, octokit, parts } = following;
  const { comment_id, author, pull_request_number: issue_number } = told;
  try {
    const content = done ? '+1' : 'confused';
    await write(following, () => reactToComment(octokit, { ...place, comment_id, content }));
    if (answer === null) return true;
    const accepts = (body: string) => readAnswerMarker(body) === comment_id;
    const standing = await findOwnComments(octokit, { ...place, issue_number, ...(await parts.app()), accepts });
    if (standing.length > 0) return true;
    const body = renderAnswer(answer, { author, comment_id });
    await write(following, () => createComment(octokit, { ...place, issue_number, body }));
    return true;
  } catch (error) {
    if (error instanceof Rejected) return false;
    throw error;
  }
}

const LONGEST_PAUSE_MS = 10_000;

/** Writes to an installation keep one pace, whoever writes. */
async function write({ installationId, parts }: Following, request: () => Promise<unknown>): Promise<void> {
  const { brain, pause, writeSpacingMs: spacing_ms } = parts;
  const waitMs = await brain.call('reserve_write', { installation_id: installationId, spacing_ms });
  if (waitMs > LONGEST_PAUSE_MS)
    throw new Transient('the installation may not be written to yet', { retryAfterMs: waitMs });
  await pause(waitMs);
  await request();
}
