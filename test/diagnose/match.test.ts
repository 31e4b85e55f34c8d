import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { parsePatternFile } from '../../src/diagnose/pattern-files/pattern-file.ts';
import type { Ignores } from '../../src/diagnose/patterns/ignores.ts';
import { compilePatterns, type LogMatch } from '../../src/diagnose/patterns/match.ts';
import type { Pattern } from '../../src/model/failure.ts';

const STAMP = '2026-07-30T19:16:42.3027598Z ';

function regex(pattern: string, more: Partial<Pattern> = {}): Pattern {
  return {
    id: null,
    name: pattern,
    kind: 'regex',
    pattern,
    category: 'other',
    severity: 'error',
    root_cause: '',
    recommended_fix: '',
    docs_url: null,
    priority: 0,
    rank: 'cause',
    pick: 'last',
    ...more,
  };
}

function classify(patterns: readonly Pattern[], log: string | Uint8Array, ignores?: Ignores): LogMatch {
  const matching = compilePatterns(patterns, ignores).start();
  matching.write(typeof log === 'string' ? Buffer.from(log) : log);
  return matching.end();
}

const brief = ({ matches }: LogMatch) => matches.map(({ pattern, line }) => `${pattern.name}:${line}`);

describe('the verdict', () => {
  test('counts each pattern with its last matching line', () => {
    expect(brief(classify([regex('error: .*')], 'error: a\nok\nerror: b\nok\n'))).toEqual(['error: .*:3']);
  });

  test('has the highest priority first, then the earlier in the list', () => {
    const patterns = [
      regex('a', { name: 'late' }),
      regex('b', { name: 'top', priority: 9 }),
      regex('c', { name: 'later' }),
    ];
    expect(brief(classify(patterns, 'c\na\nb\n'))).toEqual(['top:3', 'late:2', 'later:1']);
    expect(classify(patterns, 'c\na\nb\n').primary?.pattern.name).toBe('top');
  });

  test('is null with no match, and says how long the log was', () => {
    expect(classify([regex('x')], 'a\nb')).toMatchObject({ primary: null, matches: [], lineCount: 2, byteCount: 3 });
  });

  test('is the same when the lines that hold the match end two different blocks', () => {
    const filler = `${'.'.repeat(99)}\n`.repeat(4000);
    expect(brief(classify([regex('^boom')], `boom\n${filler}boom\n${filler}`))).toEqual(['^boom:4002']);
  });

  const captures: readonly [name: string, pattern: Pattern, line: string, captures: string[]][] = [
    ['the groups in order', regex('(\\w+) then (\\w+)'), 'one then two', ['one', 'two']],
    ['only the groups that took part', regex('(a)|(b)'), 'b', ['b']],
    ['groups that took part with no text', regex('x(\\d*)y'), 'xy', ['']],
    ['the whole match without groups', regex('err.*'), 'an error', ['error']],
    ['the text itself for a literal', regex('a.b', { kind: 'literal' }), 'xa.bx', ['a.b']],
  ];
  test.each(captures)('captures %s', (_name, pattern, line, expected) => {
    expect(classify([pattern], line).primary?.captures).toEqual(expected);
  });
});

describe('lines are matched as people see them', () => {
  const cases: readonly [name: string, pattern: string, raw: string][] = [
    ['after the timestamp', '^npm error', `${STAMP}npm error`],
    ['with an escape in the middle of a word', '^>>> Lint for', '\x1b[1m>>>\x1b[0m Lint \x1b[4mfor'],
    ['up to the carriage return', 'ERESOLVE$', 'npm error code ERESOLVE\r'],
    ['in any case where the pattern says so', '(?i)no space LEFT', 'No Space left'],
    ['with a Kelvin sign for k and a long s for s', '(?i)disk', 'di\u017F\u212A'],
    ['with letters outside ASCII', '(?i)ÉCHEC', 'échec'],
    ['by a pattern without any literal', '^\\d+$', '42'],
  ];
  test.each(cases)('%s', (_name, pattern, raw) => {
    expect(brief(classify([regex(pattern)], `a\n${raw}\nb`))).toEqual([`${pattern}:2`]);
  });

  test('and the case counts where the pattern does not say otherwise', () => {
    expect(brief(classify([regex('FAIL'), regex('FAIL', { kind: 'literal' })], 'fail\nFail'))).toEqual([]);
  });
});

describe('ignored lines never count', () => {
  const ignores: Ignores = { ignore: ['exit code'], ignore_between: [{ start: '^=+ begin', stop: '^=+ end' }] };

  test('so that the match before them is the last', () => {
    expect(brief(classify([regex('error')], 'error a\nerror: exit code 1\n', ignores))).toEqual(['error:1']);
  });

  test('nor whole stretches with both their ends', () => {
    const log = 'error\n== begin error\nerror\n== end error\nok\n';
    expect(brief(classify([regex('error')], log, ignores))).toEqual(['error:1']);
  });

  test('nor a stretch that goes on to the end of the log', () => {
    expect(brief(classify([regex('error')], 'error\n== begin\nerror\n', ignores))).toEqual(['error:1']);
  });

  test('and a stretch may cross the blocks in which a log is read', () => {
    const filler = 'error\n'.repeat(100_000);
    expect(brief(classify([regex('error')], `error\n== begin\n${filler}== end\nok\n`, ignores))).toEqual(['error:1']);
  });
});

