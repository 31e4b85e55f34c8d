// The stand-in's issue comments, as they stand on pull requests.

import { type JsonObject, merge } from '../contract/json-value.ts';
import { githubTime, type RepositoryState } from '../state/github-state.ts';
import type { Comment } from '../state/records.ts';
import { accountJson, apiUrl, nodeId, webUrl } from '../state/retell.ts';
import { appJson } from './app.ts';
import {
  type Answer,
  notFound,
  numberParameter,
  page,
  type RepositoryCall,
  type RepositoryRoutes,
  refuse,
  textInBody,
} from './route.ts';

/** GitHub says "maximum is 65536 characters" (docs/github.md#comments). */
const MAX_BODY_CHARACTERS = 65_536;
const WRITE = ['issues:write', 'pull_requests:write'];
const READ = ['issues:read', 'pull_requests:read'];

/** The routes of issue comments. */
export const commentRoutes: RepositoryRoutes = {
  'GET /repos/{owner}/{repo}/issues/{issue_number}/comments': { needs: READ, answer: listComments },
  'POST /repos/{owner}/{repo}/issues/{issue_number}/comments': { needs: WRITE, answer: createComment },
  'GET /repos/{owner}/{repo}/issues/comments/{comment_id}': {
    needs: READ,
    answer: (call) => withComment(call, (comment) => ({ status: 200, body: commentJson(call, comment) })),
  },
  'PATCH /repos/{owner}/{repo}/issues/comments/{comment_id}': {
    needs: WRITE,
    answer: (call) => withComment(call, (comment) => updateComment(call, comment)),
  },
  'DELETE /repos/{owner}/{repo}/issues/comments/{comment_id}': {
    needs: WRITE,
    answer: (call) => withComment(call, ({ id }) => deleteComment(call.inside, id)),
  },
  'POST /repos/{owner}/{repo}/issues/comments/{comment_id}/reactions': {
    needs: ['issues:write'],
    answer: (call) => withComment(call, ({ id }) => react(call, id)),
  },
};

function listComments(call: RepositoryCall): Answer {
  const pullNumber = numberParameter(call, 'issue_number');
  if (!call.inside.pulls.has(pullNumber)) return notFound();
  const { since } = call.parameters;
  const comments = [...call.inside.comments.values()]
    .filter((comment) => comment.pullNumber === pullNumber)
    .filter((comment) => typeof since !== 'string' || Date.parse(comment.updatedAt) >= Date.parse(since))
    .sort((one, other) => one.id - other.id);
  const { items, headers } = page(call, comments);
  return { status: 200, body: items.map((comment) => commentJson(call, comment)), headers };
}

function createComment(call: RepositoryCall): Answer {
  const pull = call.inside.pulls.get(numberParameter(call, 'issue_number'));
  const body = textInBody(call.body, 'body') ?? '';
  if (!pull) return notFound();
  if (pull.locked) return refuse(403, 'Unable to create comment because issue is locked.');
  const problem = bodyProblem(body);
  if (problem) return problem;
  const now = githubTime(Date.now());
  const author = { login: `${call.app.slug}[bot]`, id: call.app.botId, type: 'Bot' } as const;
  const made = {
    id: call.state.nextId(),
    pullNumber: pull.number,
    author,
    body,
    viaApp: true,
    createdAt: now,
    updatedAt: now,
  };
  call.inside.comments.set(made.id, made);
  const location = `${call.origin}/repos/${call.inside.repository.owner.login}/${call.inside.repository.name}/issues/comments/${made.id}`;
  return { status: 201, body: commentJson(call, made), headers: { location } };
}

function updateComment(call: RepositoryCall, comment: Comment): Answer {
  const body = textInBody(call.body, 'body') ?? '';
  const problem = bodyProblem(body);
  if (problem) return problem;
  const changed = { ...comment, body, updatedAt: githubTime(Date.now()) };
  call.inside.comments.set(comment.id, changed);
  return { status: 200, body: commentJson(call, changed) };
}

function deleteComment(inside: RepositoryState, id: number): Answer {
  inside.comments.delete(id);
  return { status: 204 };
}

/** The second reaction of a kind by the same account is the first one: docs/github.md#comments */
function react(call: RepositoryCall, commentId: number): Answer {
  const { state, app, inside, contract } = call;
  const content = textInBody(call.body, 'content') ?? '';
  const standing = inside.reactions.get(commentId) ?? [];
  const known = standing.find((reaction) => reaction.content === content);
  const reaction = known ?? { id: state.nextId(), content, createdAt: githubTime(Date.now()) };
  if (known === undefined) inside.reactions.set(commentId, [...standing, reaction]);
  const body = merge(contract.example('reaction'), {
    id: reaction.id,
    node_id: nodeId('Reaction', reaction.id),
    user: accountJson({ login: `${app.slug}[bot]`, id: app.botId, type: 'Bot' }),
    content,
    created_at: reaction.createdAt,
  });
  return { status: known === undefined ? 201 : 200, body };
}

function withComment(call: RepositoryCall, answer: (comment: Comment) => Answer): Answer {
  const comment = call.inside.comments.get(numberParameter(call, 'comment_id'));
  return comment ? answer(comment) : notFound();
}

function bodyProblem(body: string): Answer | null {
  const blank = body.trim() === '' ? 'Body cannot be blank' : null;
  const long =
    [...body].length > MAX_BODY_CHARACTERS ? `Body is too long (maximum is ${MAX_BODY_CHARACTERS} characters)` : null;
  const message = blank ?? long;
  if (message === null) return null;
  const errors = [{ resource: 'IssueComment', code: 'unprocessable', field: 'data', message }];
  return refuse(422, 'Validation Failed', { errors });
}

function commentJson({ contract, app, inside }: RepositoryCall, comment: Comment): JsonObject {
  const { repository } = inside;
  return merge(contract.example('issue-comment'), {
    id: comment.id,
    node_id: nodeId('IssueComment', comment.id),
    url: `${apiUrl(repository)}/issues/comments/${comment.id}`,
    html_url: `${webUrl(repository)}/pull/${comment.pullNumber}#issuecomment-${comment.id}`,
    issue_url: `${apiUrl(repository)}/issues/${comment.pullNumber}`,
    body: comment.body,
    user: accountJson(comment.author),
    created_at: comment.createdAt,
    updated_at: comment.updatedAt,
    author_association: comment.viaApp ? 'NONE' : 'CONTRIBUTOR',
    performed_via_github_app: comment.viaApp ? appJson(contract, app) : null,
  });
}
