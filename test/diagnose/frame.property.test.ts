// The runner's frame changes nothing: what a tool printed leads to the same pattern and the same line without it, and within it.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { type JobLog, type LoggedStep, renderJobLog } from '../../scripts/capture-logs/job-log.ts';
import { documentedJob, readRecipes } from '../../scripts/capture-logs/recipes.ts';
import { takeFrameOff } from '../../scripts/capture-logs/take-off.ts';
import { isExit, withoutIssueMark } from '../../src/diagnose/log/log-marks.ts';
import { readingsOf } from '../../src/diagnose/log/prefixes.ts';
import { parsePatternFile } from '../../src/diagnose/pattern-files/pattern-file.ts';
import { compilePatterns, type JobStep, type LogMatch } from '../../src/diagnose/patterns/match.ts';

const root = join(import.meta.dirname, '../..');
const files = readdirSync(join(root, 'supabase/patterns'))
  .sort()
  .map((name) => parsePatternFile(name, readFileSync(join(root, 'supabase/patterns', name), 'utf8')));
const ignores = {
  ignore: files.flatMap(({ ignore }) => ignore),
  ignore_between: files.flatMap((one) => one.ignore_between),
};
const matcher = compilePatterns(
  files.flatMap(({ patterns }) => patterns),
  ignores,
);

/** One of so many recipes; more of them among many runs. */
const STRIDE = process.env.RUNS === 'many' ? 12 : 40;
const { captured, documented } = await readRecipes();
const logOf = (name: string) => readFileSync(join(root, 'fixtures/logs', `${name}.log`), 'utf8');
const recipes = [...captured, ...documented.filter(({ beforeSteps }) => !beforeSteps)];
const jobs = recipes
  .filter((_, at) => at % STRIDE === 0)
  .map((recipe) => ({
    pattern: recipe.pattern,
    job: 'steps' in recipe ? takeFrameOff(logOf(recipe.name), recipe) : documentedJob(recipe),
  }));

function classify({ text, steps }: { text: string; steps?: readonly JobStep[] }): LogMatch {
  const matching = matcher.start(steps);
  matching.write(Buffer.from(text));
  return matching.end();
}

const INSTALL =
  'npm warn deprecated inflight@1.0.6: This module is not supported, and leaks memory.\n\nadded 212 packages in 4s\n';
const PASSED: LoggedStep[] = [
  { step: { run: 'npm ci' }, output: INSTALL, exit: 0 },
  { step: { run: 'npm run prepare-data' }, output: 'Error: no cache yet, starting anew\nwrote 3 files\n', exit: 0 },
];
const failingPost = {
  uses: 'actions/cache@v4',
  prints: [
    '##[error]Error: Path Validation Error: Path(s) specified in the action for caching do(es) not exist, hence no cache is being saved.',
  ],
};

const FRAMES: [frame: string, render: (job: JobLog) => { text: string; steps?: readonly JobStep[] }][] = [
  ['no frame', ({ steps }) => ({ text: steps.map(({ output }) => output).join('') })],
  ['a frame without problem matchers', (job) => ({ text: renderJobLog({ ...job, hasMatchers: false }).text })],
  ['a frame with them', (job) => ({ text: renderJobLog(job).text })],
  ['a frame, and GitHub telling the steps', (job) => renderJobLog(job)],
  ['steps that passed before it, and a post step that failed after it', (job) => ({ text: around(job).text })],
  ['the same, and GitHub telling the steps', around],
];

function around(job: JobLog): { text: string; steps: JobStep[] } {
  return renderJobLog({ ...job, steps: [...PASSED, ...job.steps], failingPost });
}

/** The pattern, and the line as the tool wrote it. */
function said({ primary, anchor }: LogMatch): [pattern: string | undefined, line: string] {
  return [primary?.pattern.name, withoutIssueMark(primary?.text ?? anchor?.text ?? '')];
}

/** Without a runner, the line may be one of those in a workflow command (`::error::…`). */
function isSame(found: string, line: string): boolean {
  return found === line || (found.startsWith('::') && readingsOf(found).includes(line));
}

/** Where the runner's own last line speaks, what has no such line says less. */
const known = jobs
  .filter(({ pattern }) => pattern !== null)
  .map(({ job, pattern }) => ({ job, pattern, said: said(classify(renderJobLog(job))) }));

describe.each(FRAMES)('%s', (frame, render) => {
  it('leads to the same pattern and line', () => {
    const of = known.filter((one) => frame !== 'no frame' || !isExit(one.said[1]));
    expect(of.length).toBeGreaterThan(40);
    const other = of.flatMap(({ job, pattern, said: [, line] }) => {
      const now = said(classify(render(job)));
      return now[0] === pattern && isSame(now[1], line) ? [] : [`${job.name}: ${now.join(' · ')} instead of ${line}`];
    });
    expect(other).toEqual([]);
  });
});

it('a frame around a job that passed has nothing that a pattern takes for a failure', () => {
  const passing = jobs.filter(({ pattern }) => pattern === null);
  const found = passing.filter(
    ({ job }) => classify(renderJobLog({ ...job, name: `${job.name}-again` })).primary !== null,
  );
  expect(found.map(({ job }) => job.name)).toEqual([]);
});

it('comes off a captured log and goes on again, and the log is what it was', () => {
  const changed = captured
    .filter((_, at) => at % STRIDE === 0)
    .filter((recipe) => {
      const log = logOf(recipe.name);
      return renderJobLog(takeFrameOff(log, recipe)).text !== log;
    });
  expect(changed.map(({ name }) => name)).toEqual([]);
});
