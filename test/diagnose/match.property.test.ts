// The fast matcher against the rule read aloud: every pattern on every cleaned line, the last match counts.
import fc from 'fast-check';
import { RE2JS } from 're2js';
import { expect, test } from 'vitest';
import { type CleanLine, cleanLine } from '../../src/diagnose/log/clean-log.ts';
import { readingsOf } from '../../src/diagnose/log/prefixes.ts';
import { refusalOf } from '../../src/diagnose/pattern-files/pattern-refusal.ts';
import { captureFrom } from '../../src/diagnose/patterns/captures.ts';
import type { Ignores } from '../../src/diagnose/patterns/ignores.ts';
import { compilePatterns, type PatternMatch } from '../../src/diagnose/patterns/match.ts';
import { PATTERN_PICKS, PATTERN_RANKS, type Pattern } from '../../src/model/failure.ts';
import { runs } from '../support/runs.ts';

const WORDS = [
  'error',
  'Error',
  'ERROR: ',
  'fail',
  'ask',
  'K',
  's',
  'é',
  'É',
  '—',
  '🦀',
  '##[error]',
  'ab',
  'x',
  '12',
  ' ',
  ':',
  '\uFFFD',
  'npm ',
];

const atom = fc.oneof(
  { weight: 6, arbitrary: fc.constantFrom(...WORDS.map((word) => RE2JS.quote(word))) },
  {
    weight: 3,
    arbitrary: fc.constantFrom(
      '.',
      '.*',
      '\\d+',
      '\\w',
      '\\S+',
      '[ab]',
      '[a-e]',
      '[^x]',
      '[[:alpha:]]',
      '^',
      '$',
      '\\b',
      '\\x41',
      '[kK]',
    ),
  },
  {
    weight: 1,
    arbitrary: fc.constantFrom('\\Qnpm \\E', '\\x{e9}', '(?i)', '\\pL', '[:é]', 'k', '\\.', '\\[', '\\0', '\\xFF'),
  },
);
const { regex } = fc.letrec<{ regex: string; piece: string; sequence: string }>((tie) => ({
  piece: fc.oneof(
    { maxDepth: 3, depthSize: 'small' },
    { weight: 6, arbitrary: atom },
    {
      weight: 2,
      arbitrary: fc
        .tuple(atom, fc.constantFrom('*', '+', '?', '{2}', '{2,}', '{0,2}', '+?'))
        .map(([a, r]) => `(?:${a})${r}`),
    },
    {
      weight: 2,
      arbitrary: fc
        .tuple(fc.constantFrom('(', '(?:', '(?i:', '(?P<n>', '(?s-i:'), tie('regex'))
        .map(([open, body]) => `${open}${body})`),
    },
  ),
  sequence: fc.array(tie('piece'), { minLength: 1, maxLength: 4 }).map((parts) => parts.join('')),
  regex: fc.array(tie('sequence'), { minLength: 1, maxLength: 2 }).map((branches) => branches.join('|')),
}));

const goodRegex = regex.filter((pattern) => refusalOf({ kind: 'regex', pattern }) === null);
const pattern = fc
  .record({
    kind: fc.constantFrom('regex' as const, 'regex' as const, 'literal' as const),
    regex: goodRegex,
    literal: fc.constantFrom(...WORDS),
    priority: fc.integer({ min: 0, max: 2 }),
    rank: fc.constantFrom(...PATTERN_RANKS),
    pick: fc.constantFrom(...PATTERN_PICKS),
  })
  .map(
    ({ kind, regex, literal, priority, rank, pick }): Omit<Pattern, 'name'> => ({
      id: null,
      kind,
      pattern: kind === 'regex' ? regex : literal,
      category: 'other',
      severity: 'error',
      root_cause: 'x',
      recommended_fix: 'x',
      docs_url: null,
      priority,
      rank,
      pick,
    }),
  );
const patterns = fc
  .array(pattern, { minLength: 1, maxLength: 8 })
  .map((list) => list.map((one, i): Pattern => ({ ...one, name: `p${i}` })));

const piece = fc.oneof(
  { weight: 8, arbitrary: fc.constantFrom(...WORDS).map((word) => Buffer.from(word)) },
  {
    weight: 2,
    arbitrary: fc
      .constantFrom(
        '\x1b[31m',
        '\x1b[0m',
        '\x1b]0;ab error\x07',
        '\x1b]8;;error',
        '\x1b',
        '\x1b(B',
        '\x1b[3',
        '\x1bM',
        '\x1b\\',
        '\u212A',
        '\u017F',
        'a\u017Fk',
        '\r',
        '\0',
      )
      .map((text) => Buffer.from(text)),
  },
  { weight: 1, arbitrary: fc.uint8Array({ maxLength: 3 }).map((bytes) => Buffer.from(bytes)) },
);
const line = fc
  .tuple(
    fc.constantFrom(
      '',
      '',
      '2026-07-30T19:16:42.3027598Z ',
      '\uFEFF2026-07-30T19:16:42.3027598Z ',
      '2026-07-30T19:16:42.3Z ',
    ),
    fc.array(piece, { maxLength: 7 }),
    fc.constantFrom('\n', '\n', '\r\n'),
  )
  .map(([head, parts, end]) => Buffer.concat([Buffer.from(head), ...parts, Buffer.from(end)]));
