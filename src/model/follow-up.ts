// The app's own follow-up work as the steps see it. Pure.

/** Every step that follow-ups are for, as the table `follow_ups` lists them. */
export const FOLLOW_UP_KINDS = [
  'diagnose',
  'artifacts',
  'report',
  'plan_sprint',
  'command',
  'bypasses',
  'protection',
] as const;

/** One step. */
export type FollowUpKind = (typeof FOLLOW_UP_KINDS)[number];

/** One row of `follow_ups` as `claim_follow_ups` hands it out. */
export interface FollowUp {
  readonly id: string;
  /** A kind of `FOLLOW_UP_KINDS`, unless a newer version has queued it. */
  readonly kind: string;
  /** What the step needs to know; each step checks its own. */
  readonly input: unknown;
  /** 1 for the first try. */
  readonly attempts: number;
  /** The number of this claim: finishing, failing, putting off and renewing need it. */
  readonly claim: number;
}

/** Whether this version has a step for it. */
export function isFollowUpKind(kind: string): kind is FollowUpKind {
  return (FOLLOW_UP_KINDS as readonly string[]).includes(kind);
}
