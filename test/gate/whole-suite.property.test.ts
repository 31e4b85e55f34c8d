// From any suite in parts, over any attempts: what is missing or red never passes, whatever the artifacts are called, in any order.

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { evaluate } from '../../src/gate/evaluate.ts';
import type { EvidenceModel, Measured, Report, Signal } from '../../src/gate/model/evidence-model.ts';
import type { Criterion } from '../../src/policy/schema/criteria.ts';
import { runs } from '../support/runs.ts';
import { artifact, commit, coverage, criterion, FAILED, file, job, NOW, run, tests } from './evidence-cases.ts';

const LATE = '2026-11-20T13:30:00.000Z';
const DIED = { status: 'canceled', conclusion: 'cancelled' } as const;

function stateOf(one: Criterion, model: EvidenceModel, now = NOW) {
  return evaluate(model, { criteria: [one], deadline_minutes: 60, now }).criteria[0]?.state;
}

const KEYS = ['e2e_pass', 'coverage_min', 'coverage_diff_min', 'lighthouse_min'] as const;
type Key = (typeof KEYS)[number];
const all = (key: Key) => criterion(key, { source: { artifact: 'report' } });

/** How a part is called, and what tells that it is one of several. */
const SCHEMES = {
  'the report itself': (part: string, number: number) => `report-${part}${number}`,
  'its name': (part: string, number: number, total: number) => `report-${part}${number}-of-${total}`,
  'its job': (part: string, number: number) => `report-${part}${number}`,
  'a job counted from nought': (part: string, number: number) => `report-${part}${number - 1}`,
} as const;
type Scheme = keyof typeof SCHEMES;
const SCHEME_NAMES = Object.keys(SCHEMES) as Scheme[];

function measuredBy(key: Key, scheme: Scheme, path: string, [current, total]: [number, number], failed = 0): Measured {
  if (key === 'lighthouse_min') return { kind: 'lighthouse', scores: { performance: failed > 0 ? 10 : 99 } };
  if (key !== 'e2e_pass') return coverage(file(path, failed > 0 ? 0 : 10, 10));
  return { ...tests(3, failed), ...(scheme === 'the report itself' ? { shard: { current, total } } : {}) } as Measured;
}

describe('a suite in parts', () => {
  it('passes when all are there and green, and never when one is gone or one is red', () => {
    const suite = fc.record({
      key: fc.constantFrom(...KEYS),
      scheme: fc.constantFrom(...SCHEME_NAMES),
      total: fc.integer({ min: 2, max: 5 }),
      browsers: fc.constantFrom<readonly string[]>([''], ['chromium-', 'firefox-']),
      gone: fc.array(fc.nat({ max: 9 }), { maxLength: 9 }),
      red: fc.constantFrom(null, null, 0, 1, 7),
      now: fc.constantFrom(NOW, LATE),
    });
    const order = fc.infiniteStream(fc.nat({ max: 999 }));
    fc.assert(
      fc.property(suite, order, ({ key, scheme, total, browsers, gone, red, now }, luck) => {
        // Only what the reports themselves say is a figure of tests alone.
        const by = key !== 'e2e_pass' && scheme === 'the report itself' ? 'its name' : scheme;
        const parts = browsers.flatMap((browser) =>
          Array.from({ length: total }, (_, at) => ({ browser, number: at + 1 })),
        );
        const paths = ['src/further.ts', ...parts.map(({ browser, number }) => `src/${browser}${number}.ts`)];
        const changed_lines = Object.fromEntries(paths.map((path) => [path, [1]]));
        const isGone = (index: number) => gone.some((one) => one % parts.length === index);
        const isRed = (index: number) => red !== null && red % parts.length === index;
        const reports = parts.flatMap(({ browser, number }, index) =>
          isGone(index)
            ? []
            : artifact(SCHEMES[by](browser, number, total), [
                measuredBy(key, by, `src/${browser}${number}.ts`, [number, total], isRed(index) ? 1 : 0),
              ]),
        );
        const signals = parts.map(({ browser, number }, index) =>
          job(`test (${browser}${number}, ${total})`, isGone(index) ? DIED : isRed(index) ? FAILED : {}),
        );
        const mixed = <Item>(list: readonly Item[]) =>
          list
            .map((item) => ({ item, place: luck.next().value }))
            .toSorted((a, b) => (a.place ?? 0) - (b.place ?? 0))
            .map(({ item }) => item);
        // Without its jobs, only what says how many there are can be known to be missing.
        const known = by === 'its job' || by === 'a job counted from nought' ? signals : [];
        const one = { ...all(key), threshold: key === 'lighthouse_min' ? 85 : key === 'e2e_pass' ? null : 1 };
        const verdictFor = (given: readonly Report[], jobs: readonly Signal[]) =>
          stateOf(one, commit({ reports: given, signals: jobs, changed_lines }), now);
        const state = verdictFor(reports, known);
        const isWhole = !parts.some((_, index) => isGone(index) || isRed(index));
        // A whole browser that is gone without a word is none that anybody knows of.
        const isTold =
          known.length > 0 ||
          browsers.every((_, at) => parts.slice(at * total, (at + 1) * total).some((_, i) => !isGone(at * total + i)));
        if (isWhole) expect(state).toBe('pass');
        else if (isTold || parts.some((_, index) => isRed(index) && !isGone(index))) expect(state).not.toBe('pass');
        expect(verdictFor(mixed(reports), mixed(known))).toBe(state);
        const red_one = artifact('report-further', [measuredBy(key, 'its job', 'src/further.ts', [9, 9], 1)]);
        expect(verdictFor(mixed([...reports, red_one]), known)).not.toBe('pass');
      }),
      runs(800),
    );
  });
});

