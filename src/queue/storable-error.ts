// How the error of failed work is kept. Pure.

import { redact } from '../text/redact.ts';

const ERROR_CHARACTERS = 2_000;
/** So much of it is looked through for secrets: a driver's error may quote all that it was given. */
const ERROR_CHARACTERS_READ = 20_000;

/** The error as text that Postgres can keep: without secrets, no NUL, no half of a surrogate pair, at most 2,000 characters. */
export function storableError(error: Error): string {
  const said = redact(`${error.name}: ${error.message}`.slice(0, ERROR_CHARACTERS_READ));
  return said.replaceAll('\0', '�').slice(0, ERROR_CHARACTERS).toWellFormed();
}
