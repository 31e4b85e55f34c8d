// Measures how fast logs are matched: 100, 1,000 and 10,000 patterns, warm, next to ripgrep with the same patterns where it is
// installed, 10,000 as a ratio, the memory that a log of a gigabyte takes in a process of its own, how long `codered classify` takes from
// start to its verdict beside a bare start of Node, and how long a server's first diagnosis prepares. bench/run.ts calls it; or run it alone.
import { execFile, spawnSync } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import process from 'node:process';
import { promisify } from 'node:util';
import { pino } from 'pino';
import { readPatternFile, starterFiles } from '../src/cli/pattern-files.ts';
import { keepMatchers } from '../src/diagnose/matchers.ts';
import { compilePatterns, type Matcher } from '../src/diagnose/patterns/match.ts';
import type { Pattern } from '../src/model/failure.ts';
import { renderLog } from './log-corpus.ts';
import { renderPatterns } from './pattern-corpus.ts';

const CHUNK_BYTES = 64 * 1024;
const LOG_BYTES = 32_000_000;
/** ripgrep reads less: it takes no warming up, and many patterns at once are slow for it. */
const RIPGREP_BYTES = 8 * 1024 * 1024;
const LARGE_LOG_BYTES = 1_000_000_000;
const START_LOG_BYTES = 1_000_000;
const STARTS = 15;
const WARM_UP_ROUNDS = 2;
const ROUNDS = 5;

function toPatterns(regexes: readonly string[]): Pattern[] {
  return regexes.map((pattern, index) => ({
    id: null,
    name: `pattern ${index}`,
    kind: 'regex',
    pattern,
    category: 'other',
    severity: 'error',
    root_cause: '',
    recommended_fix: '',
    docs_url: null,
    rank: 'cause',
    pick: 'last',
    priority: 0,
  }));
}

function readOnce(matcher: Matcher, log: Uint8Array): number {
  const matching = matcher.start();
  for (let from = 0; from < log.length; from += CHUNK_BYTES) matching.write(log.subarray(from, from + CHUNK_BYTES));
  return matching.end().matches.length;
}

const middle = (numbers: readonly number[]) => numbers.toSorted((a, b) => a - b)[Math.floor(numbers.length / 2)] ?? 0;

/** Of each, megabytes a second, the median of some rounds in turns after some for warming up. */
function measure(reads: readonly (() => void)[], bytes: number): number[] {
  for (let round = 0; round < WARM_UP_ROUNDS; round++) for (const read of reads) read();
  const rounds = Array.from({ length: ROUNDS }, () =>
    reads.map((read) => {
      const started = performance.now();
      read();
      return (performance.now() - started) / 1000;
    }),
  );
  return reads.map((_, at) => bytes / 1e6 / middle(rounds.map((seconds) => seconds[at] ?? 1)));
}

async function measureRipgrep(regexes: readonly string[], log: Uint8Array): Promise<number | null> {
  if (spawnSync('rg', ['--version']).error) return null;
  const folder = await mkdtemp(path.join(tmpdir(), 'codered-bench-'));
  try {
    const [patternFile, logFile] = [path.join(folder, 'patterns'), path.join(folder, 'log')];
    await writeFile(patternFile, regexes.join('\n'));
    await writeFile(logFile, log.subarray(0, RIPGREP_BYTES));
    // ASCII classes as in RE2, and room for its automaton: with less it falls back to a search a hundred times slower.
    const options = [
      '--no-unicode',
      '--dfa-size-limit',
      '1G',
      '--regex-size-limit',
      '1G',
      '-c',
      '-f',
      patternFile,
      logFile,
    ];
    const started = performance.now();
    spawnSync('rg', options);
    return RIPGREP_BYTES / 1e6 / ((performance.now() - started) / 1000);
  } finally {
    await rm(folder, { recursive: true });
  }
}

/** How much the memory of a fresh process grows with a log of a gigabyte, in megabytes. */
async function measureMemory(): Promise<number> {
  const { stdout } = await promisify(execFile)(process.execPath, [import.meta.filename, '--read-large-log']);
  return Number(stdout);
}

