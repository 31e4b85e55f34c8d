// Parses pattern files: our own YAML and the TOML of PyTorch's log classifier. Pure.
import { parse as parseToml } from 'smol-toml';
import { parse as parseYaml } from 'yaml';
import { z } from 'zod';
import { PATTERN_CATEGORIES, PATTERN_PICKS, PATTERN_RANKS, type Pattern } from '../../model/failure.ts';
import { noToml, noYaml } from '../../text/no-yaml.ts';
import { fileWords, problemWords, shapeProblems } from '../../text/shape-problems.ts';
import type { Ignores } from '../patterns/ignores.ts';
import { refusalOf, unmatchedSamples } from './pattern-refusal.ts';

/** What is wrong with one entry of a pattern file, or with the whole file: then `section`, `index` and `name` are null. */
export interface PatternProblem {
  readonly file: string;
  readonly section: 'patterns' | 'ignore' | 'ignore_between' | null;
  /** Index of the entry in its section, from 0. */
  readonly index: number | null;
  /** The name of the pattern; null when the entry has none. */
  readonly name: string | null;
  /** One sentence for the author of the file. */
  readonly reason: string;
}

/** A pattern that could be loaded, with the lines of which its author says that it matches them. */
export interface SampledPattern extends Pick<PatternProblem, 'file' | 'index'> {
  readonly pattern: Pattern;
  readonly samples: readonly string[];
}

/** Everything in a pattern file that could be loaded, and a problem for everything that could not. */
export interface PatternFile extends Ignores {
  readonly patterns: readonly Pattern[];
  /** The same patterns with what only their file says of them. */
  readonly entries: readonly SampledPattern[];
  readonly problems: readonly PatternProblem[];
}

const list = z.array(z.unknown()).nullish();
const yamlFile = z.strictObject({ ignore: list, ignore_between: list, patterns: list });
const tomlFile = z.strictObject({ rule: list });

const text = z.string().trim().min(1, 'must not be empty');
const pattern = z.strictObject({
  name: text,
  kind: z.enum(['regex', 'literal']).default('regex'),
  pattern: z.string(),
  category: z.enum(PATTERN_CATEGORIES),
  severity: z.enum(['info', 'warning', 'error', 'critical']),
  root_cause: text,
  recommended_fix: text,
  priority: z.int().min(-2147483648).max(2147483647).default(0),
  rank: z.enum(PATTERN_RANKS).default('cause'),
  pick: z.enum(PATTERN_PICKS).default('last'),
  // Blanks at the beginning may be what a pattern asks for.
  samples: z.array(z.string().min(1, 'must not be empty')).max(50).default([]),
  docs: z.url({ protocol: /^https?$/, error: 'must be an http or https address' }).optional(),
});
const rule = pattern.pick({ name: true, pattern: true, priority: true, rank: true, pick: true }).strict();
type Sampled = Omit<z.infer<typeof pattern>, 'samples'> & { readonly samples?: readonly string[] };
const stretch = z.strictObject({ start: z.string(), stop: z.string() });

type Place = Omit<PatternProblem, 'reason'>;
type Parsed<T> = { readonly value: T } | { readonly problems: readonly PatternProblem[] };

/**
 * Reads the text of a pattern file; never throws. A `.toml` file has PyTorch's form, a `.yml` or `.yaml` file our own. A file
 * of another name has PyTorch's form when it holds a line `[[rule]]`. PyTorch's rules have only a name, a pattern, a priority,
 * a rank and a pick: their category becomes other, their severity error.
 */
export function parsePatternFile(file: string, content: string): PatternFile {
  const isToml = /\.toml$/i.test(file) || (!/\.ya?ml$/i.test(file) && /^[ \t]*\[\[rule\]\]/m.test(content));
  const place: Place = { file, section: null, index: null, name: null };
  const tree = readTree(place, content, isToml);
  if ('problems' in tree) return { ...NOTHING, problems: tree.problems };
  return isToml ? loadRules(file, tree.value) : loadYaml(file, tree.value);
}

/** Nothing could be loaded. */
export const NOTHING: PatternFile = { patterns: [], entries: [], ignore: [], ignore_between: [], problems: [] };

function readTree(place: Place, content: string, isToml: boolean): Parsed<unknown> {
  try {
    return { value: isToml ? parseToml(content) : (parseYaml(content) ?? {}) };
  } catch (thrown) {
    return { problems: [{ ...place, reason: isToml ? noToml(thrown) : noYaml(thrown, content) }] };
  }
}

