// What is kept of an error that an application reports: no secret of it, nothing without bounds, and the fingerprint that a log's line has.

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fingerprintLine } from '../../src/diagnose/fingerprint.ts';
import { errorReport, keptReport } from '../../src/operations/memory/error-report.ts';

const project_id = 'a0000000-0000-4000-8000-000000000002';
const kept = (given: object) => keptReport(errorReport.parse({ project_id, message: 'It broke', ...given })).report;

describe('an error report', () => {
  it('has the fingerprint of the line that a log would have', () => {
    const { fingerprint } = kept({ kind: 'TypeError', message: 'x of order 17 is undefined\nat a.ts:3' });
    expect(fingerprint).toBe(fingerprintLine('TypeError: x of order 99 is undefined'));
    expect(kept({ message: 'TypeError: x of order 4 is undefined', kind: 'TypeError' }).fingerprint).toBe(fingerprint);
    expect(kept({ message: 'y is undefined', kind: 'TypeError' }).fingerprint).not.toBe(fingerprint);
  });

  it('keeps no secret, wherever it stands', () => {
    const secret = `ghp_${'a1B2c3D4e5F6'.repeat(3)}`;
    const report = kept({
      message: `refused ${secret}`,
      stack: `at login (token=${secret})`,
      kind: secret,
      environment: secret,
      release: secret,
      context: { headers: { authorization: `Bearer ${secret}` }, password: 'correct horse battery' },
    });
    expect(JSON.stringify(report)).not.toContain(secret);
    expect(JSON.stringify(report)).not.toContain('correct horse');
    expect(report.fingerprint).toBe(kept({ kind: report.kind, message: report.message }).fingerprint);
  });

  it.each([
    [{ severity: 'info', kind: 'Fatal' }, 'info'],
    [{ kind: 'DeprecationWarning' }, 'warning'],
    [{ message: 'FATAL: JavaScript heap out of memory' }, 'critical'],
    [{ kind: 'TypeError' }, 'error'],
  ])('%j is %s', (given, severity) => {
    expect(kept(given).severity).toBe(severity);
  });

  it.each([
    ['no message', { message: '' }],
    ['more than 64 KB', { stack: 'é'.repeat(40_000) }],
    ['a large context', { context: { text: 'x'.repeat(20_000) } }],
    ['no commit', { commit_sha: 'main' }],
    ['no time', { occurred_at: 'yesterday' }],
    ['none', { count: 0 }],
    ['a field that nobody knows', { user: 'x' }],
  ])('with %s is refused', (_, given) => {
    expect(errorReport.safeParse({ project_id, message: 'It broke', ...given }).success).toBe(false);
  });

  it('fits into its columns, whatever it says', () => {
    const text = fc.string({ unit: 'binary', minLength: 1, maxLength: 6_000 });
    fc.assert(
      fc.property(text, text, (message, stack) => {
        const report = kept({ message, stack, kind: message.slice(0, 200) });
        expect(Array.from(report.message).length).toBeLessThanOrEqual(4_096);
        expect(Buffer.byteLength(report.excerpt)).toBeLessThanOrEqual(4_096);
        expect(report.fingerprint).toMatch(/^[0-9a-f]{16}$/);
        expect(report.message + report.excerpt + report.kind).not.toContain('\u0000');
      }),
      { numRuns: 50 },
    );
  });
});
