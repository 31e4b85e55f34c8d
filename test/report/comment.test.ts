import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { PullRequestReport, ReportFailure } from '../../src/model/pull-request.ts';
import { renderCheckRun } from '../../src/report/check-run.ts';
import { commentMarker, readCommentMarker, renderComment } from '../../src/report/comment.ts';
import { countCharacters } from '../support/count-characters.ts';
import { CASES } from './cases.ts';
import { hostileText, outsideCode } from './hostile.ts';
import { deployment, failedJob, HEAD, job, peerConflict, report, unknownFailure } from './reports.ts';

const OUR_HTML = /<details><summary>[^<>]*<\/summary>|<\/details>/g;

describe('the marker', () => {
  test('stands on the second line and is read back', () => {
    const { body } = renderComment(report({ jobs: [failedJob('test')] }));
    expect(body.split('\n')[0]).toBe('### ❌ CodeRed: 1 failure needs you');
    expect(readCommentMarker(body)).toEqual({ pull_request_number: 123, as_of: '2026-11-20T13:58:01Z' });
  });

  test.each([
    ['2026-11-20T13:58:01Z', '2026-11-20T13:58:01Z'],
    ['2026-11-20T13:58:01.123456+00:00', '2026-11-20T13:58:01.123456+00:00'],
    [null, null],
    ['--> @everyone', null],
    ['2026-11-20T13:58:01Z\n', null],
  ])('of a report as of %j it reads %j', (as_of, expected) => {
    for (const jobs of [[failedJob('a')], [job('a')]]) {
      const { body } = renderComment(report({ jobs, as_of }));
      expect(readCommentMarker(body)).toEqual({ pull_request_number: 123, as_of: expected });
    }
  });

  test('is read where GitHub has turned line ends into CRLF', () => {
    const { body } = renderComment(report({ jobs: [failedJob('a')] }));
    expect(readCommentMarker(body.replaceAll('\n', '\r\n'))?.pull_request_number).toBe(123);
  });

  test.each([
    '',
    'no marker',
    commentMarker({ pull_request_number: 1, as_of: null }),
    `x\n\n${commentMarker({ pull_request_number: 1, as_of: null })}`,
    `x\n> ${commentMarker({ pull_request_number: 1, as_of: null })}`,
    `x\n${commentMarker({ pull_request_number: 1, as_of: null })} and more`,
    'x\n<!-- codered:comment v2 pull_request=1 as_of=- -->',
  ])('is not seen in %j', (body) => {
    expect(readCommentMarker(body)).toBeNull();
  });
});

describe('may_create', () => {
  test.each<[string, Partial<PullRequestReport>, boolean]>([
    ['a failure that is known', { jobs: [failedJob('a')], unfinished_runs: 1 }, true],
    ['a failure without a log', { jobs: [failedJob('a', { failure: null, log_state: 'missing' })] }, true],
    ['a failed deployment', { deployments: [deployment('production', { status: 'failed' })] }, true],
    ['only logs that are being read', { jobs: [failedJob('a', { failure: null, log_state: 'none' })] }, false],
    ['nothing failed', { jobs: [job('a')] }, false],
    ['nothing passed', { jobs: [job('a', { conclusion: 'skipped' })] }, false],
    ['nothing seen', {}, false],
  ])('%s', (_, change, expected) => {
    expect(renderComment(report(change)).may_create).toBe(expected);
  });
});

