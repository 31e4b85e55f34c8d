// What the steps of a job say about work that the job's name promises. Pure.
//
// A job's conclusion is for all of its steps, and GitHub reports a failed step with continue-on-error as passed (docs/github.md#runs-jobs-and-attempts):
// so no step proves anything for a job whose name does not say it. But steps may show that the name is wrong.

import type { JobStep } from '../model/evidence-model.ts';
import { wordsOf } from './name-words.ts';
import { hints, type Work, worksOf } from './work-names.ts';
import { ASKING } from './work-words.ts';

/** Of a title or a commit message, which a job "lint" checks as well. */
const NO_CODE: ReadonlySet<string> = new Set('title titles commitlint semantic conventional labeler'.split(' '));

/** Whether the steps show that the job does something else than its name says: it checks titles, and no step does the work. */
export function isDenied(steps: readonly JobStep[], work: Work): boolean {
  if (steps.some(({ name }) => worksOf(commandOf(name)).includes(work))) return false;
  return steps.some(({ name }) => wordsOf(name).some((word) => NO_CODE.has(word)));
}

/** The name of the skipped step that would have done the work, when all such steps of the job were skipped; null when one ran or none is known. */
export function skippedStep(steps: readonly JobStep[], work: Work): string | null {
  const doing = steps.filter(({ name }) => worksOf(commandOf(name)).includes(work) && !isWordOnly(name));
  return doing.every(({ conclusion }) => conclusion === 'skipped') ? (doing[0]?.name ?? null) : null;
}

/** `Should lint?`, `Lint needed`, `Run echo lint`; of a command only what it begins with is a word. */
function isWordOnly(name: string): boolean {
  if (!name.startsWith('Run ')) return name.trimEnd().endsWith('?') || wordsOf(name).some((word) => ASKING.has(word));
  const [command = ''] = wordsOf(commandOf(name));
  return ASKING.has(command);
}

/** A step that names the work, of a job that does not. */
export function hintingStep(steps: readonly JobStep[], work: Work): string | null {
  return steps.find(({ name }) => hints(name, work))?.name ?? null;
}

/** GitHub calls a step without a name `Run` and its command. */
function commandOf(name: string): string {
  return name.startsWith('Run ') ? name.slice(4) : name;
}
