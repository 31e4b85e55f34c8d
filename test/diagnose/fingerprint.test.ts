import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { fingerprint, fingerprintFailure, fingerprintLine } from '../../src/diagnose/fingerprint.ts';
import { normaliseMessage } from '../../src/diagnose/normalise-message.ts';
import type { PatternMatch } from '../../src/diagnose/patterns/match.ts';

describe('lines that are one message have one fingerprint, whatever', () => {
  const cases: readonly [detail: string, lines: readonly string[]][] = [
    ['numbers', ['process exited with code 1', 'process exited with code 137']],
    ['number of things', ['1 error found', '12 errors found']],
    ['negative numbers', ['index -1 is out of range', 'index 7 is out of range']],
    [
      'paths',
      [
        'Cannot open /home/runner/work/a/b.ts',
        'Cannot open ./src/c.ts',
        'Cannot open C:\\a\\b.ts',
        'Cannot open src/lib/x',
      ],
    ],
    [
      'files with their places',
      ['src/a.ts(3,5): error TS2345: no', 'lib/b/c.tsx(14,1): error TS2345: no', 'd.ts(1,1): error TS2345: no'],
    ],
    ['addresses of the web', ['GET https://a.example/x failed', 'GET http://b.example/y?z=1 failed']],
    ['addresses of machines', ['connect ECONNREFUSED 127.0.0.1:5432', 'connect ECONNREFUSED 10.0.0.7:80']],
    ['addresses in memory', ['segfault at 0x7ffe12 in main', 'segfault at 0xdeadbeef in main']],
    [
      'hashes',
      ['checked out 9f8e7d6', 'checked out a1b2c3d4e5f60718293a4b5c6d7e8f9012345678', 'checked out deadbeefcafe'],
    ],
    ['ids', ['job 550e8400-e29b-41d4-a716-446655440000 died', 'job 7 died']],
    ['durations', ['done in 1.2s', 'done in 350 ms', 'done in 2m 14s', 'done in 1 hour and 3 minutes']],
    ['sizes', ['downloaded 12.3 MB', 'downloaded 900 KiB']],
    [
      'dates',
      [
        'at 2026-07-30T19:16:42Z it broke',
        'at Sat Jun 18 02:08:10 2005 it broke',
        'at 2026-07-30 19:16:42,123 it broke',
      ],
    ],
    ['names in quotes', ["Cannot find module 'react'", 'Cannot find module "lodash/fp"', 'Cannot find module `x`']],
    ['values after an equals sign', ['tty=ssh user=root', 'tty=NODEVssh user=bob']],
    ['length of a list', ['deleted blk_1', 'deleted blk_1 blk_2 blk_3']],
    ['spaces between words', ['a  b', 'a b ']],
  ];
  test.each(cases)('the %s', (_detail, lines) => {
    expect(lines.map(normaliseMessage)).toEqual(lines.map(() => normaliseMessage(lines[0] ?? '')));
    expect(new Set(lines.map(fingerprintLine)).size).toBe(1);
  });
});

describe('different messages have different fingerprints', () => {
  const cases: readonly [difference: string, lines: readonly string[]][] = [
    ['words', ['cannot open file', 'cannot close file']],
    ['codes of compilers and linters', ['a.ts(1,1): error TS2345: x', 'a.ts(1,1): error TS2322: x']],
    ['codes of libraries', ['connect ECONNREFUSED 1.1.1.1', 'connect ETIMEDOUT 1.1.1.1']],
    ['exceptions', ['java.lang.NullPointerException', 'java.io.IOException', 'java.lang.IllegalStateException']],
    ['true and false', ['restart: true', 'restart: false', 'restart=true', 'restart=false']],
    ['verbs of requests', ['"GET /a HTTP/1.1" 500', '"POST /a HTTP/1.1" 500']],
    ['apostrophes inside words', ["can't open, won't close", "can't read, won't close"]],
    ['keys of JSON', ['"message": "x",', '"status": "x",']],
    ['nothing but case', ['error', 'Error']],
  ];
  test.each(cases)('%s', (_difference, lines) => {
    expect(new Set(lines.map(fingerprintLine)).size).toBe(lines.length);
  });
});

