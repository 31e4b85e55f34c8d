// What a check run waits for, and how long, where no policy says it: the settings of the server. Everybody may import it; only
// config.ts parses with the fields.
import { z } from 'zod';

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

const DAY_MINUTES = 1_440;

const minutes = z
  .string()
  .regex(/^\d{1,4}$/)
  .transform(Number)
  .pipe(z.int().min(1).max(DAY_MINUTES));

/** The settings by their names. */
export const waitFields = {
  CODERED_MERGE_APPS: z
    .string()
    .max(5_000)
    .transform((text) => text.split(',').map((slug) => slug.trim().toLowerCase()))
    .pipe(z.array(z.string().regex(/^-?[a-z0-9][a-z0-9-]{0,99}$/)))
    .optional()
    .describe(
      'the slugs of GitHub Apps that merge, beside those that CodeRed knows, with commas between and a - before one that is to be waited for, or unset',
    ),
  CODERED_CHECK_DEADLINE_MINUTES: minutes
    .optional()
    .describe(`a number of minutes from 1 to ${DAY_MINUTES}, ${WAIT_DEFAULTS.checkMinutes} unless set`),
  CODERED_NO_RUNS_MINUTES: minutes
    .optional()
    .describe(`a number of minutes from 1 to ${DAY_MINUTES}, ${WAIT_DEFAULTS.silenceMinutes} unless set`),
};

/** What the settings come to; undefined where none is set. */
export function waitSettings(given: z.output<z.ZodObject<typeof waitFields>>): WaitSettings | undefined {
  if (Object.keys(waitFields).every((name) => given[name as keyof typeof waitFields] === undefined)) return undefined;
  const named = given.CODERED_MERGE_APPS ?? [];
  const without = new Set(named.flatMap((slug) => (slug.startsWith('-') ? [slug.slice(1)] : [])));
  const apps = [...MERGE_APPS, ...named.filter((slug) => !slug.startsWith('-'))];
  return {
    mergeApps: [...new Set(apps)].filter((slug) => !without.has(slug)),
    checkMinutes: given.CODERED_CHECK_DEADLINE_MINUTES ?? WAIT_DEFAULTS.checkMinutes,
    silenceMinutes: given.CODERED_NO_RUNS_MINUTES ?? WAIT_DEFAULTS.silenceMinutes,
  };
}

/** Whether a check's App, or who wrote a status, is one of those that merge. */
export function isMergeApp(author: string | null, mergeApps: readonly string[]): boolean {
  if (author === null) return false;
  const name = author.toLowerCase();
  return mergeApps.some((slug) => name === slug || name === `${slug}[bot]`);
}
