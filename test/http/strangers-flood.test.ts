// The whole of CodeRed under strangers: sockets that drip, idle and send ahead, at each path that takes a body, while signed
// deliveries come.
import { connect, type Socket } from 'node:net';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { type Config, readConfig } from '../../src/config/settings.ts';
import { WEBHOOK_PATH } from '../../src/inbox/receive.ts';
import { type CodeRed, startCodeRed } from '../../src/server/server.ts';
import { openTestBrain, ruleBackend, type TestBrain } from '../support/brain.ts';
import { deliver, deliveryHeaders } from '../support/delivery.ts';
import { makeLogLines } from '../support/log-lines.ts';
import { completeEnvironment } from '../support/settings.ts';

const MB = 1024 * 1024;
const SOCKETS = 127;
const config: Config = {
  ...readConfig({
    ...completeEnvironment,
    CODERED_MAIL_KEYS: `mailgun:${'k'.repeat(32)}`,
    CODERED_MAIL_SENDERS: '@example.com',
  }),
  host: '127.0.0.1',
  port: 0,
};
let brain: TestBrain;
let codeRed: CodeRed;
let sockets: Socket[] = [];
beforeAll(async () => {
  brain = await openTestBrain(ruleBackend);
  codeRed = await startCodeRed(config, { log: makeLogLines().log, brain, pollMs: 60_000 });
});
afterEach(() => {
  for (const socket of sockets) socket.destroy();
  sockets = [];
});
afterAll(async () => {
  await codeRed.close();
  await brain.close();
});

/** Keeps a socket open that says this and then drips; another takes its place when it is cut off. */
function hold(said: string): void {
  const { hostname, port } = new URL(codeRed.url);
  const socket = connect(Number(port), hostname);
  sockets.push(socket);
  const dripping = setInterval(() => socket.write('x'), 200);
  socket.write(said);
  socket.resume();
  socket.on('error', () => {});
  socket.once('close', () => {
    clearInterval(dripping);
    if (sockets.includes(socket)) {
      sockets = sockets.filter((other) => other !== socket);
      setTimeout(() => hold(said), 50);
    }
  });
}

function headOf(path: string, headers: Readonly<Record<string, string>>): string {
  const lines = Object.entries({ host: 'codered', ...headers }).map(([name, text]) => `${name}: ${text}\r\n`);
  return `POST ${path} HTTP/1.1\r\n${lines.join('')}\r\n`;
}

const forged = (length: number) =>
  headOf(WEBHOOK_PATH, { ...deliveryHeaders({ body: 'another' }), 'content-length': String(length) });

async function statuses(): Promise<number[]> {
  const found: number[] = [];
  for (let index = 0; index < 20; index += 1) {
    const body = JSON.stringify({ zen: 'x'.repeat(index % 5 === 4 ? 700_000 : 17_000) });
    found.push((await deliver(codeRed.url, { event: 'ping', body })).status);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  return found;
}

describe('signed deliveries are all taken', () => {
  const strangers = [
    ['announce 25 megabytes and drip', `${forged(25 * MB)}${'x'.repeat(1.5 * MB)}`],
    ['announce a megabyte, send most of it and drip', `${forged(MB)}${'x'.repeat(825_500)}`],
    ['announce a megabyte and drip', forged(MB)],
    ['drip a head', `POST ${WEBHOOK_PATH} HTTP/1.1\r\nx-y: `],
    ['say nothing', ''],
  ] as const;
  const hold127 = async (said: string) => {
    for (let index = 0; index < SOCKETS; index += 1) hold(said);
    await new Promise((resolve) => setTimeout(resolve, 700));
    expect(new Set(await statuses())).toEqual(new Set([202]));
  };
  it.each(strangers.slice(0, 1))(`while ${SOCKETS} sockets %s`, (_, said) => hold127(said));
  it.each(strangers.slice(1))(`while ${SOCKETS} sockets %s`, { tags: ['slow'] }, (_, said) => hold127(said));

  it('while more sockets than are let in say nothing', async () => {
    for (let index = 0; index < 2_300; index += 1) {
      const { hostname, port } = new URL(codeRed.url);
      const socket = connect(Number(port), hostname);
      socket.on('error', () => {});
      sockets.push(socket);
      if (index % 100 === 0) await new Promise((resolve) => setTimeout(resolve, 5));
    }
    expect(new Set(await statuses())).toEqual(new Set([202]));
  });
});

describe('the route for mails', () => {
  it('answers while strangers drip at it', async () => {
    const head = headOf('/api/v1/specs/email', {
      'content-type': 'application/json',
      'content-length': String(5 * MB),
    });
    for (let index = 0; index < 40; index += 1) hold(`${head}${'x'.repeat(900_000)}`);
    await new Promise((resolve) => setTimeout(resolve, 700));
    for (let times = 0; times < 10; times += 1) {
      const headers = { 'content-type': 'application/x-www-form-urlencoded' };
      const body = `timestamp=1&token=t&signature=${'0'.repeat(64)}&body-plain=${'x'.repeat(300_000)}`;
      const response = await fetch(`${codeRed.url}/api/v1/specs/email`, { method: 'POST', headers, body });
      expect(response.status).toBe(401);
    }
  });
});

describe('behind proxies that are trusted', () => {
  it('one address takes its share of the memory, and no more, whatever it says of itself; GitHub has none to keep to', {
    tags: ['slow'],
  }, async () => {
    const behind = await startCodeRed(
      { ...config, trustedProxies: ['127.0.0.1'], githubHooks: ['192.0.2.0/24'] },
      { log: makeLogLines().log, brain, pollMs: 60_000 },
    );
    try {
      const refused: string[] = [];
      const stuck = (from: string, index: number) => {
        const headers = { ...deliveryHeaders({ body: 'another' }), 'content-length': String(MB) };
        const head = headOf(WEBHOOK_PATH, { ...headers, 'x-forwarded-for': from });
        const { hostname, port } = new URL(behind.url);
        const socket = connect(Number(port), hostname);
        sockets.push(socket);
        socket.on('error', () => {});
        socket.on('data', () => refused.push(`${from} ${index}`));
        socket.write(`${head}${'x'.repeat(500_000)}`);
      };
      for (let index = 0; index < 40; index += 1) stuck(`192.0.2.1, 203.0.113.${index}, 198.51.100.7`, index);
      for (let index = 0; index < 40; index += 1) stuck('192.0.2.7', index);
      stuck('198.51.100.8', 0);
      await expect.poll(() => refused.length).toBe(8);
      expect(refused.every((one) => one.includes('198.51.100.7'))).toBe(true);
      const headers = { 'x-forwarded-for': '203.0.113.9' };
      expect((await deliver(behind.url, { event: 'ping', body: '{"zen":"Anything"}', headers })).status).toBe(202);
      expect(refused.length).toBe(8);
    } finally {
      await behind.close();
    }
  });
});
