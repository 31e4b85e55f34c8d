// Tells whether two publications mean the same. Pure.

import { createHash } from 'node:crypto';
import type { RequestedPublication } from '../model/publication.ts';
import { commentMarker, readCommentMarker } from './comment.ts';

/**
 * SHA-256, in hex, over all that a reader or GitHub would notice of a publication. The order stamp is left out, in `as_of`
 * and in the comment's marker: an unchanged meaning is an unchanged hash.
 */
export function hashOf(requested: RequestedPublication): string {
  return createHash('sha256')
    .update(JSON.stringify(meaningOf(requested)))
    .digest('hex');
}

function meaningOf(requested: RequestedPublication): unknown[] {
  switch (requested.kind) {
    case 'comment': {
      const { kind, pull_request_number, head_sha, body, may_create } = requested;
      return [kind, pull_request_number, head_sha, withoutStamp(body), may_create];
    }
    case 'check_run': {
      const { kind, name, head_sha, status, conclusion, title, summary, annotations } = requested;
      const marks = annotations.map((mark) => [
        mark.path,
        mark.start_line,
        mark.end_line,
        mark.annotation_level,
        mark.title,
        mark.message,
      ]);
      return [kind, name, head_sha, status, conclusion, title, summary, marks];
    }
    default:
      throw new Error(`a publication of kind ${JSON.stringify(requested satisfies never)} is not known`);
  }
}

function withoutStamp(body: string): string {
  const marker = readCommentMarker(body);
  return marker === null ? body : body.replace(commentMarker(marker), commentMarker({ ...marker, as_of: null }));
}
