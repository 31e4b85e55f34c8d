// Takes secrets out of text before it leaves: into the brain, onto GitHub, into the log. Pure.
import { findSecrets } from './secrets/find-secrets.ts';
import { replaceSpans } from './secrets/reading/span.ts';

/**
 * The text with every secret it is known to hold replaced by `[redacted:<kind>]`. Keeps the number of lines, takes time
 * linear in the text's length, and changes nothing when applied again. A net with holes: a secret without a form of its
 * own, in a place that does not tell, stays.
 */
export function redact(text: string): string {
  return replaceSpans(text, findSecrets(text));
}
