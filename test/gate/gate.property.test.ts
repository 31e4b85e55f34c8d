// From any history, told in any order and twice, a success is published only when a judge says so who sees all that was told at once.

import fc from 'fast-check';
import type { ProbotOctokit } from 'probot';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { keepArtifact, refuseArtifact } from '../../src/evidence/kept-artifact.ts';
import { evaluateHeads, gate } from '../../src/gate/gate.ts';
import { readRepositoryFile } from '../../src/github/contents.ts';
import { asError, Transient } from '../../src/model/errors.ts';
import type { Facts } from '../../src/model/facts.ts';
import { asJson } from '../../src/model/json.ts';
import { report } from '../../src/report/report.ts';
import { readReportedCommit } from '../../src/report/reported-commit.ts';
import { openTestBrain, ruleBackend, type TestBrain } from '../support/brain.ts';
import { commitFact, forgetEverything, jobFact, pullRequestFact, runFact, tell } from '../support/fact-rows.ts';
import { runs } from '../support/runs.ts';

const WORKER = 'w';
const HOUR = 3_600_000;
const FILE = { coverage: 'coverage', lint: 'lint_pass' } as const;

/** One thing that happens; what it does to which run is known once the whole history is. */
type Step =
  | { kind: 'run' }
  | { kind: 'rerun' }
  | { kind: 'start' }
  | { kind: 'lint'; ends: 'success' | 'failure' | 'cancelled' | 'skipped' | 'never' }
  | { kind: 'artifact'; covered: number | 'broken' | 'of nothing' }
  | { kind: 'over'; conclusion: 'success' | 'failure' | 'cancelled' }
  | { kind: 'commit' }
  | { kind: 'override'; criterion: 'lint_pass' | 'coverage_min' | 'all'; until: 'commit' | 'an hour' }
  | { kind: 'revoke' }
  | { kind: 'policy'; lint: boolean; coverage: 0.5 | 0.8 | null; broken: boolean }
  | { kind: 'hours' };

/** What is delivered (facts) or done in the brain, in the order in which it happened. */
interface Happening {
  readonly at: number;
  /** When the attempt began. */
  readonly startedAt: number;
  readonly facts?: Partial<Facts>;
  readonly step: Step;
  readonly run: number;
  readonly attempt: number;
  readonly head: string;
}

const shaOf = (commit: number) => String(commit).repeat(40);
const time = (at: number) => new Date(Date.UTC(2026, 10, 1, 10, 0, at)).toISOString();

const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 1, arbitrary: fc.constant<Step>({ kind: 'run' }) },
  { weight: 3, arbitrary: fc.constant<Step>({ kind: 'rerun' }) },
  { weight: 2, arbitrary: fc.constant<Step>({ kind: 'start' }) },
  {
    weight: 6,
    arbitrary: fc
      .constantFrom('success', 'success', 'success', 'failure', 'cancelled', 'skipped', 'never')
      .map((ends): Step => ({ kind: 'lint', ends: ends as 'success' })),
  },
  {
    weight: 5,
    arbitrary: fc
      .constantFrom(90, 90, 90, 60, 10, 'broken', 'of nothing')
      .map((covered): Step => ({ kind: 'artifact', covered: covered as number })),
  },
  {
    weight: 6,
    arbitrary: fc
      .constantFrom('success', 'failure', 'cancelled')
      .map((conclusion): Step => ({ kind: 'over', conclusion: conclusion as 'success' })),
  },
  { weight: 1, arbitrary: fc.constant<Step>({ kind: 'commit' }) },
  {
    weight: 1,
    arbitrary: fc
      .tuple(fc.constantFrom('lint_pass', 'coverage_min', 'all'), fc.constantFrom('commit', 'an hour'))
      .map(
        ([criterion, until]): Step => ({ kind: 'override', criterion: criterion as 'all', until: until as 'commit' }),
      ),
  },
  { weight: 1, arbitrary: fc.constant<Step>({ kind: 'revoke' }) },
  {
    weight: 1,
    arbitrary: fc
      .record({
        lint: fc.boolean(),
        coverage: fc.constantFrom(0.5, 0.8, null),
        broken: fc.constantFrom(false, false, true),
      })
      .map((policy): Step => ({ kind: 'policy', ...policy, coverage: policy.coverage as 0.5 })),
  },
  { weight: 1, arbitrary: fc.constant<Step>({ kind: 'hours' }) },
);

