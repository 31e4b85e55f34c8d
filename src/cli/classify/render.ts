// Renders what was found in a log, as JSON for programs and as text for people. Pure.
import { readLogMark } from '../../diagnose/log/log-marks.ts';
import type { LogMatch, PatternMatch } from '../../diagnose/patterns/match.ts';
import { printable, printableJson } from '../terminal/printable.ts';

/** Which log it is. */
export interface NamedLog {
  readonly file: string;
  /** The job, where the file holds the logs of several and names them. */
  readonly job: string | null;
}

/** One line of JSON, as `codered classify --help` has it. */
export function renderJson(
  { file, job }: NamedLog,
  { primary, matches, causes, anchor, failedStep }: LogMatch,
): string {
  const told = { match: primary && toJson(primary), matches: matches.map(toJson) };
  const step = failedStep ?? anchor?.step?.name ?? null;
  return printableJson({
    file,
    ...(job === null ? {} : { job }),
    ...told,
    causes: causes.map(({ pattern }) => pattern.name),
    evidence: evidenceOf(anchor),
    step,
  });
}

function evidenceOf(anchor: LogMatch['anchor']) {
  if (anchor === null) return null;
  const { line, text, first_line, last_line, kind } = anchor;
  return { line, text, first_line, last_line, why: kind };
}

function toJson({ pattern, line, text, captures, step, others, demoted }: PatternMatch) {
  const { name, category, severity, root_cause, recommended_fix, rank } = pattern;
  const told = { pattern: name, line, text, captures, category, severity, root_cause, recommended_fix };
  return { ...told, rank, step: step?.name ?? null, others, demoted };
}

const WHY = {
  match: 'a pattern knows it',
  error: 'the runner marks it as an error',
  block: 'the last lines that look like an error begin with it',
  exit: 'it is the last line before the exit',
  tail: 'it is the last line of the log',
} as const;
const DEMOTED = {
  'in-green-log': 'the green log has it too',
  'outside-of-failed-step': 'outside of the failed step',
  'after-the-steps': 'after the last step',
  'no-failure-near': 'no step of this log failed there',
} as const;

/** Some lines for a person. Lines, steps, jobs and file names are strangers' words: none moves the cursor. */
export function renderText(log: NamedLog, match: LogMatch): string {
  return toLines(log, match).map(printable).join('\n');
}

function toLines({ file, job }: NamedLog, { primary, matches, anchor, failedStep, lineCount }: LogMatch): string[] {
  const named = job === null ? '' : `job ${job}: `;
  const step = failedStep ?? anchor?.step?.name;
  const where = step === undefined ? [] : [`  Failed step: ${step}`];
  const also = matches.filter((match) => match !== primary).map(renderOther);
  if (primary === null)
    return [`${file}: ${named}no pattern knows what is in ${linesOf(lineCount)}`, ...quoted(anchor), ...where, ...also];
  const { pattern, line, text, others } = primary;
  const isElsewhere = anchor !== null && anchor.line !== line;
  return [
    `${file}:${line}: ${named}${pattern.name} (${pattern.category}, ${pattern.severity})`,
    `  ${text}`,
    ...renderOthers(others),
    ...(isElsewhere ? [`  Line ${anchor.line} says more: ${anchor.text}`] : []),
    ...(pattern.root_cause === '' ? [] : [`  Root cause: ${pattern.root_cause.replaceAll('\n', ' ')}`]),
    ...(pattern.recommended_fix === '' ? [] : [`  Fix: ${pattern.recommended_fix.replaceAll('\n', ' ')}`]),
    ...where,
    ...also,
  ];
}

function linesOf(count: number): string {
  return count === 1 ? 'this line' : `these ${count} lines`;
}

function quoted(anchor: LogMatch['anchor']): string[] {
  if (anchor === null || anchor.kind === 'tail') return ['  No line says why.'];
  const { line, text, kind } = anchor;
  if (kind === 'exit' && readLogMark(text)?.kind === 'exit')
    return [`  No line says why: the step printed nothing before it ended (line ${line}).`];
  return [`  Line ${line}: ${text}`, `  Quoted because ${WHY[kind]}.`];
}

/** How many more there are, and the first three. */
function renderOthers({ count, lines }: PatternMatch['others']): string[] {
  if (count === 0) return [];
  const first = count > lines.length && lines.length > 0 ? ', the first of them' : '';
  const named = lines.map(({ line, text }) => `    line ${line}: ${shortened(text)}`);
  return [`  and ${count} more of this kind${first}${named.length > 0 ? ':' : ''}`, ...named];
}

function renderOther({ line, pattern, demoted }: PatternMatch): string {
  return `  also line ${line}: ${pattern.name}${demoted === null ? '' : ` (${DEMOTED[demoted]})`}`;
}

const MOST_CHARACTERS = 200;

function shortened(text: string): string {
  return text.length <= MOST_CHARACTERS ? text : `${text.slice(0, MOST_CHARACTERS - 1).toWellFormed()}…`;
}
