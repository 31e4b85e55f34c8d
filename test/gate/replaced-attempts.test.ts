// A re-run that uploads under another name replaces what the attempt before uploaded; a shard replaces no other.
import { describe, expect, it } from 'vitest';
import { evaluate } from '../../src/gate/evaluate.ts';
import type { EvidenceModel, Measured, Report } from '../../src/gate/model/evidence-model.ts';
import { withoutReplaced } from '../../src/gate/parts/replaced-attempts.ts';
import { artifact, commit, criterion, FAILED, job, NOW, run, tests } from './evidence-cases.ts';

const e2e = criterion('e2e_pass', { source: { artifact: 'report' } });

function verdictFor(reports: readonly Report[], fields: Partial<EvidenceModel> = {}, one = e2e) {
  const model = commit({ reports, runs: [run({ attempt: 2 })], ...fields });
  const [verdict] = evaluate(model, { criteria: [one], deadline_minutes: 60, now: NOW }).criteria;
  if (verdict === undefined) throw new Error('no verdict');
  return verdict;
}

const RED = tests(3, 1);
const GREEN = tests(4);
const first = (name: string, measured: Measured = RED, fields: Partial<Report> = {}) =>
  artifact(name, [measured], { attempt: 1, is_stale: true, ...fields });
const second = (name: string, measured: Measured = GREEN) => artifact(name, [measured], { attempt: 2 });
const again = (name: string, fields = {}) => job(name, { attempt: 2, ...fields });

describe('the newest attempt’s artifact replaces the older one of its name', () => {
  it.each([
    ['report-attempt-1', 'report-attempt-2'],
    ['report-1', 'report-2'],
    ['report-29679449_1', 'report-29679449_2'],
    ['report-29679449-attempt1', 'report-29679449-attempt2'],
    ['report-20261130', 'report-20261201'],
    ['report-2026-11-30', 'report-2026-12-01'],
    ['report-20261130T120000Z', 'report-20261130T130000Z'],
    ['report-1764504000', 'report-1764507600'],
    ['report-4fe2a1c-1', 'report-4fe2a1c-2'],
  ])('%s by %s', (older, newer) => {
    const signals = [again('test')];
    expect(verdictFor([first(older), second(newer)], { signals })).toMatchObject({ state: 'pass', reason: '4 passed' });
    expect(verdictFor([second(newer), first(older)], { signals }).state).toBe('pass');
    expect(verdictFor([first(older, GREEN), second(newer, RED)], { signals }).state).toBe('fail');
  });

  it('of three attempts the last', () => {
    const third = artifact('report-3', [GREEN], { attempt: 3 });
    const reports = [first('report-1'), artifact('report-2', [RED], { attempt: 2, is_stale: true }), third];
    expect(verdictFor(reports, { signals: [job('test', { attempt: 3 })], runs: [run({ attempt: 3 })] }).state).toBe(
      'pass',
    );
  });

  it('though other jobs ran beside it that did not run again, where the name says that it is the attempt', () => {
    const reports = [first('report-attempt-1', RED, { is_stale: false }), second('report-attempt-2')];
    expect(verdictFor(reports, { signals: [again('test'), job('lint')] }).state).toBe('pass');
  });

  it('shard by shard, where the name holds both', () => {
    const jobs = (attempt: number) =>
      [1, 2, 3].map((number) => job(`test (${number}, 3)`, { attempt: number === 2 ? 2 : attempt }));
    const before = [1, 2, 3].map((number) =>
      first(`report-${number}-1`, number === 2 ? RED : GREEN, { is_stale: false }),
    );
    expect(verdictFor([...before, second('report-2-2')], { signals: jobs(1) })).toMatchObject({
      state: 'pass',
      reason: '12 passed',
    });
    expect(verdictFor(before, { signals: jobs(1) }).state).toBe('fail');
    const stale = before.map((one) => ({ ...one, is_stale: true }));
    const all = [1, 2, 3].map((number) => second(`report-${number}-2`));
    expect(verdictFor([...stale, ...all], { signals: jobs(2) }).state).toBe('pass');
    expect(verdictFor([...stale, ...all.slice(1)], { signals: jobs(2) }).state).toBe('missing');
  });

  it('where both say that they are the same shard', () => {
    const shard = (measured: Measured, current: number): Measured =>
      ({ ...measured, shard: { current, total: 2 } }) as Measured;
    const reports = [
      first('report-1', shard(RED, 1)),
      second('report-2', shard(GREEN, 1)),
      artifact('report-b', [shard(GREEN, 2)], { attempt: 2 }),
    ];
    expect(verdictFor(reports, { signals: [again('test (1)'), again('test (2)')] }).state).toBe('pass');
    const others = [first('report-1', shard(GREEN, 1)), second('report-2', shard(GREEN, 2))];
    expect(verdictFor(others).state).toBe('missing');
  });
});

