// What a text must hold before a pattern is worth trying on it: to look for texts is quick, and most patterns need never be compiled. Pure.

/**
 * A text; one in small letters where ASCII case does not matter; one to begin with; or a list: of needs that all hold after
 * `&`, of needs of which one holds after `|`. Plain data, so that it can be kept.
 */
export type Need = string | { readonly small: string } | { readonly start: string } | readonly ['&' | '|', ...Need[]];

/** Holds for every text. */
export const NO_NEED: readonly ['&'] = ['&'];

/** Whether the text holds what is needed, or a part of it may: then it may begin anywhere. */
export function holds(text: string, need: Need, part: 'whole' | 'part'): boolean {
  if (typeof need === 'string') return text.includes(need);
  if ('start' in need) return part === 'whole' ? text.startsWith(need.start) : text.includes(need.start);
  // The letters outside ASCII that fold to `k` and `s` count as them.
  if ('small' in need) return text.toLowerCase().replaceAll('\u017F', 's').includes(need.small);
  const isAll = need[0] === '&';
  for (let at = 1; at < need.length; at++) if (holds(text, need[at] ?? NO_NEED, part) !== isAll) return !isAll;
  return isAll;
}
