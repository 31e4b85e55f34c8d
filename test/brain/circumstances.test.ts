// What happens on a pull request's head beside its own runs, what does not, and what became of it in a merge queue.

import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { CiEventFact } from '../../src/model/facts.ts';
import { circumstancesSchema } from '../../src/report/circumstances.ts';
import { openTestBrain, type TestBrain, testBackends } from '../support/brain.ts';
import {
  commitFact,
  forgetEverything,
  HEAD,
  jobFact,
  minute,
  pullRequestFact,
  REPOSITORY,
  runFact,
  tell,
} from '../support/fact-rows.ts';

const passed = { status: 'succeeded', conclusion: 'success' } as const;
const failed = { status: 'failed', conclusion: 'failure' } as const;
const other = { provider: 'github-checks', workflow_path: null, trigger: 'other' } as const;
const dispatched = { trigger: 'manual', event: 'workflow_dispatch' } as const;

describe.each(testBackends)('a pull request’s head (%s)', (backend) => {
  let brain: TestBrain;
  beforeAll(async () => {
    brain = await openTestBrain(backend);
  });
  afterAll(() => brain.close());
  beforeEach(async () => {
    await forgetEverything(brain);
    await tell(brain, { pull_requests: [pullRequestFact({ head_arrival: 'opened' })] }, 'opened');
  });

  const asked = { repository_id: REPOSITORY, pull_request_number: 1 };
  const around = async () => circumstancesSchema.parse(await brain.call('read_circumstances', asked));
  let number = 0;
  /** A run with jobs that ended as they say, or as the run. */
  const ran = (given: Partial<CiEventFact>, jobs: Readonly<Record<string, object>> = { lint: {} }) => {
    const event = runFact({ ...passed, run_id: String(++number), ...given });
    const { run_id, status, conclusion } = event;
    const ci_jobs = Object.entries(jobs).map(([name, ends]) =>
      jobFact({ status, conclusion, ...ends, run_id, job_id: ++number, name, html_url: `https://x/${name}` }),
    );
    return tell(brain, { ci_events: [event], ci_jobs });
  };
  /** A job or check and how it ended, as the report tells it. */
  const jobs = async () => {
    const report = (await brain.call('read_report', asked)) as unknown as {
      jobs: { name: string; status: string }[];
      unfinished_runs: number;
    };
    return [report.jobs.map(({ name, status }) => `${name} ${status}`), report.unfinished_runs];
  };

  describe('the check run that a workflow writes', () => {
    const wrote = (given: Partial<CiEventFact>) =>
      tell(brain, {
        ci_events: [
          runFact({
            ...other,
            ...failed,
            run_id: '8001',
            workflow_name: 'Test Results',
            actor: 'github-actions',
            ...given,
          }),
        ],
      });

    it('is told as every other system’s', async () => {
      await wrote({});
      expect(await jobs()).toEqual([['Test Results failed'], 0]);
      expect((await around()).others).toMatchObject([{ name: 'Test Results', author: 'github-actions' }]);
    });

    it.each([[['job', 'check']], [['check', 'job']]])(
      'is told once when it is a job’s own, as an old server tells it: %j',
      async (order) => {
        for (const kind of order) {
          if (kind === 'check') await wrote({ workflow_name: 'test' });
          else await tell(brain, { ci_events: [runFact()], ci_jobs: [jobFact({ job_id: 8001, name: 'test' })] });
        }
        expect(await jobs()).toEqual([['test failed'], 0]);
      },
    );

    it('counts in its newest version, as GitHub has it', async () => {
      await wrote({});
      await wrote({ run_id: '8002', ...passed });
      expect(await jobs()).toEqual([['Test Results succeeded'], 0]);
    });
  });

  it('is not told of another CodeRed’s check, but of a workflow’s that is called so', async () => {
    const named = { ...other, status: 'running', conclusion: null, workflow_name: 'CodeRed' } as const;
    await tell(brain, { ci_events: [runFact({ ...named, run_id: '1', actor: 'codered-staging' })] });
    expect(await jobs()).toEqual([[], 0]);
    await tell(brain, { ci_events: [runFact({ ...named, run_id: '2', actor: 'github-actions' })] });
    expect(await jobs()).toEqual([['CodeRed running'], 1]);
  });

  describe('runs for other events', () => {
    it.each([
      ['failed', failed],
      ['skipped', { status: 'succeeded', conclusion: 'skipped' } as const],
      ['passed', passed],
    ])('say nothing of a job that the pull request’s own run has, when they %s', async (_, ends) => {
      await ran({ ...failed }, { lint: failed, test: passed });
      await ran({ ...dispatched, ...ends });
      await ran({ trigger: 'other', event: 'pull_request_review', ...ends });
      await ran({ trigger: 'pull_request', event: 'pull_request_target', ...ends });
      expect(await jobs()).toEqual([['lint failed', 'test succeeded'], 0]);
    });

    it('are not waited for either, nor told of when they failed as a whole', async () => {
      await ran({});
      await ran({ ...dispatched, status: 'running', conclusion: null }, {});
      await ran({ trigger: 'schedule', status: 'failed', conclusion: 'startup_failure' }, {});
      expect(await jobs()).toEqual([['lint succeeded'], 0]);
    });

    it('are told of with what the pull request’s own run does not have', async () => {
      await ran({});
      await ran({ ...dispatched, ...failed }, { lint: failed, deploy: failed });
      expect(await jobs()).toEqual([['deploy failed', 'lint succeeded'], 0]);
    });

    it('are told of where the workflow has no run of the pull request’s own, and none of a stranger’s', async () => {
      await ran({ ...dispatched, ...failed });
      await ran({ branch: 'evil', head_repository_id: 4711, workflow_path: '.github/workflows/ci.yml' });
      expect((await jobs())[0]).toContain('lint failed');
    });

    it('that nobody knows, or that are not told of yet, are told of', async () => {
      await ran({});
      await ran({ ...failed, event: 'unknown' });
      expect((await jobs())[0]).toContain('lint failed');
    });
  });

  it('of a merge group’s commit the group’s run counts, not the push’s of the queue’s branch', async () => {
    const queue = { commit_sha: 'c'.repeat(40), branch: 'gh-readonly-queue/main/pr-1-x' };
    await ran({ ...queue, trigger: 'push', ...failed });
    await ran({ ...queue, trigger: 'merge_group' });
    const rows = await brain.sql(`select trigger from codered.current_runs(${REPOSITORY}, '${queue.commit_sha}')`);
    expect(rows).toEqual([{ trigger: 'merge_group' }]);
  });

  describe('its silence', () => {
    it('is told since the head came, until a workflow runs, whatever for', async () => {
      expect((await around()).silence).toMatchObject({ cause: null, is_unusual: false });
      await tell(brain, { ci_events: [runFact({ ...other, ...passed, actor: 'dco' })] });
      expect((await around()).silence).not.toBeNull();
      await ran({ ...dispatched });
      expect((await around()).silence).toBeNull();
    });

    it('is unusual where CodeRed has spoken of another commit', async () => {
      const publish = (sha: string) =>
        brain.sql(
          `insert into codered.publications (repository_id, kind, target, desired, desired_hash, published_conclusion)
           values (${REPOSITORY}, 'check_run', '${sha}:CodeRed', '{}', 'x', 'success')`,
        );
      await publish(HEAD);
      expect((await around()).silence?.is_unusual).toBe(false);
      await publish('b'.repeat(40));
      expect((await around()).silence?.is_unusual).toBe(true);
    });

    it('keeps its cause, and ends with the pull request', async () => {
      await brain.call('note_silence', { ...asked, sha: HEAD, cause: 'merge_conflict' });
      expect((await around()).silence?.cause).toBe('merge_conflict');
      await expect(brain.call('note_silence', { ...asked, sha: HEAD, cause: 'moon' })).rejects.toThrow(
        /merge_conflict/,
      );
      await tell(
        brain,
        { pull_requests: [pullRequestFact({ state: 'closed', source_updated_at: minute(9) })] },
        'closed',
      );
      expect((await around()).silence).toBeNull();
    });

    it('is rechecked once at its end', async () => {
      const recheck = { repository_id: REPOSITORY, head_sha: HEAD, until: minute(9) };
      await brain.call('queue_recheck_at', recheck);
      await brain.script("update codered.follow_ups set status = 'completed' where is_scheduled");
      await brain.call('queue_recheck_at', recheck);
      await brain.call('queue_recheck_at', { ...recheck, until: minute(10) });
      const rows = await brain.sql('select status from codered.follow_ups where is_scheduled order by 1');
      expect(rows.map(({ status }) => status)).toEqual(['completed', 'queued']);
    });
  });

  describe('what a merge queue made of it', () => {
    const group = (digit: string) => digit.repeat(40);
    const made = (digit: string, given: object = {}) =>
      tell(brain, {
        commits: [
          commitFact({
            sha: group(digit),
            ref: null,
            pushed_at: null,
            authored_at: minute(Number(digit)),
            merge_group_ref: `refs/heads/gh-readonly-queue/main/pr-1-${'f'.repeat(40)}`,
            ...given,
          }),
        ],
      });
    const ranOn = (digit: string, ends: object, jobs: Readonly<Record<string, object>> = { lint: {} }) =>
      ran({ commit_sha: group(digit), branch: `q${digit}`, trigger: 'merge_group', ...ends }, jobs);
    const dropped = async () => {
      const { merge_queue } = await around();
      return merge_queue === null
        ? null
        : [merge_queue.commit_sha[0], merge_queue.end, ...merge_queue.failed.map(({ name }) => name)];
    };

    it('is nothing while it is tried, and once it passed', async () => {
      await made('1');
      expect(await dropped()).toBeNull();
      await ranOn('1', passed);
      expect(await dropped()).toBeNull();
    });

    it('is what failed there, and that it was dropped', async () => {
      await made('1');
      await ranOn('1', failed, { lint: failed, test: passed });
      expect(await dropped()).toEqual(['1', null, 'lint']);
      await made('1', { merge_group_end: 'dequeued' });
      expect(await dropped()).toEqual(['1', 'dequeued', 'lint']);
    });

    it('is a failed run where no job tells of it, and nothing where it was taken out', async () => {
      await made('1', { merge_group_end: 'dequeued' });
      expect(await dropped()).toEqual(['1', 'dequeued']);
      await ranOn('1', { status: 'failed', conclusion: 'startup_failure' }, {});
      expect(await dropped()).toEqual(['1', 'dequeued', 'CI']);
    });

    it('goes away when a newer one passes or is merged, and not while that is tried', async () => {
      await made('1', { merge_group_end: 'dequeued' });
      await made('2');
      expect(await dropped()).toEqual(['1', 'dequeued']);
      await ranOn('2', passed);
      expect(await dropped()).toBeNull();
      await made('3', { merge_group_end: 'dequeued' });
      expect(await dropped()).toEqual(['3', 'dequeued']);
      await made('4', { merge_group_end: 'merged' });
      expect(await dropped()).toBeNull();
    });

    it('is not dropped when it was made anew because another left the queue', async () => {
      await made('1', { merge_group_end: 'invalidated' });
      expect(await dropped()).toEqual(['1', 'invalidated']);
      await made('2');
      expect(await dropped()).toBeNull();
    });

    it('is the same whichever is told first, and has the head looked at', async () => {
      await made('1', { merge_group_end: 'dequeued' });
      await brain.script('delete from codered.follow_ups');
      await made('1');
      expect(await dropped()).toEqual(['1', 'dequeued']);
      await made('1', { merge_group_end: 'dequeued' });
      const rows = await brain.sql("select input ->> 'head_sha' as sha from codered.follow_ups where kind = 'report'");
      expect(rows).toEqual([{ sha: HEAD }]);
    });

    it('is told of the head that it was made of alone, and while the pull request is open', async () => {
      await made('1', { merge_group_end: 'dequeued' });
      const next = { head_sha: 'b'.repeat(40), head_arrival: 'pushed', source_updated_at: minute(20) } as const;
      await tell(brain, { pull_requests: [pullRequestFact(next)] }, 'pushed');
      expect(await dropped()).toBeNull();
    });
  });
});
