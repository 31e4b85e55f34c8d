// Decides what has to be done for a comment to stand as requested. Pure.
import type { RequestedComment } from '../model/publication.ts';
import { readCommentMarker } from '../report/comment.ts';

export type CommentPlan = 'create' | 'edit' | 'unchanged' | 'overtaken' | 'not_needed';

/**
 * `standing` is the body of our comment, null when there is none. `overtaken`: what stands was written from newer facts,
 * by another process, and stays.
 */
export function planComment(requested: RequestedComment, standing: string | null): CommentPlan {
  if (standing === null) return requested.may_create ? 'create' : 'not_needed';
  if (asKept(standing) === asKept(requested.body)) return 'unchanged';
  return isNewer(readCommentMarker(standing)?.as_of ?? null, requested.as_of) ? 'overtaken' : 'edit';
}

/** GitHub may give line ends back as CRLF and drop white space at the end. */
function asKept(body: string): string {
  return body.replaceAll('\r\n', '\n').trimEnd();
}

function isNewer(standing: string | null, requested: string | null): boolean {
  if (standing === null || requested === null) return false;
  return Date.parse(standing) > Date.parse(requested);
}
