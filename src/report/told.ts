// What another system said of a failure of which there is no log: a sentence of its own, told as such and never quoted as if it
// were a line of a log. Pure; the files of report/ may import it.

import type { ReportFailure } from '../pull-request-report.ts';
import type { Failed } from './failures.ts';
import { nameCode, plain } from './markdown.ts';
import { oneLine } from './outside-text.ts';

const SENTENCE_BYTES = 500;
/** How judging ends its own sentence about what came without a description. */
const NOTHING_TOLD = ' failed and gives no reason.';

/**
 * What a status or a deployment told, as safe Markdown, or null when it told nothing; null itself for a failure of anything
 * else, or of which there is a log. `named`: whether it has to be said which one.
 */
export function toldBy(
  shown: Failed,
  failure: ReportFailure | null,
  named: boolean,
): { readonly markdown: string | null } | null {
  const source = sourceOf(shown, failure);
  if (source === null) return null;
  const said = oneLine(failure?.excerpt ?? failure?.message ?? '', SENTENCE_BYTES);
  if (said === '' || said.endsWith(NOTHING_TOLD)) return { markdown: null };
  const speaker = named ? `${source.kind} ${nameCode(source.name)}` : `the ${source.kind}`;
  return { markdown: `Told by ${speaker}: ${plain(said, SENTENCE_BYTES)}` };
}

function sourceOf(
  shown: Failed,
  failure: ReportFailure | null,
): { readonly kind: string; readonly name: string } | null {
  if (shown.kind === 'job') {
    return shown.job.provider === 'github-status' ? { kind: 'status', name: shown.job.name } : null;
  }
  // The log of the run that deploys has lines.
  const isLog = failure?.line_number != null && failure.excerpt_first_line !== null;
  return isLog ? null : { kind: 'deployment', name: shown.deployment.environment_name };
}
