// Servers that mean a worker ill: one that hands out work, and one with a model.

import { afterEach, expect, test } from 'vitest';
import { makeModelAgent } from '../../src/work/model-agent.ts';
import { openWorkApi } from '../../src/work/work-api.ts';
import { openChatServer } from '../support/chat-server.ts';

const PACKET = { work_id: 'w', kind: 'job' as const, type: 'qa', claim: 1, lease_seconds: 30, result_schema: {} };
const PATIENCE = { forMs: 0, stop: new AbortController().signal };

const opened: { close: () => Promise<void> }[] = [];
afterEach(async () => {
  for (const one of opened.splice(0)) await one.close();
});

async function claimOf(work: readonly object[]) {
  const server = await openChatServer([{ json: { work } }]);
  opened.push(server);
  const claim = { worker: 'test', types: [], projectId: null, batch: 2, leaseSeconds: 30 };
  return openWorkApi({ url: server.url, token: 'crd_x' }).claim(claim, PATIENCE);
}

test('a server that hands out more than was asked for has nothing started', async () => {
  expect(await claimOf([PACKET, PACKET])).toHaveLength(2);
  await expect(claimOf(Array.from({ length: 3 }, () => PACKET))).rejects.toThrow('answers as no CodeRed');
});

test.each([-1, 0, 1e9])('a lease of %d seconds is none', async (lease_seconds) => {
  await expect(claimOf([{ ...PACKET, lease_seconds }])).rejects.toThrow('answers as no CodeRed');
});

test("a model's server that refuses in words nested thousands deep ends no worker", async () => {
  const deep = `${'['.repeat(100_000)}${']'.repeat(100_000)}`;
  const server = await openChatServer([{ status: 400, text: deep }]);
  opened.push(server);
  const agent = makeModelAgent({ url: server.url, key: null, model: 'm', timeoutMs: 30_000 });
  const given = { problems: [], stop: PATIENCE.stop, onProgress: () => {}, onLine: () => {} };
  expect(await agent(PACKET, given)).toMatchObject({ kind: 'failed', error: expect.stringContaining('(400)') });
});
