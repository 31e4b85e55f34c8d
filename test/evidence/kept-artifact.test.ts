import { describe, expect, it } from 'vitest';
import { keepArtifact, parseKept, refuseArtifact } from '../../src/evidence/kept-artifact.ts';
import { type Measurement, unreadable } from '../../src/evidence/reading/measurement.ts';

const listed = { id: 7, name: 'reports', digest: 'sha256:1' };
const junit: Measurement = {
  kind: 'tests',
  format: 'junit',
  passed: 3,
  failed: 1,
  skipped: 0,
  errored: 0,
  flaky: 0,
  duration_ms: null,
  cases: [{ suite: null, name: 'token abc', file_path: null, status: 'failed', duration_ms: null, message: 'secret' }],
  cases_omitted: 2,
  remarks: [],
};
const summary = (artifacts: readonly string[]): Measurement => ({
  kind: 'summary',
  format: 'codered',
  status: 'PASSED',
  tests: [],
  lighthouse_score: null,
  artifacts,
  duration_ms: null,
  remarks: [],
});
const keep = (...measurements: Measurement[]) =>
  keepArtifact(listed, {
    state: 'read',
    files: measurements.map((measurement, index) => ({ path: `r${index}`, measurement })),
  });

describe('what is kept of an artifact', () => {
  it('is the figures of its reports, without the words of strangers', () => {
    const kept = keep(junit);
    expect(kept).toMatchObject({
      github_artifact_id: 7,
      name: 'reports',
      kind: 'junit',
      ref: 'sha256:1',
      summary: 'tests (junit)',
    });
    expect(kept.content).not.toContain('secret');
    expect(parseKept(kept.content)).toEqual({
      reports: [{ path: 'r0', measurement: { ...junit, cases: [], cases_omitted: 3 } }],
    });
  });

  it('tells which shard of a suite it is', () => {
    const shard = { current: 1, total: 3 };
    expect(parseKept(keep({ ...junit, shard }).content)).toMatchObject({ reports: [{ measurement: { shard } }] });
  });

  it('is one kind: coverage before tests before Lighthouse', () => {
    const lighthouse: Measurement = { kind: 'lighthouse', format: 'lighthouse', pages: [], lowest: [], remarks: [] };
    const totals = { lines: null, statements: null, branches: null, functions: null, instructions: null };
    const coverage: Measurement = {
      kind: 'coverage',
      format: 'lcov',
      counted: 'lines',
      totals,
      files: [],
      remarks: [],
    };
    expect(keep(lighthouse, junit, coverage).kind).toBe('coverage');
    expect(keep(lighthouse, junit, { ...junit, format: 'playwright' }).kind).toBe('playwright');
    expect(keep(lighthouse, { ...junit, format: 'mochawesome' }).kind).toBe('test_report');
    expect(keep(lighthouse).kind).toBe('lighthouse');
    expect(keep(summary([])).kind).toBe('other');
  });

  it('is the reason alone when it could not be read', () => {
    const refused = keepArtifact(listed, { state: 'refused', measurement: unreadable(null, 'it is no zip archive') });
    expect(parseKept(refused.content)).toEqual({ refused: 'it is no zip archive' });
    expect(refused.summary).toBe('not read: it is no zip archive');
  });

  it('is the reason alone when it is more than a row takes', () => {
    const kept = keep(summary(Array.from({ length: 10_000 }, () => 'x'.repeat(900))));
    expect(parseKept(kept.content)).toEqual({ refused: 'its measurements come to more than 8388608 bytes' });
  });

  it('holds nothing that Postgres does not take', () => {
    const { content } = keep(summary(['a\u0000b', '\ud800']));
    expect(content).not.toContain('\\u0000');
    expect(parseKept(content)).toMatchObject({ reports: [{ measurement: { artifacts: ['a\ufffdb', '\ud800'] } }] });
  });

  it.each([null, '', 'no json', '{}', '[]', '{"reports":[{"path":1}]}', '{"reports":[{"path":"a","measurement":{}}]}'])(
    'that is %j counts as unreadable',
    (content) => {
      expect(parseKept(content)).toEqual({ refused: 'what is kept of it is damaged' });
    },
  );

  it('has a name and a summary that fit', () => {
    const kept = refuseArtifact({ ...listed, name: 'n'.repeat(600) }, 'r'.repeat(3_000));
    expect([kept.name.length, kept.summary.length]).toEqual([500, 2_000]);
  });
});
