// Why a file can't be read, in words. Pure.
import { asError } from '../../model/errors.ts';

/** By the `code` of an error of the system. */
const REASONS: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such file',
  ENOTDIR: 'there is no such file',
  EISDIR: 'it is a folder; name the file in it',
  EACCES: 'this user may not read it',
};

/** Why a file could not be opened or read, from what was thrown: in our own words, or those of the system when we have none. */
export function fileProblem(thrown: unknown): string {
  const error = asError(thrown);
  return ('code' in error ? REASONS[String(error.code)] : undefined) ?? error.message;
}
