// Reads the text of a policy file, and says with line and column what is wrong with it. Pure.

import { type Document, isMap, isPair, isScalar, LineCounter, type Node, parseDocument } from 'yaml';
import type { z } from 'zod';
import type { PolicyProblem } from '../model/gate.ts';
import { closestName } from '../text/closest-name.ts';
import { issueWords } from '../text/issue-words.ts';
import { redact } from '../text/redact.ts';
import { allowedKeys } from './schema/allowed-keys.ts';
import { kindsOfSource, noSuchKey, notBoth, nothingAt } from './schema/key-words.ts';
import { type Policy, policySchema, WITHOUT_DOD } from './schema/policy.ts';
import type { Finding } from './schema/policy-finding.ts';
import { findNonsense } from './sense/policy-sense.ts';
import { misreadProblems, syntaxProblems, type YamlProblem } from './yaml-words.ts';

/** A policy in force, with warnings about what its authors may not mean (left out: none); or why the text is no policy. */
export type ParsedPolicy =
  | { readonly policy: Policy; readonly warnings?: readonly PolicyProblem[] }
  | { readonly problems: readonly PolicyProblem[] };

/** The warnings of a policy in force, each marked as a warning; an empty list for a broken one. */
export function warningsOf(parsed: ParsedPolicy): PolicyProblem[] {
  return ('warnings' in parsed ? (parsed.warnings ?? []) : []).map((one) => ({ ...one, is_warning: true }));
}

/** Some hundred criteria and globs; a pull request may bring any file, and to read one takes the square of its keys. */
const MOST_BYTES = 32_768;
/** The most problems that are reported of one file. */
const MOST_PROBLEMS = 100;

/**
 * Reads the text of a policy file. Returns the policy, or the first 100 problems in the order of lines; never throws. YAML aliases
 * are refused, because a few lines with them can stand for gigabytes. `isOnTop`: other policies lie below this one, even though it
 * names none.
 */
export function parsePolicy(text: string, { isOnTop = false }: { readonly isOnTop?: boolean } = {}): ParsedPolicy {
  if (Buffer.byteLength(text) > MOST_BYTES) {
    return { problems: [{ line: 1, column: 1, path: '', message: `The file is larger than ${MOST_BYTES} bytes.` }] };
  }
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false, version: '1.2' });
  const tree = readTree(document, text);
  if ('problems' in tree) {
    const shown = tree.problems.slice(0, MOST_PROBLEMS);
    return { problems: shown.map(({ offset, message }) => problemAt(lines, offset, '', message)) };
  }
  const parsed = policySchema.safeParse(withDod(tree.value), { error: issueWords, reportInput: true });
  if (parsed.success) return withSense(parsed.data, document, { lines, isOnTop });
  const issues = withoutLostDod(parsed.error.issues).flatMap(flatten).slice(0, MOST_PROBLEMS);
  const problems = issues.flatMap((issue) => problemsOf(issue, document, lines));
  return { problems: inOrder(problems) };
}

function inOrder(problems: readonly PolicyProblem[]): PolicyProblem[] {
  return problems.toSorted((one, other) => one.line - other.line || one.column - other.column).slice(0, MOST_PROBLEMS);
}

/** What the schema takes may still never count. */
function withSense(
  policy: Policy,
  document: Document,
  { lines, isOnTop }: { readonly lines: LineCounter; readonly isOnTop: boolean },
): ParsedPolicy {
  // What the policies below ask for is not known here, as it is not where one is named.
  const found = findNonsense(isOnTop ? { extends: '', ...policy } : policy);
  const findingsOf = (isWarning: boolean) =>
    locate(
      found.filter((one) => one.isWarning === isWarning),
      document,
      lines,
    );
  const [problems, warnings] = [findingsOf(false), findingsOf(true)];
  if (problems.length > 0) return { problems };
  return warnings.length === 0 ? { policy } : { policy, warnings };
}

function locate(found: readonly Finding[], document: Document, lines: LineCounter): PolicyProblem[] {
  const located = found.map(({ place, message, isKey }) => {
    const offset = isKey ? keyOffset(document, place.slice(0, -1), String(place.at(-1))) : offsetOf(document, place);
    return problemAt(lines, offset, place.join('.'), message);
  });
  return inOrder(located);
}

/** Gives findings their line and column in `text`, which must be a policy that can be read. */
export function locateFindings(text: string, found: readonly Finding[]): PolicyProblem[] {
  const lines = new LineCounter();
  return locate(found, parseDocument(text, { lineCounter: lines, prettyErrors: false, version: '1.2' }), lines);
}

