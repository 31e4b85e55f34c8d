// Webhook payloads of comments on pull requests, made from GitHub's examples.

import { type JsonObject, merge, objectAt } from '../github/contract/json-value.ts';
import type { Comment } from '../github/state/records.ts';
import { accountJson, apiUrl, nodeId, webUrl } from '../github/state/retell.ts';
import { EXAMPLES, examplePayload, publishedExample, type Scene } from './example-payload.ts';

/** The payload of `issue_comment.created`: somebody commented on a pull request. */
export function commentPayload(scene: Scene, comment: Comment): JsonObject {
  const place = EXAMPLES.issue_comment.created;
  const example = publishedExample('issue_comment', place);
  const api = apiUrl(scene.repository);
  const pull = `${webUrl(scene.repository)}/pull/${comment.pullNumber}`;
  const pull_request = {
    url: `${api}/pulls/${comment.pullNumber}`,
    html_url: pull,
    diff_url: `${pull}.diff`,
    patch_url: `${pull}.patch`,
  };
  const over: JsonObject = {
    action: 'created',
    issue: merge(objectAt(example.issue), {
      number: comment.pullNumber,
      url: `${api}/issues/${comment.pullNumber}`,
      html_url: pull,
      pull_request,
    }),
    comment: merge(objectAt(example.comment), {
      id: comment.id,
      node_id: nodeId('IssueComment', comment.id),
      url: `${api}/issues/comments/${comment.id}`,
      html_url: `${pull}#issuecomment-${comment.id}`,
      body: comment.body,
      user: accountJson(comment.author),
      created_at: comment.createdAt,
      updated_at: comment.updatedAt,
    }),
  };
  return examplePayload(scene, 'issue_comment', { place, over });
}
