// The settings of the server that say what a check run waits for, and how long, where no policy says it.
import { z } from 'zod';
import { WAIT_DEFAULTS, type WaitSettings } from '../model/waits.ts';

const DAY_MINUTES = 1_440;

const minutes = z
  .string()
  .regex(/^\d{1,4}$/)
  .transform(Number)
  .pipe(z.int().min(1).max(DAY_MINUTES));

/** The schema of each setting. */
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

/** Turns the settings into what the code uses; undefined when none is set. */
export function waitSettings(given: z.output<z.ZodObject<typeof waitFields>>): WaitSettings | undefined {
  if (Object.keys(waitFields).every((name) => given[name as keyof typeof waitFields] === undefined)) return undefined;
  const named = given.CODERED_MERGE_APPS ?? [];
  const without = new Set(named.flatMap((slug) => (slug.startsWith('-') ? [slug.slice(1)] : [])));
  const apps = [...WAIT_DEFAULTS.mergeApps, ...named.filter((slug) => !slug.startsWith('-'))];
  return {
    mergeApps: [...new Set(apps)].filter((slug) => !without.has(slug)),
    checkMinutes: given.CODERED_CHECK_DEADLINE_MINUTES ?? WAIT_DEFAULTS.checkMinutes,
    silenceMinutes: given.CODERED_NO_RUNS_MINUTES ?? WAIT_DEFAULTS.silenceMinutes,
  };
}
