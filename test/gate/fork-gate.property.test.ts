// From any history of a pull request, a fork's or not, with runs for several events, files that run, other Apps' checks and webhooks
// that are late, its head becomes green only when a judge says so who sees all that was told at once, and does become green then.

import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { RepositoryState } from '../../src/demo/github/state/github-state.ts';
import type { PullFile } from '../../src/demo/github/state/records.ts';
import { type Life, tellLife } from '../../src/demo/story/life.ts';
import { asError, Transient } from '../../src/model/errors.ts';
import type { CiEventFact, Facts } from '../../src/model/facts.ts';
import { asJson } from '../../src/model/json.ts';
import { openTestBrain, ruleBackend, type TestBrain } from '../support/brain.ts';
import { forgetEverything, jobFact, pullRequestFact, runFact } from '../support/fact-rows.ts';
import { APP, type Bench, openBench } from '../support/pipeline.ts';
import { runs } from '../support/runs.ts';

/** An App whose checks a fork defines, by the owner's list, and one that nobody lists. */
const LISTED = 'circleci';
const APPS = [LISTED, 'lintbot'] as const;
const WORKER = 'test';

type Ends = 'success' | 'failure';
/** What a push leaves changed in all: nothing that runs, or something. */
type Files = 'plain' | 'workflow' | 'action' | 'moved' | 'odd';

type Step =
  /** A run ends; `late`: GitHub tells of its job now, and of the run itself later. */
  | { kind: 'run'; workflow: 'ci' | 'title'; event: string; ends: Ends; late: boolean }
  /** What was late comes. */
  | { kind: 'arrives' }
  | { kind: 'check'; app: (typeof APPS)[number]; ends: Ends }
  /** GitHub has another head; `late`: its webhook is. */
  | { kind: 'commit'; files: Files; late: boolean }
  | { kind: 'override' | 'revoke' };

const event = fc.constantFrom(
  'pull_request',
  'pull_request',
  'pull_request',
  'push',
  'pull_request_target',
  'pull_request_review',
  'workflow_dispatch',
);
const OWN = ['pull_request', 'push'];
const ends = fc.constantFrom<Ends>('success', 'success', 'success', 'failure');
const late = fc.constantFrom(false, false, false, true);
const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      kind: fc.constant('run'),
      workflow: fc.constant('ci'),
      event,
      ends,
      late,
    }) as fc.Arbitrary<Step>,
  },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant('run'),
      workflow: fc.constant('title'),
      event: fc.constant('pull_request_target'),
      ends,
      late,
    }) as fc.Arbitrary<Step>,
  },
  { weight: 2, arbitrary: fc.constant<Step>({ kind: 'arrives' }) },
  {
    weight: 2,
    arbitrary: fc.record({ kind: fc.constant('check'), app: fc.constantFrom(...APPS), ends }) as fc.Arbitrary<Step>,
  },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant('commit'),
      files: fc.constantFrom<Files>('plain', 'plain', 'plain', 'workflow', 'action', 'moved', 'odd'),
      late,
    }) as fc.Arbitrary<Step>,
  },
  { weight: 1, arbitrary: fc.constantFrom<Step>({ kind: 'override' }, { kind: 'revoke' }) },
);

const SOURCES = {
  'by name': null,
  job: '{ job: lint }',
  'job of ci.yml': '{ job: lint, workflow: ci.yml }',
  'job of title.yml': '{ job: Lint PR title, workflow: title.yml }',
  check: '{ check: eslint }',
} as const;
type SourceName = keyof typeof SOURCES;

interface Ran {
  readonly sha: string;
  readonly workflow: 'ci' | 'title';
  readonly event: string;
  readonly ends: Ends;
  /** Whether GitHub has told of the run itself. */
  told: boolean;
  readonly number: number;
}

/** All that was told, in order, and what GitHub has. */
interface World {
  readonly isFork: boolean;
  readonly source: SourceName;
  /** As the brain knows it. */
  head: string;
  readonly files: Map<string, Files>;
  readonly runs: Ran[];
  readonly checks: { sha: string; app: string; ends: Ends }[];
  readonly overridden: Set<string>;
  readonly late: (() => Promise<void>)[];
  ticks: number;
}