/** An attempt from begin to end, mostly green: by chance alone there are few, and most of what can go wrong needs two. */
const attempt: fc.Arbitrary<Step[]> = fc
  .record({
    kind: fc.constantFrom('run', 'rerun', 'rerun'),
    ends: fc.constantFrom('success', 'success', 'failure', 'never'),
    covered: fc.constantFrom(90, 90, 60, null),
  })
  .map(({ kind, ends, covered }): Step[] => [
    { kind: kind as 'run' },
    { kind: 'lint', ends: ends as 'success' },
    ...(covered === null ? [] : [{ kind: 'artifact', covered } as const]),
    { kind: 'over', conclusion: ends === 'failure' ? 'failure' : 'success' },
  ]);
const steps: fc.Arbitrary<Step[]> = fc
  .array(fc.oneof({ weight: 2, arbitrary: step.map((one) => [one]) }, { weight: 1, arbitrary: attempt }), {
    minLength: 5,
    maxLength: 14,
  })
  .map((parts) => parts.flat());

/** The history that GitHub would make of the steps: what makes no sense where it stands does not happen. */
function historyOf(steps: readonly Step[]): Happening[] {
  const found: Happening[] = [];
  let [commit, run, attempt, startedAt, open, linted] = [1, 0, 0, 0, false, false];
  steps.forEach((one, index) => {
    const at = index + 2;
    const push = (facts?: Partial<Facts>) =>
      found.push({ at, startedAt, step: one, run, attempt, head: shaOf(commit), facts });
    const event = (fields: object) =>
      runFact({
        run_id: String(run),
        run_attempt: attempt,
        commit_sha: shaOf(commit),
        conclusion: null,
        source_updated_at: time(at),
        start_time: time(startedAt),
        ...fields,
      });
    switch (one.kind) {
      case 'run':
      case 'rerun':
        if (one.kind === 'rerun' ? open || attempt === 0 : open) return;
        [run, attempt] = one.kind === 'rerun' ? [run, attempt + 1] : [run + 1, 1];
        [startedAt, open, linted] = [at, true, false];
        push({ ci_events: [event({ status: 'queued' })] });
        return;
      case 'start':
        if (open) push({ ci_events: [event({ status: 'running' })] });
        return;
      case 'lint': {
        if (!open || linted) return;
        linted = true;
        const job = {
          run_id: String(run),
          run_attempt: attempt,
          job_id: run * 100 + attempt,
          name: 'lint',
          conclusion: null,
        };
        const ends = {
          success: 'succeeded',
          failure: 'failed',
          cancelled: 'canceled',
          skipped: 'canceled',
          never: 'running',
        } as const;
        const status = ends[one.ends];
        const conclusion = one.ends === 'never' ? null : one.ends;
        push({
          ci_events: [event({ status: 'running' })],
          ci_jobs: [jobFact({ ...job, status, conclusion, source_updated_at: time(at) })],
        });
        return;
      }
      case 'artifact':
        if (open) push();
        return;
      case 'over': {
        if (!open) return;
        open = false;
        const status = { success: 'succeeded', failure: 'failed', cancelled: 'canceled' } as const;
        push({ ci_events: [event({ status: status[one.conclusion], conclusion: one.conclusion })] });
        return;
      }
      case 'commit':
        commit += 1;
        [attempt, open] = [0, false];
        push({ pull_requests: [pullRequestFact({ head_sha: shaOf(commit), source_updated_at: time(at) })] });
        return;
      default:
        push();
    }
  });
  return found;
}

/** The world as far as it is ours: the file on the base branch, the clock, what was delivered. */
interface World {
  readonly history: readonly Happening[];
  delivered: Happening[];
  policy: { lint: boolean; coverage: number | null; broken: boolean };
  overrides: { criterion: string; head: string | null; expires: number | null; revoked: boolean }[];
  clock: number;
}

