// The situations of the gate whose comment and check run stand as files under fixtures/comments/. cases.ts lists them.
import type { GateCriterion, GateReport, PolicyProblem } from '../../src/model/gate.ts';

const RUN = 'https://github.com/octo-org/web-shop/actions/runs/9001';

/** A criterion that passed because its job did. */
export function gateCriterion(name: string, change: Partial<GateCriterion> = {}): GateCriterion {
  return {
    id: name,
    name,
    of: null,
    state: 'pass',
    measured: null,
    threshold: null,
    unit: null,
    sources: [{ kind: 'job', name, url: `${RUN}/job/1`, attempt: 1 }],
    reason: `job ${name} passed`,
    waits: null,
    ...change,
  };
}

const share = { measured: 0.7996, threshold: 0.8, unit: 'share' } as const;
const report = { kind: 'artifact', name: 'coverage-report', url: `${RUN}/artifacts/7`, attempt: 2 } as const;

export const WAITING = gateCriterion('e2e', {
  state: 'pending',
  sources: [],
  reason: 'waiting for an artifact with the report of end-to-end tests',
  waits: { since: '2026-11-20T13:58:00.000Z', until: '2026-11-20T14:58:00.000Z' },
});

/** Every state at once. */
export const EVERY_STATE: readonly GateCriterion[] = [
  gateCriterion('lint'),
  gateCriterion('types', { state: 'error', sources: [], reason: "artifact tsc can't be read: it is cut off" }),
  gateCriterion('coverage', { ...share, state: 'fail', sources: [report], reason: '7996 of 10000 lines' }),
  gateCriterion('coverage', {
    id: 'coverage_min.paths.src/**',
    of: 'src/<b>|**',
    ...share,
    state: 'missing',
    measured: null,
    sources: [],
    reason: 'waiting for artifact coverage-report; not received within 60 minutes',
  }),
  gateCriterion('Lighthouse', {
    measured: 81,
    threshold: 85,
    unit: 'score',
    state: 'overridden',
    reason: 'octocat until 2026-12-01: hero image lands next week @everyone',
    sources: [{ kind: 'artifact', name: 'lhci', url: null, attempt: 1 }],
  }),
];

export function gate(criteria: readonly GateCriterion[], state: 'pass' | 'fail' | 'pending'): GateReport {
  return { state, criteria, from: '.github/codered.yml on main' };
}

export const PROBLEMS: readonly PolicyProblem[] = [
  { line: 2, column: 17, path: 'dod.coverage_min', message: 'should be a share from 0 to 1, so 80 % is 0.80' },
  { line: 5, column: 3, path: 'dod.<b>@x', message: 'there is no such key. Allowed here: lint_pass, type_check' },
];
export const BROKEN_POLICY: GateReport = { state: 'error', from: '.github/codered.yml on main', problems: PROBLEMS };

/** Nothing is asked for: each way in which a usual criterion may stand. */
export const INFORMATION: readonly GateCriterion[] = [
  gateCriterion('lint'),
  gateCriterion('types', { state: 'fail', reason: 'job types failed' }),
  gateCriterion('coverage', { measured: 0.7996, unit: 'share', sources: [report], reason: '7996 of 10000 lines' }),
  gateCriterion('e2e', { state: 'pending', reason: 'job e2e is running', waits: WAITING.waits }),
  gateCriterion('Lighthouse', {
    state: 'error',
    unit: 'score',
    sources: [{ kind: 'artifact', name: 'lhci', url: null, attempt: 1 }],
    reason: "artifact lhci can't be read: lhr.json: <b> @everyone it is cut off",
  }),
];
