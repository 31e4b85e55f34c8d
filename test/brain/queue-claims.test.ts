// What holds for a claim in all three queues: its number, its end, turns of the installations under many workers, and whose clock decides.

import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { Transient } from '../../src/model/errors.ts';
import { asJson } from '../../src/model/json.ts';
import { deliveryQueue } from '../../src/queue/deliveries.ts';
import { followUpQueue } from '../../src/queue/follow-ups.ts';
import { openTestBrain, ruleBackend, type TestBrain } from '../support/brain.ts';
import { forgetEverything, HEAD, installationFact, REPOSITORY, repositoryFact, tell } from '../support/fact-rows.ts';
import { makeLogLines } from '../support/log-lines.ts';

const WORKER = 'w';
const LEASE = { worker: WORKER, lease_seconds: 60 };
const NOISY = { installation: 700, repository: REPOSITORY };
const QUIET = [
  { installation: 701, repository: 901 },
  { installation: 702, repository: 902 },
] as const;

let brain: TestBrain;
beforeAll(async () => {
  brain = await openTestBrain(ruleBackend);
});
afterAll(() => brain.close());
beforeEach(async () => {
  await forgetEverything(brain);
  await tell(brain, {});
  await brain.script('delete from codered.follow_ups');
});

/** A row of one queue, as the tests below treat all three alike. */
interface Row {
  readonly key: string;
  readonly claim: number;
}

const queues = {
  webhook_deliveries: {
    add: () =>
      brain.script(`
        insert into codered.webhook_deliveries (app_id, guid, event, installation_id, repository_id, payload)
        values (1, 'one', 'push', ${NOISY.installation}, ${NOISY.repository}, '{}')`),
    claim: (worker: string, batch: number): Promise<Row[]> =>
      brain
        .call('claim_deliveries', { ...LEASE, worker, batch })
        .then((rows) => rows.map(({ guid, claim }) => ({ key: guid, claim }))),
    lapse: 'update codered.webhook_deliveries set available_at = now(), locked_until = now()',
  },
  follow_ups: {
    add: () => brain.sql(`select codered.queue_follow_up(null, 'report', '{}', 'one')`),
    claim: (worker: string, batch: number): Promise<Row[]> =>
      brain
        .call('claim_follow_ups', { ...LEASE, worker, batch })
        .then((rows) => rows.map(({ id, claim }) => ({ key: id, claim }))),
    lapse: 'update codered.follow_ups set run_after = now(), locked_until = now()',
  },
  publications: {
    add: () =>
      brain.script(`
        insert into codered.publications (repository_id, kind, target, desired, desired_hash)
        values (${NOISY.repository}, 'check_run', '${HEAD}:CodeRed', '{"head_sha": "${HEAD}"}', 'h')`),
    claim: (worker: string, batch: number): Promise<Row[]> =>
      brain
        .call('claim_publications', { ...LEASE, worker, batch, spacing_ms: 1_000 })
        .then((rows) => rows.map(({ id, claim }) => ({ key: id, claim }))),
    lapse:
      'update codered.publications set locked_until = now(); update codered.installations set next_write_at = now()',
  },
} as const;
type Queue = keyof typeof queues;
const names = Object.keys(queues) as Queue[];

/** All that the queue knows of its rows, and how fast its installation may be written to. */
const standing = async (queue: Queue) => [
  await brain.sql(`select to_jsonb(q) - 'updated_at' as row from codered.${queue} q order by 1`),
  await brain.sql('select id, next_write_at, paused_until from codered.installations order by id'),
];

