// What is answered for a deployment that is held back.

import { expect, test } from 'vitest';
import { parsePolicy } from '../../src/policy/parse-policy.ts';
import { answerFor, type HeldVerdict } from '../../src/protection/answer.ts';

const held = { environment: 'production', sha: 'a'.repeat(40), since: '2026-11-20T13:00:00.000Z' };
const policy = parsePolicy('dod: { lint_pass: true }\nenvironments: [production]\ndeadline_minutes: 30\n');
const before = Date.parse('2026-11-20T13:29:59Z');
const after = Date.parse('2026-11-20T13:30:00Z');
const verdict = (status: string, ...unmet: string[]): HeldVerdict => ({ status, unmet });

test.each([
  ['without a policy', null, verdict('failed'), before, 'approved', 'The policy names no such environment'],
  [
    'that the policy does not name',
    parsePolicy('dod: {}\n'),
    null,
    before,
    'approved',
    'The policy names no such environment',
  ],
  [
    'by a broken policy',
    parsePolicy('dod: 1\n'),
    verdict('completed'),
    before,
    'rejected',
    'The policy on the default branch is broken',
  ],
  [
    'that the policy names with a wildcard',
    parsePolicy('dod: { lint_pass: true }\nenvironments: ["prod*"]\n'),
    verdict('failed', 'lint'),
    before,
    'rejected',
    'is not met on aaaaaaa: lint.',
  ],
  ['whose commit meets it all', policy, verdict('completed'), after, 'approved', 'is met on aaaaaaa'],
  [
    'whose commit fails',
    policy,
    verdict('failed', 'coverage', 'lint'),
    before,
    'rejected',
    'is not met on aaaaaaa: coverage, lint.',
  ],
  [
    'that fails in many ways',
    policy,
    verdict('failed', ...'abcdefghijkl'),
    before,
    'rejected',
    ': a, b, c, d, e, f, g, h, i, j and 2 more.',
  ],
  ['whose verdict is not complete', policy, verdict('running', 'lint'), before, 'wait', null],
  [
    'whose verdict is not complete in time',
    policy,
    verdict('running', 'lint'),
    after,
    'rejected',
    'not complete on aaaaaaa after 30 minutes: lint.',
  ],
  ['without a verdict', policy, null, before, 'wait', null],
  ['without a verdict in time', policy, null, after, 'rejected', 'no verdict on aaaaaaa after 30 minutes.'],
] as const)('a deployment %s', (_, given, on, now, state, comment) => {
  const answer = answerFor(held, given, on, now);
  expect(answer).toEqual(comment === null ? { state } : { state, comment: expect.stringContaining(comment) });
});