/** The other judge: no SQL, no merging, a look over the list of what was told. */
function mayPass(world: World, { settled }: { settled: boolean }): boolean {
  const { delivered, policy, overrides, clock } = world;
  if (policy.broken) return false;
  const commits = delivered.filter(({ step: { kind } }) => kind === 'commit');
  const head = commits.reduce((newest, one) => (one.at > newest.at ? one : newest), { at: 1, head: shaOf(1) }).head;
  const isOverridden = (criterion: string) =>
    overrides.some(
      (one) =>
        !one.revoked &&
        (one.criterion === criterion || one.criterion === 'all') &&
        (one.head === null || one.head === head) &&
        (one.expires === null || one.expires > clock),
    );
  const onHead = delivered.filter((one) => one.head === head && one.facts?.ci_events !== undefined);
  const run = Math.max(0, ...onHead.map((one) => one.run));
  const ofRun = onHead.filter((one) => one.run === run);
  const attempt = Math.max(0, ...ofRun.map((one) => one.attempt));
  const isOver = ofRun.some((one) => one.attempt === attempt && one.step.kind === 'over');
  const lints = ofRun
    .filter(({ step: { kind } }) => kind === 'lint')
    .toSorted((one, other) => other.attempt - one.attempt);
  const [lint] = lints;
  const lintPassed =
    lint !== undefined &&
    lint.step.kind === 'lint' &&
    lint.step.ends === 'success' &&
    (isOver || lint.attempt === attempt);
  const uploads = world.history
    .filter((one) => one.run === run && run > 0 && one.step.kind === 'artifact')
    .toReversed();
  // Made in the newest attempt that is known to have begun by then; it carries over while a job of that has not run again.
  const isStale = ({ at }: Happening) => {
    const madeIn =
      Math.max(0, ...ofRun.filter(({ startedAt }) => startedAt <= at).map((one) => one.attempt)) || attempt;
    const carriesOver = lints.some((one) => one.attempt === madeIn) && !lints.some((one) => one.attempt > madeIn);
    return madeIn < attempt && !carriesOver;
  };
  const isEnough = (upload: Happening) =>
    upload.step.kind === 'artifact' &&
    typeof upload.step.covered === 'number' &&
    upload.step.covered / 100 >= (policy.coverage ?? 0) &&
    !isStale(upload);
  // Before all is told, an artifact may have been read at any time since; in the end only the newest is left.
  const measured = settled ? uploads.slice(0, 1).some(isEnough) : uploads.some(isEnough);
  const lintOk = !policy.lint || isOverridden('lint_pass') || lintPassed;
  const coverageOk = policy.coverage === null || isOverridden('coverage_min') || (isOver && measured);
  return lintOk && coverageOk;
}

let brain: TestBrain;
beforeAll(async () => {
  brain = await openTestBrain(ruleBackend);
});
afterAll(() => brain.close());

function policyText({ policy }: World): string {
  if (policy.broken) return 'dod: { coverage_min: 80 }\n';
  const asked = [
    ...(policy.lint ? ['lint_pass: true'] : []),
    ...(policy.coverage === null ? [] : [`coverage_min: ${policy.coverage}`]),
  ];
  const evidence = policy.coverage === null ? '' : `evidence: { coverage_min: { artifact: ${FILE.coverage} } }\n`;
  return `dod: { ${asked.join(', ')} }\n${evidence}`;
}

function octokitOf(world: World): ProbotOctokit {
  const getContent = async () => ({
    headers: {},
    data: { type: 'file', encoding: 'base64', sha: 'x', content: Buffer.from(policyText(world)).toString('base64') },
  });
  // No pull request that the brain does not know of stands behind a commit.
  const paginate = { iterator: async function* () {} };
  return { rest: { repos: { getContent } }, paginate } as unknown as ProbotOctokit;
}

