// What another system said of a failure of which there is no log: a sentence of its own, shown as such and never quoted as if it
// were a line of a log. Pure.

import type { CiProvider } from '../../model/failure.ts';
import type { ReportFailure } from '../../model/pull-request.ts';
import { nameCode, plain } from '../../text/markdown.ts';
import { oneLine } from '../../text/outside-text.ts';
import type { Failed } from './failures.ts';

const SENTENCE_BYTES = 500;
const KINDS: Readonly<Partial<Record<CiProvider, string>>> = { 'github-status': 'status', 'github-checks': 'check' };
/** The end of our own sentence for a failure that came without a description. */
const NOTHING_SAID = ' failed and gives no reason.';

export interface QuotedWords {
  /** Safe Markdown; null when the other system gave no description. */
  readonly markdown: string | null;
  /** Whether there are further lines, as checks have. */
  readonly has_lines: boolean;
}

/**
 * What a status, a check or a deployment said; null for a failure of anything else, or of which there is a log. `named`:
 * whether it has to be said which one.
 */
export function quoteOf(shown: Failed, failure: ReportFailure | null, named: boolean): QuotedWords | null {
  const source = sourceOf(shown, failure);
  if (source === null) return null;
  const has_lines = source.kind === 'check' && failure?.excerpt != null && failure.excerpt_first_line === null;
  const said = oneLine((has_lines ? null : failure?.excerpt) ?? failure?.message ?? '', SENTENCE_BYTES);
  if (said === '' || said.endsWith(NOTHING_SAID)) return { markdown: null, has_lines };
  const speaker = named ? `${source.kind} ${nameCode(source.name)}` : `the ${source.kind}`;
  return { markdown: `Told by ${speaker}: ${plain(said, SENTENCE_BYTES)}`, has_lines };
}

function sourceOf(
  shown: Failed,
  failure: ReportFailure | null,
): { readonly kind: string; readonly name: string } | null {
  if (shown.kind === 'job') {
    const kind = KINDS[shown.job.provider];
    return kind === undefined ? null : { kind, name: shown.job.name };
  }
  // The log of the run that deploys has lines.
  const isLog = failure?.line_number != null && failure.excerpt_first_line !== null;
  return isLog ? null : { kind: 'deployment', name: shown.deployment.environment_name };
}
