// Text that tries to break out of Markdown, and a reader of Markdown's outermost rules to see whether it did.
import fc from 'fast-check';

const PIECES = [
  ...['`', '``', '```', '````', '~~~', '*', '**', '_', '~~', '\\', '|', '#', '# ', '#1', 'GH-1', '!', '$', ':tada:'],
  ...['<', '>', '<!--', '-->', '</details>', '</summary>', '<script>', '&', '&lt;', '&#64;', '[', '](', ')', '[^1]'],
  ...['@everyone', '@', 'http://e.example', '://', 'www.e.example', 'a@b.example', '](http://e.example)', 'deadbeef'],
  ...['\n', '\r\n', '\r', '\n\n', '\t', ' ', '    ', '\u2028', '\u0000', '\u001b[31m', '\u202e', '\ud800', '- ', '1. '],
  ...['===', '---', '"', "'", 'word', 'é', '😀', '<!-- codered:comment v1 pull_request=9 as_of=- -->'],
];

/** Strings put together from what means something to Markdown, HTML or GitHub. */
export const hostileText = fc.array(fc.constantFrom(...PIECES), { maxLength: 14 }).map((pieces) => pieces.join(''));

/** What of `markdown` stands outside fences and code spans, found as https://spec.commonmark.org/0.31.2/#code-spans says. */
export function outsideCode(markdown: string): string {
  return withoutFences(markdown).split('\n').map(withoutCodeSpans).join('\n');
}

function withoutFences(markdown: string): string {
  const kept: string[] = [];
  let open: string | null = null;
  for (const line of markdown.split('\n')) {
    const ticks = /^(`{3,})([^`]*)$/.exec(line);
    if (open === null && ticks) open = ticks[1] ?? null;
    else if (open === null) kept.push(line);
    else if (ticks && ticks[2] === '' && (ticks[1] ?? '').length >= open.length) open = null;
  }
  if (open !== null) throw new Error(`a fence of ${open.length} backticks is never closed`);
  return kept.join('\n');
}

function withoutCodeSpans(line: string): string {
  let rest = line;
  let kept = '';
  while (rest !== '') {
    const [ticks = ''] = /^`+/.exec(rest) ?? [];
    const close = ticks === '' ? -1 : closing(rest, ticks.length);
    const length = close > 0 ? close : rest.startsWith('\\') ? 2 : Math.max(1, ticks.length);
    if (close < 0) kept += rest.slice(0, length);
    rest = rest.slice(length);
  }
  return kept;
}

function closing(text: string, length: number): number {
  const run = text.matchAll(/`+/g).find((each) => each.index > 0 && each[0].length === length);
  return run === undefined ? -1 : run.index + length;
}
