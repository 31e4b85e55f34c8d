// Rule 4: whoever touches what broke is asked first. Pure.

import type { VerdictEvidence } from './evidence.ts';
import { no, type Rule, type RuleAnswer } from './rule.ts';
import { placesOf } from './touched.ts';
import { firstOf, named } from './words.ts';

/** When the change touches what the failure names, or nobody knows whether it does, the three rules after it can't hold. */
export const veto: Rule = { name: 'change_touches_it', answer };

function answer(evidence: VerdictEvidence): RuleAnswer {
  const why = whyVetoed(evidence);
  return why === null ? no('the change touches nothing that the failure names') : { holds: false, vetoes: true, why };
}

/** Why the change may have to do with the failure; null when it is known to touch nothing that the failure names. */
export function whyVetoed({ failure, changed }: VerdictEvidence): string | null {
  if (changed.touched !== null && changed.touched.length > 0)
    return `this change touches ${firstOf(changed.touched, 'file')}, which the failure depends on`;
  if (changed.touched === null) return 'which files this change touches is not known';
  if (failure.files === null || failure.tests === null) return 'which files the failure names is not known';
  const unplaced = failure.tests.filter((test) => placesOf(test) === null).map(({ name }) => name);
  // A single failing test lies where the log says that the job failed.
  const [only] = unplaced.toSorted();
  if (only === undefined || (failure.tests.length === 1 && failure.files.length > 0)) return null;
  return `no report says in which file the test ${named(only)} is, so whether this change touches it is not known`;
}