describe('the line that speaks', () => {
  const step = `${STAMP}##[group]Run npm ci\n`;

  test('is the primary match, in its step, with its neighbours', () => {
    const { anchor } = classify([regex('boom')], `one\n${step}two\nboom\nthree\n`);
    expect(anchor).toEqual({
      kind: 'match',
      line: 4,
      text: 'boom',
      first_line: 3,
      last_line: 5,
      step: { name: 'npm ci', line: 2 },
      lines: ['##[group]Run npm ci', 'two', 'boom', 'three'].map((text, i) => ({ line: i + 2, text })),
    });
  });

  test('gives what it captures without the mark that the runner put before the line', () => {
    const log = '##[error]./main.go:4:2: declared and not used: count\n';
    const patterns = [regex('^(\\S+\\.go):\\d+'), regex('(\\S+):4:2')];
    expect(classify(patterns, log).matches.map(({ captures, text }) => [captures[0], text])).toEqual([
      ['./main.go', log.trimEnd()],
      ['./main.go', log.trimEnd()],
    ]);
  });

  test('stands among lines that the runner marked, and not beyond its own', () => {
    const log = `${step}src/a.js\n##[error]  1:7  error  boom\n##[error]  2:7  error  bang\n##[error]Process completed with exit code 1.\n`;
    expect(classify([regex('boom')], log).anchor).toMatchObject({ line: 3, first_line: 2, last_line: 4 });
  });

  test('is else the first of the last lines that the runner marks as errors', () => {
    const log = `##[error]first\nx\n##[error]Unable to resolve action\nx\n##[error]Process completed with exit code 1.\n`;
    expect(classify([], log).anchor).toMatchObject({
      kind: 'error',
      line: 3,
      text: '##[error]Unable to resolve action',
    });
  });

  test('is else the last line before the exit code', () => {
    const log = `${step}some output\n##[error]Process completed with exit code 1.\nPost job cleanup.\nbye\n`;
    expect(classify([], log).anchor).toMatchObject({ kind: 'exit', line: 2, step: { name: 'npm ci' } });
  });

  test('is else the last line with any text', () => {
    expect(classify([], 'a\nb\n\n').anchor).toMatchObject({ kind: 'tail', line: 2, text: 'b', step: null });
  });

  test('is missing in an empty log only', () => {
    expect(classify([], '').anchor).toBeNull();
  });

  test('keeps neighbours that lie in other blocks', () => {
    const filler = `${'.'.repeat(99)}\n`.repeat(5000);
    for (const shift of [0, 1, 2600, 2621, 2622, 2623]) {
      const log = `${filler.slice(0, shift * 100)}boom\n${filler}`;
      const { anchor } = classify([regex('boom')], log);
      expect(anchor?.lines.map(({ line }) => line)).toEqual(
        Array.from({ length: Math.min(30, shift) + 21 }, (_, i) => shift + 1 - Math.min(30, shift) + i),
      );
    }
  });
});

describe('hostile logs', () => {
  const MEGABYTE = 1024 * 1024;

  test('of one line of 50 MB are matched in its first 4 KB, in bounded memory', () => {
    const matching = compilePatterns([regex('boom$'), regex('^start')]).start();
    matching.write(Buffer.from('start'));
    const before = process.memoryUsage().arrayBuffers;
    const chunk = Buffer.alloc(MEGABYTE, 'x');
    for (let i = 0; i < 50; i++) matching.write(chunk);
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(8 * MEGABYTE);
    matching.write(Buffer.from('boom'));
    const verdict = matching.end();
    expect(brief(verdict)).toEqual(['^start:1']);
    expect(verdict).toMatchObject({ lineCount: 1, byteCount: 50 * MEGABYTE + 9 });
  });

  test('of random bytes get a verdict', () => {
    const bytes = Uint8Array.from({ length: MEGABYTE }, (_, i) => (i * i * 31 + i * 7) % 256);
    expect(classify([regex('[^\\x00-\\x7f]+x'), regex('\\x{fffd}')], bytes).byteCount).toBe(MEGABYTE);
  });
});

const shared = path.resolve(import.meta.dirname, '../..', process.env.SHARED_DATA ?? '../shared/data', 'pytorch-logs');

describe.skipIf(!existsSync(shared))(
  "agrees with PyTorch's own classifier (skipped where its marked logs are absent)",
  () => {
    const ignores: Ignores = {
      ignore: [
        '^##\\[error\\]Process completed with exit code \\d+\\.?$',
        '\\[OSDC\\] Step script exited',
        '^##\\[error\\]Executing the custom container implementation failed',
        "^##\\[error\\]TypeError: Cannot read properties of null \\(reading 'jobPod'\\)",
        '\\[OSDC\\] Step cancelled by GitHub Actions',
      ],
      ignore_between: [
        {
          start: '=================== sccache compilation log ===================',
          stop: '=========== If your build fails, please take a look at the log above for possible reasons ===========',
        },
      ],
    };
    const logs = existsSync(shared)
      ? readdirSync(shared).filter((name) => name.endsWith('.txt') && name !== 'LICENSE')
      : [];
    test.each(logs)('on %s', (name) => {
      const marked = readFileSync(path.join(shared, name), 'utf8')
        .split('\n')
        .filter((line) => !line.startsWith('#=SOURCE=# '));
      const line = marked.findIndex((text) => text.startsWith('#=MATCH=# ')) + 1;
      const spans = [...(marked[line - 1] ?? '').matchAll(/‹([^›]*)›/g)].map(([, span]) =>
        span?.replace(/\x1b\[[0-9;]*m/g, ''),
      );
      const rules = parsePatternFile('ruleset.toml', readFileSync(path.join(shared, 'ruleset.toml'), 'utf8'));
      expect(rules).toMatchObject({ problems: [], patterns: { length: 102 } });
      const raw = marked.map((text) => text.replace(/^#=MATCH=# /, '').replace(/[‹›]/g, '')).join('\n');
      const { primary } = classify(rules.patterns, raw, ignores);
      expect(primary && { line: primary.line, captures: primary.captures }).toEqual(
        line === 0 ? null : { line, captures: spans },
      );
    });
  },
);
