// The outbox to GitHub in SQL: what is due, who may write next, and which check run of several is written.

import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { openPostgres } from '../../src/brain/backends/postgres.ts';
import type { InstallationFact } from '../../src/model/facts.ts';
import { asJson, type Json } from '../../src/model/json.ts';
import { openTestBrain, type TestBrain, testBackends } from '../support/brain.ts';
import {
  forgetEverything,
  HEAD,
  INSTALLATION,
  installationFact,
  minute,
  pullRequestFact,
  REPOSITORY,
  repositoryFact,
  tell,
} from '../support/fact-rows.ts';

const WORKER = 'w';
const OTHER = 'b'.repeat(40);
const CHECK = `${HEAD}:CodeRed`;

interface Asked {
  readonly repository_id?: number;
  readonly kind?: 'comment' | 'check_run';
  readonly target?: string;
  readonly says?: string;
  readonly conclusion?: string | null;
  readonly recheck?: boolean;
  readonly only_if_standing?: boolean;
  readonly desired?: Json;
}

describe.each(testBackends)('publications (%s)', (backend) => {
  let brain: TestBrain;
  beforeAll(async () => {
    brain = await openTestBrain(backend);
  });
  afterAll(() => brain.close());
  beforeEach(async () => {
    await forgetEverything(brain);
    await tell(brain, {});
  });

  const request = ({
    repository_id = REPOSITORY,
    kind = 'comment',
    target = kind === 'comment' ? '1' : CHECK,
    says = 'hello',
    conclusion = null,
    desired = { says, conclusion },
    ...how
  }: Asked = {}) =>
    brain.call('request_publication', {
      repository_id,
      kind,
      target,
      desired,
      desired_hash: `${says} ${conclusion}`,
      ...how,
    });
  const check = (conclusion: string | null, more: Asked = {}) => request({ kind: 'check_run', conclusion, ...more });
  const claim = ({ worker = WORKER, spacing_ms = 0 } = {}) =>
    brain.call('claim_publications', { worker, batch: 10, lease_seconds: 60, spacing_ms });
  const claimOne = async () => {
    const [claimed, ...more] = await claim();
    if (claimed === undefined || more.length > 0) throw new Error(`${more.length + 1} publications were claimed`);
    return claimed;
  };
  const complete = (
    { id, desired_hash }: { id: string; desired_hash: string },
    { conclusion, worker = WORKER, github_id = 1 }: { conclusion?: string; worker?: string; github_id?: number } = {},
  ) =>
    brain.call('complete_publication', {
      id,
      worker,
      published_hash: desired_hash,
      github_id,
      published_conclusion: conclusion,
    });
  const defer = ({ id }: { id: string }, { delay_ms = 60_000, pause_installation_ms = 0 } = {}) =>
    brain.call('defer_publication', { id, worker: WORKER, error: 'rate limit', delay_ms, pause_installation_ms });
  const park = ({ id }: { id: string }) =>
    brain.call('park_publication', { id, worker: WORKER, error: 'no permission' });
  const rows = () =>
    brain.sql(`
      select kind, target, generation, desired ->> 'says' as says, desired ->> 'conclusion' as conclusion, is_due,
        attempts, last_error, locked_by, github_id
      from codered.publications order by kind, target, generation`);
  const secondsToNextWrite = async () => {
    const [row] = await brain.sql(
      'select extract(epoch from next_write_at - now()) as seconds from codered.installations where id = $1',
      [String(INSTALLATION)],
    );
    return Number(row?.seconds);
  };
  const publish = async (conclusion?: string) => complete(await claimOne(), { conclusion });

  describe('what is due', () => {
    it('is written once, with where it goes', async () => {
      expect(await request()).toEqual({ changed: true, generation: 1 });
      expect(await claim()).toEqual([
        {
          id: expect.any(String),
          installation_id: INSTALLATION,
          repository_id: REPOSITORY,
          owner: 'octo-org',
          repo: 'web-shop',
          kind: 'comment',
          target: '1',
          generation: 1,
          desired: { says: 'hello', conclusion: null },
          desired_hash: 'hello null',
          github_id: null,
          attempts: 1,
          claim: expect.any(Number),
        },
      ]);
    });

    it('is nothing once what is desired stands, until something else is desired', async () => {
      await request();
      await publish();
      expect(await request()).toEqual({ changed: false, generation: 1 });
      expect(await claim()).toEqual([]);
      expect(await request({ says: 'news' })).toEqual({ changed: true, generation: 1 });
      expect(await claim()).toMatchObject([{ desired_hash: 'news null', github_id: 1, attempts: 1 }]);
    });

    it('is nothing again when the old request comes back before it was overwritten', async () => {
      await request();
      await publish();
      await request({ says: 'news' });
      await request();
      expect(await claim()).toEqual([]);
    });

    it('stays due when something newer was desired during the write', async () => {
      await request();
      const claimed = await claimOne();
      await request({ says: 'news' });
      expect(await claim()).toEqual([]);
      await complete(claimed);
      expect(await claim()).toMatchObject([{ desired_hash: 'news null', github_id: 1 }]);
    });

    it.each([
      ['deferred', defer],
      ['parked', park],
    ])('is written at once when it was desired during a write that was %s', async (_, giveBack) => {
      await request();
      const claimed = await claimOne();
      await request({ says: 'news' });
      await giveBack(claimed);
      expect(await claim()).toMatchObject([{ desired_hash: 'news null', attempts: 1 }]);
    });

    it('waits after it was deferred, and counts the tries', async () => {
      await request();
      await defer(await claimOne());
      expect(await claim()).toEqual([]);
      expect(await rows()).toMatchObject([{ last_error: 'rate limit', locked_by: null }]);
      await brain.script('update codered.publications set available_at = now()');
      expect(await claim()).toMatchObject([{ attempts: 2 }]);
    });

    it('comes back when a lease has lapsed, and the one who lost it changes nothing any more', async () => {
      await request();
      const claimed = await claimOne();
      await brain.script('update codered.publications set locked_until = now()');
      expect(await claim({ worker: 'other' })).toMatchObject([{ id: claimed.id, attempts: 1 }]);
      await complete(claimed);
      await park(claimed);
      await defer(claimed, { pause_installation_ms: 60_000 });
      expect(await rows()).toMatchObject([{ is_due: 't', locked_by: 'other', last_error: null }]);
      expect(await secondsToNextWrite()).toBeLessThanOrEqual(0);
    });

    it('is nothing for a comment on a head that was overtaken', async () => {
      await tell(brain, { pull_requests: [pullRequestFact({ head_sha: 'b'.repeat(40) })] });
      const desired = { pull_request_number: 1, head_sha: HEAD };
      expect(await request({ desired })).toEqual({ changed: false, generation: null });
      expect(await request({ desired: { ...desired, head_sha: 'b'.repeat(40) } })).toEqual({
        changed: true,
        generation: 1,
      });
    });

    it('is nothing for a comment that was rendered from older facts of the head', async () => {
      await tell(brain, { pull_requests: [pullRequestFact()] });
      const found = (says: string, as_of: string | null, head_sha = HEAD) =>
        request({ says, desired: { pull_request_number: 1, head_sha, says, as_of } });
      await found('news', '2026-11-01T10:05:00Z');
      for (const as_of of ['2026-11-01T10:04:59Z', null]) {
        expect(await found('old', as_of)).toEqual({ changed: false, generation: 1 });
      }
      // That the same is still true later is worth knowing, but nothing to write.
      expect(await found('news', '2026-11-01T10:09:00Z')).toEqual({ changed: false, generation: 1 });
      expect(await found('old', '2026-11-01T10:08:00Z')).toEqual({ changed: false, generation: 1 });
      expect(await rows()).toMatchObject([{ says: 'news' }]);
      expect(await found('more', '2026-11-01T10:09:00Z')).toEqual({ changed: true, generation: 1 });
      await tell(brain, { pull_requests: [pullRequestFact({ head_sha: OTHER, source_updated_at: minute(2) })] });
      expect(await found('of another head', '2026-11-01T10:02:00Z', OTHER)).toEqual({ changed: true, generation: 1 });
    });

    it('is nothing new when only what stands is to be kept true', async () => {
      expect(await request({ only_if_standing: true })).toEqual({ changed: false, generation: null });
      expect(await rows()).toEqual([]);
      await request();
      expect(await request({ says: 'news', only_if_standing: true })).toEqual({ changed: true, generation: 1 });
    });
  });

  describe('the one who writes', () => {
    it('writes one thing of an installation at a time, of one moment check runs before comments', async () => {
      await request();
      await request({ target: '2' });
      await check('failure');
      await brain.script('update codered.publications set available_at = now()');
      const first = await claimOne();
      expect(first).toMatchObject({ kind: 'check_run' });
      expect(await claim()).toEqual([]);
      await complete(first, { conclusion: 'failure' });
      expect(await claimOne()).toMatchObject({ kind: 'comment' });
    });

    it('writes check runs first, then what has waited longest, however often something newer was desired', async () => {
      const requests = [
        () => request(),
        () => check('failure'),
        () => request({ target: '2' }),
        () => request({ says: 'news' }),
        () => check('failure', { says: 'news' }),
      ];
      for (const one of requests) await one();
      const claimed = [];
      for (let n = 0; n < 3; n += 1) {
        const one = await claimOne();
        claimed.push([one.target, one.desired_hash]);
        await complete(one);
      }
      expect(claimed).toEqual([
        [CHECK, 'news failure'],
        ['1', 'news null'],
        ['2', 'hello null'],
      ]);
    });

    it('writes at once what is desired while an older request was put off', async () => {
      await request();
      await defer(await claimOne());
      await request({ says: 'news' });
      expect(await claim()).toMatchObject([{ desired_hash: 'news null' }]);
    });

    it('writes for several installations side by side', async () => {
      await tell(brain, {
        installations: [installationFact({ id: 701 })],
        repositories: [repositoryFact({ id: 901, installation_id: 701, name: 'other' })],
      });
      await request();
      await request({ repository_id: 901 });
      expect((await claim()).map(({ installation_id }) => installation_id).toSorted()).toEqual([INSTALLATION, 701]);
    });

    it('keeps the pace of an installation from the end of one write to the next', async () => {
      await request();
      await request({ target: '2' });
      const [claimed] = await claim({ spacing_ms: 60_000 });
      expect(await secondsToNextWrite()).toSatisfy((seconds: number) => seconds > 30 && seconds <= 60);
      // The write takes five minutes.
      await brain.script(`
        update codered.publications set locked_at = locked_at - interval '5 minutes' where locked_at is not null;
        update codered.installations set next_write_at = next_write_at - interval '5 minutes';`);
      await complete(claimed ?? { id: '', desired_hash: '' });
      expect(await secondsToNextWrite()).toSatisfy((seconds: number) => seconds > 30 && seconds <= 60);
      expect(await claim()).toEqual([]);
      await brain.script('update codered.installations set next_write_at = now()');
      expect(await claim()).toHaveLength(1);
    });

    it('holds back everything of an installation that GitHub has asked to wait', async () => {
      await tell(brain, {
        installations: [installationFact({ id: 701 })],
        repositories: [repositoryFact({ id: 901, installation_id: 701, name: 'other' })],
      });
      await request();
      await request({ target: '2' });
      await defer(await claimOne(), { delay_ms: 0, pause_installation_ms: 90_000 });
      expect(await secondsToNextWrite()).toSatisfy((seconds: number) => seconds > 60 && seconds <= 90);
      expect(await claim()).toEqual([]);
      await request({ repository_id: 901 });
      expect(await claim()).toHaveLength(1);
    });

    it.each([
      [
        'a suspended installation',
        { installations: [installationFact({ suspended_at: minute(1), source_updated_at: minute(1) })] },
      ],
      [
        'a deleted installation',
        { installations: [installationFact({ deleted_at: minute(1), source_updated_at: minute(1) })] },
      ],
      [
        'a repository that is gone',
        {
          repositories: [repositoryFact({ tells_presence: true, deleted_at: minute(1), source_updated_at: minute(1) })],
        },
      ],
    ])('writes nothing for %s', async (_, found) => {
      await request();
      await tell(brain, found);
      expect(await claim()).toEqual([]);
    });
  });

  describe('what was given up', () => {
    const installationTold = (found: Partial<InstallationFact>, guid = '') =>
      tell(brain, { installations: [installationFact(found)] }, guid);

    beforeEach(async () => {
      await request();
      await park(await claimOne());
    });

    it('stays where it is, with the reason', async () => {
      expect(await claim()).toEqual([]);
      await request();
      expect(await claim()).toEqual([]);
      expect(await rows()).toMatchObject([{ is_due: 't', last_error: 'no permission', locked_by: null }]);
    });

    it('is tried again when something else is desired', async () => {
      await request({ says: 'news' });
      expect(await claim()).toMatchObject([{ attempts: 1 }]);
    });

    it('is tried again when the installation’s permissions change', async () => {
      await installationTold({
        permissions: { checks: 'write', pull_requests: 'write' },
        source_updated_at: minute(1),
      });
      expect(await claim()).toMatchObject([{ attempts: 1 }]);
    });

    it('is tried again when permissions change within the second of what was known', async () => {
      await installationTold({ permissions: { checks: 'write', pull_requests: 'write' } }, 'a later delivery');
      expect(await claim()).toHaveLength(1);
    });

    it('is tried again when a suspension ends', async () => {
      await installationTold({ suspended_at: minute(1), source_updated_at: minute(1) });
      expect(await claim()).toEqual([]);
      await installationTold({ source_updated_at: minute(2) });
      expect(await claim()).toHaveLength(1);
    });

    it.each([
      ['the same permissions are told again', { source_updated_at: minute(1) }],
      [
        'older permissions are told late',
        { permissions: { issues: 'write' }, source_updated_at: '2026-10-01T00:00:00Z' },
      ],
      ['the installation is only mentioned', { permissions: null, source_updated_at: null }],
    ])('is not tried again when %s', async (_, found) => {
      await installationTold(found);
      expect(await claim()).toEqual([]);
    });
  });

  describe('generations of a check run', () => {
    const generations = async () =>
      (await rows()).map(({ generation, conclusion }) => [Number(generation), conclusion]);

    it('are one while the check run is open', async () => {
      await check(null);
      await publish();
      expect(await check('failure')).toEqual({ changed: true, generation: 1 });
      await publish('failure');
      expect(await check('failure', { says: 'with another text' })).toEqual({ changed: true, generation: 1 });
      expect(await generations()).toEqual([[1, 'failure']]);
    });

    it('grow when a finished check run has to say something else', async () => {
      await check('failure');
      await publish('failure');
      expect(await check(null)).toEqual({ changed: true, generation: 2 });
      expect(await check('success')).toEqual({ changed: true, generation: 2 });
      expect(await claim()).toMatchObject([{ generation: 2, github_id: null, desired: { conclusion: 'success' } }]);
      expect(await generations()).toEqual([
        [1, 'failure'],
        [2, 'success'],
      ]);
    });

    it('grow when a finished check run is asked for again, once', async () => {
      await check('failure');
      await publish('failure');
      expect(await check('failure', { recheck: true })).toEqual({ changed: true, generation: 2 });
      expect(await check('failure', { recheck: true })).toEqual({ changed: false, generation: 2 });
      await publish('failure');
      expect(await check('failure', { recheck: true })).toEqual({ changed: true, generation: 3 });
    });

    it('do not grow when an open check run is asked for again', async () => {
      await check(null);
      await publish();
      expect(await check(null, { recheck: true })).toEqual({ changed: false, generation: 1 });
    });

    it('grow when a conclusion changes while it is being written, and the older one is written first', async () => {
      await check('failure');
      const claimed = await claimOne();
      expect(await check('success')).toEqual({ changed: true, generation: 2 });
      await complete(claimed, { conclusion: 'failure' });
      expect(await claim()).toMatchObject([{ generation: 2 }]);
    });

    it('do not grow when the write of a conclusion failed', async () => {
      await check('failure');
      await defer(await claimOne(), { delay_ms: 0 });
      expect(await check('success')).toEqual({ changed: true, generation: 1 });
    });

    it('are none of comments', async () => {
      await request();
      await publish();
      expect(await request({ says: 'news', recheck: true })).toEqual({ changed: true, generation: 1 });
    });

    it('are written in their order', async () => {
      await check('failure');
      const claimed = await claimOne();
      await check('success');
      await defer(claimed, { delay_ms: 0 });
      expect(await claim()).toMatchObject([{ generation: 1 }]);
    });

    it('are written in their order even when the older one is put off, and wait for none that was given up', async () => {
      await check('failure');
      const claimed = await claimOne();
      await check('success');
      await defer(claimed);
      expect(await claim()).toEqual([]);
      await brain.script('update codered.publications set available_at = now() where generation = 1');
      const again = await claimOne();
      expect(again).toMatchObject({ generation: 1 });
      await park(again);
      expect(await claim()).toMatchObject([{ generation: 2 }]);
    });
  });
});

