// From any history of a pull request, a fork's or not, and of the commit that a merge queue made for it, that commit becomes green only when a judge
// says so who sees all that was told at once, and does become green then.

import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { RepositoryState } from '../../src/demo/github/state/github-state.ts';
import { type Life, tellLife } from '../../src/demo/story/life.ts';
import type { Moment } from '../../src/demo/story/life-outline.ts';
import type { Facts } from '../../src/model/facts.ts';
import { asJson } from '../../src/model/json.ts';
import { openTestBrain, ruleBackend, type TestBrain } from '../support/brain.ts';
import { commitFact, forgetEverything, jobFact, pullRequestFact, runFact } from '../support/fact-rows.ts';
import { APP, type Bench, openBench } from '../support/pipeline.ts';
import { runs } from '../support/runs.ts';

const GROUP = 'c'.repeat(40);
const REF = `refs/heads/gh-readonly-queue/main/pr-1-${'f'.repeat(40)}`;

/** One thing that happens: on the pull request's head, on the queue's commit, or to both. */
type Step =
  /** The run on it ends so if it runs, else it starts, or starts again. */
  | { kind: 'run'; ends: 'success' | 'cancelled'; on: 'head' | 'group' }
  | { kind: 'commit'; same: boolean }
  | { kind: 'override'; until: 'commit' | 'tomorrow' }
  | { kind: 'revoke' | 'queue' };

const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 8,
    arbitrary: fc.record({
      kind: fc.constant('run'),
      ends: fc.constantFrom('success', 'success', 'success', 'cancelled'),
      on: fc.constantFrom('head', 'head', 'head', 'group'),
    }) as fc.Arbitrary<Step>,
  },
  { weight: 1, arbitrary: fc.boolean().map((same): Step => ({ kind: 'commit', same })) },
  {
    weight: 1,
    arbitrary: fc
      .constantFrom('commit', 'tomorrow')
      .map((until): Step => ({ kind: 'override', until: until as 'commit' })),
  },
  { weight: 1, arbitrary: fc.constant<Step>({ kind: 'revoke' }) },
  { weight: 1, arbitrary: fc.constant<Step>({ kind: 'queue' }) },
);

type From = 'here' | 'fork' | 'fork that touches a workflow';

/** What is so by now, as a list of what was told. */
interface World {
  readonly trusts: boolean;
  /** Whose pull request it is: a fork's that touches a workflow is nobody's to trust, on its head as in the queue. */
  readonly from: From;
  head: string;
  queued: boolean;
  /** Whether head and queue's commit hold the same files. */
  same: boolean;
  /** By commit, how the job "lint" of its one run stands, and in which attempt. */
  readonly lint: Map<string, { attempt: number; ends: 'success' | 'cancelled' | null }>;
  overrides: { head: string | null }[];
  ticks: number;
}

/** The other judge: no SQL, no merging. */
function mayPass({ trusts, from, same, head, lint, overrides }: World): boolean {
  const verdictOf = trusts && same ? head : GROUP;
  const isTrusted = from !== 'fork that touches a workflow';
  return (
    (isTrusted && lint.get(verdictOf)?.ends === 'success') ||
    overrides.some((one) => one.head === null || one.head === verdictOf)
  );
}

let brain: TestBrain;
let bench: Bench;
let lives: Readonly<Record<'here' | 'fork', Life>>;
/** The one that is lived just now. */
let life: Life;
beforeAll(async () => {
  brain = await openTestBrain(ruleBackend);
  bench = await openBench(brain);
  const open = (fromFork: boolean, sibling: number) => {
    const moments: Moment[] = [
      { kind: 'install' },
      { kind: 'open', pull: 1, title: 'Close the shop', branch: 'closed', fromFork },
    ];
    const result = tellLife({ startAt: '2026-11-20T13:00:00Z', app: APP, sibling, moments });
    result.prepare(bench.github.state);
    return result;
  };
  lives = { here: open(false, 1), fork: open(true, 2) };
});
afterAll(async () => {
  await bench.close();
  await brain.close();
});

function inside(): RepositoryState {
  const found = bench.github.state.repositories.get(life.repository.id);
  if (found === undefined) throw new RangeError('the life was not prepared');
  return found;
}

const ours = () =>
  [...inside().checkRuns.values()].filter(({ headSha, appSlug }) => headSha === GROUP && appSlug === APP.slug);

