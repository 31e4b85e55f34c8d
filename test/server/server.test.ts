import { randomUUID } from 'node:crypto';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { hashOfToken } from '../../src/brain/tokens.ts';
import { type Config, readConfig } from '../../src/config/settings.ts';
import { openStore } from '../../src/inbox/store.ts';
import { Misconfigured } from '../../src/model/errors.ts';
import { startCodeRed } from '../../src/server/server.ts';
import { openTestBrain, ruleBackend, type TestBrain } from '../support/brain.ts';
import { deliver } from '../support/delivery.ts';
import { makeLogLines } from '../support/log-lines.ts';
import { makeOrg, makeProject, signUp } from '../support/people.ts';
import { openStream } from '../support/read-stream.ts';
import { completeEnvironment } from '../support/settings.ts';

const config: Config = { ...readConfig(completeEnvironment), host: '127.0.0.1', port: 0 };
let brain: TestBrain;
beforeAll(async () => {
  brain = await openTestBrain(ruleBackend);
});
afterAll(() => brain.close());

async function standing(guid: string) {
  const sql = 'select status, last_error from codered.webhook_deliveries where guid = $1';
  return (await brain.sql(sql, [guid]))[0];
}

describe('a running CodeRed', () => {
  it('takes a delivery through the receiver and works on it at once', async () => {
    const { log, lines } = makeLogLines();
    const codeRed = await startCodeRed(config, { log, brain, pollMs: 60_000 });
    try {
      const sent = await deliver(codeRed.url, {
        event: 'ping',
        guid: 'through-the-receiver',
        body: '{"zen":"Mind your words."}',
      });
      expect(sent.status).toBe(202);
      await codeRed.idle(20_000);
      expect(await standing('through-the-receiver')).toMatchObject({ status: 'ignored' });
      const metrics = await (await fetch(`${codeRed.url}/metrics`)).text();
      expect(metrics).toContain('codered_deliveries_processed_total{outcome="processed"} 1');
      expect((await fetch(`${codeRed.url}/readyz`)).status).toBe(200);
      expect((await fetch(`${codeRed.url}/mcp`, { method: 'POST' })).status).toBe(401);
      expect((await fetch(`${codeRed.url}/api/github/webhooks/`, { method: 'POST' })).status).not.toBe(202);
    } finally {
      await codeRed.close();
    }
    expect(lines.filter(({ level }) => level >= 50)).toEqual([]);
    await expect(fetch(`${codeRed.url}/healthz`)).rejects.toThrow();
    await codeRed.close();
  });

  it('serves its metrics apart where the settings say so, and nowhere else then', async () => {
    const { log, lines } = makeLogLines();
    const metricsAddress = { host: '127.0.0.1', port: 0 };
    const codeRed = await startCodeRed({ ...config, metricsAddress }, { log, brain });
    const url = String(lines.find(({ msg }) => msg === 'metrics are served apart')?.metrics);
    try {
      expect(await (await fetch(url)).text()).toContain('codered_database_up 1');
      expect((await fetch(`${codeRed.url}/metrics`)).status).toBe(404);
      expect((await fetch(`${codeRed.url}/readyz`)).status).toBe(200);
      expect((await fetch(new URL('/readyz', url))).status).toBe(404);
    } finally {
      await codeRed.close();
    }
    await expect(fetch(url)).rejects.toThrow();
  });

  it('tells a stream what happens, and ends it when it stops, which waits for none', async () => {
    const { log, lines } = makeLogLines();
    const codeRed = await startCodeRed(config, { log, brain, workHere: true });
    const person = await signUp(brain);
    const project = await makeProject(brain, { org: await makeOrg(brain, { [person]: 'member' }) });
    const token = `crd_${randomUUID()}`;
    const expires_at = new Date(Date.now() + 86_400_000).toISOString();
    await brain.call('create_token', {
      ...{ user_id: person, name: 'stream', scope: 'read', expires_at },
      token_hash: hashOfToken(token),
    });
    const stream = await openStream(`${codeRed.url}/api/v1/projects/${project}/events/stream?last_event_id=0`, token);
    if (stream.problem !== null) throw new Error(stream.problem.detail);
    expect((await stream.next())?.data).toMatchObject({ event_type: 'project.created' });
    const last = stream.next();
    // Sockets that are waited for take LIMITS.stopMs, and are cut off then.
    await codeRed.close();
    expect(await last).toBeNull();
    expect(stream.seen.retry).toBeGreaterThan(0);
    expect(lines.filter(({ level }) => level >= 50)).toEqual([]);
  });

  it('names METRICS_PORT when it is that one which is taken', async () => {
    const { log } = makeLogLines();
    const first = await startCodeRed(config, { log, brain });
    const metricsAddress = { host: '127.0.0.1', port: Number(new URL(first.url).port) };
    const second = startCodeRed({ ...config, metricsAddress }, { log, brain });
    await expect(second).rejects.toThrow(/^The address 127\.0\.0\.1:\d+ is taken; choose another METRICS_PORT$/);
    await first.close();
  });

  it.each(['PORT', 'METRICS_PORT'])('has not begun a database when %s is taken', async (setting) => {
    const { log } = makeLogLines();
    const first = await startCodeRed(config, { log, brain });
    const folder = mkdtempSync(join(tmpdir(), 'codered-taken-'));
    const address = { host: '127.0.0.1', port: Number(new URL(first.url).port) };
    const taken = setting === 'PORT' ? address : { metricsAddress: address };
    const directory = join(folder, 'data');
    const second = startCodeRed({ ...config, ...taken, brain: { kind: 'embedded', directory } }, { log });
    await expect(second).rejects.toThrow(`is taken; choose another ${setting}`);
    expect(readdirSync(folder)).toEqual([]);
    rmSync(folder, { recursive: true });
    await first.close();
  });

  it('takes webhooks at the one path, under its limits, whatever else leads there', async () => {
    const codeRed = await startCodeRed(config, { log: makeLogLines().log, brain });
    const { hostname, port } = new URL(codeRed.url);
    try {
      for (const path of ['/api/github/./webhooks', '/api/x/../github/webhooks', '/api/github/webhooks/']) {
        const heard = await new Promise<string>((resolve) => {
          const socket = connect(Number(port), hostname, () => {
            socket.write(`POST ${path} HTTP/1.1\r\nhost: codered\r\ncontent-length: 30000000\r\n\r\n`);
          });
          socket.once('data', (chunk) => {
            resolve(chunk.toString());
            socket.destroy();
          });
        });
        expect(heard).toMatch(/^HTTP\/1.1 404 /);
      }
    } finally {
      await codeRed.close();
    }
  });

  it('takes up what an earlier process left in the inbox', async () => {
    const ids = { action: null, installation_id: null, repository_id: null };
    await openStore(brain).save({ app_id: 4711, guid: 'left-behind', event: 'star', ...ids, payload: '{}' }, 5_000);
    const codeRed = await startCodeRed(config, { log: makeLogLines().log, brain });
    await codeRed.idle(20_000);
    await codeRed.close();
    expect(await standing('left-behind')).toMatchObject({ status: 'ignored' });
  });

  it('buries a payload that misses what we need, with the field named, and goes on', async () => {
    const codeRed = await startCodeRed(config, { log: makeLogLines().log, brain });
    try {
      const body = '{"action":"completed","workflow_run":{}}';
      expect((await deliver(codeRed.url, { event: 'workflow_run', guid: 'misses-all', body })).status).toBe(202);
      expect((await deliver(codeRed.url, { event: 'ping', guid: 'after-it', body: '{}' })).status).toBe(202);
      await codeRed.idle(20_000);
    } finally {
      await codeRed.close();
    }
    expect(await standing('misses-all')).toEqual({
      status: 'dead',
      last_error: expect.stringMatching(/workflow_run|repository/),
    });
    expect(await standing('after-it')).toMatchObject({ status: 'ignored' });
  });

  it('says what is left when it does not become idle', async () => {
    const codeRed = await startCodeRed(config, { log: makeLogLines().log, brain });
    await brain.script(`insert into codered.webhook_deliveries (app_id, guid, event, payload, status, available_at)
      values (1, 'waits', 'push', '{}', 'failed', now() + interval '1 hour')`);
    await expect(codeRed.idle(300)).rejects.toThrow('There is still work after 300 ms: failed 1');
    await codeRed.close();
    await brain.script(`delete from codered.webhook_deliveries where guid = 'waits'`);
  });

  it('lets go of everything when it can not start', async () => {
    const { log } = makeLogLines();
    const first = await startCodeRed(config, { log, brain });
    const port = Number(new URL(first.url).port);
    await expect(startCodeRed({ ...config, port }, { log, brain })).rejects.toThrow(Misconfigured);
    await first.close();
    // Nothing of the second one claims any more.
    const ids = { action: null, installation_id: null, repository_id: null };
    await openStore(brain).save({ app_id: 1, guid: 'nobody', event: 'star', ...ids, payload: '{}' }, 5_000);
    await new Promise((resolve) => setTimeout(resolve, 400));
    expect(await standing('nobody')).toMatchObject({ status: 'pending' });
  });
});
