// Gives failures a fingerprint: the same failure has the same one tomorrow, with other numbers and paths in its text. Pure.
import { createHash } from 'node:crypto';
import { normaliseMessage } from './normalise-message.ts';
import type { LogMatch } from './patterns/match.ts';

/** How many hexadecimal digits of SHA-256 a fingerprint has. */
const DIGITS = 16;

/** The fingerprint of a list of texts, whose order counts: hexadecimal digits of a SHA-256. */
export function fingerprint(parts: readonly string[]): string {
  return createHash('sha256').update(JSON.stringify(parts)).digest('hex').slice(0, DIGITS);
}

/** The fingerprint of a cleaned line: equal for two lines with the same message (see `normaliseMessage`). */
export function fingerprintLine(line: string): string {
  return fingerprint([normaliseMessage(line)]);
}

/**
 * The fingerprint of a failure in a log: of the primary pattern and its captures; when no pattern matched, of the line that explains
 * the failure best. An empty log has one of its own.
 */
export function fingerprintFailure({ primary, anchor }: Pick<LogMatch, 'primary' | 'anchor'>): string {
  if (primary) return fingerprint([primary.pattern.name, ...primary.captures]);
  return fingerprintLine(anchor?.text ?? '');
}
