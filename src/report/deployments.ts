// Says in one line how the deployments stand that did not fail; the failed ones are failures. Pure; body.ts and
// comment.ts may import it.

import type { PullRequestReport, ReportDeployment } from '../pull-request-report.ts';
import { commitLink } from './commit-link.ts';
import { compareNames } from './failures.ts';
import { codeSpan, link } from './markdown.ts';

const DEPLOYMENTS_IN_LINE = 5;
const WORDS = {
  pending: 'pending',
  running: 'running',
  succeeded: 'succeeded',
  rolled_back: 'rolled back',
} as const satisfies Partial<Record<ReportDeployment['status'], string>>;

/** One line of Markdown, or none without such a deployment. */
export function deploymentsLine(report: PullRequestReport): string[] {
  const told = report.deployments.toSorted((a, b) => compareNames(a.environment_name, b.environment_name));
  const parts = told.flatMap((one) => (one.status === 'failed' ? [] : [{ ...one, words: WORDS[one.status] }]));
  if (parts.length === 0) return [];
  const shown = parts
    .slice(0, DEPLOYMENTS_IN_LINE)
    .map((part) => `${environment(part)} ${part.words}${commit(part, report)}`);
  const more = parts.length - shown.length;
  const list = more > 0 ? [...shown, `${more.toLocaleString('en-US')} more`] : shown;
  return [`${parts.length === 1 ? 'Deployment' : 'Deployments'}: ${list.join(', ')}`];
}

function environment({ environment_name, url }: ReportDeployment): string {
  return link(codeSpan(environment_name), url);
}

function commit({ commit_sha }: ReportDeployment, report: PullRequestReport): string {
  return commit_sha === report.pull_request.head_sha ? '' : ` at ${commitLink(report, commit_sha)}`;
}
