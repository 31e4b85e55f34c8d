// What normalising comes to, for tests that know which of the two it is.
import type { Facts } from '../../src/model/facts.ts';
import { normalise } from '../../src/normalise/normalise.ts';

export const OUR_APP_ID = 4242;

/** The facts of a payload; fails the test when the payload is ignored. */
export function factsOf(event: string, payload: unknown, appId: number | null = OUR_APP_ID): Facts {
  const normalised = normalise({ event, payload }, { appId });
  if (normalised.kind === 'ignored') throw new Error(`ignored: ${normalised.reason}`);
  return normalised.facts;
}

/** Why a payload is ignored; fails the test when it is not. */
export function ignoredBecause(event: string, payload: unknown, appId: number | null = OUR_APP_ID): string {
  const normalised = normalise({ event, payload }, { appId });
  if (normalised.kind === 'facts') throw new Error('not ignored');
  return normalised.reason;
}