/** The other judge: no SQL, no merging, a look over the lists. */
function mayPass({ isFork, source, head, files, runs, checks, overridden }: World): boolean {
  if (overridden.has(head)) return true;
  if (isFork && source !== 'check' && files.get(head) !== 'plain') return false;
  const jobs = runs
    .filter((one) => one.sha === head)
    .map((one) => ({ ...one, name: one.workflow === 'ci' ? 'lint' : 'Lint PR title' }));
  const apps = APPS.flatMap((app) => checks.findLast((one) => one.sha === head && one.app === app) ?? []);
  const fits = ({ name, workflow, event: ranFor, told }: (typeof jobs)[number]) => {
    if (source === 'check') return false;
    if (source === 'by name') return !told || OWN.includes(ranFor);
    if (source === 'job of title.yml') return name === 'Lint PR title' && (!told || workflow === 'title');
    if (source === 'job of ci.yml') return name === 'lint' && (!told || workflow === 'ci');
    return name === 'lint' && (!told || OWN.includes(ranFor));
  };
  // Of one workflow and event the newest; one that is not told of is nobody's yet.
  const known = jobs.filter(({ told }) => told);
  const newest = known.filter(
    (one) =>
      !known.some((other) => other.workflow === one.workflow && other.event === one.event && other.number > one.number),
  );
  const waiting = jobs.filter((one) => !one.told && fits(one));
  // Of one workflow's events the pull request's own counts, before the push's, before any other.
  const rank = (ranFor: string) => (ranFor === 'pull_request' ? 0 : ranFor === 'push' ? 1 : 2);
  const isOutdone = (one: (typeof jobs)[number]) =>
    known.some(({ workflow, event: ranFor }) => workflow === one.workflow && rank(ranFor) < rank(one.event));
  const counted = newest.filter((one) => fits(one) && !isOutdone(one));
  const counts = source === 'by name' || source === 'check' ? apps : [];
  if (waiting.length > 0 || counted.length + counts.length === 0) return false;
  if (isFork && counts.some(({ app }) => app === LISTED)) return false;
  return [...counted, ...counts].every((one) => one.ends === 'success');
}

let brain: TestBrain;
let bench: Bench;
let lives: Readonly<Record<'fork' | 'own', Life>>;
beforeAll(async () => {
  brain = await openTestBrain(ruleBackend);
  bench = await openBench(brain, { untrustedCheckApps: [LISTED] });
  const open = (fromFork: boolean, sibling: number) => {
    const life = tellLife({
      startAt: '2026-11-20T13:00:00Z',
      app: APP,
      sibling,
      moments: [{ kind: 'install' }, { kind: 'open', pull: 1, title: 'Close the shop', branch: 'closed', fromFork }],
    });
    life.prepare(bench.github.state);
    return life;
  };
  lives = { fork: open(true, 1), own: open(false, 2) };
});
afterAll(async () => {
  await bench.close();
  await brain.close();
});

const lifeOf = ({ isFork }: World) => (isFork ? lives.fork : lives.own);

function inside(world: World): RepositoryState {
  const found = bench.github.state.repositories.get(lifeOf(world).repository.id);
  if (found === undefined) throw new RangeError('the life was not prepared');
  return found;
}

const ours = (world: World) =>
  [...inside(world).checkRuns.values()].filter(
    ({ headSha, appSlug }) => headSha === world.head && appSlug === APP.slug,
  );

async function begin(isFork: boolean, source: SourceName): Promise<World> {
  await forgetEverything(brain);
  await brain.script('delete from codered.user_overrides');
  const world: World = {
    isFork,
    source,
    head: '',
    files: new Map(),
    runs: [],
    checks: [],
    overridden: new Set(),
    late: [],
    ticks: 0,
  };
  const evidence = SOURCES[source] === null ? '' : `evidence: { lint_pass: ${SOURCES[source]} }\n`;
  inside(world).checkRuns.clear();
  inside(world).pullFiles.clear();
  inside(world).files.set('.github/codered.yml', `dod: { lint_pass: true }\n${evidence}`);
  for (const delivery of lifeOf(world).deliveries) {
    delivery.effect(bench.github.state);
    await bench.process(delivery);
  }
  world.head = inside(world).pulls.get(1)?.head.sha ?? '';
  world.files.set(world.head, 'plain');
  return world;
}

const TRIGGERS: Readonly<Record<string, CiEventFact['trigger']>> = {
  workflow_dispatch: 'manual',
  pull_request_review: 'other',
  push: 'push',
};
const at = (world: World) => new Date(Date.UTC(2026, 10, 21, 10, 0, ++world.ticks)).toISOString();
const tell = (told: Partial<Facts>) => brain.call('record_facts', { facts: asJson(told) });

