// Fits a list of failures into what a comment or a check run may hold, by rank. Pure.

import { byteLength } from '../text/outside-text.ts';

const ALWAYS_FULL = 3;

/** How much text there is room for, in UTF-16 units and in bytes of UTF-8; both count. */
export interface Budget {
  readonly characters: number;
  readonly bytes: number;
}

/** Renders the entry at `index`, in full or in brief. */
export type RenderEntry = (index: number, form: 'full' | 'brief') => string;

/** What is left after `text`; a negative number means that it does not fit. */
export function spend(budget: Budget, text: string): Budget {
  return { characters: budget.characters - text.length, bytes: budget.bytes - byteLength(text) };
}

/**
 * The texts of the first of `count` entries that fit, each with `separator` counted in. The rules, in this order:
 * 1. An entry is dropped only after every later one, an excerpt only after every later excerpt.
 * 2. The first three keep their excerpts while they fit at all.
 * 3. Of the others, excerpts go before whole entries do.
 */
export function fitEntries(count: number, render: RenderEntry, budget: Budget, separator: string): string[] {
  const fitting: string[] = [];
  let left = budget;
  for (let index = 0; index < count; index += 1) {
    const forms = index < ALWAYS_FULL ? (['full', 'brief'] as const) : (['brief'] as const);
    const text = forms.map((form) => render(index, form)).find((each) => fits(spend(left, separator + each)));
    if (text === undefined) break;
    left = spend(left, separator + text);
    fitting.push(text);
  }
  return withExcerpts(fitting, render, left);
}

function withExcerpts(brief: readonly string[], render: RenderEntry, budget: Budget): string[] {
  const texts = [...brief];
  let left = budget;
  for (const [index, text] of brief.entries()) {
    if (index < ALWAYS_FULL) continue;
    const full = render(index, 'full');
    const after = {
      characters: left.characters + text.length - full.length,
      bytes: left.bytes + byteLength(text) - byteLength(full),
    };
    if (!fits(after)) break;
    texts[index] = full;
    left = after;
  }
  return texts;
}

function fits(budget: Budget): boolean {
  return budget.characters >= 0 && budget.bytes >= 0;
}
