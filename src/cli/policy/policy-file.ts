// Reads the policy files that commands are given.
import { asError } from '../../model/errors.ts';
import type { PolicyProblem } from '../../model/gate.ts';
import { onBases } from '../../policy/find-policy.ts';
import type { ParsedPolicy } from '../../policy/parse-policy.ts';
import { type PolicyBase, parseLayer } from '../../policy/policy-layers.ts';
import { printable } from '../terminal/printable.ts';
import { readTextFile } from '../terminal/text-file.ts';

/** A problem of a whole file: it has no line and no column. */
export interface FileProblem {
  readonly line: null;
  readonly column: null;
  readonly path: '';
  readonly message: string;
}

const REASONS: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such file',
  ENOTDIR: 'there is no such file',
  EISDIR: 'is a folder, not a file',
  EACCES: 'may not be read by this user',
};

type Read = ParsedPolicy | { readonly problems: readonly FileProblem[] };

/** Reads the policy in a file, or returns its problems; a file that cannot be read is a problem of the whole file. */
export async function readPolicyFile(path: string): Promise<Read> {
  const { text: _, ...read } = await readPolicyText(path);
  return read;
}

/** The same on top of other policies; also returns the text of the file, which is empty when it cannot be read. */
export async function readPolicyText(
  path: string,
  bases: readonly PolicyBase[] = [],
): Promise<Read & { readonly text: string }> {
  const read = await readText(path);
  if ('problems' in read) return { ...read, text: '' };
  const { from: _, ...parsed } = onBases(read.text, path, bases);
  return { ...parsed, text: read.text };
}

/** Reads the policy in a file as one that lies below another, or returns its problems. */
export async function readBaseFile(
  path: string,
): Promise<PolicyBase | { readonly problems: readonly (PolicyProblem | FileProblem)[] }> {
  const read = await readText(path);
  if ('problems' in read) return read;
  const parsed = parseLayer(read.text, { isOnTop: false });
  return 'problems' in parsed ? parsed : { ...parsed, from: path };
}

async function readText(
  path: string,
): Promise<{ readonly text: string } | { readonly problems: readonly FileProblem[] }> {
  try {
    return { text: await readTextFile(path) };
  } catch (thrown) {
    const error = asError(thrown);
    const message = ('code' in error ? REASONS[String(error.code)] : undefined) ?? error.message;
    return { problems: [{ line: null, column: null, path: '', message }] };
  }
}

/** A problem as one line in the form that editors and CI systems read: `file:line:column: message`. */
export function renderPolicyProblem(
  file: string,
  { line, column, path, message }: PolicyProblem | FileProblem,
): string {
  const said = printable(path === '' ? message : `${path}: ${message}`);
  return line === null ? `${file}: ${said}` : `${file}:${line}:${column} ${said}`;
}