async function begin({ trusts, same, from }: Pick<World, 'trusts' | 'same' | 'from'>): Promise<World> {
  life = lives[from === 'here' ? 'here' : 'fork'];
  await forgetEverything(brain);
  await brain.script('delete from codered.user_overrides');
  inside().checkRuns.clear();
  inside().files.set('.github/codered.yml', `dod: { lint_pass: true }\nmerge_queue: ${trusts ? 'trust_pr' : 'full'}\n`);
  for (const delivery of life.deliveries) {
    delivery.effect(bench.github.state);
    await bench.process(delivery);
  }
  const head = inside().pulls.get(1)?.head.sha ?? '';
  const touched = from === 'fork that touches a workflow' ? '.github/workflows/ci.yml' : 'src/shop.ts';
  const patch = '@@ -1 +1,2 @@\n a\n+b';
  inside().pullFiles.set(1, [{ filename: touched, status: 'modified', additions: 1, deletions: 0, patch }]);
  inside().trees.clear();
  inside().trees.set(head, '1'.repeat(40));
  inside().trees.set(GROUP, (same ? '1' : '2').repeat(40));
  return { trusts, from, head, queued: false, same, lint: new Map(), overrides: [], ticks: 0 };
}

const at = (world: World) => new Date(Date.UTC(2026, 10, 21, 10, 0, ++world.ticks)).toISOString();

function tell(result: Partial<Facts>) {
  return brain.call('record_facts', { facts: asJson(result) });
}

async function runOn(world: World, sha: string, ends: 'success' | 'cancelled'): Promise<void> {
  const before = world.lint.get(sha) ?? { attempt: 0, ends };
  const kind = before.ends === null ? ends : 'start';
  const attempt = before.attempt + (kind === 'start' ? 1 : 0);
  world.lint.set(sha, { attempt, ends: kind === 'start' ? null : kind });
  const repository_id = life.repository.id;
  const status = { start: 'running', success: 'succeeded', cancelled: 'canceled' } as const;
  const how = { status: status[kind], conclusion: kind === 'start' ? null : kind, source_updated_at: at(world) };
  const about = { repository_id, run_id: String(Number.parseInt(`7${sha.slice(0, 6)}`, 16)), run_attempt: attempt };
  const job_id = Number(about.run_id) * 100 + attempt;
  const ownHead = inside().pulls.get(1)?.head.repository?.id ?? null;
  const setOff =
    sha === GROUP
      ? ({ trigger: 'merge_group', branch: 'gh-readonly-queue/main/pr-1', head_repository_id: repository_id } as const)
      : ({ trigger: 'pull_request', branch: 'closed', head_repository_id: ownHead } as const);
  await tell({
    ci_events: [runFact({ ...about, ...how, commit_sha: sha, ...setOff })],
    ci_jobs: [jobFact({ ...about, ...how, job_id, name: 'lint' })],
  });
}

async function newHead(world: World, same: boolean): Promise<void> {
  world.head = world.ticks.toString().padStart(6, '0').padEnd(40, '7');
  world.same = same;
  // No commit ever holds other files than before: one that did would be green by what was judged of those.
  if (inside().trees.has(world.head)) throw new RangeError('a push has to bring a new commit');
  const pull = inside().pulls.get(1);
  if (pull === undefined) throw new RangeError('there is no pull request');
  bench.github.state.putPull(life.repository.id, { ...pull, head: { ...pull.head, sha: world.head } });
  inside().trees.set(
    world.head,
    inside()
      .trees.get(GROUP)
      ?.replace(/^/, same ? '' : '3')
      .slice(0, 40) ?? '',
  );
  const head_repository_id = pull.head.repository?.id ?? null;
  const of = { repository_id: life.repository.id, head_repository_id, head_ref: 'closed' };
  await tell({ pull_requests: [pullRequestFact({ ...of, head_sha: world.head, source_updated_at: at(world) })] });
}

async function happen(world: World, one: Step): Promise<void> {
  const repository_id = life.repository.id;
  const said = {
    repository_id,
    pull_request_number: 1,
    comment_id: 100 + world.ticks++,
    login: 'octocat',
    criterion: 'all',
  };
  switch (one.kind) {
    case 'commit':
      return newHead(world, one.same);
    case 'override': {
      const until = one.until === 'commit' ? {} : { expires_at: new Date(Date.now() + 86_400_000).toISOString() };
      world.overrides.push({ head: one.until === 'commit' ? world.head : null });
      await brain.call('record_override', { ...said, reason: 'because', head_sha: world.head, ...until });
      return;
    }
    case 'revoke':
      world.overrides = [];
      await brain.call('revoke_overrides', { ...said, head_sha: world.head });
      return;
    case 'queue':
      world.queued = true;
      await tell({
        commits: [commitFact({ repository_id, sha: GROUP, ref: REF, merge_group_ref: REF, pushed_at: null })],
        rechecks: [{ repository_id, head_sha: GROUP }],
      });
      return;
    default:
      if (one.on === 'head' || world.queued) await runOn(world, one.on === 'head' ? world.head : GROUP, one.ends);
  }
}