describe('the number of a claim', () => {
  const error = 'x';
  const delivery = ({ key: guid, claim }: Row) => ({ app_id: 1, guid, claim });
  const followUp = ({ key: id, claim }: Row) => ({ id, claim });
  const publication = ({ key: id, claim }: Row) => ({ id, claim, worker: WORKER });
  const renewal = (of: 'guids' | 'jobs' | 'publications', { key, claim }: Row) =>
    brain.call('renew_leases', {
      worker: WORKER,
      lease_seconds: 600,
      ...{ guids: [], jobs: [], publications: [], [of]: [key] },
      claims: [claim],
    });
  const until = '2999-01-01T00:00:00Z';
  const ends: readonly (readonly [Queue, string, (row: Row) => PromiseLike<unknown>])[] = [
    ['webhook_deliveries', 'finish', (row) => brain.call('record_delivery', { ...delivery(row), facts: {} })],
    ['webhook_deliveries', 'ignore', (row) => brain.call('ignore_delivery', { ...delivery(row), reason: 'x' })],
    ['webhook_deliveries', 'keep out', (row) => brain.call('keep_out_delivery', { ...delivery(row), reason: 'x' })],
    [
      'webhook_deliveries',
      'fail',
      (row) => brain.call('fail_delivery', { ...delivery(row), error, dead: true, worker: WORKER }),
    ],
    [
      'webhook_deliveries',
      'try again',
      (row) => brain.call('fail_delivery', { ...delivery(row), error, dead: false, worker: WORKER }),
    ],
    [
      'webhook_deliveries',
      'put off',
      (row) => brain.call('put_off_delivery', { ...delivery(row), until, reason: 'x' }),
    ],
    ['webhook_deliveries', 'renew', (row) => renewal('guids', row)],
    ['follow_ups', 'finish', (row) => brain.call('finish_follow_up', followUp(row))],
    ['follow_ups', 'fail', (row) => brain.call('fail_follow_up', { ...followUp(row), error })],
    ['follow_ups', 'put off', (row) => brain.call('postpone_follow_up', { ...followUp(row), error, delay_ms: 90_000 })],
    ['follow_ups', 'renew', (row) => renewal('jobs', row)],
    [
      'publications',
      'finish',
      (row) => brain.call('complete_publication', { ...publication(row), published_hash: 'h', github_id: 1 }),
    ],
    ['publications', 'fail', (row) => brain.call('park_publication', { ...publication(row), error })],
    [
      'publications',
      'put off',
      (row) =>
        brain.call('defer_publication', {
          ...publication(row),
          error,
          delay_ms: 90_000,
          pause_installation_ms: 90_000,
        }),
    ],
    ['publications', 'give back', (row) => brain.call('yield_publication', { ...publication(row), error })],
    ['publications', 'renew', (row) => renewal('publications', row)],
  ];

  it.each(ends)('is needed in %s to %s: one of before changes nothing', async (queue, _, end) => {
    const { add, claim, lapse } = queues[queue];
    await add();
    const [before] = await claim(WORKER, 1);
    await brain.script(lapse);
    const [now] = await claim(WORKER, 1);
    if (before === undefined || now === undefined) throw new Error('nothing was claimed');
    expect(now.key).toBe(before.key);
    expect(now.claim).toBeGreaterThan(before.claim);
    const found = await standing(queue);
    await end(before);
    expect(await standing(queue)).toEqual(found);
    await end(now);
    expect(await standing(queue)).not.toEqual(found);
  });
});

describe('what a worker died at', () => {
  it.each(names)('is nobody else’s until its lease ends, and then anybody’s: %s', async (queue) => {
    const { add, claim, lapse } = queues[queue];
    await add();
    const [held] = await claim('dead', 10);
    expect(await claim('alive', 10)).toEqual([]);
    await brain.script(lapse);
    expect(await claim('alive', 10)).toMatchObject([{ key: held?.key }]);
    expect(await claim('dead', 10)).toEqual([]);
  });
});

describe('ten workers at once', () => {
  beforeEach(async () => {
    await brain.call('record_facts', {
      facts: asJson({
        installations: QUIET.map(({ installation: id }) =>
          installationFact({ id, account_id: id, account_login: `quiet-${id}` }),
        ),
        repositories: QUIET.map(({ installation: installation_id, repository: id }) =>
          repositoryFact({ id, installation_id, owner: `quiet-${installation_id}` }),
        ),
      }),
    });
    const rows = (installation: number, repository: number, count: number, age: string) => `
      insert into codered.webhook_deliveries (app_id, guid, event, installation_id, repository_id, payload, available_at)
        select 1, '${installation} ' || n, 'push', ${installation}, ${repository}, '{}', now() - interval '${age}'
        from generate_series(1, ${count}) n;
      insert into codered.follow_ups (kind, installation_id, repository_id, dedupe_key, run_after, created_at)
        select 'report', ${installation}, ${repository}, '${installation} ' || n, now() - interval '${age}', now() - interval '1 hour'
        from generate_series(1, ${count}) n;
      insert into codered.publications (repository_id, kind, target, desired, desired_hash, available_at)
        select ${repository}, 'comment', n, '{}', 'h', now() - interval '${age}' from generate_series(1, ${count}) n;`;
    await brain.script(`
      delete from codered.follow_ups;
      ${rows(NOISY.installation, NOISY.repository, 400, '1 hour')}
      ${QUIET.map(({ installation, repository }) => rows(installation, repository, 2, '1 second')).join('\n')}`);
  });
  /** Which installation each row that was claimed is of. */
  const installationsOf = async (queue: Queue, keys: readonly string[]) => {
    const of = {
      webhook_deliveries: 'select installation_id as of from codered.webhook_deliveries where guid = any ($1)',
      follow_ups: 'select installation_id as of from codered.follow_ups where id = any ($1::uuid[])',
      publications: `select r.installation_id as of
        from codered.publications p join codered.repositories r on r.id = p.repository_id where p.id = any ($1::uuid[])`,
    }[queue];
    return (await brain.sql(of, [`{${keys.map((key) => `"${key}"`).join(',')}}`])).map((row) => Number(row.of));
  };

  it.each(names)('share %s by turns of the installations, and no row between them', async (queue) => {
    const claims = await Promise.all(
      Array.from({ length: 10 }, (_, number) => queues[queue].claim(`worker ${number}`, 6)),
    );
    const rows = claims.flat();
    expect(new Set(rows.map(({ key }) => key)).size).toBe(rows.length);
    expect(new Set(rows.map(({ claim }) => claim)).size).toBe(rows.length);
    const of = await installationsOf(
      queue,
      rows.map(({ key }) => key),
    );
    const quiet = of.filter((installation) => installation !== NOISY.installation);
    // All that the quiet ones have, but of publications one at a time; and the noisy one is not kept waiting either.
    expect(quiet.toSorted()).toEqual(queue === 'publications' ? [701, 702] : [701, 701, 702, 702]);
    expect(of.length).toBeGreaterThan(quiet.length);
  });
});

