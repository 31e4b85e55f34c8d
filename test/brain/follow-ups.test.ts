import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openTestBrain, type TestBrain } from '../support/brain.ts';

describe('the queue of follow-ups', () => {
  let brain: TestBrain;
  beforeAll(async () => {
    brain = await openTestBrain('embedded');
  });
  afterAll(() => brain.close());
  const claim = (worker: string, batch = 8) => brain.call('claim_follow_ups', { worker, batch, lease_seconds: 60 });

  it('serves an installation with one follow-up beside one with a thousand', async () => {
    await brain.script(`
      insert into codered.follow_ups (kind, installation_id, dedupe_key, run_after)
      select 'report', 1, 'noisy ' || n, now() - interval '1 hour' from generate_series(1, 1000) as n;
      insert into codered.follow_ups (kind, installation_id, dedupe_key) values ('diagnose', 2, 'quiet')`);
    expect((await claim('w')).map(({ kind }) => kind)).toContain('diagnose');
    await brain.script('delete from codered.follow_ups');
  });

  it('lets only the newest claim finish, fail or put off', async () => {
    await brain.sql(`select codered.queue_follow_up(null, 'report', '{}', 'k')`);
    const [first] = await claim('same');
    await brain.script('update codered.follow_ups set run_after = now()');
    const [second] = await claim('same');
    const id = first?.id ?? '';
    expect(second).toMatchObject({ id });
    await brain.call('finish_follow_up', { id, claim: first?.claim ?? 0 });
    await brain.call('fail_follow_up', { id, claim: first?.claim ?? 0, error: 'x' });
    await brain.call('postpone_follow_up', { id, claim: first?.claim ?? 0, error: 'x', delay_ms: 0 });
    expect(await brain.sql('select status from codered.follow_ups')).toEqual([{ status: 'running' }]);
    await brain.call('finish_follow_up', { id, claim: second?.claim ?? 0 });
    expect(await brain.sql('select status from codered.follow_ups')).toEqual([{ status: 'completed' }]);
  });

  it('hands its rows to workers of before, which finish them by name', async () => {
    await brain.script('delete from codered.follow_ups');
    await brain.sql(`select codered.queue_follow_up(null, 'command', '{"kind": "command"}', 'c')`);
    const [job] = await brain.call('claim_jobs', { worker: 'old', batch: 5, lease_seconds: 60 });
    expect(job).toMatchObject({ agent_type: 'pipeline', input: { kind: 'command' } });
    await brain.script('update codered.follow_ups set run_after = now()');
    const [again] = await claim('new');
    await brain.call('complete_job', { id: job?.id ?? '', worker: 'old' });
    expect(await brain.sql('select status from codered.follow_ups')).toEqual([{ status: 'running' }]);
    await brain.call('finish_follow_up', { id: job?.id ?? '', claim: again?.claim ?? 0 });
    expect(await brain.sql('select status from codered.follow_ups')).toEqual([{ status: 'completed' }]);
  });
});