describe('two connections to publications (postgres)', () => {
  let brain: TestBrain;
  beforeAll(async () => {
    brain = await openTestBrain('postgres');
    const ids = [0, 1, 2, 3, 4];
    const facts = asJson({
      installations: ids.map((n) => installationFact({ id: INSTALLATION + n })),
      repositories: ids.map((n) =>
        repositoryFact({ id: REPOSITORY + n, installation_id: INSTALLATION + n, name: `shop-${n}` }),
      ),
    });
    await brain.call('record_facts', { facts });
  });
  afterAll(() => brain.close());
  beforeEach(async () => {
    await brain.script('truncate codered.publications; update codered.installations set next_write_at = now()');
    for (let n = 0; n < 5; n += 1) {
      for (const target of ['1', '2', '3']) await request(REPOSITORY + n, target, 'hello');
    }
  });

  const request = (repository_id: number, target: string, says: string) =>
    brain.call('request_publication', {
      repository_id,
      kind: 'comment',
      target,
      desired: { says },
      desired_hash: says,
    });
  const claim = (worker: string) => brain.call('claim_publications', { worker, batch: 10, lease_seconds: 60 });

  it('gives each installation to one of many publishers', async () => {
    const claims = await Promise.all(Array.from({ length: 10 }, (_, place) => claim(`publisher ${place}`)));
    const installations = claims.flat().map(({ installation_id }) => installation_id - INSTALLATION);
    expect(installations.toSorted()).toEqual([0, 1, 2, 3, 4]);
    await brain.script('update codered.installations set next_write_at = now()');
    expect(await claim('another')).toEqual([]);
  });

  it('skips an installation that another publisher is claiming at this moment', async () => {
    const other = openPostgres({ url: brain.databaseUrl ?? '', poolSize: 1, onIdleError: () => {} });
    await other.session(async (session) => {
      await session.script('begin');
      expect(await session.query(`select * from codered.claim_publications('other', 2, 60)`)).toHaveLength(2);
      expect(await claim('w')).toHaveLength(3);
      await session.script('commit');
      expect(await claim('w')).toEqual([]);
    });
    await other.close();
  });

  it('writes a request down while others are claimed and deliveries of the repository are recorded', async () => {
    const requests = Array.from({ length: 30 }, (_, n) => request(REPOSITORY + (n % 5), '1', `request ${n}`));
    const deliveries = Array.from({ length: 30 }, (_, n) =>
      brain.call('record_facts', {
        facts: asJson({
          installations: [
            installationFact({
              id: INSTALLATION + (n % 5),
              permissions: { checks: n % 2 ? 'read' : 'write' },
              source_updated_at: minute(n),
            }),
          ],
          repositories: [
            repositoryFact({
              id: REPOSITORY + (n % 5),
              installation_id: INSTALLATION + (n % 5),
              source_updated_at: minute(n),
            }),
          ],
        }),
      }),
    );
    const publishers = Array.from({ length: 10 }, async (_, place) => {
      const worker = `publisher ${place}`;
      for (const { id } of await claim(worker)) await brain.call('park_publication', { id, worker, error: 'no' });
    });
    const settled = await Promise.allSettled([...requests, ...deliveries, ...publishers]);
    expect(settled.filter(({ status }) => status === 'rejected')).toEqual([]);
  });
});