describe('the fingerprint', () => {
  test('stays the same from release to release', () => {
    expect(fingerprintLine('npm error code ERESOLVE')).toBe('692f4a38baa8a31e');
    expect(fingerprint(['a', 'b'])).toBe('0473ef2dc0d324ab');
  });

  test('tells where one part ends and the next begins', () => {
    expect(fingerprint(['ab', 'c'])).not.toBe(fingerprint(['a', 'bc']));
  });

  const primary = (name: string, captures: string[]): PatternMatch => ({
    pattern: {
      id: null,
      name,
      kind: 'regex',
      pattern: 'x',
      category: 'test',
      severity: 'error',
      root_cause: '',
      recommended_fix: '',
      docs_url: null,
      priority: 0,
      rank: 'cause',
      pick: 'last',
    },
    line: 1,
    text: 'x',
    captures,
    step: null,
    others: { count: 0, lines: [] },
    demoted: null,
  });

  test('of a failure is that of its pattern and captures, wherever in the log it stands', () => {
    const failure = { primary: primary('pytest failure', ['test_a']), anchor: null };
    const later = { primary: { ...primary('pytest failure', ['test_a']), line: 7, text: 'y' }, anchor: null };
    expect(fingerprintFailure(failure)).toBe(fingerprintFailure(later));
    expect(fingerprintFailure(failure)).not.toBe(
      fingerprintFailure({ primary: primary('pytest failure', ['test_b']), anchor: null }),
    );
    expect(fingerprintFailure(failure)).not.toBe(
      fingerprintFailure({ primary: primary('other', ['test_a']), anchor: null }),
    );
  });

  test('of a failure that no pattern knows is that of the line that speaks for it', () => {
    const anchor = {
      kind: 'error',
      line: 3,
      first_line: 3,
      last_line: 3,
      text: '##[error]exit 7',
      step: null,
      lines: [],
    } as const;
    expect(fingerprintFailure({ primary: null, anchor })).toBe(fingerprintLine('##[error]exit 8'));
  });

  const hostile = ['"', "'a'b", '‘', '/a', 'a/', 'a.', '1s ', '<*> ', 'a@', 'Jan 1 ', '={', 'x=1 '];
  test.each(hostile)('of 4 KB of %j comes to an end', (unit) => {
    const line = unit.repeat(4096 / unit.length);
    expect(fingerprintLine(line)).toBe(fingerprintLine(line));
  });
});

const shared = path.resolve(import.meta.dirname, '../..', process.env.SHARED_DATA ?? '../shared/data', 'loghub-2k');

describe.skipIf(!existsSync(shared))('grouping accuracy on Loghub (skipped where its files are absent)', () => {
  const floors: readonly [system: string, floor: number][] = [
    ['Android', 0.98],
    ['Apache', 1],
    ['HDFS', 1],
    ['OpenSSH', 1],
  ];
  test.each(floors)('%s is at least %d', (system, floor) => {
    const [header = [], ...rows] = parseCsv(readFileSync(path.join(shared, `${system}.csv`), 'utf8'));
    const column = (name: string) => rows.map((row) => row[header.indexOf(name)] ?? '');
    const groups = groupIndices(column('Content').map(fingerprintLine));
    const events = groupIndices(column('EventId'));
    const right = [...groups.values()].filter((group) =>
      [...events.values()].some((event) => event.join() === group.join()),
    );
    expect(right.flat().length / rows.length).toBeGreaterThanOrEqual(floor);
  });
});

function groupIndices(keys: readonly string[]): Map<string, number[]> {
  const groups = new Map<string, number[]>();
  keys.forEach((key, index) => {
    groups.set(key, [...(groups.get(key) ?? []), index]);
  });
  return groups;
}

function parseCsv(text: string): string[][] {
  return text
    .trimEnd()
    .split(/\r?\n/)
    .map((line) =>
      [...line.matchAll(/(?:^|,)(?:"((?:[^"]|"")*)"|([^,]*))/g)].map(
        ([, quoted, bare]) => quoted?.replaceAll('""', '"') ?? bare ?? '',
      ),
    );
}
