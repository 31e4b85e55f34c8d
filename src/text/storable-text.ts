// Text from outside, made fit for storing: building blocks for the schemas of payloads and reports. Pure.

import { z } from 'zod';
import { redact } from './redact.ts';

/** Longest texts we keep, in UTF-16 units; what is longer is cut. GitHub's own limits are mostly lower. */
export const TEXT_LIMITS = {
  /** States, logins, names of repositories: GitHub allows none of them more. */
  word: 100,
  /** Names that people choose, up to refs and workflows. */
  name: 500,
  title: 1_000,
  description: 4_000,
  /** PATH_MAX of Linux: a longer path can't be checked out there. */
  path: 4_096,
  url: 2_000,
} as const;

/**
 * A text that Postgres can store, cut to `limit` UTF-16 units. NUL and half surrogate pairs become U+FFFD; a cut never splits a pair.
 * https://www.postgresql.org/docs/current/datatype-json.html
 */
export function storableText(raw: string, limit: number): string {
  const cut = raw.length > limit ? raw.slice(0, endsInHalfPair(raw, limit) ? limit - 1 : limit) : raw;
  const whole = cut.toWellFormed();
  return whole.includes('\u0000') ? whole.replaceAll('\u0000', '\uFFFD') : whole;
}

function endsInHalfPair(raw: string, limit: number): boolean {
  const codePoint = raw.codePointAt(limit - 1) ?? 0;
  return codePoint > 0xffff;
}

/** Schema of a text that must be there; it may be empty. `limit` in UTF-16 units. */
export function text(limit: number) {
  return z.string().overwrite((raw) => storableText(raw, limit));
}

/** This many times the kept length is searched for secrets, so that one at the cut is still recognised. */
const READ_OF_KEPT = 2;

/** Words of people and programs in the form in which they are stored: redacted first, then cut to `limit` UTF-16 units. */
export function saidText(raw: string, limit: number): string {
  return storableText(redact(raw.slice(0, limit * READ_OF_KEPT)), limit);
}

/** Schema of such words (see `saidText`); null when GitHub leaves them out or empty. */
export function optionalSaid(limit: number) {
  return z
    .string()
    .overwrite((raw) => saidText(raw, limit))
    .nullish()
    .transform((kept) => kept || null);
}

/** Schema of a text; null when GitHub leaves it out or empty. */
export function optionalText(limit: number) {
  return text(limit)
    .nullish()
    .transform((kept) => kept || null);
}

const WEB_URL = { error: 'a web address' };

/** Schema of an http or https address that must be there. It is never cut, because half an address leads elsewhere. */
export const webUrl = z
  .string(WEB_URL)
  .refine(isWebUrl, WEB_URL)
  .transform((url) => storableText(url, TEXT_LIMITS.url));

/** Schema of an address that may be missing or anything else: null unless it is an http or https address without a secret. */
export const optionalWebUrl = z
  .string()
  .nullish()
  .transform((url) => (url && isWebUrl(url) && redact(url) === url ? storableText(url, TEXT_LIMITS.url) : null));

function isWebUrl(url: string): boolean {
  return url.length <= TEXT_LIMITS.url && /^https?:\/\//.test(url);
}
