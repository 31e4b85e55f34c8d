// The command step: does what the commands of a comment ask for, if their author may, and answers.

import type { ProbotOctokit } from 'probot';
import type { Brain } from '../brain/client.ts';
import { type GateInput, type GateSubject, gateSubject } from '../gate/collect/collect.ts';
import { answerComment } from '../github/comments.ts';
import { readPullRequest } from '../github/pulls.ts';
import { Transient } from '../model/errors.ts';
import type { GateAnswer, GateReport } from '../model/gate.ts';
import type { Json } from '../model/json.ts';
import { redact } from '../text/redact.ts';
import {
  allowedSentence,
  explainAnswer,
  helpAnswer,
  joinAnswers,
  nothingToRevokeAnswer,
  overriddenAnswer,
  readAnswerMarker,
  renderAnswer,
  unknownCriterionAnswer,
} from './command-answer.ts';
import { type Author, readAuthor } from './command-author.ts';
import { headArrival, landingProblem, lateHeadProblem } from './command-head.ts';
import { type CommandInput, commandInput } from './command-input.ts';
import { MOST_COMMANDS } from './syntax/command-lines.ts';
import { type CommentCommand, parseCommandLine } from './syntax/comment-command.ts';
import { namedCriterion } from './syntax/named-criterion.ts';

/** What the step needs. */
export interface CommandDeps {
  readonly brain: Pick<Brain, 'call'>;
  readonly octokitFor: (installationId: number) => Promise<ProbotOctokit>;
  /** Evaluates the gate at a commit of a pull request. */
  readonly evaluateFor: (head: GateInput) => Promise<GateAnswer>;
  readonly app: () => Promise<{ readonly appId: number; readonly appSlug: string }>;
  readonly pause: (ms: number) => Promise<void>;
  /** The pause between two writes to one installation, in milliseconds. */
  readonly writeSpacingMs: number;
}

/** The commands of a comment while they are followed. */
interface Following {
  readonly comment: CommandInput & { readonly head_sha: string };
  readonly subject: GateSubject;
  readonly installationId: number;
  readonly place: { readonly owner: string; readonly repo: string };
  readonly octokit: ProbotOctokit;
  readonly deps: CommandDeps;
}

/** What became of a command; `answer` is what is written besides the reaction, as safe Markdown. */
type Followed = { readonly done: boolean; readonly answer: string | null };

/**
 * Follows the commands of one comment (`input` is a `CommandInput`) and answers its author: with a reaction, and with a short comment
 * where there is something to say. Commands of people who may not write are refused without an answer, but for one reaction for each
 * pull request and hour: otherwise strangers could use up what GitHub lets an installation write. Called again with the same input
 * it changes nothing and says nothing more. Returns what was done, for the log of the follow-up. Throws `Transient` to be called again.
 */
export async function command(input: unknown, deps: CommandDeps): Promise<Json> {
  const comment = commandInput.parse(input);
  const { brain } = deps;
  const { repository_id, pull_request_number, comment_id, author_id, head_sha } = comment;
  if (head_sha === null) return { done: false, why: 'the pull request is not known' };
  const mayReact = () =>
    brain.call('take_command_reaction', { repository_id, pull_request_number, comment_id, author_id });
  const isRefused = await brain.call('read_refusal', { repository_id, author_id });
  if (isRefused && !(await mayReact())) return { done: false, told: false };
  const subject = await readSubject({ ...comment, head_sha }, deps);
  const installationId = subject?.repository.installation_id ?? null;
  if (subject === null || installationId === null) return { done: false, why: 'the repository is out of reach' };
  const octokit = await deps.octokitFor(installationId);
  const place = { owner: subject.repository.owner, repo: subject.repository.name };
  const following = { comment: { ...comment, head_sha }, subject, installationId, place, octokit, deps };
  const author = isRefused ? null : await readAuthor(comment, { ...following, brain });
  const standing = author?.standing ?? 'none';
  if (author !== null) await brain.call('keep_standing', { repository_id, author_id, standing });
  const followed = author === null || standing === 'none' ? REFUSED : await followAll(author, following);
  const answered = standing === 'full' ? followed : { ...followed, answer: null };
  if (standing !== 'full' && !(await mayReact())) return { done: followed.done, told: false };
  return { done: followed.done, told: await tell(answered, following) };
}

const REFUSED: Followed = { done: false, answer: null };

async function readSubject(
  { repository_id, pull_request_number, head_sha: sha }: Following['comment'],
  { brain }: CommandDeps,
): Promise<GateSubject | null> {
  const comment = await brain.call('read_gate_subject', { repository_id, pull_request_number, sha });
  return gateSubject.nullable().parse(comment);
}

/** In order, each with what the one before it has changed. */
async function followAll(author: Author, following: Following): Promise<Followed> {
  const { comment, deps } = following;
  const lines = comment.text.split('\n');
  const followed: Followed[] = [];
  for (const line of lines.slice(0, MOST_COMMANDS)) {
    const subject = followed.length === 0 ? following.subject : await readSubject(comment, deps);
    const said = parseCommandLine(line, comment.created_at.slice(0, 10));
    if (subject === null) followed.push(REFUSED);
    else followed.push(await follow(said, { author, place: followed.length + 1 }, { ...following, subject }));
  }
  const tooMany = lines.length > MOST_COMMANDS;
  const answer = joinAnswers(
    followed.map((one) => one.answer),
    tooMany,
  );
  return { done: !tooMany && followed.every(({ done }) => done), answer };
}

