// What the brain keeps of the commits that a merge queue makes: whose they are, and that what is told of the pull request's head
// counts for them too.

import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { gateSubject } from '../../src/gate/collect/collect.ts';
import type { CiEventFact } from '../../src/model/facts.ts';
import { openTestBrain, type TestBrain, testBackends } from '../support/brain.ts';
import {
  commitFact,
  forgetEverything,
  HEAD,
  minute,
  pullRequestFact,
  REPOSITORY,
  runFact,
  tell,
} from '../support/fact-rows.ts';

const GROUP = 'c'.repeat(40);
const SECOND = 'd'.repeat(40);
const OTHER = 'e'.repeat(40);
const refOf = (number = 1) => `refs/heads/gh-readonly-queue/main/pr-${number}-${'f'.repeat(40)}`;
const mergeGroupNumbers = z.object({ merge_group_numbers: z.array(z.number()) });
const passed = { status: 'succeeded', conclusion: 'success' } as const;
const running = { run_attempt: 2, status: 'running', source_updated_at: minute(9) } as const;

describe.each(testBackends)('the commits of a merge queue (%s)', (backend) => {
  let brain: TestBrain;
  beforeAll(async () => {
    brain = await openTestBrain(backend);
  });
  afterAll(() => brain.close());
  beforeEach(async () => {
    await forgetEverything(brain);
    await tell(brain, { pull_requests: [pullRequestFact()] });
  });

  const asked = (sha: string, ref: string) => commitFact({ sha, ref, merge_group_ref: ref, pushed_at: null });
  const made = (sha = GROUP, ref = refOf()) => tell(brain, { commits: [asked(sha, ref)] });
  const ran = (run: Partial<CiEventFact>) => tell(brain, { ci_events: [runFact({ ...passed, ...run })] });
  const version = (sha = GROUP) => brain.call('read_evidence_version', { repository_id: REPOSITORY, sha });
  const isGroup = async (sha = GROUP, pull_request_number = 1) =>
    gateSubject.parse(await brain.call('read_gate_subject', { repository_id: REPOSITORY, pull_request_number, sha }))
      .merge_group;
  /** The pull requests that the report of a queue's commit is about. */
  const groupsOf = async () =>
    mergeGroupNumbers.parse(await brain.call('read_pull_requests_of', { repository_id: REPOSITORY, sha: GROUP }))
      .merge_group_numbers;
  const recordVerdict = async (commit_sha: string, fields: object = {}) =>
    brain.call('record_gate_verdict', {
      verdict: {
        repository_id: REPOSITORY,
        pull_request_number: 1,
        commit_sha,
        sprint_id: null,
        state: 'pass',
        version: await version(commit_sha),
        ci_run_id: null,
        ci_event_ids: [],
        criteria: [],
        ...fields,
      },
    });
  /** The commits that are to be looked at, from here on. */
  async function looks(): Promise<(string | null | undefined)[]> {
    const rows = await brain.sql(
      "select input ->> 'head_sha' as sha from codered.follow_ups where kind = 'report' and status = 'queued' order by 1",
    );
    await brain.script('delete from codered.follow_ups');
    return rows.map(({ sha }) => sha);
  }

  describe('read_gate_subject', () => {
    it.each([
      ['as a push names it', refOf()],
      ['as it is shown', refOf().replace('refs/heads/', '')],
    ])('knows one by its branch, %s', async (_, ref) => {
      await made(GROUP, ref);
      expect(await isGroup()).toBe(true);
    });

    it.each([
      ['of another pull request', refOf(2)],
      ['of a branch that is not its base', refOf().replace('main', 'release')],
      ['of a branch whose name only begins as its base does', refOf().replace('main', 'main/pr-1-a')],
      ['on a branch that only looks alike', refOf().replace('gh-readonly', 'my')],
      ['on a branch of the queue that names no pull request', 'refs/heads/gh-readonly-queue/main'],
      ['on a branch that has such a name inside', `refs/heads/x/${refOf()}`],
    ])('does not take one for it %s', async (_, ref) => {
      await made(GROUP, ref);
      expect(await isGroup()).toBe(false);
    });

    it('knows one of a base branch with slashes', async () => {
      const base_ref = 'release/pr-2-a/1.0';
      await tell(brain, { pull_requests: [pullRequestFact({ base_ref, source_updated_at: minute(10) })] });
      await made(GROUP, refOf().replace('main', base_ref));
      expect(await isGroup()).toBe(true);
    });

    it('does not take what somebody pushed to a branch of such a name for it', async () => {
      await tell(brain, { commits: [commitFact({ sha: GROUP, ref: refOf() })] });
      expect([await isGroup(), await groupsOf()]).toEqual([false, []]);
    });

    it.each([
      ['first', [0, 1]],
      ['last', [1, 0]],
      ['between its pushes', [1, 0, 2]],
      ['among the rest', [0, 2, 1, 0]],
    ])('knows one that the queue tells of %s', async (_, order) => {
      const found = [
        asked(GROUP, refOf()),
        ...[1, 5].map((n) => commitFact({ sha: GROUP, ref: refOf(), pushed_at: minute(n) })),
      ];
      for (const place of order) await tell(brain, { commits: found.slice(place, place + 1) });
      expect([await isGroup(), await groupsOf()]).toEqual([true, [1]]);
      expect(await brain.sql('select pushed_at is null as never, merge_group_ref from codered.commits')).toEqual([
        { never: 'f', merge_group_ref: refOf() },
      ]);
    });

    it('does not take a commit for it that is not known, or that is another pull request’s', async () => {
      expect(await isGroup()).toBe(false);
      await tell(brain, { pull_requests: [pullRequestFact({ number: 2, head_sha: OTHER })] });
      await made();
      expect([await isGroup(GROUP, 1), await isGroup(GROUP, 2)]).toEqual([true, false]);
    });

    it('does not take the head itself for it', async () => {
      await made(HEAD);
      expect(await isGroup(HEAD)).toBe(false);
    });
  });

  describe('read_evidence_version', () => {
    it('changes with what is told of the commit, of the head, and with the head', async () => {
      await made();
      const seen = [await version()];
      await ran({});
      seen.push(await version());
      await ran({ run_id: '7002', commit_sha: GROUP });
      seen.push(await version());
      await ran(running);
      seen.push(await version());
      await tell(brain, { pull_requests: [pullRequestFact({ head_sha: OTHER, source_updated_at: minute(10) })] });
      seen.push(await version());
      expect(new Set(seen).size).toBe(5);
    });

    it('stays with what says the same again, or is told of other commits', async () => {
      await made();
      await ran({});
      const before = await version();
      await ran({});
      await ran({ run_id: '7003', commit_sha: OTHER });
      await made(SECOND);
      expect(await version()).toBe(before);
    });

    it('of the head says nothing of the commits made for it', async () => {
      await made();
      const before = await version(HEAD);
      await ran({ run_id: '7002', commit_sha: GROUP });
      expect(await version(HEAD)).toBe(before);
    });

    it('makes a verdict stale that was reached before the head was told of', async () => {
      await made();
      const before = await version();
      await ran({});
      expect(await recordVerdict(GROUP, { version: before })).toEqual({ stale: true, run_id: null });
    });

    it('lets a success be overtaken by a re-run on the head', async () => {
      await made();
      await brain.script('delete from codered.follow_ups');
      await brain.call('request_publication', {
        repository_id: REPOSITORY,
        kind: 'check_run',
        target: `${GROUP}:CodeRed`,
        desired: { head_sha: GROUP, conclusion: 'success' },
        desired_hash: 'x',
        evidence_version: await version(),
      });
      const claim = { worker: 'w', batch: 1, lease_seconds: 60, spacing_ms: 0 };
      const [claimed] = await brain.call('claim_publications', claim);
      const id = claimed?.id ?? '';
      expect(await brain.call('is_publication_overtaken', { id })).toBe(false);
      await ran(running);
      expect(await brain.call('is_publication_overtaken', { id })).toBe(true);
    });
  });

  describe('a verdict on the head', () => {
    it('has every commit looked at that was made for it and judged', async () => {
      for (const sha of [GROUP, SECOND]) {
        await made(sha);
        await recordVerdict(sha);
      }
      await looks();
      await recordVerdict(HEAD);
      expect(await looks()).toEqual([GROUP, SECOND]);
    });

    it.each([
      ['was never judged', '', 1],
      ['was judged first more than a day ago', "update codered.runs set created_at = now() - interval '25 hours'", 1],
      ['was made for another pull request', '', 2],
    ])('has none looked at that %s', async (why, script, number) => {
      await tell(brain, { pull_requests: [pullRequestFact({ number: 2, head_sha: OTHER })] });
      await made(GROUP, refOf(number));
      if (why !== 'was never judged') await recordVerdict(GROUP, { pull_request_number: number });
      await brain.script(script);
      await looks();
      await recordVerdict(HEAD);
      expect(await looks()).toEqual([]);
    });

    it('is what counts: that on a former head, or on the queue’s commit, has nothing looked at', async () => {
      await made();
      await recordVerdict(GROUP);
      await tell(brain, { pull_requests: [pullRequestFact({ head_sha: OTHER, source_updated_at: minute(10) })] });
      await looks();
      await recordVerdict(HEAD);
      await recordVerdict(GROUP);
      expect(await looks()).toEqual([]);
    });
  });

  it('are found without reading the commits of the repository from end to end', async () => {
    await made();
    await recordVerdict(GROUP);
    await brain.script(`
      insert into codered.commits (repository_id, sha, message, merge_group_ref)
      select ${REPOSITORY}, lpad(to_hex(n), 40, '0'), 'A change',
        case when n % 2 = 1 then 'refs/heads/gh-readonly-queue/main/pr-' || n + 9 || '-abc' end
      from generate_series(1, 3000) as n;
      insert into codered.runs (project_id, repository_id, commit_sha, pull_request_number)
      select r.project_id, r.id, lpad(to_hex(n), 40, '0'), n + 9
      from generate_series(1, 3000) as n cross join codered.repositories r;
      -- A day of pushes to the pull request itself.
      insert into codered.runs (project_id, repository_id, commit_sha, pull_request_number)
      select r.project_id, r.id, lpad(to_hex(n * 2), 40, '0'), 1
      from generate_series(3001, 3020) as n cross join codered.repositories r;
      insert into codered.commits (repository_id, sha, message, ref)
      select ${REPOSITORY}, lpad(to_hex(n * 2), 40, '0'), 'A change', 'refs/heads/react-19' from generate_series(3001, 3020) as n;
      analyze codered.commits, codered.pull_requests, codered.runs`);
    const read = `select coalesce(sum(seq_tup_read + coalesce(idx_tup_fetch, 0)), 0) as rows from pg_stat_xact_user_tables
      where schemaname = 'codered' and relname in ('commits', 'pull_requests', 'runs')`;
    const counts = await brain.session(async (session) => {
      const seen: number[] = [];
      for (const question of [
        `codered.read_evidence_version(${REPOSITORY}, '${GROUP}')`,
        `codered.read_evidence_version(${REPOSITORY}, '${HEAD}')`,
        `codered.read_gate_subject(${REPOSITORY}, 1, '${GROUP}')`,
        `codered.recheck_merge_groups(${REPOSITORY}, 1, '${HEAD}')`,
        // The same count sees a scan where there is one.
        `count(*) from codered.commits where message = 'x'`,
      ]) {
        await session.script('begin');
        const [before] = await session.query(read);
        await session.query(`select ${question}`);
        const [after] = await session.query(read);
        seen.push(Number(after?.rows) - Number(before?.rows));
        await session.script('rollback');
      }
      return seen;
    });
    expect(counts.pop()).toBeGreaterThan(3000);
    expect(Math.max(...counts)).toBeLessThan(100);
  });
});
