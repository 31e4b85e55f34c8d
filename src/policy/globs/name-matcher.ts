// Whether names of jobs, checks, statuses and artifacts are those that a policy means. They are no paths: brackets, slashes and
// all else stand for themselves ("test (node 20)"). Pure.

const ANY = Symbol('any run of characters');
const ONE = Symbol('one character');
type Sign = string | typeof ANY | typeof ONE;

/** Returns a test whether a whole name matches: `*` is any characters, also none, `?` is one; `\*`, `\?`, `\\` are the signs themselves. */
export function nameMatcher(pattern: string): (name: string) => boolean {
  const signs = signsOf(pattern);
  if (!signs.some((sign) => typeof sign !== 'string')) {
    const plain = signs.join('');
    return (name) => name === plain;
  }
  return (name) => fits(signs, Array.from(name));
}

function signsOf(pattern: string): Sign[] {
  const characters = Array.from(pattern);
  const signs: Sign[] = [];
  for (let at = 0; at < characters.length; at++) {
    const sign = characters[at] ?? '';
    const next = characters[at + 1];
    if (sign === '\\' && (next === '*' || next === '?' || next === '\\')) {
      signs.push(next);
      at += 1;
    } else if (sign === '*') signs.push(ANY);
    else signs.push(sign === '?' ? ONE : sign);
  }
  return signs;
}

/** Of several `*` only the last has to be tried anew, so that it takes the product of both lengths at the most. */
function fits(signs: readonly Sign[], name: readonly string[]): boolean {
  let at = 0;
  let sign = 0;
  let star: { readonly sign: number; at: number } | null = null;
  while (at < name.length) {
    if (signs[sign] === ANY) {
      star = { sign, at };
      sign += 1;
    } else if (signs[sign] === ONE || signs[sign] === name[at]) {
      sign += 1;
      at += 1;
    } else if (star === null) return false;
    else {
      star.at += 1;
      at = star.at;
      sign = star.sign + 1;
    }
  }
  return signs.slice(sign).every((left) => left === ANY);
}