function readTree(document: Document, text: string): { value: unknown } | { problems: readonly YamlProblem[] } {
  if (document.errors.length > 0) return { problems: syntaxProblems(document, text) };
  try {
    const problems = misreadProblems(document, text);
    return problems.length > 0 ? { problems } : { value: document.toJS({ maxAliasCount: 0 }) ?? {} };
  } catch {
    return { problems: [{ offset: 0, message: 'can’t be read: it is nested too deep, or refers to itself' }] };
  }
}

/** A file that extends another one, or says only how or when something is asked for, may ask for nothing itself. */
function withDod(tree: unknown): unknown {
  if (typeof tree !== 'object' || tree === null || 'dod' in tree) return tree;
  return WITHOUT_DOD.some((key) => key in tree) ? { ...tree, dod: {} } : tree;
}

type Issue = z.core.$ZodIssue;

/** A union's issue hides those of the branch that was meant: for an object where objects are allowed, what is wrong inside it is reported. */
function flatten(issue: Issue): Issue[] {
  if (issue.code !== 'invalid_union') return [issue];
  const inside = issue.errors.filter((branch) =>
    branch.every(({ path, code }) => path.length > 0 || code === 'unrecognized_keys'),
  );
  const [closest] = inside.toSorted((one, other) => one.length - other.length);
  if (closest === undefined) return [issue];
  return closest.flatMap((nested) => flatten({ ...nested, path: [...issue.path, ...nested.path] }));
}

/** When `DoD` was reported as an unknown key, that `dod` is missing would say the same again. */
function withoutLostDod(issues: readonly Issue[]): Issue[] {
  const isMisspelt = issues.some(
    (issue) =>
      issue.code === 'unrecognized_keys' &&
      issue.path.length === 0 &&
      issue.keys.some((key) => closestName(key, ['dod']) !== null),
  );
  return issues.filter(({ path }) => !(isMisspelt && path.length === 1 && path[0] === 'dod'));
}

function problemsOf(issue: Issue, document: Document, lines: LineCounter): PolicyProblem[] {
  const path = issue.path.map((step) => (typeof step === 'symbol' ? String(step) : step));
  if (issue.code === 'unrecognized_keys') {
    const present = keysAt(document, path);
    const allowed = allowedKeys(path, present);
    const both = kindsOfSource(path, present);
    const second = both[1];
    if (second !== undefined) {
      return [problemAt(lines, keyOffset(document, path, second), [...path, second].join('.'), notBoth(both))];
    }
    return issue.keys
      .slice(0, MOST_PROBLEMS)
      .map((key) =>
        problemAt(lines, keyOffset(document, path, key), [...path, key].join('.'), noSuchKey(key, allowed)),
      );
  }
  if (issue.code === 'invalid_key') {
    const offset = keyOffset(document, path.slice(0, -1), String(path.at(-1)));
    return [problemAt(lines, offset, path.join('.'), issue.issues[0]?.message ?? issue.message)];
  }
  const said = issue.code === 'invalid_type' ? nothingAt(path, issue) : issue.message;
  return [problemAt(lines, offsetOf(document, path), path.join('.'), said)];
}

function keysAt(document: Document, path: Path): string[] {
  const map = path.length === 0 ? document.contents : document.getIn(path, true);
  if (!isMap(map)) return [];
  return map.items.flatMap(({ key }) => (isScalar(key) ? String(key.value) : []));
}

function problemAt(lines: LineCounter, offset: number, path: string, message: string): PolicyProblem {
  const { line, col } = lines.linePos(offset);
  return { line: Math.max(1, line), column: Math.max(1, col), path: redact(path), message: redact(message) };
}

type Path = readonly (string | number)[];

/** Where the value at `path` begins; the closest one around it when it is not there. */
function offsetOf(document: Document, path: Path): number {
  for (let length = path.length; length >= 0; length--) {
    const node = length === 0 ? document.contents : (document.getIn(path.slice(0, length), true) as Node | undefined);
    const start = node?.range?.[0];
    if (start !== undefined) return start;
  }
  return 0;
}

function keyOffset(document: Document, path: Path, key: string): number {
  const map = path.length === 0 ? document.contents : document.getIn(path, true);
  if (!isMap(map)) return 0;
  const pair = map.items.find((item) => isPair(item) && isScalar(item.key) && String(item.key.value) === key);
  return pair !== undefined && isScalar(pair.key) ? (pair.key.range?.[0] ?? 0) : 0;
}
