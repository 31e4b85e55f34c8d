// What a token looks like, and what it may be good for: docs/brain.md#people-and-tokens

/** How each of our tokens begins: tells what it is where one leaks, and lets secret scanners find it. */
export const TOKEN_PREFIX = 'crd_';

/** All scopes, in the order in which they are written. */
export const SCOPES = ['read', 'tasks', 'agents', 'gate', 'admin'] as const;

/** One of them. */
export type Scope = (typeof SCOPES)[number];

/** Returns the scopes that a text with commas or spaces names, each once and in our order; the words that are none in `unknown`. */
export function readScopes(text: string): { readonly scopes: readonly Scope[]; readonly unknown: readonly string[] } {
  const words = text.split(/[ ,]/).filter((word) => word !== '');
  const scopes = SCOPES.filter((scope) => words.includes(scope));
  return { scopes, unknown: words.filter((word) => !SCOPES.some((scope) => scope === word)) };
}
