// A step that printed nothing until its job was cancelled: the times in the log are the proof.
import { expect, test } from 'vitest';
import { createTail } from '../../src/diagnose/log/tail.ts';
import { parsePatternFile } from '../../src/diagnose/pattern-files/pattern-file.ts';
import { compilePatterns } from '../../src/diagnose/patterns/match.ts';

const ENTRY = 'category: other, severity: error, root_cause: R., recommended_fix: F.';
const { patterns } = parsePatternFile(
  'p.yml',
  `patterns:
  - { name: hung, pattern: '^The step printed nothing for \\d+ minutes before the job was cancelled$', ${ENTRY} }
  - { name: canceled, pattern: '^(The operation was canceled)\\.$', rank: generic, ${ENTRY} }
  - { name: known, pattern: 'ERESOLVE', ${ENTRY} }`,
);

const at = (minute: number) => `${new Date(Date.UTC(2026, 6, 1, 10, minute)).toISOString().slice(0, -1)}0000Z `;

function read(lines: readonly (readonly [number | null, string])[]) {
  const matching = compilePatterns(patterns).start();
  const log = lines.map(([minute, text]) => `${minute === null ? '' : at(minute)}${text}\n`).join('');
  matching.write(Buffer.from(log));
  return matching.end();
}

const step = [0, '##[group]Run ./e2e.sh'] as const;
const end = '##[error]The operation was canceled.';

test('half an hour of silence before the cancel is told with the last line before it, which is quoted', () => {
  const found = read([step, [1, 'waiting for the shop'], [1, ''], [31, end], [31, 'Post job cleanup.']]);
  expect(found.primary).toMatchObject({ pattern: { name: 'hung' }, line: 2, text: 'waiting for the shop' });
  expect(found.primary?.step).toEqual({ name: './e2e.sh', line: 1 });
  expect(found.anchor).toMatchObject({ line: 2, kind: 'match' });
  expect(found.causes.map(({ pattern }) => pattern.name)).toEqual(['hung']);
});

test.each([
  ['less', [step, [1, 'waiting'], [30, end]]],
  ['lines without times', [step, [null, 'waiting'], [null, end]]],
  ['times that run backwards', [step, [300, 'waiting'], [1, end]]],
  ['another end', [step, [1, 'waiting'], [90, '##[error]Process completed with exit code 1.']]],
  ['no line before it', [[90, end]]],
] as const)('%s is no silence', (_, lines) => {
  expect(read(lines).matches.map(({ pattern }) => pattern.name)).not.toContain('hung');
});

test('a cause that a pattern knows is told instead', () => {
  expect(read([step, [1, 'npm error code ERESOLVE'], [90, end]]).primary?.pattern.name).toBe('known');
});

test('a tail knows the time of each of its lines', () => {
  const tail = createTail();
  tail.push(Buffer.from(`${at(1)}a\nb\n`), 7);
  tail.push(Buffer.from(`${at(2)}c\n`), 9);
  expect([7, 8, 9, 10].map((line) => tail.timeOf(line))).toEqual([
    Date.UTC(2026, 6, 1, 10, 1),
    null,
    Date.UTC(2026, 6, 1, 10, 2),
    null,
  ]);
});
