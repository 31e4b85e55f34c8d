// The one bounded summary of failures: never longer than it says, whatever the logs hold.

import fc from 'fast-check';
import { countTokens } from 'gpt-tokenizer/encoding/o200k_base';
import { describe, expect, it } from 'vitest';
import type { Failure } from '../../src/operations/ci/failure.ts';
import { failureSummary, SUMMARY_TOKENS, summarise } from '../../src/operations/ci/failure-summary.ts';

const failureOf = (more: Partial<Failure> = {}): Failure => ({
  id: 'a0000000-0000-4000-8000-000000000001',
  project_id: 'a0000000-0000-4000-8000-000000000002',
  source: 'ci',
  severity: 'error',
  message: 'src/app.ts(3,7): error TS2322',
  details: null,
  verdict: 'unknown',
  verdict_reason: '',
  occurrences: 1,
  first_seen_at: '2026-01-01T00:00:00Z',
  created_at: '2026-01-01T00:00:00Z',
  excerpt: 'before\nsrc/app.ts(3,7): error TS2322\nafter',
  evidence_why: 'match',
  line_number: 12,
  step_name: 'Run tsc',
  file_path: 'src/app.ts',
  line: 3,
  repository: 'octo-org/shop',
  job_name: 'types',
  workflow_name: 'CI',
  commit_sha: 'a'.repeat(40),
  branch: 'main',
  pull_requests: [7],
  url: 'https://github.com/octo-org/shop/actions/runs/1/job/2',
  from_fork: false,
  cause: null,
  ...more,
});

const tokensOf = (value: unknown) => countTokens(JSON.stringify(value), { disallowedSpecial: new Set() });

describe('the failure summary', () => {
  it('says what failed, why, and what fixes it, with the lines that prove it', async () => {
    const cause = {
      name: 'TypeScript error',
      category: 'type',
      rank: 'cause' as const,
      root_cause: 'A value does not fit its type.',
      recommended_fix: 'Change the value or the type.',
      docs_url: null,
      line_text: 'src/app.ts(3,7): error TS2322',
    };
    const summary = await summarise([failureOf({ cause })], { pull_request: 7 });
    expect(failureSummary.parse(summary)).toEqual(summary);
    expect(summary).toMatchObject({ pull_request: 7, left_out: 0, has_more: false, tokenizer: 'o200k_base' });
    expect(summary.failures[0]).toMatchObject({
      job: 'types',
      commit_sha: 'a'.repeat(40),
      first_seen_at: '2026-01-01T00:00:00Z',
      cause: { name: 'TypeScript error', is_certain: true },
      evidence: { line_number: 12, lines: expect.stringContaining('TS2322') },
      file: 'src/app.ts:3',
    });
  });

  it('counts what it leaves out, and says when there are older ones', async () => {
    const many = Array.from({ length: 51 }, () => failureOf({ excerpt: 'x y z '.repeat(600) }));
    const summary = await summarise(many, {});
    expect(summary.failures.length).toBeGreaterThan(3);
    expect(summary.failures.length + summary.left_out).toBe(50);
    expect(summary.has_more).toBe(true);
  });

  it('quotes around the line that says it, where the excerpt is too long for it', async () => {
    const excerpt = `${'noise\n'.repeat(500)}THE LINE\n${'more noise\n'.repeat(100)}`;
    const summary = await summarise([failureOf({ message: 'THE LINE', excerpt })], {});
    expect(summary.failures[0]?.evidence.lines).toContain('THE LINE');
  });

  it('shows nothing that a person would not see', async () => {
    const hidden = 'a\u202Eb\u200Bc\u{E0041}d\u0007e';
    const summary = await summarise([failureOf({ message: hidden, excerpt: hidden, job_name: hidden })], {});
    expect([summary.failures[0]?.what, summary.failures[0]?.job, summary.failures[0]?.evidence.lines]).toEqual(
      Array(3).fill('abcde'),
    );
  });

  it('is never longer than it says, whatever the texts are', async () => {
    const text = fc.oneof(
      fc.string({ unit: 'binary', maxLength: 4000 }),
      fc.constantFrom('😀', '\\', '"', '\u0001', '𝕏', '<|endoftext|>', 'ﷺ').map((unit) => unit.repeat(2000)),
    );
    await fc.assert(
      fc.asyncProperty(text, text, fc.integer({ min: 1, max: 60 }), async (message, excerpt, count) => {
        const failures = Array.from({ length: count }, () =>
          failureOf({ message, excerpt, job_name: message, file_path: excerpt }),
        );
        const summary = await summarise(failures, {});
        expect(tokensOf(summary)).toBeLessThanOrEqual(SUMMARY_TOKENS);
        expect(summary.failures.length).toBeGreaterThan(0);
      }),
      { numRuns: 40 },
    );
  });
});
