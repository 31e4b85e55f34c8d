// Times of a payload, whatever form they have, as ISO 8601 in UTC with milliseconds, so that later is also greater as
// text. Pure.

import { z } from 'zod';

const ISO_WITH_ZONE = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,9})?(?:Z|[+-]\d\d:?\d\d)$/;
const YEAR_1_MS = -62_135_596_800_000;
const YEAR_10000_MS = 253_402_300_800_000;

/**
 * Reads a time: a text in ISO 8601 with a time zone, or a number of seconds since 1970. Null for anything else, and outside the years
 * 1 to 9999.
 */
export function parseTimestamp(raw: unknown): string | null {
  const epochMs = epochMsOf(raw);
  return epochMs >= YEAR_1_MS && epochMs < YEAR_10000_MS ? new Date(epochMs).toISOString() : null;
}

function epochMsOf(raw: unknown): number {
  if (typeof raw === 'number') return raw * 1_000;
  if (typeof raw === 'string' && raw.length <= 40 && ISO_WITH_ZONE.test(raw)) return Date.parse(raw);
  return Number.NaN;
}

/** A time that must be there. Push payloads write the repository's times as seconds since 1970, all others as text. */
export const timestamp = z.unknown().transform((raw, context) => {
  const parsed = parseTimestamp(raw);
  if (parsed !== null) return parsed;
  context.issues.push({ code: 'custom', message: 'a timestamp with a time zone', input: raw });
  return z.NEVER;
});

/** A time that GitHub may leave out; then it is null. */
export const optionalTimestamp = timestamp.nullish().transform((parsed) => parsed ?? null);

/** A time that anybody can write, such as a commit's; null when it is none. */
export const claimedTimestamp = z.unknown().transform(parseTimestamp);

/** The latest of these times (all in the form that `parseTimestamp` returns); null when all are null. */
export function latest(...times: (string | null)[]): string | null {
  return times.reduce((later, time) => (later === null || (time !== null && time > later) ? time : later), null);
}
