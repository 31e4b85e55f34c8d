import { createHash } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Listening, listen } from '../../src/http/listen.ts';
import { makeHealth, makeMetricsPage } from '../../src/http/routes/health.ts';
import { makeMetrics } from '../../src/http/routes/metrics.ts';
import { serveRoutes } from '../../src/http/routing.ts';
import { openStore } from '../../src/inbox/store.ts';
import { readGithubStatus } from '../../src/queue/lost-status.ts';
import { readInboxStatus, readQueueStatus } from '../../src/queue/status.ts';
import { openTestBrain, ruleBackend, type TestBrain } from '../support/brain.ts';
import { makeLogLines } from '../support/log-lines.ts';

let brain: TestBrain;
let http: Listening;
let reachable = true;
const status = () => readInboxStatus(reachable ? brain : gone, 5_000);
const gone: Pick<TestBrain, 'call'> = { call: () => Promise.reject(new Error('connect ECONNREFUSED 127.0.0.1:5432')) };
const metrics = makeMetrics(
  status,
  () => readQueueStatus(reachable ? brain : gone, 5_000),
  () => readGithubStatus(reachable ? brain : gone, 5_000),
);
const sha256 = (text: string) => createHash('sha256').update(text).digest('hex');
const { log, lines } = makeLogLines();
let refusal: Error | null = null;
const people = async () => {
  if (refusal !== null) throw refusal;
};

beforeAll(async () => {
  brain = await openTestBrain(ruleBackend);
  const ids = { action: null, installation_id: null, repository_id: null };
  await openStore(brain).save({ app_id: 1, guid: 'a', event: 'push', ...ids, payload: '{}' }, 5_000);
  http = await listen(
    { host: '127.0.0.1', port: 0 },
    {
      handlers: [serveRoutes({ resources: [makeHealth({ status, people, metrics, log })], onError: () => {} })],
      onError: () => {},
    },
  );
});
afterAll(async () => {
  await http.close(1_000);
  await brain.close();
});

async function get(path: string, method = 'GET') {
  const response = await fetch(`${http.url}${path}`, { method });
  return { status: response.status, type: response.headers.get('content-type'), text: await response.text() };
}

describe('/healthz', () => {
  it('says that the process lives, whatever the database does', async () => {
    reachable = false;
    expect(await get('/healthz')).toMatchObject({ status: 200, text: '{"status":"ok"}\n' });
    reachable = true;
  });
});

describe('/readyz', () => {
  it('says that it is ready, and nothing of what waits', async () => {
    const { status: code, text } = await get('/readyz');
    expect(code).toBe(200);
    expect(JSON.parse(text)).toEqual({ status: 'ready' });
  });

  it('says 503 when the database does not answer, and why only in the log', async () => {
    reachable = false;
    const { status: code, text } = await get('/readyz');
    expect(code).toBe(503);
    expect(JSON.parse(text)).toEqual({ status: 'not ready', reason: 'the database does not answer' });
    expect(lines).toMatchObject([{ level: 40, err: { message: 'connect ECONNREFUSED 127.0.0.1:5432' } }]);
    reachable = true;
  });

  it('says where people’s calls are refused, and is ready for all else', async () => {
    refusal = new Error('The login is not let in.');
    const { status: code, text } = await get('/readyz');
    refusal = null;
    expect([code, JSON.parse(text)]).toEqual([200, { status: 'ready', people: 'refused' }]);
    expect(lines.at(-1)).toMatchObject({ level: 40, err: { message: 'The login is not let in.' } });
  });
});

