// What makes no sense in a policy, and where. Pure.

/** Where something stands: keys and indices from the root of the file. */
export type Place = readonly (string | number)[];

/** Something in a policy that makes no sense; `message` is for its author. */
/** Something in a policy that makes no sense; `message` is for its author. */
export interface Finding {
  readonly place: Place;
  readonly message: string;
  /** True when it is about the key at `place` and not about its value. */
  readonly isKey: boolean;
  /** True when the policy stays in force. */
  readonly isWarning: boolean;
}

/** A finding that makes the policy broken: something can never match or count, so the gate would be weaker than the file looks. */
export function problem(place: Place, message: string, isKey = false): Finding {
  return { place, message, isKey, isWarning: false };
}

/** A finding that leaves the policy in force: its authors may not mean it. */
export function warning(place: Place, message: string, isKey = false): Finding {
  return { place, message, isKey, isWarning: true };
}
