// Every operation with the places that it has in REST: its own, and the forms that document 002 gives some of them.
import type { Operation } from '../../operations/declared/operation.ts';
import { OPERATIONS } from '../../operations/operations.ts';
import { PLACES, type Place } from './paths.ts';
import { v1Forms } from './v1-forms.ts';

/** An operation as it is taken and given at a place. */
export type Placed = readonly [Operation, Place];

/** All of them; an operation may have several. */
export function placed(): readonly Placed[] {
  const own = OPERATIONS.flatMap((operation): readonly Placed[] => {
    const place = PLACES[operation.name];
    return place === undefined ? [] : [[operation, place]];
  });
  return [...own, ...v1Forms()];
}