describe('renderComment', () => {
  test('carries what the publisher needs', () => {
    expect(renderComment(report({ jobs: [job('a')] }))).toMatchObject({
      kind: 'comment',
      pull_request_number: 123,
      head_sha: HEAD,
      as_of: '2026-11-20T13:58:01Z',
    });
  });

  test('speaks under the name it is given, as text', () => {
    const { body } = renderComment(report({ jobs: [failedJob('a')] }), { appName: 'Red *bot*' });
    expect(body).toMatch(/^### ❌ Red \\\*bot\\\*: 1 failure/);
  });

  test.each(CASES)('$name: the order of what is reported does not matter', ({ report: input }) => {
    const shuffled = (seed: number) => ({
      ...input,
      jobs: shuffle(input.jobs, seed),
      deployments: shuffle(input.deployments, seed),
      earlier_failures: shuffle(input.earlier_failures, seed),
    });
    for (const seed of [1, 2, 3]) {
      expect(renderComment(shuffled(seed))).toEqual(renderComment(input));
      expect(renderCheckRun(shuffled(seed), { name: 'CodeRed' })).toEqual(renderCheckRun(input, { name: 'CodeRed' }));
    }
  });

  test('names the workflow where jobs of two are called alike', () => {
    const jobs = [failedJob('test'), failedJob('test', { workflow_name: 'Nightly' }), job('lint')];
    expect(renderComment(report({ jobs })).body).toMatch(
      /^\*\*\[`CI \/ test`\]\(.*\)\*\* and \*\*\[`Nightly \/ test`\]\(.*\)\*\* failed/m,
    );
  });

  test('names a job once that failed alike in two runs, and says how often', () => {
    const jobs = [failedJob('test', { html_url: null }), failedJob('test', { html_url: null })];
    expect(renderComment(report({ jobs })).body).toMatch(/^\*\*`test`\*\* ×2 failed/m);
  });

  test('says the attempt of each job where they differ', () => {
    const jobs = [failedJob('a', { html_url: null }), failedJob('b', { html_url: null, run_attempt: 2 })];
    expect(renderComment(report({ jobs })).body).toMatch(/^\*\*`a`\*\* and \*\*`b`\*\* \(attempt 2\) failed in step/m);
  });

  test('gives the same advice once', () => {
    const jobs = ['a', 'b'].map((name) => failedJob(name, { failure: peerConflict({ fingerprint: name }) }));
    const { body } = renderComment(report({ jobs }));
    expect(body.match(/Two packages ask/g)).toHaveLength(1);
    expect(body).toContain('**Root cause** and **Fix** as above');
  });

  test('says that no log was read where that is all there is to say, not that there never was one', () => {
    const message = 'The log could not be fetched from GitHub.';
    const failure = unknownFailure({ message, excerpt: null, line_number: null });
    const { body } = renderComment(report({ jobs: [failedJob('test', { failure, log_state: 'none' })] }));
    expect(body).toContain('· no log was read ·');
    expect(body).toContain(message);
    expect(body).not.toMatch(/never had one|no pattern knows/);
  });

  test('shows the message of a known failure that has no excerpt', () => {
    const jobs = [failedJob('a', { failure: peerConflict({ excerpt: null }) })];
    expect(renderComment(report({ jobs })).body).toContain('\n`npm error code ERESOLVE`\n');
  });

  test.each([
    ['the step and its beginning are known', {}, {}, '#step:4:37'],
    ['the beginning of the step is not', {}, { step_first_line: null }, ''],
    ['the step is not', { failed_step: null }, {}, ''],
    ['the line stands before the step', {}, { step_first_line: 300 }, ''],
  ])('links to the line of the step when %s', (_, jobChange, failureChange, anchor) => {
    const html_url = 'https://github.com/o/r/actions/runs/1/job/2';
    const jobs = [failedJob('a', { ...jobChange, html_url, failure: peerConflict(failureChange) })];
    expect(renderComment(report({ jobs })).body).toContain(`[log, line 214](${html_url}${anchor})`);
  });
});

/** The failure, and everything else that a log may say of it by the failure's own words. */
function withCauses(failure: ReportFailure): ReportFailure {
  const { message: line_text, pattern } = failure;
  const others = { others: 2, other_lines: [{ line_number: 3, text: line_text }] };
  const cause = { line_number: 9, line_text, file_path: null, line: null, ...others };
  const further_causes = pattern === null ? [] : Array.from({ length: 5 }, () => ({ ...cause, pattern }));
  return { ...failure, ...others, further_causes, is_elsewhere: true, step_name: line_text };
}

describe('whatever strangers write', () => {
  const hostileReport = fc.tuple(hostileText, hostileText, hostileText, hostileText).map(([a, b, c, d]) =>
    report({
      pull_request: { ...report().pull_request, title: a, head_sha: d },
      repository: { ...report().repository, html_url: `https://github.com/${c}` },
      jobs: [
        failedJob(a, { failed_step: { number: 1, name: b }, failure: unknownFailure({ message: c, excerpt: d }) }),
        failedJob(b, {
          workflow_name: c,
          html_url: `https://e.example/${d}`,
          failure: withCauses({ ...patterned(a, b, c, d), message: c }),
        }),
        failedJob(c, { failure: null, provider: 'github-status', html_url: d }),
        failedJob(d, { failure: unknownFailure({ verdict: 'flaky', rule: 'flaky', verdict_reason: `${a} ${b}` }) }),
        failedJob(a, {
          failure: unknownFailure({
            ...{ fingerprint: 'tests', verdict: 'new', rule: 'new', verdict_reason: `${c} ${d}` },
            tests: [{ suite: a, name: b, file_path: c, line: 1 }],
          }),
        }),
        job(d, { status: 'running', conclusion: null }),
      ],
      deployments: [deployment(a, { url: b }), deployment(c, { status: 'failed', commit_sha: d })],
      earlier_failures: [
        { job_name: a, pattern_name: b, message: c, commit_sha: d, run_attempt: 1, fixed_by: null },
        {
          job_name: b,
          pattern_name: null,
          message: c,
          commit_sha: 'abc',
          run_attempt: 1,
          fixed_by: { commit_sha: d, run_attempt: 1 },
        },
      ],
      as_of: a,
    }),
  );

  test('no HTML but ours, no mention, no second marker', () => {
    fc.assert(
      fc.property(hostileReport, (input) => {
        const { body } = renderComment(input);
        const { summary = '' } = renderCheckRun(input, { name: 'CodeRed' }) ?? {};
        const [first, marker, ...rest] = body.split('\n');
        expect(readCommentMarker(body)?.pull_request_number).toBe(123);
        expect(`${first}${rest.join('\n')}${summary}`).not.toContain('<!--');
        expect(marker).toMatch(/^<!-- [^>]* -->$/);
        for (const text of [rest.join('\n'), summary]) {
          const prose = outsideCode(text)
            .replace(/\]\(https?:[^()]*\)/g, ']')
            .replace(OUR_HTML, '');
          expect(prose).not.toMatch(/[<>]|@(?!\u200b)|:\/\//);
        }
      }),
    );
  });

  test('as many folds are closed as are opened', () => {
    fc.assert(
      fc.property(hostileReport, (input) => {
        const prose = outsideCode(renderComment(input).body);
        expect(prose.match(/<details>/g)?.length).toBe(prose.match(/<\/details>/g)?.length);
      }),
    );
  });
});

describe('limits', () => {
  const widest = fc.constantFrom('&', '|', '`', '😀', 'é', '@', '<!--', ':', 'a', '\n', '*');

  test('a comment has at most 60,000 characters and 65,535 bytes, a summary 65,535 bytes, and shows a failure', () => {
    fc.assert(
      fc.property(widest, widest, fc.integer({ min: 1, max: 60 }), (a, b, count) => {
        const input = overflowing(a.repeat(5000), b.repeat(5000), count);
        const { body } = renderComment(input);
        const { summary = '' } = renderCheckRun(input, { name: 'CodeRed' }) ?? {};
        expect(body.length).toBeLessThanOrEqual(60_000);
        expect(Buffer.byteLength(body)).toBeLessThanOrEqual(65_535);
        expect(Buffer.byteLength(summary)).toBeLessThanOrEqual(65_535);
        expect(`${body}${summary}`.isWellFormed()).toBe(true);
        expect(body).toMatch(/^\*\*.* failed /m);
      }),
      { numRuns: 25 },
    );
  });

  test('of failures that do not fit, the number is said and where they stand', () => {
    const { body } = renderComment(overflowing('a', 'b'.repeat(3000), 300));
    const shown = body.match(/^\*\*.* failed /gm)?.length ?? 0;
    expect(shown).toBeGreaterThan(3);
    expect(body).toContain(
      `${300 - shown} more failures stand on the [checks page](https://github.com/octo-org/web-shop/pull/123/checks).`,
    );
  });

  test('a failure shows at most 4 KB of text from outside', () => {
    const jobs = Array.from({ length: 50 }, (_, index) =>
      failedJob(`${index} ${'n'.repeat(300)}`, {
        html_url: null,
        failed_step: { number: 1, name: 's'.repeat(5000) },
        failure: unknownFailure({ message: 'm'.repeat(5000), excerpt: 'e\n'.repeat(9000) }),
      }),
    );
    const { body } = renderComment(report({ jobs }));
    expect(Buffer.byteLength(body.slice(body.indexOf('\n\n')))).toBeLessThan(4096 + 400);
  });

  test('twice the failed jobs take no more than twice the reading', () => {
    const readOf = (jobs: number) => {
      const input = overflowing('name', '`x` '.repeat(1000), jobs);
      return countCharacters(() => renderComment(input));
    };
    expect(readOf(1000)).toBeLessThan(2.3 * readOf(500));
  });
});

function patterned(name: string, root_cause: string, recommended_fix: string, docs: string) {
  const pattern = {
    name,
    category: 'other',
    severity: 'error',
    root_cause,
    recommended_fix,
    docs_url: `https://e.example/${docs}`,
  } as const;
  return peerConflict({ fingerprint: 'patterned', pattern });
}

/** A report in which everything is as long as can be. */
function overflowing(name: string, text: string, count: number): PullRequestReport {
  const indices = Array.from({ length: count }, (_, index) => index);
  const unfinished = ['running', 'queued'] as const;
  return report({
    pull_request: { ...report().pull_request, title: text },
    jobs: [
      ...indices.map((index) =>
        failedJob(`${index} ${name}`, {
          failed_step: { number: 1, name: text },
          failure: { ...patterned(name, text, text, ''), fingerprint: `${index}`, message: text, excerpt: text },
        }),
      ),
      ...indices.map((index) =>
        job(`${index} ${text}`, { status: unfinished[index % 2] ?? 'running', conclusion: null }),
      ),
    ],
    deployments: indices.map((index) => deployment(`${index} ${text}`)),
    earlier_failures: indices.map((index) => ({
      job_name: text,
      pattern_name: `${index} ${text}`,
      message: text,
      commit_sha: text,
      run_attempt: 1,
      fixed_by: null,
    })),
  });
}

function shuffle<T>(items: readonly T[], seed: number): T[] {
  const keyed = items.map((item, index) => ({ item, key: Math.sin((index + 1) * 12.9898 * seed) }));
  return keyed.toSorted((a, b) => a.key - b.key).map(({ item }) => item);
}