/** What became of one part in one attempt: of a matrix that is run again as a whole or where it failed. */
type End = 'green' | 'red' | 'died';
const NAMES = {
  plain: (part: number) => `report-${part}`,
  'part, attempt': (part: number, attempt: number) => `report-${part}-${attempt}`,
  'attempt, part': (part: number, attempt: number) => `report-${attempt}-${part}`,
  'attempt in words': (part: number, attempt: number) => `report-${part}-attempt-${attempt}`,
  'of how many': (part: number, _: number, total: number) => `report-${part}-${total}`,
} as const;
type Naming = keyof typeof NAMES;

interface Attempt {
  readonly isWhole: boolean;
  readonly ends: readonly End[];
}

/** The commit as the brain tells of it after these attempts, and whether each part was green when it ran last. */
function commitOf(attempts: readonly Attempt[], total: number, naming: Naming) {
  const last = new Map<number, { attempt: number; end: End }>();
  const made = new Map<string, { part: number; attempt: number; end: End }>();
  attempts.forEach(({ isWhole, ends }, index) => {
    for (let part = 1; part <= total; part++) {
      const before = last.get(part);
      if (before !== undefined && !isWhole && before.end === 'green') continue;
      const now = { part, attempt: index + 1, end: ends[part - 1] ?? 'green' };
      last.set(part, now);
      if (now.end !== 'died') made.set(NAMES[naming](part, now.attempt, total), now);
    }
  });
  const newest = attempts.length;
  // All parts ran at once: as long as one of them has not run again, an artifact may be that one's.
  const isStale = (attempt: number) => [...last.values()].every((one) => one.attempt > attempt);
  const reports = [...made].map(([name, { attempt, end }]) =>
    artifact(name, [tests(3, end === 'red' ? 1 : 0)], { attempt, is_stale: isStale(attempt) }),
  );
  const ends = { green: {}, red: FAILED, died: DIED } as const;
  const signals = [...last].map(([part, { attempt, end }]) =>
    job(total === 1 ? 'test' : `test (${part}, ${total})`, { attempt, ...ends[end] }),
  );
  const isGreen = [...last.values()].every(({ end }) => end === 'green');
  return { model: commit({ reports, signals, runs: [run({ attempt: newest })] }), isGreen };
}

const attempts = fc.array(
  fc.record({
    isWhole: fc.boolean(),
    ends: fc.array(fc.constantFrom<End>('green', 'green', 'red', 'died'), { minLength: 4, maxLength: 4 }),
  }),
  { minLength: 1, maxLength: 3 },
);

describe('a suite over several attempts', () => {
  it('never passes unless each part was green when it ran last, whatever is called how', () => {
    fc.assert(
      fc.property(
        attempts,
        fc.integer({ min: 1, max: 4 }),
        fc.constantFrom(...(Object.keys(NAMES) as Naming[])),
        (given, total, naming) => {
          const { model, isGreen } = commitOf(given, total, naming);
          const state = stateOf(all('e2e_pass'), model);
          if (!isGreen) expect(state).not.toBe('pass');
          const turned = {
            ...model,
            reports: model.reports.toReversed(),
            signals: model.signals.toReversed(),
          };
          expect(stateOf(all('e2e_pass'), turned)).toBe(state);
        },
      ),
      runs(3000),
    );
  });

  it('passes once each part is green, where the name is always the same or says which number is the attempt', () => {
    fc.assert(
      fc.property(
        attempts,
        fc.integer({ min: 1, max: 4 }),
        fc.constantFrom<Naming>('plain', 'attempt in words'),
        (given, total, naming) => {
          const { model, isGreen } = commitOf(given, total, naming);
          if (isGreen) expect(stateOf(all('e2e_pass'), model)).toBe('pass');
        },
      ),
      runs(1000),
    );
  });
});
