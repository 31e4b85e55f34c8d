// What was thrown, in words for the person at the terminal.

import { z } from 'zod';
import { asError, Misconfigured, Rejected, Transient } from '../../model/errors.ts';
import { plainWords, shapeSentence } from '../../text/shape-problems.ts';

/** From now on what any schema refuses is told in plain words, unless it has words of its own. */
export function speakPlainly(): void {
  z.config({ customError: plainWords });
}

/** Whose answers a command reads, and what to do when one is not as it should be. */
const ANSWERS = {
  'the database': 'Run `codered migrate`, and the commands of the version that serves.',
  GitHub: 'See that its address is right, and that no proxy answers in its place.',
} as const;

type Answering = keyof typeof ANSWERS;

/** The message of one of our own errors, or of an answer of `whose` that is not as it should be; null for what nobody foresaw. */
export function explained(thrown: unknown, whose: Answering = 'the database'): string | null {
  if (thrown instanceof Misconfigured || thrown instanceof Transient || thrown instanceof Rejected)
    return thrown.message;
  if (!(thrown instanceof z.core.$ZodError)) return null;
  return `An answer of ${whose} is not as this version of CodeRed reads it (${shapeSentence(thrown)}). ${ANSWERS[whose]}`;
}

/** The same in a line, whatever it is. */
export function inWords(thrown: unknown, whose: Answering = 'the database'): string {
  return explained(thrown, whose) ?? asError(thrown).message;
}