function readLargeLog(): void {
  const part = renderLog(CHUNK_BYTES * 16);
  const matcher = compilePatterns(toPatterns(renderPatterns(100)));
  readOnce(matcher, part);
  const before = process.memoryUsage.rss();
  const matching = matcher.start();
  for (let written = 0; written < LARGE_LOG_BYTES; written += part.length) matching.write(part);
  matching.end();
  process.stdout.write(`${(process.resourceUsage().maxRSS * 1024 - before) / 1e6}\n`);
}

function startOnce(args: readonly string[]): number {
  const started = performance.now();
  spawnSync(process.execPath, args);
  return performance.now() - started;
}

/** Starts in turns, so that both have what else the machine does; the first of each, which fills what is kept, does not count. */
async function measureFirstVerdict(): Promise<string> {
  const folder = await mkdtemp(path.join(tmpdir(), 'codered-bench-'));
  try {
    const log = path.join(folder, 'log');
    await writeFile(log, renderLog(START_LOG_BYTES));
    const ours = [path.resolve(import.meta.dirname, '../src/codered.js'), 'classify', '--json', log];
    const turns = Array.from({ length: STARTS + 1 }, () => ({ bare: startOnce(['-e', '0']), ours: startOnce(ours) }));
    const [bare, verdict] = [turns.slice(1).map((turn) => turn.bare), turns.slice(1).map((turn) => turn.ours)];
    const quickest = Math.min(...verdict) / Math.min(...bare);
    return `${middle(verdict).toFixed(0)} ms, node -e 0 ${middle(bare).toFixed(0)} ms, ratio ${(middle(verdict) / middle(bare)).toFixed(1)} (${quickest.toFixed(1)} of the quickest)`;
  } finally {
    await rm(folder, { recursive: true });
  }
}

/** What a server does before its first diagnosis, and how long nothing else has its turn meanwhile. */
async function measurePreparing(): Promise<string> {
  const files = await Promise.all((await starterFiles()).map(readPatternFile));
  const patterns = files.flatMap((file) => file.patterns);
  const started = performance.now();
  let [last, longest, isReady] = [started, 0, false];
  const turn = () => {
    longest = Math.max(longest, performance.now() - last);
    last = performance.now();
    if (!isReady) setImmediate(turn);
  };
  setImmediate(turn);
  await keepMatchers(async () => patterns, { ignore: [], ignore_between: [] }, pino({ level: 'silent' }))('a project');
  isReady = true;
  const whole = performance.now() - started;
  longest = Math.max(longest, performance.now() - last);
  return `${patterns.length} patterns in ${whole.toFixed(0)} ms, nothing else has its turn for ${longest.toFixed(0)} ms at most`;
}

/** Prints the measurements; nothing is judged, because a shared machine is slow for reasons of its own. */
export async function run(): Promise<void> {
  const log = renderLog(LOG_BYTES);
  console.log(`log matching, ${Math.round(log.length / 1e6)} MB of log:`);
  const sets = [100, 1_000, 10_000].map((count) => {
    const regexes = renderPatterns(count);
    return { count, regexes, matcher: compilePatterns(toPatterns(regexes)) };
  });
  const speeds = measure(
    sets.map(
      ({ matcher }) =>
        () =>
          readOnce(matcher, log),
    ),
    log.length,
  );
  for (const [at, { count, regexes, matcher }] of sets.entries()) {
    const ours = speeds[at] ?? 0;
    const ripgrep = await measureRipgrep(regexes, log);
    const beside =
      ripgrep === null ? 'rg is not installed' : `rg ${ripgrep.toFixed(0)} MB/s, ratio ${(ours / ripgrep).toFixed(2)}`;
    console.log(`  ${count} patterns: ${ours.toFixed(0)} MB/s (${beside}; ${readOnce(matcher, log)} of them match)`);
  }
  const ratio = (at: number) => ((speeds[0] ?? 0) / (speeds[at] ?? 1)).toFixed(2);
  console.log(`  1,000 patterns take ${ratio(1)} times as long as 100, 10,000 ${ratio(2)} times`);
  console.log(`  memory grows with a log of 1 GB by: ${(await measureMemory()).toFixed(0)} MB`);
  console.log(`  a server's first diagnosis prepares ${await measurePreparing()}`);
  console.log(`  codered classify, from start to the verdict on 1 MB: ${await measureFirstVerdict()}`);
}

if (process.argv[2] === '--read-large-log') readLargeLog();
else if (import.meta.main) await run();
