// `codered classify`: says what broke in a log file.
import { readFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import type { GreenLog, LogMatch, LogMatching, Matcher } from '../diagnose/patterns/match.ts';
import { stepsOfLog, type ToldJob } from '../diagnose/steps-of-log.ts';
import { withoutColumns } from './classify/gh-log.ts';
import { type NamedLog, renderJson, renderText } from './classify/render.ts';
import { loadStarterMatcher } from './starter-library.ts';
import { type Command, type CommandContext, Misused } from './terminal/command.ts';
import { fileProblem } from './terminal/file-problem.ts';
import { readLog } from './terminal/log-input.ts';
import { printable } from './terminal/printable.ts';

const help = `codered classify [--patterns FILE]... [--green FILE]... [--steps FILE] [--json] LOG...

Says which known failure each log shows, and the line that proves it: the primary match and every other pattern that
matched. LOG is a file with a job's log as GitHub hands it out, or what \`gh run view --log\` or \`--log-failed\` prints, or - for
standard input: gh run view --log-failed 12345 | codered classify -
Ends with 0 when all were read, whatever they show, with 1 when one can't be.

  --patterns FILE   look for these patterns (YAML, or PyTorch's TOML) instead of the starter library;
                    bad patterns in it are told and left out; a file that cannot be read or parsed, or none that is left, fails
  --green FILE      the log of a run of the same job that passed: what it also says counts for less
  --steps FILE      GitHub's answer about the run's jobs (GET /repos/{owner}/{repo}/actions/runs/{run_id}/jobs), which tells
                    the step that failed; without it the log's own marks do
  --json            print one object a line per log: { "file", "match": null | { "pattern", "line", "text", "captures",
                    "category", "severity", "root_cause", "recommended_fix", "rank", "step",
                    "others": { "count", "lines": [{ "line", "text" }] }, "demoted" },
                    "matches": [...], "causes": [...], "evidence": null | { "line", "text", "first_line", "last_line",
                    "why": "match" | "error" | "block" | "exit" | "tail" }, "step" }; evidence is null for an empty log alone.
                    What gh prints of several jobs is an object a job, which has a "job" besides. "demoted" says why a match
                    comes after all others: "in-green-log", "outside-of-failed-step", "after-the-steps", "no-failure-near"`;

/** The logs are all on this machine: nobody else's hashes are to differ. */
const SALT = '';

async function run({ args, out, err, glance = () => {} }: CommandContext): Promise<0 | 1> {
  const { values, positionals: logs } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      patterns: { type: 'string', multiple: true },
      green: { type: 'string', multiple: true },
      steps: { type: 'string' },
      json: { type: 'boolean', default: false },
    },
  });
  if (logs.length === 0) throw new Misused('Name at least one log file, or - for standard input.');
  if ([...logs, ...(values.green ?? [])].filter((log) => log === '-').length > 1)
    throw new Misused('Standard input (-) can be read once only.');

  const matcher = await (values.patterns === undefined ? loadStarterMatcher(err) : loadMatcher(values.patterns, err));
  const green = await readGreen(values.green ?? [], err);
  const jobs = values.steps === undefined ? [] : await readJobs(values.steps, err);
  if (matcher === null || green === null || jobs === null) return 1;
  const render = values.json ? renderJson : renderText;
  let failed = false;
  for (const log of logs) {
    const problem = await classify(log, {
      matcher,
      green,
      jobs,
      glance,
      tell: (job, match) => out(render({ file: log, job }, match)),
    });
    if (problem !== null) err(printable(problem));
    failed ||= problem !== null;
  }
  return failed ? 1 : 0;
}

interface Given {
  readonly matcher: Matcher;
  /** Undefined when no green log was named. */
  readonly green: GreenLog | undefined;
  readonly jobs: readonly ToldJob[];
  readonly glance: (line: string) => void;
  readonly tell: (job: NamedLog['job'], match: LogMatch) => void;
}

