// Reads the policy files that commands are given. Only policy.ts and gate.ts import it.
import { readFile } from 'node:fs/promises';
import { type ParsedPolicy, parsePolicy } from '../gate/parse-policy.ts';
import type { PolicyProblem } from '../gate-report.ts';
import { asError } from '../model.ts';
import { printable } from './printable.ts';

/** The policy in a file, or what is wrong with it; a file that can't be read is a problem of the whole file. */
export async function readPolicyFile(path: string): Promise<ParsedPolicy> {
  try {
    return parsePolicy(await readFile(path, 'utf8'));
  } catch (thrown) {
    return { problems: [{ line: 1, column: 1, path: '', message: asError(thrown).message }] };
  }
}

/** One line that says where the problem is and what it is, as editors and CI read it. */
export function renderPolicyProblem(file: string, { line, column, path, message }: PolicyProblem): string {
  return `${file}:${line}:${column} ${printable(path === '' ? message : `${path}: ${message}`)}`;
}