describe('nothing is replaced', () => {
  const ADVICE = 'name it without the attempt and with overwrite: true';

  it('by one of the same attempt', () => {
    const reports = [artifact('report-1', [RED]), artifact('report-2', [GREEN])];
    expect(verdictFor(reports, { runs: [run()] }).state).toBe('fail');
    const both = [artifact('report-attempt-1', [RED], { attempt: 2 }), second('report-attempt-2')];
    expect(verdictFor(both).state).toBe('fail');
  });

  it('where the number may be a shard’s: its job died in the re-run', () => {
    const signals = [again('test (1, 2)', FAILED), again('test (2, 2)')];
    expect(verdictFor([first('report-1', GREEN), second('report-2')], { signals })).toMatchObject({
      state: 'missing',
      fail_codes: ['EVIDENCE_STALE'],
    });
    const good = [again('test (1, 2)'), again('test (2, 2)')];
    const verdict = verdictFor([first('report-1', GREEN), second('report-2')], { signals: good });
    expect(verdict.state).toBe('missing');
    expect(verdict.reason).toContain(ADVICE);
    const named = verdictFor([first('report-1-4', GREEN), second('report-2-4')], { signals: good });
    expect(named.state).toBe('missing');
  });

  it('where only another job ran again, or one of those that did died', () => {
    const reports = [first('report-1', RED, { is_stale: false }), second('report-2')];
    expect(verdictFor(reports, { signals: [job('a', FAILED), again('b')] })).toMatchObject({ state: 'fail' });
    expect(verdictFor(reports).reason).toContain(ADVICE);
    const stale = [first('report-1', GREEN), second('report-2')];
    expect(verdictFor(stale, { signals: [again('a', FAILED), again('b')] }).state).toBe('missing');
  });

  it.each([
    ['first', 'second'],
    ['e2e first', 'e2e second'],
    ['first', 'test'],
    ['e2e', 'test'],
  ])('by what another job left: %s has not run again, %s has', (maker, other) => {
    for (const word of ['retry', 'attempt', 'rerun', 'try']) {
      const reports = [first(`e2e-${word}-1`, RED, { is_stale: false }), second(`e2e-${word}-2`)];
      const bad = maker === 'first' && other === 'test' ? FAILED : {};
      const one = criterion('e2e_pass');
      const verdict = verdictFor(reports, { signals: [job(maker, bad), again(other)] }, one);
      expect(verdict).toMatchObject({ state: 'fail', reason: expect.stringContaining(ADVICE) });
      expect(verdictFor(reports, { signals: [again(maker), again(other)] }, one).state).toBe('pass');
    }
  });

  it('by what says that it is the same shard, of another matrix that alone ran again', () => {
    const shard = (measured: Measured): Measured => ({ ...measured, shard: { current: 1, total: 2 } }) as Measured;
    const reports = [
      first('report-1', shard(RED), { is_stale: false }),
      second('report-2', shard(GREEN)),
      artifact('report-b', [{ ...GREEN, shard: { current: 2, total: 2 } } as Measured], { attempt: 2 }),
    ];
    expect(verdictFor(reports, { signals: [job('chromium', FAILED), again('firefox')] }).state).toBe('fail');
  });

  it('by a part of another matrix that has its number', () => {
    const reports = [first('report-3-attempt-1', RED, { is_stale: false }), second('report-3-attempt-2')];
    const signals = (attempt: number) => [
      ...[2, 3].map((number) => job(`web (${number})`, { attempt })),
      ...[2, 3].map((number) => again(`api (${number})`)),
    ];
    expect(verdictFor(reports, { signals: signals(1) }).state).toBe('fail');
    expect(verdictFor(reports, { signals: signals(2) }).state).toBe('pass');
  });

  it('where two of one attempt differ in nothing else', () => {
    const reports = [first('report-1764504000', GREEN), first('report-1764504009', GREEN), second('report-1764507600')];
    expect(verdictFor(reports, { signals: [again('test')] }).state).toBe('missing');
  });

  it('by what is of another name, another run, or an attempt before', () => {
    const signals = [again('test')];
    expect(verdictFor([first('report-web-1'), second('report-api-2')], { signals }).state).toBe('missing');
    expect(verdictFor([first('report-1'), { ...second('report-2'), run_id: '9' }], { signals }).state).toBe('missing');
    expect(
      verdictFor([second('report-2', RED), first('report-1', GREEN, { is_stale: false })], { signals }).state,
    ).toBe('fail');
  });
});

describe('many artifacts and jobs', () => {
  /** How often a name is read, of so many artifacts an attempt. */
  function readsOf(count: number): number {
    let reads = 0;
    const counted = <Item extends object>(item: Item, key: string): Item =>
      new Proxy(item, {
        get(target, property) {
          if (property === key) reads += 1;
          return Reflect.get(target, property);
        },
      });
    const named = (from: number, report: (name: string) => Report) =>
      Array.from({ length: count }, (_, index) => counted(report(`report-${from + index}`), 'artifact'));
    const reports = [...named(100_000, (name) => first(name)), ...named(200_000, (name) => second(name))];
    const signals = Array.from({ length: count }, (_, index) => counted(again(`unit (${index})`), 'name'));
    expect(withoutReplaced(reports, { signals })).toHaveLength(2 * count);
    return reads;
  }

  it('are each looked into as often as few are', () => {
    const few = readsOf(10);
    expect(few).toBeGreaterThan(0);
    expect(readsOf(100)).toBeLessThanOrEqual(10 * few);
  });
});