/** Writes what is due, and fails when a success is among it that the other judge does not see. */
async function publish(world: World): Promise<void> {
  const before = new Set(ours().flatMap(({ id, conclusion }) => (conclusion === 'success' ? id : [])));
  await bench.publish();
  const green = ours().filter(({ id, conclusion }) => conclusion === 'success' && !before.has(id));
  if (green.length > 0) expect(mayPass(world)).toBe(true);
}

const ran = (on: 'head' | 'group' = 'head', ends: 'success' | 'cancelled' = 'success'): Step => ({
  kind: 'run',
  ends,
  on,
});
const push = (same: boolean): Step => ({ kind: 'commit', same });
const override = (until: 'commit' | 'tomorrow'): Step => ({ kind: 'override', until });
const queue: Step = { kind: 'queue' };
const steady = Array.from({ length: 51 }, (_, index) => (index * 7) % 100);
type Scene = Pick<World, 'trusts' | 'same' | 'from'>;

/** What has to be among the histories, however the others fall out. */
const EXAMPLES: [Step[], Scene, number[]][] = [
  [[ran(), ran()], { trusts: true, same: true, from: 'here' }, steady],
  [[ran(), ran()], { trusts: true, same: true, from: 'fork' }, steady],
  [[ran(), ran()], { trusts: true, same: true, from: 'fork that touches a workflow' }, steady],
  [[ran(), ran()], { trusts: true, same: false, from: 'here' }, steady],
  [[ran(), ran()], { trusts: false, same: true, from: 'here' }, steady],
  [[queue, ran('group'), ran('group')], { trusts: false, same: true, from: 'here' }, steady],
  [[queue, ran('group'), ran('group')], { trusts: true, same: false, from: 'fork' }, steady],
  [[queue, ran('group'), ran('group')], { trusts: false, same: true, from: 'fork that touches a workflow' }, steady],
  [[queue, override('tomorrow'), push(false)], { trusts: true, same: true, from: 'here' }, steady],
  [[override('commit'), queue, push(true)], { trusts: true, same: true, from: 'here' }, steady],
  [[ran(), ran(), push(false)], { trusts: true, same: true, from: 'here' }, steady],
  [[ran(), ran(), ran(), ran('head', 'cancelled')], { trusts: true, same: true, from: 'here' }, steady],
  // The head that is overridden is green in the queue, until a push brings other files right before that is written.
  [
    [
      ran(),
      ran(),
      push(true),
      ran('group'),
      ran(),
      ran(),
      ran(),
      ran(),
      ran(),
      override('commit'),
      ran(),
      queue,
    ].concat([ran('head', 'cancelled'), push(false)]),
    { trusts: true, same: false, from: 'fork' },
    [
      43, 20, 65, 85, 87, 28, 68, 13, 18, 62, 3, 96, 97, 95, 56, 8, 61, 35, 63, 69, 1, 72, 88, 88, 41, 21, 89, 36, 31,
    ].concat([57, 97, 8, 7, 66, 95, 78, 97, 31, 68, 77, 25, 87, 35]),
  ],
];

test('the queue’s commit is green when a judge says so who sees all that was told at once, and only then', async () => {
  const outcomes: Record<string, number> = {};
  await fc.assert(
    fc.asyncProperty(
      fc.array(step, { minLength: 6, maxLength: 16 }),
      fc.record({
        trusts: fc.constantFrom(true, true, false),
        same: fc.constantFrom(true, true, false),
        from: fc.constantFrom<From>('here', 'here', 'fork', 'fork that touches a workflow'),
      }),
      fc.array(fc.nat({ max: 99 }), { minLength: 51, maxLength: 51 }),
      async (steps, scene, chances) => {
        let asked = 0;
        const luck = () => chances[asked++ % chances.length] ?? 0;
        const world = await begin(scene);
        // Once at least; GitHub may tell of it again.
        for (const one of steps.toSpliced(steps.length / 2, 0, { kind: 'queue' })) {
          await happen(world, one);
          // Mostly what is told is looked at and written at once; what is told before the write is what this is about.
          if (luck() < 40) await publish(world);
          if (luck() < 70) await bench.drain('due');
          if (luck() < 30) await publish(world);
        }
        for (let round = 0; round < 4; round++) {
          await bench.drain('due');
          await publish(world);
        }
        const conclusion = ours().toSorted((one, other) => other.id - one.id)[0]?.conclusion ?? 'none';
        const key = `${world.trusts && world.same ? 'trusting' : 'by itself'} ${conclusion}`;
        outcomes[key] = (outcomes[key] ?? 0) + 1;
        expect(conclusion === 'success').toBe(mayPass(world));
        expect(bench.github.violations).toEqual([]);
      },
    ),
    { ...runs(EXAMPLES.length + 2, 21), examples: EXAMPLES },
  );
  expect(Object.keys(outcomes)).toEqual(expect.arrayContaining(['trusting success', 'by itself success']));
}, 300_000);
