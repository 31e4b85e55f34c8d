// Names a failure so that the same failure has the same name tomorrow, with other numbers and paths in it. Pure; diagnose/ and commands/ use it.
import { createHash } from 'node:crypto';
import { normaliseMessage } from './normalise-message.ts';
import type { LogMatch } from './patterns/match.ts';

/** How many hexadecimal digits of SHA-256 a fingerprint has. */
const DIGITS = 16;

/** The fingerprint of these parts, in this order; a part may hold anything. */
export function fingerprint(parts: readonly string[]): string {
  return createHash('sha256').update(JSON.stringify(parts)).digest('hex').slice(0, DIGITS);
}

/** Equal for two cleaned lines that are the same message (see `normaliseMessage`). */
export function fingerprintLine(line: string): string {
  return fingerprint([normaliseMessage(line)]);
}

/**
 * The fingerprint of what a log says: the primary pattern with its captures, which identify the failure as they are; where no
 * pattern matched, the line that speaks for the log.
 */
export function fingerprintFailure({ primary, anchor }: Pick<LogMatch, 'primary' | 'anchor'>): string {
  if (primary) return fingerprint([primary.pattern.name, ...primary.captures]);
  return fingerprintLine(anchor?.text ?? '');
}
