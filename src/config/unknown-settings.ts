// Finds mistyped settings: names in the environment that are no setting but were meant to be one. A mistyped
// CODERED_ALLOWED_ACCOUNTS would let everybody in without a word.
import { closestName, distance } from '../text/closest-name.ts';

/** With these nobody but us begins a name; of the other prefixes others have names too (SUPABASE_ACCESS_TOKEN). */
const OURS_ALONE = /^(?:CODERED|METRICS)_/i;
const PREFIXES = /^(?:CODERED|METRICS|SUPABASE|WEBHOOK)_/;
/** Kubernetes sets these in every container for a service that is called like us, and Docker for a linked container. */
const OF_A_SERVICE =
  /_(?:SERVICE_HOST|SERVICE_PORT(?:_\w+)?|PORT_\d{1,5}_(?:TCP|UDP|SCTP)(?:_(?:ADDR|PORT|PROTO|PORT_START|PORT_END))?)$/;
const OF_A_SERVICE_VALUE = /^(?:tcp|udp|sctp):\/\//;
/** Longer names are none of ours mistyped; they cost nothing to pass over. */
const LONGEST_NAME = 60;

/** A name in the environment that looks like a setting and is none. */
export interface UnknownSetting {
  readonly name: string;
  /** The setting that was probably meant; null when none is similar. */
  readonly meant: string | null;
}

/** Returns the names of `given` that are not in `known` and look like a setting of ours. */
export function unknownSettings(
  given: Readonly<Record<string, string | undefined>>,
  known: readonly string[],
): UnknownSetting[] {
  const long = known.filter((name) => PREFIXES.test(name));
  return Object.keys(given).flatMap((name) => {
    if (known.includes(name) || isOfService(name, given[name] ?? '')) return [];
    const near = nearMiss(name, long);
    if (near !== null) return [{ name, meant: near }];
    if (!OURS_ALONE.test(name)) return [];
    return [{ name, meant: closestName(name, long) }];
  });
}

/** The problems to report, one line for each. */
export function unknownProblems(unknown: readonly UnknownSetting[]): string[] {
  return unknown.map(({ name, meant }) => {
    const advice = meant === null ? 'README.md lists those that there are' : `did you mean ${meant}?`;
    return `${name} is no setting; ${advice}`;
  });
}

function isOfService(name: string, value: string): boolean {
  return OF_A_SERVICE.test(name) || (name.endsWith('_PORT') && OF_A_SERVICE_VALUE.test(value));
}

/** One or two letters beside one of ours, whatever the case; of a short ending (_URL) no more than one. */
function nearMiss(name: string, known: readonly string[]): string | null {
  if (name.length > LONGEST_NAME) return null;
  const written = name.toUpperCase();
  const ranked = known
    .map((setting) => ({ setting, letters: distance(written, setting) }))
    .filter(({ setting, letters }) => letters <= 2 && 2 * letters <= setting.length - setting.indexOf('_') - 1)
    .toSorted((one, other) => one.letters - other.letters);
  return ranked[0]?.setting ?? null;
}