describe('/metrics', () => {
  it('says what is missing and what is left of the requests, and nothing of it when the database does not answer', async () => {
    await brain.script(`
      insert into codered.missed_deliveries (app_id, guid, event, delivery_id, delivered_at, first_delivered_at, status_code, lost_at, lost_reason)
        values (1, 'a', 'push', '1', now(), now(), 502, null, null), (1, 'b', 'push', '2', now(), now(), 502, now(), 'gone');
      insert into codered.request_budgets (installation_id, request_limit, remaining, resets_at)
        values (0, 5000, 2500, now() + interval '1 hour'), (7, 5000, 500, now() + interval '1 hour'), (8, 5000, 5, now())`);
    await brain.call('pause_installation', { installation_id: 9, pause_ms: 60_000 });
    try {
      const { text } = await get('/metrics');
      for (const line of [
        'codered_deliveries_missed 1',
        'codered_deliveries_lost 1',
        'codered_github_paused{of="app"} 0',
        'codered_github_paused{of="installations"} 1',
        'codered_github_requests_left_ratio{of="app"} 0.5',
        'codered_github_requests_left_ratio{of="installations"} 0.1',
      ])
        expect(text.split('\n')).toContain(line);
      reachable = false;
      expect((await get('/metrics')).text).toMatch(/^codered_deliveries_missed nan$/im);
    } finally {
      reachable = true;
      await brain.script('delete from codered.missed_deliveries; delete from codered.request_budgets');
    }
  });

  it('counts what happened and reads the queues at the moment of the scrape', async () => {
    await brain.script(`
      insert into codered.follow_ups (kind, status, dedupe_key, run_after) values
        ('report', 'queued', 'a', now() - interval '1 hour'),
        ('report', 'running', 'b', now() - interval '1 minute'), ('report', 'running', 'c', now() + interval '1 hour'),
        ('diagnose', 'queued', 'd', now() + interval '1 hour');
      insert into codered.follow_ups (kind, status, dedupe_key) values ('plan_sprint', 'failed', 'e')`);
    metrics.received('stored', 0.004);
    metrics.received('bad signature', 0.001);
    metrics.processed('dead');
    metrics.job('report', 'completed');
    metrics.publication('completed');
    const { status: code, type, text } = await get('/metrics');
    expect([code, type]).toEqual([200, 'text/plain; version=0.0.4; charset=utf-8']);
    const expected = [
      'codered_webhook_request_seconds_bucket{le="0.005",outcome="stored"} 1',
      'codered_webhook_request_seconds_count{outcome="bad signature"} 1',
      'codered_deliveries_processed_total{outcome="dead"} 1',
      'codered_jobs_total{type="report",outcome="completed"} 1',
      'codered_publications_total{outcome="completed"} 1',
      'codered_database_up 1',
      'codered_queue_length{queue="pending"} 1',
      'codered_queue_length{queue="dead"} 0',
      'codered_queue_waiting{queue="deliveries",kind="webhook"} 1',
      'codered_queue_waiting{queue="follow_ups",kind="report"} 2',
      'codered_queue_dead{queue="follow_ups",kind="plan_sprint"} 1',
      'codered_queue_dead{queue="follow_ups",kind="report"} 0',
      'codered_queue_waiting{queue="publications",kind="check_run"} 0',
      'codered_queue_oldest_seconds{queue="follow_ups",kind="diagnose"} 0',
    ];
    expect(text.split('\n')).toEqual(expect.arrayContaining(expected));
    expect(text).toMatch(/^codered_oldest_pending_seconds \d/m);
    expect(text).toMatch(/^codered_queue_oldest_seconds\{queue="follow_ups",kind="report"\} 3\d{3}/m);
    expect(text).toMatch(/^process_resident_memory_bytes /m);
  });

  it('shows no stale queue while the database is gone', async () => {
    reachable = false;
    const { text } = await get('/metrics');
    expect(text).toMatch(/^codered_database_up 0$/m);
    expect(text).not.toMatch(/^codered_queue_(?:length|waiting|dead|oldest_seconds)\{/m);
    reachable = true;
  });
});

describe('the labels of /metrics', () => {
  it('are words of this program: what could be a name is none', async () => {
    metrics.job('octo/shop', 'completed');
    metrics.publication('octo-org');
    metrics.processed('refused: octo/shop #12');
    const { text } = await get('/metrics');
    expect(text).not.toMatch(/octo/);
    expect(text).toContain('codered_jobs_total{type="other",outcome="completed"} 1');
    const names = [...text.matchAll(/[{,](\w+)=/g)].map(([, name]) => name);
    const ours = ['outcome', 'le', 'type', 'queue', 'kind'];
    // Those of Node's own: a version, kinds of memory, of handles and of resources.
    expect(names.filter((name) => !ours.includes(name ?? ''))).not.toContain('repository');
  });
});

describe('/metrics with a token', () => {
  const tokens = [sha256('the token'), sha256('the next one')];
  it('is for who sends it, on either address', async () => {
    for (const handler of [makeHealth({ status, metrics, tokens, log }), makeMetricsPage({ metrics, tokens })]) {
      const listening = await listen(
        { host: '127.0.0.1', port: 0 },
        { handlers: [serveRoutes({ resources: [handler], onError: () => {} })], onError: () => {} },
      );
      const ask = async (authorization?: string) => {
        const headers = authorization === undefined ? undefined : { authorization };
        const response = await fetch(`${listening.url}/metrics`, { headers });
        return [response.status, (await response.text()).includes('codered_')];
      };
      expect(await ask()).toEqual([401, false]);
      expect(await ask('Bearer another')).toEqual([401, false]);
      expect(await ask(`Bearer ${tokens[0]}`)).toEqual([401, false]);
      expect(await ask('Bearer ')).toEqual([401, false]);
      await listening.close(1_000);
    }
  });

  it('answers a token of either', async () => {
    const spaceless = [sha256('token-1'), sha256('token-2')];
    const page = makeMetricsPage({ metrics, tokens: spaceless });
    const listening = await listen(
      { host: '127.0.0.1', port: 0 },
      { handlers: [serveRoutes({ resources: [page], onError: () => {} })], onError: () => {} },
    );
    for (const token of ['token-1', 'token-2']) {
      const response = await fetch(`${listening.url}/metrics`, { headers: { authorization: `Bearer ${token}` } });
      expect(response.status).toBe(200);
      expect(await response.text()).toContain('codered_database_up');
    }
    expect((await fetch(`${listening.url}/readyz`)).status).toBe(404);
    await listening.close(1_000);
  });
});

describe('all of them', () => {
  it('are read with GET or HEAD, and leave other paths alone', async () => {
    expect(await get('/healthz', 'POST')).toMatchObject({ status: 405 });
    expect(await get('/healthz', 'HEAD')).toMatchObject({ status: 200, text: '' });
    expect(await get('/healthz?verbose')).toMatchObject({ status: 200 });
    expect(await get('/constructor')).toMatchObject({ status: 404 });
  });
});
