// The starter library against the logs of fixtures/logs: each pattern is the verdict on a failure it is meant for, and
// silent on jobs that passed.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { z } from 'zod';
import { clausesOf, demandsOf, weight } from '../../src/diagnose/literals/literals.ts';
import { parsePatternFile } from '../../src/diagnose/pattern-files/pattern-file.ts';
import { compilePatterns, type LogMatch } from '../../src/diagnose/patterns/match.ts';

const root = join(import.meta.dirname, '../..');
const patternFolder = join(root, 'supabase/patterns');
const logFolder = join(root, 'fixtures/logs');

const entry = {
  file: z.string().endsWith('.log'),
  pattern: z.string().nullable(),
};
const index = z
  .array(
    z.discriminatedUnion('origin', [
      z.strictObject({
        ...entry,
        origin: z.literal('captured'),
        command: z.string().min(1),
        stand_in: z.string().optional(),
      }),
      z.strictObject({ ...entry, origin: z.literal('documented'), source: z.url() }),
    ]),
  )
  .parse(parse(readFileSync(join(logFolder, 'index.yml'), 'utf8')));

const files = readdirSync(patternFolder)
  .sort()
  .map((name) => parsePatternFile(name, readFileSync(join(patternFolder, name), 'utf8')));
const patterns = files.flatMap((file) => file.patterns);
const matcher = compilePatterns(patterns, {
  ignore: files.flatMap((file) => file.ignore),
  ignore_between: files.flatMap((file) => file.ignore_between),
});

function diagnosed(log: Uint8Array): LogMatch {
  const reading = matcher.start();
  reading.write(log);
  return reading.end();
}

const verdicts = new Map(index.map(({ file }) => [file, diagnosed(readFileSync(join(logFolder, file)))]));
const primaryOf = (file: string): string | null => verdicts.get(file)?.primary?.pattern.name ?? null;
const failing = index.filter(({ pattern }) => pattern !== null);
const passing = index.filter(({ pattern }) => pattern === null);
const logFiles = readdirSync(logFolder, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.log'));

describe('the starter library', () => {
  it('parses whole, with at least 60 patterns', () => {
    expect(files.flatMap((file) => file.problems)).toEqual([]);
    expect(patterns.length).toBeGreaterThanOrEqual(60);
  });

  it('has a sample for nineteen of twenty patterns (npm run patterns:samples), each of which `patterns check` tries', () => {
    const sampled = files.flatMap(({ entries }) => entries).filter(({ samples }) => samples.length > 0);
    expect(sampled.length).toBeGreaterThan(patterns.length * 0.95);
  });

  it('names each pattern once', () => {
    expect(patterns.map(({ name }) => name)).toEqual([...new Set(patterns.map(({ name }) => name))]);
  });

  it('gives every pattern a telling text that a matching line must hold', () => {
    const dull = patterns.filter((pattern) => !clausesOf(demandsOf(pattern)).some((clause) => weight(clause) >= 4));
    expect(dull.map(({ name }) => name)).toEqual([]);
  });

  it('has a log for every pattern of which it is the verdict', () => {
    const proven = new Set(failing.map(({ file }) => primaryOf(file)));
    expect(patterns.filter(({ name }) => !proven.has(name)).map(({ name }) => name)).toEqual([]);
  });

  it.each(failing)('sees "$pattern" in $file', ({ file, pattern }) => {
    expect(primaryOf(file)).toBe(pattern);
  });

  it('matches nothing in the log of a job that passed', () => {
    expect(passing.length).toBeGreaterThanOrEqual(15);
    expect(
      passing.flatMap(({ file }) => (verdicts.get(file)?.matches ?? []).map((match) => `${file}: ${match.text}`)),
    ).toEqual([]);
  });
});

describe('the logs', () => {
  it('are all in the index, and the index has no others', () => {
    expect(index.map(({ file }) => file).sort()).toEqual(logFiles.sort());
  });

  it('are jobs that passed exactly when they lie under passing/', () => {
    expect(passing.map(({ file }) => file)).toEqual(logFiles.filter((file) => file.startsWith('passing/')).sort());
  });

  it('have the form of a raw Actions log, and at most 60 KB', () => {
    const stamp = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{7}Z /;
    /** What the runner writes at one time: an issue's text or a value, whose further lines have no stamp. */
    const severalLines = /^.{28} (?:##\[(?:error|warning|notice|group)\]| {2}[\w-]+: )/;
    const problems = index.flatMap(({ file }) => {
      const log = readFileSync(join(logFolder, file));
      const lines = log
        .toString('utf8')
        .replace(/^\uFEFF/, '')
        .trimEnd()
        .split('\n');
      const strange = lines.filter((line, at) => {
        const before = stamp.test(line) ? -1 : lines.slice(0, at).findLastIndex((one) => stamp.test(one));
        return !stamp.test(line) && !severalLines.test(lines[before] ?? '');
      });
      const isMarked = log.subarray(0, 3).equals(Buffer.from('\uFEFF'));
      return strange.length > 0 || log.length > 60_000 || !isMarked ? [`${file}: ${strange[0] ?? log.length}`] : [];
    });
    expect(problems).toEqual([]);
  });

  it('were captured by running the tool wherever it is to be had', () => {
    expect(index.filter(({ origin }) => origin === 'captured').length).toBeGreaterThanOrEqual(170);
  });
});
