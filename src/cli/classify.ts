// `codered classify`: says what broke in a log file. Only main.ts loads it.
import { parseArgs } from 'node:util';
import { compilePatterns, type LogMatch, type Matcher, type PatternMatch } from '../diagnose/patterns/match.ts';
import { readPatternFile, renderProblem, starterFiles } from './pattern-files.ts';
import { type Command, type CommandContext, Misused } from './terminal/command.ts';
import { readLog } from './terminal/log-input.ts';
import { printable } from './terminal/printable.ts';

const help = `codered classify [--patterns FILE]... [--json] LOG...

Says which known failure each log shows: the primary match and every other pattern that matched.
LOG is a file with a job's log, or - for standard input. Ends with 0 when all were read, whatever they show, with 1 when one can't be.

  --patterns FILE   look for these patterns (YAML, or PyTorch's TOML) instead of the starter library;
                    bad patterns in it are told and left out; a file that cannot be read or parsed, or none that is left, fails
  --json            print one object a line per log: { "file", "match": null | { "pattern", "line", "text", "captures",
                    "category", "severity", "root_cause", "recommended_fix" }, "matches": [...] }`;

async function run({ args, out, err, glance = () => {} }: CommandContext): Promise<0 | 1> {
  const { values, positionals: logs } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: { patterns: { type: 'string', multiple: true }, json: { type: 'boolean', default: false } },
  });
  if (logs.length === 0) throw new Misused('Name at least one log file, or - for standard input.');
  if (logs.filter((log) => log === '-').length > 1) throw new Misused('Standard input (-) can be read once only.');

  const matcher = await loadMatcher(values.patterns ?? (await starterFiles()), err);
  if (matcher === null) return 1;
  let failed = false;
  for (const log of logs) {
    const matching = matcher.start();
    const problem = await readLog(log, watched(log, matching.write, glance));
    if (problem === null) out(values.json ? renderJson(log, matching.end()) : renderText(log, matching.end()));
    else err(problem);
    failed ||= problem !== null;
  }
  return failed ? 1 : 0;
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

function renderJson(file: string, { primary, matches }: LogMatch): string {
  return JSON.stringify({ file, match: primary && toJson(primary), matches: matches.map(toJson) });
}

function toJson({ pattern, line, text, captures }: PatternMatch) {
  const { name, category, severity, root_cause, recommended_fix } = pattern;
  return { pattern: name, line, text, captures, category, severity, root_cause, recommended_fix };
}

function renderText(file: string, { primary, matches, lineCount }: LogMatch): string {
  if (primary === null) return `${file}: no pattern knows what is in these ${lineCount} lines`;
  const { pattern, line, text } = primary;
  return [
    `${file}:${line}: ${pattern.name} (${pattern.category}, ${pattern.severity})`,
    `  ${text}`,
    ...(pattern.root_cause === '' ? [] : [`  Root cause: ${pattern.root_cause}`]),
    ...(pattern.recommended_fix === '' ? [] : [`  Fix: ${pattern.recommended_fix}`]),
    ...matches.slice(1).map((other) => `  also line ${other.line}: ${other.pattern.name}`),
  ].join('\n');
}

/** See `help`. */
export const command: Command = { help, run };
