// Reads what a spec file asks for: its Definition of Done and its label. The text is anybody's who can push. Pure.

import { isMap, isScalar, type Pair, parseDocument } from 'yaml';
import { z } from 'zod';

/** What a file turned out to be. */
export type ParsedSpec =
  /** Markdown without front matter: a page, no spec. */
  | { readonly kind: 'page' }
  /** `dod` null: the spec plans no sprint. */
  | { readonly kind: 'spec'; readonly label: string; readonly dod: SpecDod | null }
  | { readonly kind: 'refused'; readonly problem: string };

const MOST_BYTES = 262_144;
const MOST_LABEL_CHARACTERS = 200;
const MOST_PROBLEM_CHARACTERS = 300;

const TOO_DEEP = 'The YAML is nested too deep to be read.';

const gate = z.boolean('should be true or false');
const SHARE = 'should be a share from 0 to 1, so 80 % is 0.80';
const SCORE = 'should be a score from 0 to 100';
/** A share, as Lighthouse CI's own settings have it, would let everything pass. */
const score = z
  .number(SCORE)
  .min(0, SCORE)
  .max(100, SCORE)
  .refine((value) => value <= 0 || value > 1, `${SCORE}, so 0.9 is 90`);
/** The Definition of Done in a spec. Unknown criteria are refused, so that nothing is left out without a word. */
export const specDod = z.strictObject(
  {
    coverage_min: z.number(SHARE).min(0, SHARE).max(1, SHARE).optional(),
    e2e_pass: gate.optional(),
    lighthouse_min: score.optional(),
    lint_pass: gate.optional(),
    type_check: gate.optional(),
  },
  {
    error: ({ code }) => (code === 'invalid_type' ? 'should be a map of criteria' : undefined),
  },
);
/** A Definition of Done from a spec; stored as the `dod_json` of its sprint. */
export type SpecDod = z.infer<typeof specDod>;

/** Reads a spec file: the YAML front matter of a `.md`, the whole text of a `.yml` or `.yaml`. `path` is its path in the repository. Never throws. */
export function parseSpec(path: string, text: string): ParsedSpec {
  const yaml = path.endsWith('.md') ? frontMatterOf(text) : text;
  if (yaml === null) return { kind: 'page' };
  // Only what is YAML is read; a page below its front matter may be longer.
  const what = path.endsWith('.md') ? 'front matter' : 'file';
  if (Buffer.byteLength(yaml) > MOST_BYTES) return refused(`The ${what} is larger than ${MOST_BYTES} bytes.`);
  try {
    return readYaml(path, yaml);
  } catch {
    return refused(TOO_DEEP);
  }
}

/** What stands between the first line and the next one if both are `---`; null otherwise. */
function frontMatterOf(text: string): string | null {
  const [first = '', ...lines] = text.replace(/^\uFEFF/, '').split(/\r?\n/);
  if (first.trimEnd() !== '---') return null;
  const end = lines.findIndex((line) => line.trimEnd() === '---');
  return end === -1 ? null : lines.slice(0, end).join('\n');
}

function readYaml(path: string, yaml: string): ParsedSpec {
  // To look for a key twice in each map takes the square of its size; only the two that are read are looked for, below.
  const document = parseDocument(yaml, { prettyErrors: false, uniqueKeys: false, version: '1.2' });
  const [error] = document.errors;
  if (error?.message.includes('call stack')) return refused(TOO_DEEP);
  if (error !== undefined) return refused(`The YAML can't be read: ${error.message}`);
  const root = document.contents;
  if (root === null || (isScalar(root) && root.value === null)) return spec(path, undefined, null);
  if (!isMap(root)) return refused('The YAML should be a map with the key dod.');
  const read = (key: string): unknown => {
    const pairs = root.items.filter((pair) => nameOf(pair) === key);
    if (pairs.length > 1) throw new SpecProblem(`${key}: stands there twice.`);
    return plainValueOf(pairs[0], key, (node) => node.toJS(document, { maxAliasCount: 0 }));
  };
  try {
    const label = read('label');
    const dod = read('dod');
    if (dod === undefined || dod === null) return spec(path, label, null);
    const parsed = specDod.safeParse(dod);
    return parsed.success ? spec(path, label, parsed.data) : refused(tell(parsed.error));
  } catch (error) {
    if (error instanceof SpecProblem) return refused(error.message);
    throw error;
  }
}

class SpecProblem extends Error {}

const nameOf = ({ key }: Pair): unknown => (isScalar(key) ? key.value : key);

interface YamlNode {
  toJS(...given: readonly unknown[]): unknown;
}

function plainValueOf(pair: Pair | undefined, key: string, toJs: (node: YamlNode) => unknown): unknown {
  const node = pair?.value;
  if (typeof node !== 'object' || node === null || !('toJS' in node)) return undefined;
  refuseTwice(node, key);
  try {
    return toJs(node as YamlNode);
  } catch {
    throw new SpecProblem(`${key}: uses aliases (*name), which are not read here. Write the values out.`);
  }
}

function refuseTwice(node: object, path: string): void {
  if (!isMap(node)) return;
  const names = new Set<unknown>();
  for (const pair of node.items) {
    if (names.has(nameOf(pair))) throw new SpecProblem(`${path}.${String(nameOf(pair))}: stands there twice.`);
    names.add(nameOf(pair));
  }
}

function spec(path: string, label: unknown, dod: SpecDod | null): ParsedSpec {
  if (label !== undefined && label !== null && typeof label !== 'string' && typeof label !== 'number') {
    return refused('label: should be a text.');
  }
  const given = storable(String(label ?? '')).trim();
  const named = given === '' ? (path.split('/').at(-1) ?? path).replace(/\.[^.]+$/, '') : given;
  return { kind: 'spec', label: cut(named, MOST_LABEL_CHARACTERS), dod };
}

function tell({ issues }: z.ZodError): string {
  const problems = issues.flatMap((issue) => {
    const at = ['dod', ...issue.path.map(String)].join('.');
    if (issue.code !== 'unrecognized_keys') return [`${at}: ${issue.message}.`];
    return issue.keys.map((key) => `${at}.${key}: there is no such key.`);
  });
  return problems.slice(0, 5).join(' ');
}

const refused = (problem: string): ParsedSpec => ({
  kind: 'refused',
  problem: cut(storable(problem), MOST_PROBLEM_CHARACTERS),
});

/** Postgres keeps neither NUL nor half of a surrogate pair; other control characters belong in no name. */
const storable = (text: string): string => text.toWellFormed().replace(/\p{Cc}+/gu, ' ');

/** By characters as Postgres counts them: a pair of surrogates is one. */
const cut = (text: string, limit: number): string =>
  [...text.slice(0, limit * 2)].slice(0, limit).join('').toWellFormed();
