// Takes secrets out of text before it leaves: into the brain, onto GitHub, into the log. Pure.
import { findSecrets } from './secrets/find-secrets.ts';
import { replaceSpans } from './secrets/reading/span.ts';

/**
 * The text with every secret that is recognised replaced by `[redacted:<kind>]`. Keeps the number of lines, takes time in
 * proportion to the length, and changes nothing when applied again. Not every secret is found: one without a form of its own, in a
 * place that says nothing about it, stays.
 */
export function redact(text: string): string {
  return replaceSpans(text, findSecrets(text));
}
