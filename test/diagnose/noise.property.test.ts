// What a step went on after, and what a job that passed printed, must not be told as why something failed.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { parse } from 'yaml';
import { z } from 'zod';
import { parsePatternFile } from '../../src/diagnose/pattern-files/pattern-file.ts';
import { compilePatterns, type LogMatch } from '../../src/diagnose/patterns/match.ts';

const root = join(import.meta.dirname, '../..');
const files = readdirSync(join(root, 'supabase/patterns'))
  .sort()
  .map((name) => parsePatternFile(name, readFileSync(join(root, 'supabase/patterns', name), 'utf8')));
const matcher = compilePatterns(
  files.flatMap(({ patterns }) => patterns),
  { ignore: files.flatMap(({ ignore }) => ignore), ignore_between: files.flatMap((file) => file.ignore_between) },
);
const index = z
  .array(z.object({ file: z.string(), pattern: z.string().nullable() }))
  .parse(parse(readFileSync(join(root, 'fixtures/logs/index.yml'), 'utf8')));

/** Every thirtieth log that tells a failure. */
const some = index.filter(({ pattern }, at) => pattern !== null && at % 30 === 0);
const EXIT = '##[error]Process completed with exit code 1.';
const filler = Array.from({ length: 200 }, (_, n) => `compiling part ${n}`);

function classify(lines: readonly string[]): LogMatch {
  const matching = matcher.start();
  matching.write(Buffer.from(`${lines.join('\n')}\n`));
  return matching.end();
}

/** What the failed step of a log said, without the runner's own marks. */
function saidIn(file: string): string[] {
  const lines = readFileSync(join(root, 'fixtures/logs', file), 'utf8').split('\n');
  const said = lines.map((line) => line.replace(/^\S+Z /, ''));
  const end = said.findIndex(
    (line) =>
      line === 'Post job cleanup.' || /^(?:Print service|Stop |Cleaning up )/.test(line.replace('##[group]', '')),
  );
  return said.slice(0, end < 0 ? said.length : end).filter((line) => !line.startsWith('##['));
}

const inScript = (...lines: string[]) => [
  '##[group]Run ./build.sh',
  'shell: /usr/bin/bash -e {0}',
  '##[endgroup]',
  ...lines,
];

it('what a step went on after for long is not why it failed, but for compilers and tests', () => {
  const told = some.flatMap(({ file }) => {
    const { primary } = classify(inScript(...saidIn(file), ...filler, 'Error: the disk is gone', EXIT));
    const isSpared = primary === null || primary.pattern.pick === 'first' || primary.pattern.category === 'test';
    return isSpared || primary.pattern.rank !== 'cause' ? [] : [`${file}: ${primary.pattern.name}`];
  });
  expect(told).toEqual([]);
});

it('a script that the runner does not mark has not failed, whatever it printed', () => {
  const end = ['Post job cleanup.', 'Cleaning up orphan processes'];
  const told = some.filter(({ file }) => classify([...inScript(...saidIn(file)), ...end]).primary !== null);
  expect(told).toEqual([]);
});