/** What GitHub has of a run's artifacts by now: the newest of the one name. */
async function readArtifacts(world: World, input: { repository_id: number; ci_event_id: string }): Promise<void> {
  const found = await brain.call('read_evidence_subject', input);
  const { run_id } = found as { run_id: string };
  const now = Math.max(0, ...world.delivered.map(({ at }) => at));
  const newest = world.history.findLast(
    ({ step: { kind }, run, at }) => kind === 'artifact' && String(run) === run_id && at <= now,
  );
  const kept = newest === undefined ? [] : [{ ...keptOf(newest), made_at: time(newest.at) }];
  await brain.call('record_evidence', { ...input, artifacts: asJson(kept) });
}

function keptOf({ at, step: one }: Happening) {
  const listed = { id: at, name: FILE.coverage, digest: `sha256:${at}` };
  if (one.kind !== 'artifact' || one.covered === 'broken') return refuseArtifact(listed, 'it is no zip archive');
  const nothing = one.covered === 'of nothing';
  const file = {
    path: 'src/a.ts',
    covered: nothing ? 0 : Number(one.covered),
    total: nothing ? 0 : 100,
    line_hits: null,
  };
  const measurement = { kind: 'coverage', format: 'lcov', files: [file] } as unknown;
  return keepArtifact(listed, { state: 'read', files: [{ path: 'lcov.info', measurement: measurement as never }] });
}

async function drain(world: World): Promise<void> {
  const octokitFor = async () => octokitOf(world);
  const judging = { brain, octokitFor, readFile: readRepositoryFile, now: () => world.clock };
  const reportOn = async (input: unknown) => {
    const read = await readReportedCommit(input, { brain, octokitFor });
    if ('nothing' in read) return;
    const verdict = await gate(read.commit, judging);
    const at_other_heads = await evaluateHeads(read.commit.other_heads, judging);
    await report(read.commit, { ...verdict, at_other_heads }, { brain, octokitFor });
  };
  for (;;) {
    const jobs = await brain.call('claim_follow_ups', { worker: WORKER, batch: 10, lease_seconds: 60 });
    if (jobs.length === 0) return;
    for (const { id, kind, input } of jobs) {
      try {
        if (kind === 'artifacts') await readArtifacts(world, input as { repository_id: number; ci_event_id: string });
        if (kind === 'report') await reportOn(input);
        await brain.call('complete_job', { id, worker: WORKER });
      } catch (thrown) {
        if (!(thrown instanceof Transient)) throw thrown;
        await brain.call('retry_job', { id, worker: WORKER, error: asError(thrown).message, delay_ms: 0 });
      }
    }
  }
}

/** Writes as the publisher does, and fails when it lets a success through that the other judge does not. */
async function publish(world: World, how: { settled: boolean }): Promise<void> {
  for (;;) {
    const [claimed] = await brain.call('claim_publications', {
      worker: WORKER,
      batch: 1,
      lease_seconds: 60,
      spacing_ms: 0,
    });
    if (claimed === undefined) return;
    const { conclusion, head_sha } = claimed.desired as { conclusion?: string; head_sha: string };
    const { id } = claimed;
    if (conclusion === 'success' && (await brain.call('is_publication_overtaken', { id }))) {
      await brain.call('yield_publication', { id, worker: WORKER, error: 'overtaken' });
      continue;
    }
    if (conclusion === 'success' && head_sha === (await headSha())) expect(mayPass(world, how)).toBe(true);
    const published = {
      published_hash: claimed.desired_hash,
      github_id: 1,
      published_conclusion: conclusion ?? undefined,
    };
    await brain.call('complete_publication', { id, worker: WORKER, ...published });
  }
}

async function headSha(): Promise<string | null | undefined> {
  const [row] = await brain.sql('select head_sha from codered.pull_requests');
  return row?.head_sha;
}

async function standing(): Promise<string | null> {
  const [row] = await brain.sql(`
    select p.published_conclusion as conclusion
    from codered.publications p
    join codered.pull_requests pr on p.target = pr.head_sha || ':CodeRed'
    order by p.generation desc limit 1`);
  return row?.conclusion ?? null;
}

