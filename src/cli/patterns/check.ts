// What `codered patterns check` finds: what is wrong with pattern files, and which patterns speak where nothing failed.
import { readdir, readFile } from 'node:fs/promises';
import { basename } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { PatternFile, PatternProblem, SampledPattern } from '../../diagnose/pattern-files/pattern-file.ts';
import { compilePatterns, type LogMatch, type Matcher } from '../../diagnose/patterns/match.ts';
import type { Pattern } from '../../model/failure.ts';
import { printable } from '../terminal/printable.ts';

const PASSED_LOGS = fileURLToPath(new URL('../../../fixtures/logs/passing/', import.meta.url));

/** What was found in one file. */
export interface FileCheck {
  readonly file: string;
  readonly patterns: number;
  readonly samples: number;
  /** What has to be mended: a pattern that can't be loaded, a name that stands twice, a sample that another pattern takes. */
  readonly problems: readonly PatternProblem[];
  /** What may be meant: patterns that also match logs of jobs that passed. */
  readonly notes: readonly PatternProblem[];
}

/** Checks files that are used together. */
export async function checkFiles(
  files: readonly { readonly path: string; readonly content: PatternFile }[],
): Promise<FileCheck[]> {
  const entries = files.flatMap(({ content }) => content.entries);
  const matcher = compilePatterns(
    entries.map(({ pattern }) => pattern),
    {
      ignore: files.flatMap(({ content }) => content.ignore),
      ignore_between: files.flatMap(({ content }) => content.ignore_between),
    },
  );
  const placeOf = new Map(entries.map((entry) => [entry.pattern, entry]));
  const found = [...namedTwice(entries), ...entries.flatMap((entry) => takenSamples(entry, matcher, placeOf))];
  const notes = [...entries.flatMap(inSlashes), ...(await loudPatterns(matcher, placeOf))];
  return files.map(({ path, content }) => ({
    file: path,
    patterns: content.patterns.length,
    samples: content.entries.reduce((sum, { samples }) => sum + samples.length, 0),
    problems: [...content.problems, ...found.filter(({ file }) => file === path)],
    notes: notes.filter(({ file }) => file === path),
  }));
}

function problem({ file, index, pattern }: SampledPattern, reason: string): PatternProblem {
  return { file, section: 'patterns', index, name: pattern.name, reason };
}

/** People tell patterns apart by their names, and so does the database. */
function namedTwice(entries: readonly SampledPattern[]): PatternProblem[] {
  const first = new Map<string, SampledPattern>();
  return entries.flatMap((entry) => {
    const other = first.get(entry.pattern.name);
    if (other === undefined) first.set(entry.pattern.name, entry);
    return other === undefined ? [] : [problem(entry, `${entryWords(other, entry)} has the same name`)];
  });
}

function entryWords({ file, index }: SampledPattern, beside: SampledPattern): string {
  return `patterns[${index}]${file === beside.file ? '' : ` of ${file}`}`;
}

const FLAGS: readonly string[] = ['', 'i', 'g', 'm', 's', 'gi', 'ig', 'im', 'mi'];

/** What other languages write around an expression stands for itself here. */
function inSlashes(entry: SampledPattern): PatternProblem[] {
  const { kind, pattern } = entry.pattern;
  const end = pattern.lastIndexOf('/');
  if (kind !== 'regex' || !pattern.startsWith('/') || end < 2 || !FLAGS.includes(pattern.slice(end + 1))) return [];
  return [
    problem(entry, 'the slashes around the pattern are looked for; leave them out, and write (?i) to ignore case'),
  ];
}

type Places = ReadonlyMap<Pattern, SampledPattern>;

/** Samples on which another pattern comes first, or that nothing is looked for in. */
function takenSamples(entry: SampledPattern, matcher: Matcher, placeOf: Places): PatternProblem[] {
  return entry.samples.flatMap((sample, at) => {
    const winner = readThrough(matcher, Buffer.from(sample)).primary?.pattern;
    if (winner === entry.pattern) return [];
    const other = winner === undefined ? undefined : placeOf.get(winner);
    if (other === undefined)
      return [problem(entry, `samples.${at}: an \`ignore\` entry takes it, so the pattern never sees it`)];
    const { name, rank, priority } = other.pattern;
    const by = `"${name}" (${entryWords(other, entry)}, rank ${rank}, priority ${priority})`;
    return [problem(entry, `samples.${at}: ${by} comes first on it`)];
  });
}

function readThrough(matcher: Matcher, log: Uint8Array): LogMatch {
  const matching = matcher.start();
  matching.write(log);
  return matching.end();
}

/** Patterns that match logs of jobs that passed; none where those logs did not come along. */
async function loudPatterns(matcher: Matcher, placeOf: Places): Promise<PatternProblem[]> {
  const names = await readdir(PASSED_LOGS).catch(() => []);
  const logs = names.filter((name) => name.endsWith('.log')).sort();
  const heard = new Map<Pattern, { count: number; readonly first: string }>();
  for (const name of logs) {
    for (const { pattern, line, text } of readThrough(matcher, await readFile(`${PASSED_LOGS}${name}`)).matches) {
      const known = heard.get(pattern);
      if (known !== undefined) known.count++;
      else
        heard.set(pattern, { count: 1, first: `line ${line} of ${basename(name)}: ${printable(text).slice(0, 200)}` });
    }
  }
  return [...heard].flatMap(([pattern, { count, first }]) => {
    const entry = placeOf.get(pattern);
    const words = `matches in ${count} of ${logs.length} logs of jobs that passed (fixtures/logs/passing), first in ${first}`;
    return entry === undefined ? [] : [problem(entry, words)];
  });
}
