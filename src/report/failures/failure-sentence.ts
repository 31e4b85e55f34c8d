// The first line of a failure: what failed, in which step, what it is, and where its log stands. Pure.

import type { PullRequestReport, ReportDeployment, ReportFailure } from '../../model/pull-request.ts';
import { link, linkIfAny, nameCode, namePlain, patternProse, plain } from '../../text/markdown.ts';
import { commitLink } from './commit-link.ts';
import { logLink } from './deployments.ts';
import { type Failed, type FailureEntry, pageOf } from './failures.ts';
import { attemptOf, type FailedName, inWords } from './job-names.ts';
import { quoteOf } from './pattern-words.ts';

/** The most names in the sentence; the entry folds the rest. */
export const NAMES_IN_SENTENCE = 8;

const STEPS_IN_SENTENCE = 2;
const PATTERN_NAME_BYTES = 200;

/** The sentence about an entry; `names` are those of everything that failed in it. */
export function failureSentence(entry: FailureEntry, names: readonly FailedName[], report: PullRequestReport): string {
  const asks = asksFor(entry);
  if (asks !== null) return asks;
  const what = `${subject(names)} ${verb(entry.failed)}${steps(entry.failed)}${commit(entry.shown, report)}`;
  return [what, whatItIs(entry), ...attempt(entry.failed), ...page(entry)].join(' · ');
}

/** What the Apps of checks with `action_required` want, in sentences; null when there is none: such a check has not failed. */
function asksFor({ failed, failure }: FailureEntry): string | null {
  const sentences = failed.slice(0, NAMES_IN_SENTENCE).flatMap((one) => {
    if (one.kind !== 'job' || one.job.conclusion !== 'action_required') return [];
    const { author = null, name, says = null, html_url } = one.job;
    const app = `**${author === null ? nameCode(name) : namePlain(author)}**`;
    // What was read of it stands below.
    const what = says === null || failure !== null ? nameCode(name) : `${nameCode(name)}: ${plain(says)}`;
    return [`${app} asks for something: ${link('open it', html_url)} · ${what}`];
  });
  const more = failed.length - NAMES_IN_SENTENCE;
  if (sentences.length < Math.min(failed.length, NAMES_IN_SENTENCE)) return null;
  return [...sentences, ...(more > 0 ? [`${more.toLocaleString('en-US')} more`] : [])].join(' · ');
}

function subject(names: readonly FailedName[]): string {
  const shown = names.slice(0, NAMES_IN_SENTENCE).map((name) => name.markdown);
  const more = names.length - shown.length;
  const sentence = inWords(more > 0 ? [...shown, `${more.toLocaleString('en-US')} more`] : shown);
  return sentence.replace(/^(\*\*)d(?=eployment to )/, '$1D');
}

function verb(failed: readonly Failed[]): string {
  const conclusions = new Set(failed.map((one) => (one.kind === 'job' ? one.job.conclusion : null)));
  if (conclusions.size > 1) return 'failed';
  if (conclusions.has('timed_out')) return 'timed out';
  return conclusions.has('startup_failure') ? 'did not start' : 'failed';
}

/** The steps that the sentence names, as raw text from outside: none when there are too many. */
export function stepNames(failed: readonly Failed[]): string[] {
  const names = new Set(
    failed.flatMap((one) => (one.kind === 'job' && one.job.failed_step ? [one.job.failed_step.name] : [])),
  );
  return names.size > STEPS_IN_SENTENCE ? [] : [...names];
}

function steps(failed: readonly Failed[]): string {
  const names = stepNames(failed);
  if (names.length === 0) return '';
  return ` in ${names.length === 1 ? 'step' : 'steps'} ${inWords(names.map(nameCode))}`;
}

function commit(shown: Failed, report: PullRequestReport): string {
  if (shown.kind === 'job' || shown.deployment.commit_sha === report.pull_request.head_sha) return '';
  return ` at ${commitLink(report, shown.deployment.commit_sha)}`;
}

function whatItIs({ knowledge, failed, shown, failure }: FailureEntry): string {
  switch (knowledge) {
    case 'known':
      return `${failure?.is_elsewhere ? 'perhaps ' : ''}${patternProse(failure?.pattern?.name ?? '', PATTERN_NAME_BYTES)}`;
    case 'unknown':
      if (quoteOf(shown, failure, false)?.markdown === null) return 'it gives no reason';
      return wasRead(shown, failure) ? 'no pattern knows this' : 'no log was read';
    case 'no-log': {
      const expired = shown.kind === 'job' && shown.job.log_state === 'expired';
      return expired ? 'no log: GitHub no longer has it' : 'no log: GitHub never had one';
    }
    case 'reading':
      return failed.length === 1 ? 'the log is being read' : 'the logs are being read';
    case 'elsewhere':
      if (shown.kind !== 'job') return 'its cause is not known';
      return shown.job.author === 'github-actions'
        ? 'no log of its own: a step of a workflow wrote this check'
        : 'no log: it did not run in GitHub Actions';
    default:
      throw new Error(`knowledge ${knowledge satisfies never} is not known`);
  }
}

// Without a log the verdict is a sentence of our own, which patterns have nothing to say to.
function wasRead(shown: Failed, failure: ReportFailure | null): boolean {
  if (shown.kind === 'deployment' || shown.job.provider !== 'github-actions') return true;
  return shown.job.log_state !== 'none' || failure?.excerpt != null;
}

function attempt(failed: readonly Failed[]): string[] {
  const [number, ...others] = new Set(failed.map(attemptOf));
  return number === undefined || number === 1 || others.length > 0 ? [] : [`attempt ${number}`];
}

function page({ shown, failed, failure, knowledge }: FailureEntry): string[] {
  if (shown.kind === 'deployment') return deploymentLog(shown.deployment, failure);
  const { job } = shown;
  if (job.provider !== 'github-actions') return linkIfAny('details', job.html_url);
  if (failure?.line_number != null) return [logLine(shown, { ...failure, line_number: failure.line_number })];
  if (failed.length > 1) return [];
  if (job.conclusion === 'startup_failure') return linkIfAny('run', job.html_url);
  return linkIfAny(job.log_state === 'fetched' && knowledge !== 'no-log' ? 'log' : 'job', job.html_url);
}

function deploymentLog(deployment: ReportDeployment, failure: ReportFailure | null): string[] {
  const line = failure?.line_number;
  return logLink(deployment, line == null ? 'log' : `log, line ${line}`);
}

/** Where a line of the log stands: `log, line 214`, as a link to it where there is a page. */
export function logLine(
  shown: Failed,
  place: { readonly line_number: number; readonly step_first_line: number | null; readonly is_elsewhere?: boolean },
): string {
  return link(`log, line ${place.line_number}`, logUrl(shown, place));
}

/** The page of a line of the log, in which GitHub counts from the step's own beginning (`#step:<step>:<line>`); else the job's. */
export function logUrl(
  shown: Failed,
  { line_number: line, step_first_line: first, is_elsewhere = false }: Parameters<typeof logLine>[1],
): string | null {
  const url = pageOf(shown);
  const step = shown.kind === 'job' ? shown.job.failed_step : null;
  if (url === null || step === null || first === null || line < first || is_elsewhere) return url;
  return `${url}#step:${step.number}:${line - first + 1}`;
}
