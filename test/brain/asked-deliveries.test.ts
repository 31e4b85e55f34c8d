// What comes of facts that we asked GitHub for: less than a webhook knows never counts more, and last month makes no noise.

import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { openTestBrain, ruleBackend, type TestBrain } from '../support/brain.ts';
import {
  commitFact,
  deploymentFact,
  deploymentStatusFact,
  forgetEverything,
  HEAD,
  jobFact,
  minute,
  pullRequestFact,
  runFact,
  tell,
} from '../support/fact-rows.ts';

const ASKED = '.asked:run:7001:1:0';
const LIVE = '0b989ba4-242f-11e5-81e1-c7b6966d2516';
const justNow = () => new Date(Date.now() - 60_000).toISOString();

let brain: TestBrain;
beforeAll(async () => {
  brain = await openTestBrain(ruleBackend);
});
afterAll(() => brain.close());
beforeEach(() => forgetEverything(brain));

const queued = async () =>
  (await brain.sql('select kind from codered.follow_ups order by kind')).map(({ kind }) => kind);

describe('what was asked for', () => {
  const live = runFact({ status: 'failed', end_time: minute(5), pull_request_numbers: [1] });
  const asked = runFact({ status: 'failed', end_time: minute(50), source_updated_at: minute(50) });
  const run = async () => {
    const [row] = await brain.sql(
      `select e.status, e.source_delivery, to_json(e.pull_request_numbers)::text as pulls,
         array_to_string(array[extract(minute from e.end_time), extract(minute from e.source_updated_at)], ' ') as minutes
       from codered.ci_events e`,
    );
    return row;
  };

  it.each([
    ['before it', [asked, live]],
    ['after it', [live, asked]],
    ['before and after it', [asked, live, asked]],
  ])('changes nothing of what a webhook tells of a finished run, when it comes %s', async (_, order) => {
    for (const fact of order) await tell(brain, { ci_events: [fact] }, fact === live ? LIVE : ASKED);
    expect(await run()).toEqual({ status: 'failed', source_delivery: LIVE, pulls: '[1]', minutes: '5 5' });
  });

  it.each([[['live', 'asked']], [['asked', 'live']]])(
    'ends a run whose end never came, and keeps its pull requests (%s)',
    async (order) => {
      const begun = runFact({ status: 'running', pull_request_numbers: [1], source_updated_at: minute(2) });
      for (const who of order)
        await tell(brain, { ci_events: [who === 'live' ? begun : asked] }, who === 'live' ? LIVE : ASKED);
      expect(await run()).toEqual({ status: 'failed', source_delivery: ASKED, pulls: '[1]', minutes: '50 50' });
    },
  );

  it('queues nothing when it is of long ago, whatever failed', async () => {
    await tell(
      brain,
      {
        ci_events: [runFact()],
        ci_jobs: [jobFact()],
        deployments: [deploymentFact()],
        deployment_statuses: [deploymentStatusFact({ state: 'failure' })],
        pull_requests: [pullRequestFact({ state: 'merged', merged_at: minute(9), merge_commit_sha: HEAD })],
        commits: [commitFact({ ref: 'refs/heads/main', files: ['specs/search.md'] })],
      },
      ASKED,
    );
    expect(await brain.sql('select status from codered.ci_jobs')).toEqual([{ status: 'failed' }]);
    expect(await queued()).toEqual([]);
  });

  it('queues what is to be done for the present head of an open pull request, however old', async () => {
    const facts = { ci_events: [runFact()], ci_jobs: [jobFact()], pull_requests: [pullRequestFact()] };
    await tell(brain, facts, ASKED);
    expect(await queued()).toEqual(['diagnose', 'report']);
  });

  it('queues the same as a webhook when it is of this day', async () => {
    const at = { source_updated_at: justNow() };
    await tell(brain, { ci_events: [runFact(at)], ci_jobs: [jobFact(at)] }, ASKED);
    expect(await queued()).toEqual(['diagnose', 'report']);
  });
});
