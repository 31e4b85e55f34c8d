// Where a person goes once they are signed in: a page of ours, and never a stranger's. Pure.

/** Where nobody said. */
const ACCOUNT = '/account';
const LONGEST = 500;
/** Who writes `%252f` means `/` after two readings; who goes on like this means nothing good. */
const MOST_READINGS = 4;
const BASE = 'https://codered.invalid';

/** The path to go to, as an address has it; null when what is asked for is no path of ours, however it is written. */
export function returnPath(asked: string | null): string | null {
  if (asked === null || asked === '') return ACCOUNT;
  if (asked.length > LONGEST) return null;
  let text = asked;
  for (let readings = 0; readings < MOST_READINGS; readings += 1) {
    if (!isOurs(text)) return null;
    const read = decoded(text);
    if (read === null) return null;
    if (read === text) return written(asked);
    text = read;
  }
  return null;
}

/** Browsers read a backslash as a slash, and leave out line breaks and tabs: `/\host` and `/<tab>/host` are `//host` to them. */
function isOurs(text: string): boolean {
  const isPlain = [...text].every((character) => character >= ' ' && character !== '\\' && character !== '\x7f');
  if (!isPlain || !text.startsWith('/') || text.startsWith('//')) return false;
  const url = URL.parse(text, BASE);
  // `/a/..//host` is `//host` once the dots are gone.
  return url !== null && url.origin === BASE && !url.pathname.startsWith('//');
}

function written(text: string): string | null {
  const url = URL.parse(text, BASE);
  return url === null ? null : `${url.pathname}${url.search}${url.hash}`;
}

function decoded(text: string): string | null {
  try {
    return decodeURIComponent(text);
  } catch {
    return null;
  }
}
