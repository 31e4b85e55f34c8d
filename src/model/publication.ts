// What should stand on GitHub: a comment or a check run. Pure.

/** The comment as it should stand on a pull request. */
export interface RequestedComment {
  readonly kind: 'comment';
  readonly pull_request_number: number;
  readonly head_sha: string;
  /** Markdown with the marker that `report/comment.ts` writes and `readCommentMarker` reads. */
  readonly body: string;
  /** False when there is nothing that needs a reader: then the comment is edited if it stands, and never made. */
  readonly may_create: boolean;
  readonly as_of: string | null;
}

export interface CheckAnnotation {
  readonly path: string;
  readonly start_line: number;
  readonly end_line: number;
  readonly annotation_level: 'notice' | 'warning' | 'failure';
  readonly title: string;
  readonly message: string;
}

/** The check run as it should stand on a head commit. */
export interface RequestedCheckRun {
  readonly kind: 'check_run';
  readonly name: string;
  readonly head_sha: string;
  readonly status: 'queued' | 'in_progress' | 'completed';
  readonly conclusion: 'success' | 'failure' | 'neutral' | 'action_required' | null;
  /** At most 100 characters, plain text. */
  readonly title: string;
  /** Markdown, at most 65,535 bytes of UTF-8. */
  readonly summary: string;
  readonly annotations: readonly CheckAnnotation[];
  readonly as_of: string | null;
}

export type RequestedPublication = RequestedComment | RequestedCheckRun;
