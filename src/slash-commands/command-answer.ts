// The words of the comment that answers a command. Pure. All functions that end in `Answer` return safe Markdown.

import type { GateCriterion, GateReport } from '../model/gate.ts';
import { codeSpan, counted, nameCode, plain } from '../text/markdown.ts';
import { shorten } from '../text/outside-text.ts';
import { COMMAND_HELP } from './syntax/comment-command.ts';

const CRITERIA_SHOWN = 30;
const REASON_BYTES = 200;
const ANSWER_BYTES = 12_000;
const MARKER = /\n<!-- codered:answer v1 comment=(\d{1,16}) -->$/;

/** The whole comment of an answer: it mentions the author and ends with a marker for the comment it answers. `text` must be safe Markdown. */
export function renderAnswer(text: string, { author, comment_id }: { author: string; comment_id: number }): string {
  return `${codeSpan(author)}: ${shorten(text, ANSWER_BYTES)}\n\n<!-- codered:answer v1 comment=${comment_id} -->`;
}

/** The id of the comment that this one answers, from its marker; null when it has no marker of ours. */
export function readAnswerMarker(body: string): number | null {
  const [, id] = MARKER.exec(body.trimEnd()) ?? [];
  return id === undefined ? null : Number(id);
}

/**
 * Joins the answers to all commands of a comment, in order; null when there is nothing to say. An entry is null for a command that
 * was done and needs no words. `tooMany`: the comment had more commands than are followed.
 */
export function joinAnswers(said: readonly (string | null)[], tooMany: boolean): string | null {
  const rest = tooMany ? [`A comment has room for ${said.length} commands: what came after them is not followed.`] : [];
  const [only = null] = said;
  if (said.length === 1) return only;
  if (rest.length === 0 && said.every((one) => one === null)) return null;
  const each = said.map((one, index) => `**${index + 1}.** ${shorten(one ?? 'done.', ANSWER_BYTES / said.length)}`);
  return ['', '', [...each, ...rest].join('\n\n')].join('\n');
}

/** Says what an override covers. It always names the commit, because that is what its author takes responsibility for. */
export function overriddenAnswer({
  criterion,
  head_sha,
  until,
}: {
  criterion: string;
  head_sha: string;
  until: string | null;
}): string {
  const what = criterion === 'all' ? 'every criterion is' : `${codeSpan(criterion, REASON_BYTES)} is`;
  const head = codeSpan(head_sha.slice(0, 7));
  return until === null
    ? `${what} overridden on commit ${head}, and on no other.`
    : `${what} overridden until ${until} on every commit of this pull request, the newest of which is ${head}.`;
}

/** Says which commands there are, which criteria they can be about, and who may use them. `gate` null: no policy asks for anything. */
export function helpAnswer(gate: GateReport | null, allowed: string): string {
  const lines = COMMAND_HELP.map((line) => `- ${line}`);
  return ['the commands are:', '', ...lines, '', `${criteriaSentence(gate)} ${allowed}`].join('\n');
}

/** Explains each criterion of the newest verdict. */
export function explainAnswer(gate: GateReport | null): string {
  if (gate === null) return 'this pull request has no Definition of Done, so nothing is judged.';
  const from = plain(gate.from, REASON_BYTES);
  if (gate.state === 'error')
    return `${from} is broken: ${counted(gate.problems.length, 'problem')}. Nothing can pass.`;
  if (gate.criteria.length === 0) return `${from} asks for nothing.`;
  const shown = gate.criteria.slice(0, CRITERIA_SHOWN).map(explained);
  return [`judged by ${from}:`, '', ...shown, ...more(gate.criteria.length - shown.length)].join('\n');
}

function explained({ id, state, reason, sources }: GateCriterion): string {
  const rests = sources.map(({ kind, name, attempt }) => `${kind} ${nameCode(name)}, attempt ${attempt}`);
  const on = rests.length === 0 ? '' : ` (${rests.slice(0, 3).join('; ')})`;
  return `- ${codeSpan(id, REASON_BYTES)} is ${WORDS[state]}: ${plain(reason, REASON_BYTES)}${on}`;
}

const WORDS: Readonly<Record<GateCriterion['state'], string>> = {
  pass: 'passed',
  fail: 'failed',
  pending: 'waiting',
  missing: 'missing',
  error: 'an error',
  overridden: 'overridden',
};

function more(count: number): string[] {
  return count > 0 ? [`- and ${count} more`] : [];
}

/** Says that no criterion has this name, and which ones there are. */
export function unknownCriterionAnswer(criterion: string, gate: GateReport | null): string {
  return `there is no criterion ${codeSpan(criterion)} here. ${criteriaSentence(gate)}`;
}

function criteriaSentence(gate: GateReport | null): string {
  if (gate === null) return 'This pull request has no Definition of Done.';
  if (gate.state === 'error') return 'The policy is broken: it has to be mended first.';
  if (gate.criteria.length === 0) return 'The Definition of Done asks for nothing.';
  const ids = gate.criteria.slice(0, CRITERIA_SHOWN).map(({ id }) => codeSpan(id, REASON_BYTES));
  const rest = gate.criteria.length > ids.length ? ` and ${gate.criteria.length - ids.length} more` : '';
  return `The criteria are ${ids.join(', ')}${rest}, or \`all\`.`;
}

/** Says that there is no override of this criterion to revoke, and which overrides stand. */
export function nothingToRevokeAnswer(criterion: string, standing: readonly string[]): string {
  const names = [...new Set(standing)].slice(0, CRITERIA_SHOWN).map((name) => codeSpan(name, REASON_BYTES));
  const there = names.length === 0 ? 'Nothing is overridden.' : `Overridden: ${names.join(', ')}.`;
  return `no override of ${codeSpan(criterion)} stands here. ${there}`;
}

/** A sentence that says who may override. */
export function allowedSentence({ roles, teams }: { roles: readonly string[]; teams: readonly string[] }): string {
  const inTeams = teams.length === 0 ? '' : `, or are in ${teams.map((team) => codeSpan(team)).join(', ')}`;
  const role = roles.length === 0 ? 'nobody by their role' : `people who have the role ${roles.join(' or ')}`;
  return `Overriding and revoking is for ${role}${inTeams}.`;
}