/** What is wrong with the log, or null when it was told: once for each job that it holds. */
async function classify(log: string, { matcher, green, jobs, glance, tell }: Given): Promise<string | null> {
  const reading: { job: NamedLog['job']; matching: LogMatching | null } = { job: null, matching: null };
  const told = withoutColumns((chunk, job, linesBefore) => {
    if (reading.matching === null || reading.job !== job) {
      if (reading.matching !== null) tell(reading.job, reading.matching.end(green));
      // A log's beginning names its job.
      const beginning = Buffer.from(chunk.subarray(0, 100_000)).toString('utf8');
      reading.job = job;
      reading.matching = matcher.start(stepsOfLog(jobs, { beginning, job }));
      skipLines(reading.matching, linesBefore);
    }
    reading.matching.write(chunk);
  });
  const problem = await readLog(log, watched(log, told.write, glance));
  if (problem !== null) return problem;
  told.end();
  tell(reading.job, (reading.matching ?? matcher.start()).end(green));
  return null;
}

/** So that lines have the numbers that they have in the file. */
function skipLines(matching: LogMatching, count: number): void {
  for (let left = count; left > 0; left -= SKIPPED_AT_ONCE)
    matching.write(Buffer.alloc(Math.min(left, SKIPPED_AT_ONCE), '\n'));
}

const SKIPPED_AT_ONCE = 64 * 1024;

async function readGreen(paths: readonly string[], err: (line: string) => void): Promise<GreenLog | undefined | null> {
  if (paths.length === 0) return undefined;
  const { createGreenReader, greenLog } = await import('../diagnose/green.ts');
  const hashes = new Set<bigint>();
  for (const path of paths) {
    const reader = createGreenReader(SALT);
    const told = withoutColumns((chunk) => reader.write(chunk));
    const problem = await readLog(path, told.write);
    told.end();
    if (problem !== null) {
      err(printable(problem));
      return null;
    }
    for (const hash of reader.end()) hashes.add(hash);
  }
  return greenLog(hashes, SALT);
}

async function readJobs(path: string, err: (line: string) => void): Promise<readonly ToldJob[] | null> {
  try {
    const { parseJobs } = await import('../diagnose/steps-file.ts');
    const jobs = parseJobs(await readFile(path, 'utf8'));
    if (jobs === null)
      err(`${path} is not GitHub's answer about a run's jobs: { "jobs": [{ "name", "steps": [...] }] }`);
    return jobs;
  } catch (thrown) {
    err(`cannot read ${path}: ${fileProblem(thrown)}`);
    return null;
  }
}

/** Hands the chunks on, and says of a long log how much of it was read. */
function watched(log: string, write: (chunk: Uint8Array) => void, glance: (line: string) => void) {
  let [read, told] = [0, 0];
  return (chunk: Uint8Array) => {
    write(chunk);
    read += chunk.length;
    if (read - told < TOLD_BYTES) return;
    told = read;
    glance(`${printable(log)}: ${Math.floor(read / 1_000_000)} MB read`);
  };
}

const TOLD_BYTES = 4_000_000;

const HOW =
  'Below `patterns:` each begins with `- name:` and has `pattern:`, `category:`, `severity:`, `root_cause:` and `recommended_fix:`, as in ' +
  'the files of supabase/patterns/; `codered patterns check` says what is wrong with one.';

/** Null when a file is broken as a whole, or nothing is left to look for. */
async function loadMatcher(paths: readonly string[], err: (line: string) => void): Promise<Matcher | null> {
  const { readPatternFile, renderProblem } = await import('./pattern-files.ts');
  const { compilePatterns } = await import('../diagnose/patterns/match.ts');
  const files = await Promise.all(paths.map(readPatternFile));
  const problems = files.flatMap(({ problems }) => problems);
  for (const problem of problems) err(renderProblem(problem));
  const broken = files.some(
    ({ patterns, problems }) => patterns.length === 0 && problems.some(({ section }) => section === null),
  );
  const patterns = files.flatMap((file) => file.patterns);
  if (patterns.length === 0) err(`${paths.map(printable).join(', ')}: no pattern can be loaded. ${HOW}`);
  if (broken || patterns.length === 0) return null;
  return compilePatterns(patterns, {
    ignore: files.flatMap(({ ignore }) => ignore),
    ignore_between: files.flatMap(({ ignore_between }) => ignore_between),
  });
}

/** See `help`. */
export const command: Command = { help, run, findsOwnWords: true };