/** `place` is the command's in its comment, from 1. */
type By = { readonly author: Author; readonly place: number };
async function follow(said: ReturnType<typeof parseCommandLine>, by: By, following: Following): Promise<Followed> {
  const { standing, mayOverride, lacksMembers, overriders } = by.author;
  // An answer would be all there is to it.
  if (standing !== 'full' && said.kind !== 'recheck') return REFUSED;
  const allowed = allowedSentence(overriders);
  switch (said.kind) {
    case 'refused':
      return refuse(said.answer);
    case 'help':
      return { done: true, answer: helpAnswer(await gateOf(following), allowed) };
    case 'explain':
      return { done: true, answer: explainAnswer(await gateOf(following)) };
    case 'recheck': {
      const { pull_request_number: _, ...head } = headOf(following);
      await following.deps.brain.call('recheck_commit', head);
      return { done: true, answer: null };
    }
    default: {
      const unseen = lacksMembers ? ' CodeRed lacks the permission "Members" to see who is in the teams.' : '';
      if (!mayOverride) return refuse(`you may not ${said.kind} here. ${allowed}${unseen}`);
      return said.kind === 'override' ? override(said, by, following) : revoke(said.criterion, by, following);
    }
  }
}

function refuse(answer: string): Followed {
  return { done: false, answer };
}

function headOf({ comment, subject }: Following): GateInput {
  const { repository_id, pull_request_number } = comment;
  return { repository_id, pull_request_number, head_sha: subject.pull_request.head_sha };
}

/** Null when no Definition of Done is asked for. */
async function gateOf(following: Following): Promise<GateReport | null> {
  return (await following.deps.evaluateFor(headOf(following))).gate;
}

type Override = Extract<CommentCommand, { kind: 'override' }>;

async function override(said: Override, { place }: By, following: Following): Promise<Followed> {
  const { reason, until } = said;
  const { comment, deps } = following;
  const gate = await gateOf(following);
  const ids = gate === null || gate.state === 'error' ? [] : gate.criteria.map(({ id }) => id);
  const criterion = namedCriterion(said.criterion, ids.length === 0 ? [] : ['all', ...ids]);
  if (criterion === null) return refuse(unknownCriterionAnswer(said.criterion, gate));
  const landing = await landOn(said, following);
  if ('problem' in landing) return refuse(landing.problem);
  const { repository_id, pull_request_number, comment_id, author: login } = comment;
  const { head_sha } = landing;
  await deps.brain.call('record_override', {
    repository_id,
    pull_request_number,
    head_sha,
    comment_id,
    place,
    login,
    criterion,
    reason: redact(reason),
    ...(until === null ? {} : { expires_at: `${until}T23:59:59.999Z` }),
  });
  return { done: true, answer: overriddenAnswer({ criterion, head_sha, until }) };
}

/** Nobody takes responsibility for a commit that came while they wrote, or that they were not shown. */
async function landOn(
  said: Override,
  { comment, subject, place, octokit, deps }: Following,
): Promise<{ readonly head_sha: string } | { readonly problem: string }> {
  const { repository_id, pull_request_number, head_sha: head_then, created_at: written_at } = comment;
  const asked = { repository_id, pull_request_number, ...(said.commit ? { sha_prefix: said.commit } : {}) };
  const head = headArrival.parse(await deps.brain.call('read_head_arrival', asked));
  const problem = landingProblem({ said, is_fork: subject.pull_request.is_fork, head_then, written_at }, head);
  if (problem !== null) return { problem };
  const standing = await readPullRequest(octokit, { ...place, pull_number: pull_request_number });
  if (standing !== null && standing.head_sha !== head.head_sha) return { problem: lateHeadProblem(standing.head_sha) };
  return { head_sha: head.head_sha };
}

async function revoke(named: string, { place }: By, following: Following): Promise<Followed> {
  const { comment, deps, subject } = following;
  const standing = subject.overrides.map((one) => one.criterion);
  const criterion = namedCriterion(named, ['all', ...standing]) ?? named;
  const about = { ...headOf(following), comment_id: comment.comment_id, place, login: comment.author, criterion };
  if ((await deps.brain.call('revoke_overrides', about)) > 0) return { done: true, answer: null };
  return refuse(nothingToRevokeAnswer(criterion, standing));
}

async function tell({ done, answer }: Followed, following: Following): Promise<boolean> {
  const { comment, place, octokit, deps } = following;
  const { comment_id, author, created_at, pull_request_number: issue_number } = comment;
  const written =
    answer === null
      ? null
      : {
          body: renderAnswer(answer, { author, comment_id }),
          accepts: (body: string) => readAnswerMarker(body) === comment_id,
        };
  const content = done ? '+1' : 'confused';
  return answerComment(
    octokit,
    { ...place, issue_number, comment_id, created_at, content, answer: written },
    { app: deps.app, write: (request) => write(following, request) },
  );
}

const LONGEST_PAUSE_MS = 10_000;

/** Writes to an installation keep one pace, whoever writes; check runs and comments go before answers. */
async function write(following: Following, request: () => Promise<unknown>, mostMs = LONGEST_PAUSE_MS): Promise<void> {
  const { installationId: installation_id, deps } = following;
  const waitMs = await deps.brain.call('reserve_write', { installation_id, spacing_ms: deps.writeSpacingMs });
  if (waitMs > mostMs) throw new Transient('the installation may not be written to yet', { retryAfterMs: waitMs });
  await deps.pause(waitMs);
  await (waitMs === 0 ? request() : write(following, request, mostMs - waitMs));
}