// Lines about as long as the cut, and lines that fill the matcher's blocks.
const longLine = fc
  .tuple(
    fc.array(piece, { maxLength: 3 }),
    fc.oneof(fc.integer({ min: 4080, max: 4100 }), fc.integer({ min: 100_000, max: 300_000 })),
    fc.array(piece, { maxLength: 12 }),
  )
  .map(([first, length, rest]) =>
    Buffer.concat([...first, Buffer.alloc(length, first[0]?.length ? first[0] : 'x'), ...rest, Buffer.from('\n')]),
  );
const log = fc
  .tuple(
    fc.array(fc.oneof({ weight: 12, arbitrary: line }, { weight: 1, arbitrary: longLine }), { maxLength: 40 }),
    piece,
  )
  .map(([lines, last]) => Buffer.concat([...lines, last]));

const ignores: fc.Arbitrary<Ignores> = fc.record({
  ignore: fc.array(goodRegex, { maxLength: 1 }),
  ignore_between: fc.array(fc.record({ start: goodRegex, stop: goodRegex }), { maxLength: 2 }),
});

function splitNaively(bytes: Buffer): CleanLine[] {
  const lines: CleanLine[] = [];
  for (let start = 0; start < bytes.length; ) {
    const newline = bytes.indexOf('\n', start);
    const end = newline < 0 ? bytes.length : newline;
    lines.push({ line: lines.length + 1, text: cleanLine(bytes, start, end) });
    start = end + 1;
  }
  return lines;
}

function keepNaively(lines: readonly CleanLine[], { ignore, ignore_between }: Ignores): CleanLine[] {
  const ignored = new Set<number>();
  for (const { start, stop } of ignore_between) {
    let inside = false;
    for (const { line, text } of lines) {
      if (inside) {
        ignored.add(line);
        if ([text, ...readingsOf(text)].some((reading) => RE2JS.compile(stop).test(reading))) inside = false;
      } else if ([text, ...readingsOf(text)].some((reading) => RE2JS.compile(start).test(reading))) {
        ignored.add(line);
        inside = true;
      }
    }
  }
  const readings = (text: string) => [text, ...readingsOf(text)];
  return lines.filter(
    ({ line, text }) =>
      !ignored.has(line) && !ignore.some((one) => readings(text).some((reading) => RE2JS.compile(one).test(reading))),
  );
}

function matchNaively(list: readonly Pattern[], kept: readonly CleanLine[]) {
  const matches = list.flatMap((one) => {
    const compiled = one.kind === 'regex' ? RE2JS.compile(one.pattern) : null;
    const test = (text: string) => (compiled ? compiled.test(text) : text.includes(one.pattern));
    const found = kept.flatMap(({ line, text }) => {
      const readings = text.includes('\r') ? readingsOf(text) : [text, ...readingsOf(text)];
      const said = readings.find(test);
      return said === undefined ? [] : [{ line, text: text.includes('\r') ? said : text, said }];
    });
    const counts = one.pick === 'first' ? found[0] : found.at(-1);
    if (counts === undefined) return [];
    const { line, text, said } = counts;
    return [{ pattern: one, line, text, captures: captureFrom(one, said) }];
  });
  const rank = (match: (typeof matches)[number]) => PATTERN_RANKS.indexOf(match.pattern.rank);
  return matches.sort((a, b) => rank(a) - rank(b) || b.pattern.priority - a.pattern.priority);
}

function briefly({ pattern, line, text, captures }: PatternMatch) {
  return { pattern, line, text, captures };
}

test('the fast matcher finds exactly what trying every pattern on every line finds, wherever the chunks are cut', () => {
  fc.assert(
    fc.property(
      patterns,
      ignores,
      log,
      fc.array(fc.integer({ min: 1, max: 100_000 }), { minLength: 1, maxLength: 20 }),
      (list, rules, bytes, cuts) => {
        const matching = compilePatterns(list, rules).start();
        for (let from = 0, turn = 0; from < bytes.length; turn++) {
          const to = from + (cuts[turn % cuts.length] ?? 1);
          matching.write(bytes.subarray(from, to));
          from = to;
        }
        const verdict = matching.end();
        const lines = splitNaively(bytes);
        const expected = matchNaively(list, keepNaively(lines, rules));
        expect(verdict.matches.map(briefly)).toEqual(expected);
        expect(verdict.lineCount).toBe(lines.length);
        expect(verdict.byteCount).toBe(bytes.length);
        const around = verdict.anchor?.lines ?? [];
        const shown = lines.slice((around[0]?.line ?? 1) - 1, around.at(-1)?.line ?? 0);
        expect(around.map(({ line }) => line)).toEqual(shown.map(({ line }) => line));
        expect(lines.length === 0 || around.some(({ line }) => line === verdict.anchor?.line)).toBe(true);
      },
    ),
    { ...runs(300, 1_500) },
  );
});
