// Bad input, by mistake or on purpose: each is bounded, and gets a verdict or a plain "no line says why".
import { expect, test } from 'vitest';
import { createGreenReader, greenLog } from '../../src/diagnose/green.ts';
import { compilePatterns, type JobStep, type LogMatch } from '../../src/diagnose/patterns/match.ts';
import type { Pattern } from '../../src/model/failure.ts';

const known: Pattern = {
  ...{ id: null, name: 'known', kind: 'regex', pattern: '^npm error code (\\w+)$', category: 'other' },
  ...{
    severity: 'error',
    root_cause: '',
    recommended_fix: '',
    docs_url: null,
    priority: 0,
    rank: 'cause',
    pick: 'last',
  },
};
const matcher = compilePatterns([known]);
const CAUSE = 'npm error code ERESOLVE';
const EXIT = '##[error]Process completed with exit code 1.';
const MEGABYTE = 1_000_000;

function read(chunks: Iterable<string>, steps: readonly JobStep[] = []): LogMatch {
  const matching = matcher.start(steps);
  for (const chunk of chunks) matching.write(Buffer.from(chunk));
  return matching.end();
}
function* times(text: string, bytes: number, last: string) {
  const chunk = text.repeat(Math.ceil(65_536 / text.length));
  for (let written = 0; written < bytes; written += chunk.length) yield chunk;
  yield last;
}
const step = (number: number, conclusion: string, from: string | null, to: string | null): JobStep => ({
  ...{ name: `Run ${number}`, number, conclusion, started_at: from, completed_at: to },
});
const at = (second: number) => new Date(Date.UTC(2026, 0, 1, 12, 0, second)).toISOString();
const stamped = (second: number, line: string) => `${at(second).replace('Z', '0000Z')} ${line}\n`;

test.each<[what: string, chunks: () => Iterable<string>, line: number, text: string]>([
  ['a prefix that is the whole line', () => ['[0] \n', 'app-1  |\n', '##[error]\n', `${CAUSE}\n`], 4, CAUSE],
  [
    'a million lines with one prefix',
    () => times('app-1  | \n', 10 * MEGABYTE, `app-1  | ${CAUSE}\n`),
    -1,
    `app-1  | ${CAUSE}`,
  ],
  ['two prefixes, one in the other', () => [`app-1  | [0] ${CAUSE}\n`], 1, `app-1  | [0] ${CAUSE}`],
  [
    'a command with its newlines encoded',
    () => [`::error::it broke%0A${CAUSE}%0Abye\n`],
    1,
    `::error::it broke%0A${CAUSE}%0Abye`,
  ],
  ['one line', () => [CAUSE], 1, CAUSE],
  ['one line that is drawn over and over', () => times('progress 50%\r', 20 * MEGABYTE, `\r${CAUSE}\r`), 1, CAUSE],
  ['a million steps', () => times('##[group]Run x\n', 15 * MEGABYTE, `${CAUSE}\n`), -1, CAUSE],
  ['groups that end and never began', () => times('##[endgroup]\n', MEGABYTE, `${CAUSE}\n${EXIT}\n`), -1, CAUSE],
])('%s: the cause is found', (_, chunks, line, text) => {
  const { primary, lineCount } = read(chunks());
  expect(primary).toMatchObject({ text, captures: ['ERESOLVE'], demoted: null });
  expect(lineCount).toBeGreaterThanOrEqual(line < 0 ? 70_000 : line);
  if (line > 0) expect(primary?.line).toBe(line);
});

test.each<[what: string, chunks: () => Iterable<string>, kind: string | undefined]>([
  ['nothing but prefixes', () => times('[0] \n', MEGABYTE, '[0] \n'), 'tail'],
  ['one prefix in the other without end', () => ['[0] '.repeat(100_000)], 'tail'],
  ['commands in each other without end', () => times(`${'[0] ::error::'.repeat(300)}%25\n`, MEGABYTE, ''), 'tail'],
  ['a command of megabytes', () => times('::notice::a%0A', 3 * MEGABYTE, ''), 'tail'],
  ['a progress bar alone', () => times('progress 50%\r', 20 * MEGABYTE, ''), 'tail'],
  ['a line of 20 MB', () => times('all is well ', 20 * MEGABYTE, ''), 'tail'],
  ['a million groups', () => times('##[group]Run x\n', 15 * MEGABYTE, ''), 'tail'],
  ['nothing but newlines', () => times('\n', MEGABYTE, ''), 'tail'],
  ['nothing', () => [], undefined],
])('%s: no pattern knows it, and no line is said to say why', (_, chunks, kind) => {
  const { primary, anchor } = read(chunks());
  expect({ primary, kind: anchor?.kind }).toEqual({ primary: null, kind });
});

test.each<[what: string, steps: JobStep[]]>([
  ['overlap', [step(1, 'success', at(0), at(9)), step(2, 'failure', at(3), at(9))]],
  ['are all the same second', [step(1, 'success', at(3), at(3)), step(2, 'failure', at(3), at(3))]],
  ['lack times', [step(1, 'success', null, null), step(2, 'failure', null, null)]],
  ['have no beginning', [step(2, 'failure', null, at(5))]],
  ['end before they begin', [step(2, 'failure', at(9), at(1))]],
  ['are of another day', [step(2, 'failure', '2020-01-01T00:00:00Z', '2020-01-01T00:00:09Z')]],
  ['have times that are none', [step(2, 'failure', 'yesterday', '\u0000')]],
  ['have one number', [step(1, 'failure', at(3), at(6)), step(1, 'failure', at(0), at(2))]],
  [
    'are 100,000',
    Array.from({ length: 100_000 }, (_, n) => step(n, n === 99_999 ? 'failure' : 'success', at(3), at(6))),
  ],
])('steps that %s: the cause is found', (_, steps) => {
  const log = [
    stamped(0, '##[group]Run one'),
    stamped(1, 'all is well'),
    stamped(3, '##[group]Run two'),
    stamped(4, CAUSE),
    stamped(5, EXIT),
  ];
  expect(read(log, steps).primary).toMatchObject({ line: 4, demoted: null });
});

test.each<[what: string, green: () => Iterable<string>]>([
  ['of another job', () => ['flake8 .\nall files are fine\n']],
  ['of nothing but newlines', () => ['\n'.repeat(1_000)]],
  ['of binary rubbish', () => ['\u0000\ufffd\n'.repeat(1_000)]],
  ['of one line', () => times('x', MEGABYTE, '')],
])('a green log %s changes nothing', (_, green) => {
  const reader = createGreenReader('salt');
  for (const chunk of green()) reader.write(Buffer.from(chunk));
  const matching = matcher.start();
  matching.write(Buffer.from(`##[group]Run x\n${CAUSE}\n${EXIT}\n`));
  expect(matching.end(greenLog(reader.end(), 'salt')).primary).toMatchObject({ line: 2, demoted: null });
});
