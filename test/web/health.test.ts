import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readInboxStatus } from '../../src/inbox/status.ts';
import { openStore } from '../../src/inbox/store.ts';
import { makeHealth } from '../../src/web/health.ts';
import { type Listening, listen } from '../../src/web/listen.ts';
import { makeMetrics } from '../../src/web/metrics.ts';
import { openTestBrain, type TestBrain } from '../support/brain.ts';
import { makeLogLines } from '../support/log-lines.ts';

let brain: TestBrain;
let http: Listening;
let reachable = true;
const status = () => readInboxStatus(reachable ? brain : gone, 5_000);
const gone: Pick<TestBrain, 'call'> = { call: () => Promise.reject(new Error('connect ECONNREFUSED 127.0.0.1:5432')) };
const metrics = makeMetrics(status);
const { log, lines } = makeLogLines();

beforeAll(async () => {
  brain = await openTestBrain('embedded');
  const ids = { action: null, installation_id: null, repository_id: null };
  await openStore(brain).save({ app_id: 1, guid: 'a', event: 'push', ...ids, payload: '{}' }, 5_000);
  http = await listen(
    { host: '127.0.0.1', port: 0 },
    { handlers: [makeHealth({ status, metrics, log })], onError: () => {} },
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
});

describe('/metrics', () => {
  it('counts what happened and reads the queues at the moment of the scrape', async () => {
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
    ];
    expect(text.split('\n')).toEqual(expect.arrayContaining(expected));
    expect(text).toMatch(/^codered_oldest_pending_seconds \d/m);
    expect(text).toMatch(/^process_resident_memory_bytes /m);
  });

  it('shows no stale queue while the database is gone', async () => {
    reachable = false;
    const { text } = await get('/metrics');
    expect(text).toMatch(/^codered_database_up 0$/m);
    expect(text).not.toMatch(/^codered_queue_length\{/m);
    reachable = true;
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