async function deliver(world: World, one: Happening): Promise<void> {
  world.delivered.push(one);
  if (one.facts !== undefined) await tell(brain, one.facts);
  const { step: found, head } = one;
  const sha = (await headSha()) ?? head;
  switch (found.kind) {
    case 'override': {
      const expires = found.until === 'an hour' ? world.clock + HOUR : null;
      const commit = expires === null ? sha : null;
      world.overrides.push({ criterion: found.criterion, head: commit, expires, revoked: false });
      await brain.sql(
        `insert into codered.user_overrides (project_id, "user", override_type, repository_id, pull_request_number, criterion, reason, commit_sha, expires_at)
         select project_id, 'octocat', 'deploy_anyway', id, 1, $1, 'because', $2, $3 from codered.repositories`,
        [found.criterion, commit, expires === null ? null : new Date(expires).toISOString()],
      );
      break;
    }
    case 'revoke':
      for (const given of world.overrides) given.revoked = true;
      await brain.script(
        "update codered.user_overrides set revoked_at = now(), revoked_by = 'hubot' where revoked_at is null",
      );
      break;
    case 'policy': {
      world.policy = found;
      const changes = { sha: one.at.toString(16).padStart(40, 'f'), files: ['.github/codered.yml'] };
      await tell(brain, { commits: [commitFact({ ...changes, ref: 'refs/heads/main' })] });
      // Seconds later, when GitHub's API has it too.
      await brain.script(
        "update codered.follow_ups set run_after = now() where status = 'queued' and kind = 'report' and not is_scheduled",
      );
      break;
    }
    case 'hours':
      world.clock += 2 * HOUR;
      await brain.script("update codered.follow_ups set run_after = now() where status = 'queued'");
      break;
    default:
  }
}

/** What a life has to have come to, however the others end: a lint that ends so, and a policy that asks for no coverage. */
function example(ends: 'success' | 'failure'): [Step[], fc.Stream<number>] {
  const never = function* () {
    for (;;) yield 99;
  };
  return [
    [
      { kind: 'lint', ends },
      { kind: 'over', conclusion: ends },
    ],
    fc.stream(never()),
  ];
}

test('a success is published only when a judge says so who sees all that was told at once', async () => {
  const outcomes: Record<string, number> = {};
  await fc.assert(
    fc.asyncProperty(steps, fc.infiniteStream(fc.nat({ max: 99 })), async (happened, chance) => {
      await forgetEverything(brain);
      await brain.script('delete from codered.user_overrides');
      const luck = () => chance.next().value ?? 0;
      const history = historyOf([{ kind: 'run' }, ...happened]);
      const policy = { lint: true, coverage: luck() < 60 ? 0.8 : null, broken: false };
      const world: World = { history, delivered: [], policy, overrides: [], clock: Date.now() };
      await tell(brain, { pull_requests: [pullRequestFact({ head_sha: shaOf(1), source_updated_at: time(1) })] });
      // Each once or twice; mostly nearly in order, as GitHub does it, sometimes in any.
      const spread = luck() < 50 ? 4 : 60;
      const order = [...history, ...history.filter(() => luck() < 30)]
        .map((one) => ({ one, place: one.at + (luck() * spread) / 99 }))
        .toSorted((one, other) => one.place - other.place);
      for (const { one } of order) {
        await deliver(world, one);
        if (luck() < 25) await drain(world);
        if (luck() < 25) await publish(world, { settled: false });
      }
      await drain(world);
      await publish(world, { settled: false });
      await drain(world);
      await publish(world, { settled: true });
      const conclusion = await standing();
      outcomes[String(conclusion)] = (outcomes[String(conclusion)] ?? 0) + 1;
      if (conclusion === 'success') expect(mayPass(world, { settled: true })).toBe(true);
      // And the other way round: nothing that passes is kept waiting.
      else expect(mayPass(world, { settled: true })).toBe(false);
    }),
    { ...runs(8, 20), examples: [example('success'), example('failure')] },
  );
  expect(outcomes.success).toBeGreaterThan(0);
  expect(outcomes.failure).toBeGreaterThan(0);
}, 600_000);