describe('the wait of an evaluation for deliveries', () => {
  const arrive = (guid: string) =>
    brain.sql(
      `insert into codered.webhook_deliveries (app_id, guid, event, installation_id, repository_id, payload)
       values (1, $1, 'push', $2, $3, '{}')`,
      [guid, String(NOISY.installation), String(NOISY.repository)],
    );
  const look = () => brain.call('queue_recheck', { repository_id: REPOSITORY, sha: HEAD });
  const claim = () => queues.follow_ups.claim(WORKER, 10);
  const wait = (seconds: number) =>
    brain.script(
      `update codered.follow_ups set created_at = created_at - interval '${seconds} seconds', run_after = run_after - interval '${seconds} seconds'`,
    );

  it('ends five seconds after it was queued, though deliveries keep coming and ask for it again', async () => {
    await arrive('first');
    await look();
    for (let second = 0; second < 5; second += 1) {
      expect(await claim()).toEqual([]);
      await arrive(`while it waits ${second}`);
      await look();
      await wait(1);
    }
    expect(await claim()).toHaveLength(1);
  });

  it('holds up neither other work of the repository nor anybody else’s evaluation', async () => {
    await arrive('first');
    await look();
    await brain.script(`
      insert into codered.follow_ups (kind, installation_id, repository_id, dedupe_key) values
        ('diagnose', ${NOISY.installation}, ${NOISY.repository}, 'own'), ('report', 701, null, 'theirs')`);
    expect(await claim()).toHaveLength(2);
    expect(await brain.sql(`select kind from codered.follow_ups where status = 'queued'`)).toEqual([
      { kind: 'report' },
    ]);
  });

  it('is none for deliveries that are put off', async () => {
    await arrive('tomorrow');
    await brain.call('put_off_delivery', { app_id: 1, guid: 'tomorrow', until: '2999-01-01T00:00:00Z', reason: 'x' });
    await look();
    expect(await claim()).toHaveLength(1);
  });
});

describe.each([
  ['an hour ahead', 3_600_000],
  ['an hour behind', -3_600_000],
])('a process whose clock is %s', (_, skewMs) => {
  beforeEach(() => {
    vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + skewMs });
  });
  afterEach(() => {
    vi.useRealTimers();
  });
  const skewed = () => ({
    brain,
    worker: 'skewed',
    leaseSeconds: 60,
    whileHeld: <T>(_held: unknown, work: () => Promise<T>) => work(),
    log: makeLogLines().log,
    observe: () => {},
  });
  const secondsUntil = async (table: Queue, column: string) => {
    const [row] = await brain.sql(`select extract(epoch from ${column} - now()) as seconds from codered.${table}`);
    return Number(row?.seconds);
  };

  it('takes no follow-up that another holds, and puts its own off by the database’s clock', async () => {
    const queue = followUpQueue({ ...skewed(), work: () => Promise.reject(new Transient('not yet')) });
    await queues.follow_ups.add();
    await queues.follow_ups.claim('another', 1);
    expect(await queue.claim(1)).toEqual([]);
    await brain.script(queues.follow_ups.lapse);
    const [own] = await queue.claim(1);
    if (own === undefined) throw new Error('nothing was claimed');
    expect(await secondsUntil('follow_ups', 'locked_until')).toSatisfy((s: number) => s > -1_000 && s <= 60);
    await queue.handle(own);
    expect(await secondsUntil('follow_ups', 'run_after')).toSatisfy((s: number) => s > -1_000 && s <= 5);
  });

  it('takes no delivery that another holds, and puts its own off by the database’s clock', async () => {
    const queue = deliveryQueue({ ...skewed(), process: () => Promise.reject(new Transient('not yet')) });
    await queues.webhook_deliveries.add();
    await queues.webhook_deliveries.claim('another', 1);
    expect(await queue.claim(1)).toEqual([]);
    await brain.script(queues.webhook_deliveries.lapse);
    const [own] = await queue.claim(1);
    if (own === undefined) throw new Error('nothing was claimed');
    expect(await secondsUntil('webhook_deliveries', 'locked_until')).toSatisfy((s: number) => s > -1_000 && s <= 60);
    await queue.handle(own);
    expect(await secondsUntil('webhook_deliveries', 'available_at')).toSatisfy((s: number) => s > -1_000 && s <= 5);
  });
});
