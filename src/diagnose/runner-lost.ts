// Tells a runner that was lost from code that says so. Pure.

import type { PinnedNote } from './classify.ts';

/** How GitHub's sentences begin that it writes on the check run of a job whose runner is gone. Assumed: docs/github.md#annotations */
const BEGINNINGS: readonly string[] = [
  'The hosted runner lost communication with the server',
  'The hosted runner encountered an error while running your job',
  'The runner has received a shutdown signal',
  'GitHub Actions has encountered an internal error when running your job',
];

/**
 * GitHub's words that the runner of a failed job was lost; null when it says none. Whoever prints `::error::` writes an annotation
 * of the very same form, but then a step fails: the words count only of a job in which no step did.
 */
export function runnerLostIn(
  notes: readonly Pick<PinnedNote, 'message' | 'annotation_level' | 'path'>[],
  steps: readonly { readonly conclusion: string | null }[],
): string | null {
  if (steps.some(({ conclusion }) => conclusion === 'failure' || conclusion === 'timed_out')) return null;
  const said = notes.find(
    ({ message, annotation_level, path }) =>
      annotation_level === 'failure' && path === '.github' && isOfLostRunner(message),
  );
  return said === undefined ? null : (said.message.split('\n')[0] ?? '').slice(0, 500);
}

function isOfLostRunner(message: string): boolean {
  if (BEGINNINGS.some((beginning) => message.startsWith(beginning))) return true;
  // It names the runner in between.
  return (
    message.startsWith('The self-hosted runner') && message.slice(0, 500).includes('lost communication with the server')
  );
}
