// What was thrown, in words for the person at the terminal.

import { z } from 'zod';
import { asError, Misconfigured, Rejected, Transient } from '../../model/errors.ts';
import { plainWords, shapeSentence } from '../../text/shape-problems.ts';

/** From now on what any schema refuses is told in plain words, unless it has words of its own. */
export function speakPlainly(): void {
  z.config({ customError: plainWords });
}

/** The message of one of our own errors, and of an answer that is not as it should be; null for what nobody foresaw. */
export function explained(thrown: unknown): string | null {
  if (thrown instanceof Misconfigured || thrown instanceof Transient || thrown instanceof Rejected)
    return thrown.message;
  if (!(thrown instanceof z.core.$ZodError)) return null;
  return (
    `An answer of the database is not as this version of CodeRed reads it (${shapeSentence(thrown)}). ` +
    'Run `codered migrate`, and the commands of the version that serves.'
  );
}

/** The same in a line, whatever it is. */
export function inWords(thrown: unknown): string {
  return explained(thrown) ?? asError(thrown).message;
}
