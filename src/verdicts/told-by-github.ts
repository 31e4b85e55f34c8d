// Rule 2: GitHub says that the machine failed, not the code. Pure.

import { oneLine } from '../text/outside-text.ts';
import type { VerdictEvidence } from './evidence.ts';
import { no, type Rule, type RuleAnswer } from './rule.ts';
import { counted, named, sentenceOf } from './words.ts';

const WORDS_BYTES = 120;

/**
 * The runner was lost, or a step that is not the repository's broke before code of the repository ran. It needs no log. What the
 * job could have written itself proves nothing: a job prints annotations too, so that once its code ran, the annotation counts
 * only when the step never ended.
 */
export const toldByGitHub: Rule = { name: 'told_by_github', answer };

function answer({ failure, own_attempts: attempts }: VerdictEvidence): RuleAnswer {
  const { runner_lost: lost, step, own_code_ran: ownCode } = failure;
  if (step.is_service === true && ownCode === false)
    return infra(`The step ${named(step.name ?? 'of the runner')} broke before any code of the repository ran.`);
  if (lost === null) {
    if (step.is_service !== true) return no('GitHub says nothing of a lost runner, and no step of the runner broke');
    return no(
      ownCode === true
        ? 'code of the repository had run before the step broke'
        : 'whether code of the repository had run before the step broke is not known',
    );
  }
  if (lost.told_by === 'pattern') return no('only the log, which the job writes itself, speaks of a lost runner');
  if (ownCode !== false && step.ended !== false)
    return no(
      step.ended === true
        ? 'an annotation speaks of a lost runner, but the step came to its end: the job may have written it'
        : 'an annotation speaks of a lost runner, and whether the step came to its end is not known',
    );
  const again = attempts.filter(({ attempt, same }) => attempt !== failure.attempt && same === true).length;
  return infra(
    `The runner was lost: ${oneLine(lost.words, WORDS_BYTES)}`,
    again > 0
      ? `(Also in ${counted(again, 'other attempt')}: the job may need more memory or disk than there is.)`
      : null,
  );
}

function infra(first: string, more: string | null = null): RuleAnswer {
  return { holds: true, verdict: 'infra', sentence: sentenceOf(first, more) };
}
