// Says in words what is wrong with the keys of a policy. Pure.

import { closestName } from '../../text/closest-name.ts';

type Path = readonly (string | number)[];

/** The message for a value that is missing or of the wrong kind. */
export function nothingAt(
  path: Path,
  { input, message }: { readonly input?: unknown; readonly message: string },
): string {
  if (input !== undefined && input !== null) return message;
  const said = input === undefined ? 'is missing' : message;
  return path.length === 1 && path[0] === 'dod' ? `${said}; where nothing is asked for, say dod: {}` : said;
}

const SOURCE_KINDS: readonly string[] = ['job', 'check', 'status', 'artifact'];

/** Of the keys below a criterion in `evidence`, those that name a kind of source (job, check, status, artifact). Exactly one is right. */
export function kindsOfSource([first, ...rest]: Path, keys: readonly string[]): string[] {
  return first === 'evidence' && rest.length === 1 ? keys.filter((key) => SOURCE_KINDS.includes(key)) : [];
}

/** The message when several kinds of source are given. */
export function notBoth(kinds: readonly string[]): string {
  const said = `${kinds.slice(0, -1).join(', ')} or ${kinds.at(-1)}`;
  return `${said}, not ${kinds.length === 2 ? 'both' : 'several'}: a criterion is measured in one place`;
}

/** The message for an unknown key, with the allowed key that may be meant. */
export function noSuchKey(key: string, allowed: readonly string[]): string {
  const closest = closestName(
    key,
    allowed.filter((one) => one !== key),
  );
  const meant = closest === null ? '' : `; did you mean ${closest}?`;
  // `0,8` in braces is the figure 0, and a key 8.
  const comma = key !== '' && Number.isInteger(Number(key)) ? `; a figure has a point, as 0.${key}.` : '';
  return `there is no such key${meant || comma || '.'} Allowed here: ${allowed.join(', ')}`;
}
