// A run with more artifacts than are read holds whatever may rest on one of them.
import { describe, expect, it } from 'vitest';
import { refuseRest } from '../../src/evidence/kept-artifact.ts';
import { collect, type GateSubject } from '../../src/gate/collect/collect.ts';
import { evaluate } from '../../src/gate/evaluate.ts';
import type { EvidenceModel, Measured, Report } from '../../src/gate/model/evidence-model.ts';
import type { Criterion } from '../../src/policy/schema/criteria.ts';
import { artifact, commit, coverage, criterion, file, job, NOW, tests } from './evidence-cases.ts';

const row = refuseRest({ id: 501, name: 'part-501', digest: null }, 500);
const rest = (fields: Partial<Report> = {}) =>
  artifact(row.name, [], { unreadable: 'the run has more than 500 artifacts', hides_others: true, ...fields });
const REPORTS: readonly (readonly [Criterion['key'], Measured])[] = [
  ['coverage_min', coverage(file('src/a.ts', 9, 10))],
  ['coverage_diff_min', coverage(file('src/a.ts', 10, 10))],
  ['e2e_pass', tests(3)],
  ['lighthouse_min', { kind: 'lighthouse', scores: { performance: 99 } }],
  ['lint_pass', { kind: 'findings', about: 'lint', errors: 0 }],
  ['type_check', { kind: 'findings', about: 'types', errors: 0 }],
];

function verdictFor(one: Criterion, fields: Partial<EvidenceModel>) {
  const model = commit({ changed_lines: { 'src/a.ts': [1] }, ...fields });
  const [verdict] = evaluate(model, { criteria: [one], deadline_minutes: 60, now: NOW }).criteria;
  if (verdict === undefined) throw new Error('no verdict');
  return verdict;
}

describe('artifacts that were too many to be read', () => {
  it.each(REPORTS)('hold %s, by name or named, for a flag or a workflow', (key, measured) => {
    const report = artifact('report', [measured]);
    const sources = [null, { artifact: 'report' }, { artifact: 'report', workflow: 'ci.yml' }];
    for (const source of sources) {
      const one = criterion(key, { source });
      expect(verdictFor(one, { reports: [report] }).state).toBe('pass');
      for (const reports of [[report, rest()], [rest(), report], [rest()]])
        expect(verdictFor(one, { reports })).toMatchObject({
          state: 'error',
          reason: `artifact ${row.name} can't be read: the run has more than 500 artifacts`,
          fail_codes: ['ARTIFACT_UNREADABLE'],
        });
    }
    const flagged = criterion(key, { scope: { kind: 'flag', flag: 'report' } });
    if (key === 'coverage_min') expect(verdictFor(flagged, { reports: [report, rest()] }).state).toBe('error');
  });

  it('hold nothing that rests on a job alone, on another workflow or on the pull request’s own events', () => {
    const lint = criterion('lint_pass', { source: { job: 'lint' } });
    expect(verdictFor(lint, { signals: [job('lint')], reports: [rest()] }).state).toBe('pass');
    const report = artifact('coverage', [coverage(file('src/a.ts', 9, 10))]);
    const of = criterion('coverage_min', { source: { artifact: 'coverage', workflow: 'ci.yml' } });
    expect(verdictFor(of, { reports: [report, rest({ workflow: 'other.yml' })] }).state).toBe('pass');
    const foreign = rest({ foreign_event: 'schedule' });
    expect(verdictFor(criterion('coverage_min'), { reports: [report, foreign] }).state).toBe('pass');
  });

  it('are told by what is kept of them', () => {
    const subject = {
      pull_request: { is_fork: false, author: 'jill', head_ref: 'x', base_ref: 'main' },
      signals: [],
      runs: [],
      reports: [
        { artifact: row.name, workflow_path: '.github/workflows/ci.yml', event: 'push', content: row.content },
        { artifact: 'other', workflow_path: '.github/workflows/ci.yml', event: 'push', content: '{"refused":"x"}' },
      ],
      overrides: [],
      since: NOW,
    } as unknown as GateSubject;
    expect(collect(subject, null).reports).toMatchObject([
      { artifact: 'beyond the first 500', hides_others: true, unreadable: expect.stringContaining('more than 500') },
      { artifact: 'other', unreadable: 'x' },
    ]);
    expect(collect(subject, null).reports[1]).not.toHaveProperty('hides_others');
  });
});
