// Says in one line how the deployments stand that did not fail, and where they are; the failed ones are failures. Pure; the
// files of report/ may import it.

import type { PullRequestReport, ReportDeployment } from '../../model/pull-request.ts';
import { link, linkIfAny, nameCode } from '../../text/markdown.ts';
import { commitLink } from './commit-link.ts';
import { compareNames } from './failures.ts';

const DEPLOYMENTS_IN_LINE = 5;
const WORDS = {
  pending: 'pending',
  running: 'running',
  succeeded: 'succeeded',
  rolled_back: 'rolled back',
} as const satisfies Partial<Record<ReportDeployment['status'], string>>;

/** One line of Markdown, or none without such a deployment. */
export function deploymentsLine(report: PullRequestReport): string[] {
  const sorted = report.deployments.toSorted((a, b) => compareNames(a.environment_name, b.environment_name));
  const parts = sorted.flatMap((one) => (one.status === 'failed' ? [] : [{ ...one, words: WORDS[one.status] }]));
  if (parts.length === 0) return [];
  const shown = parts
    .slice(0, DEPLOYMENTS_IN_LINE)
    .map(
      (part) =>
        `${environmentLink(part, nameCode(part.environment_name))} ${part.words}${commit(part, report)}${log(part)}`,
    );
  const more = parts.length - shown.length;
  const list = more > 0 ? [...shown, `${more.toLocaleString('en-US')} more`] : shown;
  return [`${parts.length === 1 ? 'Deployment' : 'Deployments'}: ${list.join(', ')}`];
}

/** Linked to what it deployed to; where neither that nor a log was told, to the only page there is. */
export function environmentLink({ environment_url, log_url, url }: ReportDeployment, markdown: string): string {
  return link(markdown, environment_url ?? (log_url == null ? url : null));
}

/** Its log, where that is a page of its own. */
export function logLink({ log_url = null, environment_url }: ReportDeployment, words = 'log'): string[] {
  return log_url === environment_url ? [] : linkIfAny(words, log_url);
}

function log(deployment: ReportDeployment): string {
  return logLink(deployment)
    .map((page) => ` (${page})`)
    .join('');
}

function commit({ commit_sha }: ReportDeployment, report: PullRequestReport): string {
  return commit_sha === report.pull_request.head_sha ? '' : ` at ${commitLink(report, commit_sha)}`;
}
