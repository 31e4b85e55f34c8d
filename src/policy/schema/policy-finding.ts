// What makes no sense in a policy, and where. Pure.

/** Steps from the root of the file. */
export type Place = readonly (string | number)[];

export interface Finding {
  readonly place: Place;
  readonly message: string;
  /** Whether the key at `place` is meant, and not its value. */
  readonly isKey: boolean;
  /** The policy is in force all the same. */
  readonly isWarning: boolean;
}

/** What can never match or never counts: the gate would be weaker than it reads. */
export function problem(place: Place, message: string, isKey = false): Finding {
  return { place, message, isKey, isWarning: false };
}

/** What its authors may not mean. */
export function warning(place: Place, message: string, isKey = false): Finding {
  return { place, message, isKey, isWarning: true };
}
