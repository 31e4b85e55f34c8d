import { expect, test } from 'vitest';
import type { EarlierFailure } from '../../src/model/pull-request.ts';
import { earlierClauses } from '../../src/report/failures/earlier.ts';
import { HEAD, OLDER, report } from './reports.ts';

const FIX = '9f8e7d6c5b4a39281706f5e4d3c2b1a098765432';
const url = (sha: string) => `[\`${sha.slice(0, 7)}\`](https://github.com/octo-org/web-shop/commit/${sha})`;

function earlier(change: Partial<EarlierFailure> = {}): EarlierFailure {
  return {
    job_name: 'test',
    pattern_name: 'disk full',
    message: 'ENOSPC',
    commit_sha: OLDER,
    run_attempt: 1,
    fixed_by: { commit_sha: FIX, run_attempt: 1 },
    ...change,
  };
}

test.each<[string, EarlierFailure[], string[]]>([
  ['fixed by a commit', [earlier()], [`\`test\` had failed on ${url(OLDER)}: disk full; fixed by ${url(FIX)}`]],
  [
    'fixed by the commit that stands now',
    [earlier({ fixed_by: { commit_sha: HEAD, run_attempt: 1 } })],
    [`\`test\` had failed on ${url(OLDER)}: disk full; fixed by this commit`],
  ],
  [
    'passed on a later attempt of the same commit',
    [1, 2].map((run_attempt) => earlier({ run_attempt, fixed_by: { commit_sha: OLDER, run_attempt: 3 } })),
    [
      '`test` had failed on attempts 1 and 2: disk full; passed on attempt 3 of the same commit, nothing changed but the attempt',
    ],
  ],
  [
    'not passed since',
    [earlier({ fixed_by: null })],
    [`\`test\` had failed on ${url(OLDER)}: disk full; not passed since`],
  ],
  [
    'known by no pattern',
    [earlier({ pattern_name: null, message: 'a `b`' })],
    [`\`test\` had failed on ${url(OLDER)}: \`\` a \`b\` \`\`; fixed by ${url(FIX)}`],
  ],
  [
    'the same cause in several jobs and commits is said once',
    [
      earlier({ job_name: 'test 10' }),
      earlier({ job_name: 'test 9' }),
      earlier({ commit_sha: HEAD, job_name: 'test 9' }),
    ],
    [`\`test 9\` and \`test 10\` had failed on 2 commits: disk full; fixed by ${url(FIX)}`],
  ],
])('%s', (_, earlier_failures, expected) => {
  expect(earlierClauses(report({ earlier_failures }), 5)).toEqual(expected);
  expect(earlierClauses(report({ earlier_failures: earlier_failures.toReversed() }), 5)).toEqual(expected);
});

test('beyond the limit the rest is counted', () => {
  const earlier_failures = [1, 2, 3, 4].map((number) => earlier({ pattern_name: `cause ${number}` }));
  expect(earlierClauses(report({ earlier_failures }), 2).at(-1)).toBe('2 more earlier failures');
});
