// Links a commit by its first seven characters. Pure.

import type { PullRequestReport } from '../../model/pull-request.ts';
import { codeSpan, link } from '../../text/markdown.ts';

/** A commit of the report's repository, seven characters, linked. */
export function commitLink(report: PullRequestReport, sha: string): string {
  return link(
    codeSpan(sha.slice(0, 7)),
    `${report.repository.html_url}/commit/${encodeURIComponent(sha.toWellFormed())}`,
  );
}