function loadYaml(file: string, tree: unknown): PatternFile {
  const whole = check({ file, section: null, index: null, name: null }, yamlFile, tree);
  if ('problems' in whole && Array.isArray(tree)) {
    const below = '; the patterns stand below a line `patterns:`';
    return { ...NOTHING, problems: whole.problems.map((one) => ({ ...one, reason: `${one.reason}${below}` })) };
  }
  if ('problems' in whole) {
    // An unknown key is reported as a problem; the rest of the file still loads.
    const rest = yamlFile.strip().safeParse(tree);
    return rest.success
      ? addProblems(loadSections(file, rest.data), whole.problems)
      : { ...NOTHING, problems: whole.problems };
  }
  return loadSections(file, whole.value);
}

function addProblems(loaded: PatternFile, problems: readonly PatternProblem[]): PatternFile {
  return { ...loaded, problems: [...problems, ...loaded.problems] };
}

function loadSections(file: string, sections: z.infer<typeof yamlFile>): PatternFile {
  const patterns = each(file, 'patterns', sections.patterns, (place, entry): Parsed<SampledPattern> => {
    const parsed = check(place, pattern, entry);
    if ('problems' in parsed) return parsed;
    const { index } = place;
    const sampled = { file, index, pattern: toPattern(parsed.value), samples: parsed.value.samples };
    const loaded = refuseBad(place, sampled, [parsed.value]);
    const missed = 'problems' in loaded ? [] : unmatchedSamples(parsed.value);
    return missed.length > 0 ? { problems: missed.map((reason) => ({ ...place, reason })) } : loaded;
  });
  const ignore = each(file, 'ignore', sections.ignore, (place, entry) => {
    const parsed = check(place, z.string(), entry);
    return 'problems' in parsed ? parsed : refuseBad(place, parsed.value, [{ kind: 'regex', pattern: parsed.value }]);
  });
  const between = each(file, 'ignore_between', sections.ignore_between, (place, entry) => {
    const parsed = check(place, stretch, entry);
    if ('problems' in parsed) return parsed;
    const ends = [parsed.value.start, parsed.value.stop].map((end) => ({ kind: 'regex' as const, pattern: end }));
    return refuseBad(place, parsed.value, ends);
  });
  return {
    patterns: patterns.loaded.map((entry) => entry.pattern),
    entries: patterns.loaded,
    ignore: ignore.loaded,
    ignore_between: between.loaded,
    problems: [...ignore.problems, ...between.problems, ...patterns.problems],
  };
}

function loadRules(file: string, tree: unknown): PatternFile {
  const whole = check({ file, section: null, index: null, name: null }, tomlFile, tree);
  if ('problems' in whole) return { ...NOTHING, problems: whole.problems };
  const rules = each(file, 'patterns', whole.value.rule, (place, entry) => {
    const parsed = check(place, rule, entry);
    if ('problems' in parsed) return parsed;
    const said = { root_cause: '', recommended_fix: '', category: 'other', severity: 'error', kind: 'regex' } as const;
    const sampled = { file, index: place.index, pattern: toPattern({ ...said, ...parsed.value }), samples: [] };
    return refuseBad(place, sampled, [{ ...said, ...parsed.value }]);
  });
  return {
    ...NOTHING,
    patterns: rules.loaded.map((entry) => entry.pattern),
    entries: rules.loaded,
    problems: rules.problems,
  };
}

function toPattern({ docs, samples: _, ...fields }: Sampled): Pattern {
  return { id: null, ...fields, docs_url: docs ?? null };
}

function each<T>(
  file: string,
  section: 'patterns' | 'ignore' | 'ignore_between',
  entries: readonly unknown[] | null | undefined,
  load: (place: Place, entry: unknown) => Parsed<T>,
): { loaded: T[]; problems: PatternProblem[] } {
  const loaded: T[] = [];
  const problems: PatternProblem[] = [];
  (entries ?? []).forEach((entry, index) => {
    const parsed = load({ file, section, index, name: nameOf(entry) }, entry);
    if ('problems' in parsed) problems.push(...parsed.problems);
    else loaded.push(parsed.value);
  });
  return { loaded, problems };
}

function nameOf(entry: unknown): string | null {
  const named = z.object({ name: z.string() }).safeParse(entry);
  return named.success ? named.data.name : null;
}

function check<T>(place: Place, schema: z.ZodType<T>, value: unknown): Parsed<T> {
  const parsed = schema.safeParse(value, { error: fileWords });
  if (parsed.success) return { value: parsed.data };
  return { problems: shapeProblems(parsed.error).map((problem) => ({ ...place, reason: problemWords(problem) })) };
}

function refuseBad<T>(place: Place, value: T, patterns: readonly Pick<Pattern, 'kind' | 'pattern'>[]): Parsed<T> {
  const problems = patterns.flatMap((one) => refusalOf(one) ?? []).map((reason) => ({ ...place, reason }));
  return problems.length > 0 ? { problems } : { value };
}
