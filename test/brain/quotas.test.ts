// How much an installation may use: counted in lots, told at 80 and 100 per cent, and begun anew each day.

import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { makeQuotas } from '../../src/brain/quotas.ts';
import { mayCloseGate } from '../../src/normalise/may-close-gate.ts';
import { openTestBrain, type TestBrain, testBackends } from '../support/brain.ts';
import { makeLogLines } from '../support/log-lines.ts';

/** A failure that has none yet. */
const NO_EXCERPT = { ci_job_id: '00000000-0000-4000-8000-000000000001', ci_event_id: null, deployment_id: null };

describe.each(testBackends)('quotas on %s', (backend) => {
  let brain: TestBrain;
  let logged: ReturnType<typeof makeLogLines>;
  let observed: string[];
  beforeAll(async () => {
    brain = await openTestBrain(backend);
  });
  afterAll(() => brain.close());
  beforeEach(async () => {
    logged = makeLogLines();
    observed = [];
    await brain.script(
      'delete from codered.installation_usage; delete from codered.quotas where installation_id is not null',
    );
  });

  const quotas = () =>
    makeQuotas({ brain, log: logged.log, observe: (quota, share) => observed.push(`${quota} ${share}`) });
  const allow = (installation: number, deliveries: number | null, excerpts: number | null, bytes: number | null) =>
    brain.script(
      `insert into codered.quotas (installation_id, deliveries_per_day, excerpts, artifact_bytes_per_day) values (${installation}, ${deliveries}, ${excerpts}, ${bytes})`,
    );
  const tomorrow = () => `${new Date(Date.now() + 86_400_000).toISOString().slice(0, 10)}T00:00:00Z`;

  it('let so many deliveries through a day as the table says, tell of it before and then hold back until midnight', async () => {
    await allow(1, 10, null, null);
    const { takeDelivery } = quotas();
    const taken = [];
    for (let n = 0; n < 12; n += 1) taken.push(await takeDelivery(1, false));
    expect(taken.slice(0, 10)).toEqual(Array.from({ length: 10 }, () => null));
    expect(taken.slice(10)).toEqual([1, 2].map(() => ({ allowed: 10, until: tomorrow() })));
    expect(observed).toEqual(['deliveries 80', 'deliveries 100']);
    expect(logged.lines.map(({ share, installation_id }) => [share, installation_id])).toEqual([
      [80, 1],
      [100, 1],
    ]);
    expect(await takeDelivery(2, false)).toBeNull();
  });

  it('hold nothing back that may close a gate, up to twice as many', async () => {
    await allow(1, 4, null, null);
    const { takeDelivery } = quotas();
    for (let n = 0; n < 4; n += 1) expect(await takeDelivery(1, false)).toBeNull();
    for (let n = 0; n < 4; n += 1) {
      expect(await takeDelivery(1, false)).not.toBeNull();
      expect(await takeDelivery(1, true)).toBeNull();
    }
    expect(await takeDelivery(1, true)).toEqual({ allowed: 4, until: tomorrow() });
  });

  it('are the same for all processes together, and never exceeded by deliveries at once', async () => {
    await allow(1, 5_000, null, null);
    const processes = [quotas(), quotas(), quotas()];
    const all = await Promise.all(
      Array.from({ length: 300 }, (_, n) => processes[n % 3]?.takeDelivery(1, false) ?? null),
    );
    expect(all.filter((held) => held !== null)).toEqual([]);
    const [row] = await brain.sql('select deliveries::int as n from codered.installation_usage');
    expect(Number(row?.n)).toBeGreaterThanOrEqual(300);
    expect(Number(row?.n)).toBeLessThanOrEqual(5_000);
  });

  it('ask the database once for a hundred deliveries where many are allowed', async () => {
    let calls = 0;
    const counting: Pick<TestBrain, 'call'> = {
      call: (...args) => {
        calls += 1;
        return brain.call(...args);
      },
    };
    const { takeDelivery } = makeQuotas({ brain: counting, log: logged.log });
    for (let n = 0; n < 200; n += 1) await takeDelivery(3, false);
    expect(calls).toBe(2);
  });

  it('begin anew the next day, excerpts with the next count', async () => {
    await allow(1, 1, 1, 1);
    const { takeDelivery, take, takeExcerpt } = quotas();
    await takeDelivery(1, false);
    await takeExcerpt(1, NO_EXCERPT);
    await take(1, 'artifact_bytes', 1);
    expect(await takeExcerpt(1, NO_EXCERPT)).not.toBeNull();
    expect(await take(1, 'artifact_bytes', 1)).not.toBeNull();
    expect(observed.toSorted()).toEqual(['artifact_bytes 100', 'deliveries 100', 'excerpts 100']);
    await brain.script(`update codered.installation_usage set day = day - 1`);
    expect(await takeDelivery(1, false)).toBeNull();
    expect(await take(1, 'artifact_bytes', 1)).toBeNull();
    expect(await takeExcerpt(1, NO_EXCERPT)).not.toBeNull();
    expect(await brain.call('recount_excerpts', {})).toBe(1);
    expect(await takeExcerpt(1, NO_EXCERPT)).toBeNull();
    expect(observed.filter((one) => one === 'excerpts 100')).toHaveLength(2);
  });

  it('take all or nothing, and nothing at all where no limit is set', async () => {
    await allow(1, null, null, 10);
    const { take, takeDelivery, takeExcerpt } = quotas();
    expect(await take(1, 'artifact_bytes', 11)).toEqual({ allowed: 10, until: tomorrow() });
    expect(await take(1, 'artifact_bytes', 10)).toBeNull();
    await brain.script('delete from codered.installation_usage');
    expect(await takeExcerpt(1, NO_EXCERPT)).toBeNull();
    expect(await takeDelivery(1, false)).toBeNull();
    expect(await brain.sql('select 1 from codered.installation_usage')).toEqual([]);
  });

  it('of zero hold everything back', async () => {
    await allow(1, 0, 0, 0);
    const { takeDelivery, takeExcerpt } = quotas();
    expect(await takeDelivery(1, true)).not.toBeNull();
    expect(await takeExcerpt(1, NO_EXCERPT)).not.toBeNull();
  });
});

describe('what may close a gate', () => {
  const nothing = {
    installations: [],
    repositories: [],
    commits: [],
    pull_requests: [],
    ci_events: [],
    ci_jobs: [],
    deployments: [],
    deployment_statuses: [],
    rechecks: [],
    commands: [],
    access: [],
  };
  const run = (status: string) => JSON.parse(JSON.stringify({ ...nothing, ci_events: [{ status }] }));
  it.each(['failed', 'canceled', 'queued', 'running'])('is a run that is %s', (status) => {
    expect(mayCloseGate(run(status))).toBe(true);
  });
  it('is no success and no push', () => {
    expect(mayCloseGate(run('succeeded'))).toBe(false);
    expect(mayCloseGate(nothing)).toBe(false);
  });
});