async function run(world: World, { workflow, event: ranFor, ends: how, late: isLate }: Extract<Step, { kind: 'run' }>) {
  const repository_id = lifeOf(world).repository.id;
  const number = world.ticks + 1;
  const state = { status: how === 'success' ? 'succeeded' : 'failed', conclusion: how } as const;
  const about = { repository_id, run_id: String(number) };
  const ran: Ran = { sha: world.head, workflow, event: ranFor, ends: how, told: !isLate, number };
  world.runs.push(ran);
  const trigger = TRIGGERS[ranFor] ?? 'pull_request';
  const of: Partial<CiEventFact> = {
    ...about,
    commit_sha: world.head,
    branch: 'closed',
    head_repository_id: inside(world).pulls.get(1)?.head.repository?.id ?? null,
    workflow_name: workflow,
  };
  const whole = runFact({
    ...of,
    ...state,
    workflow_path: `.github/workflows/${workflow}.yml`,
    trigger,
    event: ranFor === trigger ? undefined : ranFor,
    source_updated_at: at(world),
  });
  const stub = runFact({
    ...of,
    status: 'queued',
    conclusion: null,
    workflow_path: null,
    trigger: 'other',
    head_repository_id: null,
    source_updated_at: null,
  });
  const name = workflow === 'ci' ? 'lint' : 'Lint PR title';
  const job = jobFact({ ...about, ...state, job_id: number, name, source_updated_at: at(world) });
  await tell({ ci_events: [isLate ? stub : whole], ci_jobs: [job] });
  if (!isLate) return;
  world.late.push(async () => {
    ran.told = true;
    await tell({ ci_events: [whole] });
  });
}

async function commit(world: World, { files, late: isLate }: Extract<Step, { kind: 'commit' }>): Promise<void> {
  const pull = inside(world).pulls.get(1);
  if (pull === undefined) throw new RangeError('there is no pull request');
  const sha = (world.ticks + 16).toString(16).padStart(40, '7');
  world.files.set(sha, files);
  bench.github.state.putPull(lifeOf(world).repository.id, { ...pull, head: { ...pull.head, sha } });
  inside(world).pullFiles.set(1, FILES[files]);
  const fact = pullRequestFact({
    repository_id: lifeOf(world).repository.id,
    head_repository_id: pull.head.repository?.id ?? null,
    head_ref: 'closed',
    head_sha: sha,
    source_updated_at: at(world),
  });
  const arrives = async () => {
    // A push that came after it is known already.
    const [newest] = await brain.sql('select source_updated_at < $1 as is_newer from codered.pull_requests', [
      fact.source_updated_at,
    ]);
    if (newest?.is_newer === 't') world.head = sha;
    await tell({ pull_requests: [fact] });
  };
  if (isLate) world.late.push(arrives);
  else await arrives();
}

const changed = (filename: string, fields: Partial<PullFile> = {}): PullFile => ({
  filename,
  status: 'modified',
  additions: 1,
  deletions: 0,
  patch: '@@ -1 +1,2 @@\n a\n+b',
  ...fields,
});
const FILES: Readonly<Record<Files, PullFile[]>> = {
  plain: [changed('src/shop.ts')],
  workflow: [changed('src/shop.ts'), changed('.github/workflows/other.yml')],
  action: [changed('tools/lint/action.yml')],
  moved: [changed('ci.yml', { status: 'renamed', previousFilename: '.github/workflows/ci.yml' })],
  odd: [changed('.GITHUB/workflows/ci.yml@x.yml', { status: 'added' })],
};

async function happen(world: World, one: Step): Promise<void> {
  const repository_id = lifeOf(world).repository.id;
  const said = {
    repository_id,
    pull_request_number: 1,
    comment_id: 100 + world.ticks++,
    login: 'octocat',
    criterion: 'all',
  };
  switch (one.kind) {
    case 'run':
      return run(world, one);
    case 'commit':
      return commit(world, one);
    case 'arrives':
      return world.late.shift()?.();
    case 'check': {
      world.checks.push({ sha: world.head, app: one.app, ends: one.ends });
      const status = one.ends === 'success' ? 'succeeded' : 'failed';
      const about = { provider: 'github-checks', workflow_path: null, trigger: 'other', actor: one.app } as const;
      const how = { status, conclusion: one.ends, source_updated_at: at(world) } as const;
      const run_id = String(world.ticks);
      await tell({
        ci_events: [
          runFact({ repository_id, ...about, ...how, run_id, workflow_name: 'eslint', commit_sha: world.head }),
        ],
      });
      return;
    }
    case 'override':
      world.overridden.add(world.head);
      await brain.call('record_override', { ...said, reason: 'because', head_sha: world.head });
      return;
    default:
      world.overridden.clear();
      await brain.call('revoke_overrides', { ...said, head_sha: world.head });
      // Those of former heads are gone with them.
      await brain.script(
        "update codered.user_overrides set revoked_at = now(), revoked_by = 'x' where revoked_at is null",
      );
  }
}

