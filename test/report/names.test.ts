// A long name is cut once, between two code points, wherever it stands.
import { expect, test } from 'vitest';
import { renderComment } from '../../src/report/comment.ts';
import { nameCode, namePlain, plainInCell } from '../../src/text/markdown.ts';
import { nameLine, oneLine, shorten } from '../../src/text/outside-text.ts';
import { gate, gateCriterion } from './gate-cases.ts';
import { deployment, failedJob, job, report } from './reports.ts';

test.each([
  ['x', 80, `${'x'.repeat(80)}`],
  ['x', 81, `${'x'.repeat(79)}…`],
  ['x', 5000, `${'x'.repeat(79)}…`],
  ['é', 81, `${'é'.repeat(79)}…`],
  ['日', 80, '日'.repeat(80)],
  ['日', 200, `${'日'.repeat(79)}…`],
  ['😀', 80, '😀'.repeat(80)],
  ['😀', 500, `${'😀'.repeat(79)}…`],
])('%s, %i times', (sign, times, expected) => {
  expect(nameLine(sign.repeat(times))).toBe(expected);
  expect(nameCode(sign.repeat(times))).toBe(`\`${expected}\``);
  expect(namePlain(sign.repeat(times))).toBe(expected);
});

test('what was cut before ends in one ellipsis', () => {
  expect(shorten(`${'a'.repeat(9)}… and more`, 15)).toBe(`${'a'.repeat(9)}…`);
  expect(nameLine(`${'a'.repeat(78)}……`.repeat(2))).toBe(`${'a'.repeat(78)}…`);
});

test('a cut of what is too long to be looked at leaves no half of a character', () => {
  expect(oneLine(`a${'😀'.repeat(100)}`, 10).isWellFormed()).toBe(true);
  expect(oneLine(`${'\u200b'.repeat(39)}😀${'b'.repeat(50)}`, 10)).not.toContain('\ufffd');
});

test('no name in a comment is cut twice or runs on', () => {
  const name = (sign: string) => `${sign}${'-very-long-name'.repeat(12)}`;
  const input = report({
    jobs: [
      failedJob(name('job'), { failed_step: { number: 1, name: name('step') } }),
      failedJob(name('job'), { workflow_name: name('flow'), failed_step: { number: 1, name: name('step') } }),
      job(name('running'), { status: 'running', conclusion: null }),
    ],
    deployments: [deployment(name('environment'), { url: null })],
    gate: gate(
      [
        gateCriterion('lint', {
          state: 'fail',
          reason: `job ${name('gate')} failed, as did others`,
          sources: [{ kind: 'job', name: name('gate'), url: null, attempt: 1 }],
        }),
      ],
      'fail',
    ),
  });
  const { body } = renderComment(input);
  const cut = body.replaceAll('\u200b', '').match(/[a-z]+(?:-very-long-name)+[-a-z]*…*/g) ?? [];
  expect(cut.length).toBeGreaterThan(4);
  for (const each of cut) {
    expect(Array.from(each).length).toBeLessThanOrEqual(80);
    expect(each).toMatch(/[^…]…$/);
  }
});

test('where a workflow has to be named too, both stand in what one name may take', () => {
  const jobs = ['one', 'two'].map((flow) => failedJob('test', { workflow_name: `${flow} ${'w'.repeat(200)}` }));
  const names = renderComment(report({ jobs })).body.match(/`[^`]+ \/ test`/g) ?? [];
  expect(names).toHaveLength(2);
  for (const each of names) expect(Array.from(each).length - 2).toBeLessThanOrEqual(80);
});

test('in a narrow cell a long word is broken, at a joint if there is one, and reads the same', () => {
  const path = `packages/${'shop/'.repeat(12)}lcov.info`;
  const cell = plainInCell(path, 300);
  expect(cell.replaceAll('\u200b', '')).toBe(path);
  for (const part of cell.split('\u200b').slice(0, -1)) expect(part).toMatch(/^.{8,22}$/);
  expect(plainInCell('lcov.info: it is empty', 300)).toBe('lcov.info: it is empty');
});
