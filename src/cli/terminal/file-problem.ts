// Why a file can't be read, in words. Pure.
import { asError } from '../../model/errors.ts';

/** By the `code` of an error of the system. */
const REASONS: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such file',
  ENOTDIR: 'there is no such file',
  EISDIR: 'it is a folder; name the file in it',
  EACCES: 'this user may not read it',
};

/** The reason for what was thrown when a file was opened or read; the system's own words where there are none of ours. */
export function fileProblem(thrown: unknown): string {
  const error = asError(thrown);
  return ('code' in error ? REASONS[String(error.code)] : undefined) ?? error.message;
}
