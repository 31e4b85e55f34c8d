// What a check run waits for, and how long, where no policy says it. Pure.

export interface WaitSettings {
  /** Slugs of Apps that merge, in lower case: their checks wait for ours. */
  readonly mergeApps: readonly string[];
  /** How long another system's check is waited for. */
  readonly checkMinutes: number;
  /** How long a first workflow run is waited for. */
  readonly silenceMinutes: number;
}

/**
 * Apps whose checks and statuses stay pending until a pull request may be merged, or is: of merge queues and the like. By the
 * names in the addresses of their pages (https://github.com/apps/mergify).
 */
const MERGE_APPS = [
  'mergify',
  'kodiakhq',
  'bors',
  'bors-ng',
  'aviator-app',
  'mergequeue',
  'graphite-app',
  'trunk-io',
  'github-merge-queue',
  'bulldozer',
  'rultor',
  'homu',
  'merge-queue',
  'probot-auto-merge',
];

/** What counts unless it is set. */
export const WAIT_DEFAULTS: WaitSettings = { mergeApps: MERGE_APPS, checkMinutes: 60, silenceMinutes: 10 };

/** Whether a check's App, or who wrote a status, is one of those that merge. */
export function isMergeApp(author: string | null, mergeApps: readonly string[]): boolean {
  if (author === null) return false;
  const name = author.toLowerCase();
  return mergeApps.some((slug) => name === slug || name === `${slug}[bot]`);
}
