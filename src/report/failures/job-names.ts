// How jobs and deployments are called in a sentence: in code, with the workflow where two share a name, each named once. Pure.

import type { PullRequestReport, ReportJob } from '../../model/pull-request.ts';
import { link, nameCode } from '../../text/markdown.ts';
import { NAME_CHARACTERS, nameLine } from '../../text/outside-text.ts';
import { environmentLink } from './deployments.ts';
import type { Failed } from './failures.ts';

const SEPARATOR = ' / ';
/** With less nobody would know a workflow. */
const WORKFLOW_CHARACTERS = 12;

/** What a job is called on this pull request, as raw text from outside: its name, behind its workflow's where needed. */
export type JobLabel = (job: ReportJob) => string;

/** How to call the jobs of a report: `test`, or `CI / test` where jobs of several workflows are called so. */
export function jobLabels(report: PullRequestReport): JobLabel {
  const workflows = new Map<string, Set<string>>();
  for (const { name, workflow_name } of report.jobs) {
    workflows.set(name, (workflows.get(name) ?? new Set()).add(workflow_name));
  }
  return (job) => ((workflows.get(job.name)?.size ?? 0) > 1 ? withWorkflow(job) : job.name);
}

/** Both stand in what one name may take; where they are too long the workflow's is cut, or left out, so that the job's is seen. */
function withWorkflow({ workflow_name, name }: ReportJob): string {
  const room = NAME_CHARACTERS - SEPARATOR.length - Array.from(nameLine(name)).length;
  return room < WORKFLOW_CHARACTERS ? name : `${nameLine(workflow_name, room)}${SEPARATOR}${name}`;
}

export interface FailedName {
  /** Raw text from outside. */
  readonly label: string;
  /** Safe Markdown. */
  readonly markdown: string;
}

/** The names of what failed, each once with how often it stands for (`×2`), linked to their pages when `linked`. */
export function failedNames(failed: readonly Failed[], label: JobLabel, linked: boolean): FailedName[] {
  const attempts = new Set(failed.map(attemptOf));
  const groups = Map.groupBy(failed, (one) => `${one.kind} ${labelOf(one, label)}`);
  return [...groups.values()].flatMap((same) => {
    const [first] = same;
    if (first === undefined) return [];
    const attempt = attempts.size > 1 && attemptOf(first) > 1 ? ` (attempt ${attemptOf(first)})` : '';
    const times = same.length > 1 ? ` ×${same.length}` : '';
    const named = `${nameMarkdown(first, label, linked)}${times}${attempt}`;
    return [{ label: labelOf(first, label), markdown: named }];
  });
}

/** The attempt of a failed job; 1 for a deployment. */
export function attemptOf(failed: Failed): number {
  return failed.kind === 'job' ? failed.job.run_attempt : 1;
}

/** `a`, `a and b`, `a, b and c`. */
export function inWords(parts: readonly string[]): string {
  const last = parts.at(-1) ?? '';
  return parts.length < 2 ? last : `${parts.slice(0, -1).join(', ')} and ${last}`;
}

/** What failed is called so: raw text from outside. */
export function labelOf(failed: Failed, label: JobLabel): string {
  return failed.kind === 'job' ? label(failed.job) : failed.deployment.environment_name;
}

function nameMarkdown(failed: Failed, label: JobLabel, linked: boolean): string {
  const code = nameCode(labelOf(failed, label));
  if (failed.kind === 'deployment') return `**deployment to ${environmentLink(failed.deployment, code)}**`;
  return `**${linked ? link(code, failed.job.html_url) : code}**`;
}
