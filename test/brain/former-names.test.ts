// Workers from before functions were renamed go on working beside new ones: the names that they call do what the new ones do.

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openTestBrain, type TestBrain, testBackends } from '../support/brain.ts';
import { HEAD, REPOSITORY, tell } from '../support/fact-rows.ts';

const UNTIL = '2026-11-20T12:00:00Z';

describe.each(testBackends)('former names of functions (%s)', (backend) => {
  let brain: TestBrain;
  beforeAll(async () => {
    brain = await openTestBrain(backend);
    await tell(brain, {});
  });
  afterAll(() => brain.close());

  it('desire_publication requests a publication', async () => {
    const request = {
      repository_id: REPOSITORY,
      kind: 'comment',
      target: '1',
      desired: { says: 'a' },
      desired_hash: 'a',
    };
    expect(await brain.call('desire_publication', request)).toEqual({ changed: true, generation: 1 });
    expect(await brain.call('request_publication', request)).toEqual({ changed: false, generation: 1 });
  });

  it('queue_look_once queues the same recheck as queue_recheck_at', async () => {
    const wait = { repository_id: REPOSITORY, head_sha: HEAD, until: UNTIL };
    await brain.call('queue_look_once', wait);
    await brain.call('queue_recheck_at', wait);
    expect(
      await brain.sql("select kind from codered.follow_ups where dedupe_key like 'deadline:%' and kind = 'report'"),
    ).toHaveLength(1);
  });

  it('queue_protection_look queues the same recheck as queue_protection_recheck', async () => {
    const wait = { protection: { repository_id: REPOSITORY, deployment_id: 1, environment: 'live' }, seconds: 60 };
    await brain.call('queue_protection_look', wait);
    await brain.call('queue_protection_recheck', wait);
    expect(await brain.sql("select kind from codered.follow_ups where kind = 'protection'")).toHaveLength(1);
  });
});