/** Does what is due once; false when nothing was. What GitHub has no answer for yet is tried again the next time. */
async function work(): Promise<boolean> {
  const jobs = await brain.call('claim_follow_ups', { worker: WORKER, batch: 50, lease_seconds: 60 });
  for (const job of jobs) {
    const { id } = job;
    try {
      await brain.call('complete_job', { id, worker: WORKER, result: await bench.pipeline.work(job) });
    } catch (thrown) {
      if (!(thrown instanceof Transient)) throw thrown;
      await brain.call('retry_job', { id, worker: WORKER, error: asError(thrown).message, delay_ms: 0 });
    }
  }
  return jobs.length > 0;
}

/** Writes what is due, and fails when a success is among it that the other judge does not see. */
async function publish(world: World): Promise<void> {
  const before = new Set(ours(world).flatMap(({ id, conclusion }) => (conclusion === 'success' ? id : [])));
  await bench.publish();
  const green = ours(world).filter(({ id, conclusion }) => conclusion === 'success' && !before.has(id));
  if (green.length > 0) expect(mayPass(world)).toBe(true);
}

const lint = (told: Partial<Extract<Step, { kind: 'run' }>> = {}): Step => ({
  kind: 'run',
  workflow: 'ci',
  event: 'pull_request',
  ends: 'success',
  late: false,
  ...told,
});
const title = lint({ workflow: 'title', event: 'pull_request_target' });
const touch = (files: Files): Step => ({ kind: 'commit', files, late: false });
const steady = Array.from({ length: 36 }, (_, index) => (index * 7) % 100);

/** What has to be among the histories: the attacks, and their like that are none. */
const EXAMPLES: [Step[], boolean, SourceName, number[]][] = [
  [[touch('plain'), title, lint({ late: true })], true, 'by name', steady],
  [[touch('workflow'), lint({ ends: 'failure' }), title], true, 'by name', steady],
  [[touch('workflow'), lint({ ends: 'failure' }), title], false, 'by name', steady],
  [
    [lint({ ends: 'failure' }), lint({ event: 'pull_request_target' }), lint({ event: 'workflow_dispatch' })],
    true,
    'job',
    steady,
  ],
  [[title], true, 'by name', steady],
  [[lint({ event: 'pull_request_target' })], true, 'job', steady],
  [[touch('action'), lint(), { kind: 'override' }], true, 'job of ci.yml', steady],
  [[{ kind: 'commit', files: 'odd', late: true }, lint(), title], true, 'job of title.yml', steady],
  [[touch('moved'), { kind: 'check', app: 'lintbot', ends: 'success' }], true, 'by name', steady],
  [[touch('moved'), { kind: 'check', app: 'lintbot', ends: 'success' }], true, 'check', steady],
  [
    [
      { kind: 'check', app: LISTED, ends: 'success' },
      { kind: 'check', app: 'lintbot', ends: 'success' },
    ],
    true,
    'check',
    steady,
  ],
  [[touch('workflow'), lint()], false, 'by name', steady],
];

test('a head is green when a judge says so who sees all that was told at once, and only then', async () => {
  const outcomes: Record<string, number> = {};
  await fc.assert(
    fc.asyncProperty(
      fc.array(step, { minLength: 3, maxLength: 12 }),
      fc.constantFrom(true, true, false),
      fc.constantFrom(...(Object.keys(SOURCES) as SourceName[])),
      fc.array(fc.nat({ max: 99 }), { minLength: 36, maxLength: 36 }),
      async (steps, isFork, source, chances) => {
        let asked = 0;
        const luck = () => chances[asked++ % chances.length] ?? 0;
        const world = await begin(isFork, source);
        for (const one of steps) {
          await happen(world, one);
          if (luck() < 40) await publish(world);
          if (luck() < 60) await work();
          if (luck() < 30) await publish(world);
        }
        while (world.late.length > 0) await happen(world, { kind: 'arrives' });
        for (let round = 0; round < 3; round++) {
          while (await work());
          await publish(world);
        }
        const conclusion = ours(world).toSorted((one, other) => other.id - one.id)[0]?.conclusion ?? 'none';
        const key = `${isFork ? 'fork' : 'own'} ${conclusion === 'success' ? 'green' : 'not green'}`;
        outcomes[key] = (outcomes[key] ?? 0) + 1;
        expect(conclusion === 'success').toBe(mayPass(world));
        expect(bench.github.violations).toEqual([]);
      },
    ),
    { ...runs(EXAMPLES.length + 2, 24), examples: EXAMPLES },
  );
  expect(Object.keys(outcomes)).toEqual(expect.arrayContaining(['fork green', 'fork not green', 'own green']));
}, 300_000);
