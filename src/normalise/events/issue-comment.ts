// The `issue_comment` event: a comment on a pull request that commands something. Pure.

import { z } from 'zod';
import type { Normalised } from '../../model/facts.ts';
import { commandLines, MOST_COMMAND_CHARACTERS } from '../../slash-commands/syntax/command-lines.ts';
import { saidText, TEXT_LIMITS, text } from '../../text/storable-text.ts';
import { facts, ignored, type NormaliseContext } from '../fields/facts.ts';
import { id, ordinal } from '../fields/identity.ts';
import { eventName, parsePayload } from '../fields/parse-payload.ts';
import { originFacts, originFields } from '../fields/repository.ts';
import { timestamp } from '../fields/timestamp.ts';

const issueCommentEvent = z.object({
  ...originFields,
  issue: z.object({ number: ordinal, pull_request: z.looseObject({}).nullish() }),
  comment: z.object({
    id,
    body: z.string().nullish(),
    user: z.object({ login: text(TEXT_LIMITS.word), id, type: text(TEXT_LIMITS.word) }).nullish(),
    performed_via_github_app: z.object({ id }).nullish(),
    created_at: timestamp,
  }),
});

/**
 * Reads an `issue_comment` event: the commands of a new or edited comment, and nothing else of its text. Comments of bots are
 * ignored: two bots that answer each other would never end.
 */
export function normaliseIssueComment(payload: unknown, { appId }: NormaliseContext): Normalised {
  const name = eventName('issue_comment', payload);
  if (name !== 'issue_comment.created') return ignored(`${name}: a command counts as it was first written`);
  const event = parsePayload('issue_comment', issueCommentEvent, payload);
  const { issue, comment, repository } = event;
  if (!issue.pull_request) return ignored(`${name}: not on a pull request`);
  const ours = appId !== null && comment.performed_via_github_app?.id === appId;
  if (ours || !comment.user || comment.user.type === 'Bot') return ignored(`${name}: written by an App or a bot`);
  const lines = commandLines(comment.body ?? '');
  if (lines.length === 0) return ignored(`${name}: no line begins with /codered`);
  const { login, id: author_id, type } = comment.user;
  return facts({
    ...originFacts(event),
    commands: [
      {
        repository_id: repository.id,
        pull_request_number: issue.number,
        comment_id: comment.id,
        author: login,
        author_id,
        author_type: type,
        text: lines.map((line) => saidText(line, MOST_COMMAND_CHARACTERS)).join('\n'),
        created_at: comment.created_at,
      },
    ],
  });
}
