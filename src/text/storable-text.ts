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
 * Postgres keeps neither NUL nor half of a surrogate pair, so both become U+FFFD; a cut never splits a pair.
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

/** A text that has to be there; empty is allowed. */
export function text(limit: number) {
  return z.string().overwrite((raw) => storableText(raw, limit));
}

/** How much of a text is looked through for secrets, measured by what is kept of it: one at the cut has to be known as one. */
const READ_OF_KEPT = 2;

/** What people and programs say, as it may be kept: without secrets, cut afterwards. */
export function saidText(raw: string, limit: number): string {
  return storableText(redact(raw.slice(0, limit * READ_OF_KEPT)), limit);
}

/** What somebody says, which GitHub may leave out or empty: null then. */
export function optionalSaid(limit: number) {
  return z
    .string()
    .overwrite((raw) => saidText(raw, limit))
    .nullish()
    .transform((kept) => kept || null);
}

/** A text that GitHub may leave out or empty: null then. */
export function optionalText(limit: number) {
  return text(limit)
    .nullish()
    .transform((kept) => kept || null);
}

const WEB_URL = { error: 'a web address' };

/** An http or https address that has to be there; never cut, because half an address leads elsewhere. */
export const webUrl = z
  .string(WEB_URL)
  .refine(isWebUrl, WEB_URL)
  .transform((url) => storableText(url, TEXT_LIMITS.url));

/** An address that GitHub may leave out, and that other systems may fill with anything: null unless it is http(s) without a secret. */
export const optionalWebUrl = z
  .string()
  .nullish()
  .transform((url) => (url && isWebUrl(url) && redact(url) === url ? storableText(url, TEXT_LIMITS.url) : null));

function isWebUrl(url: string): boolean {
  return url.length <= TEXT_LIMITS.url && /^https?:\/\//.test(url);
}
