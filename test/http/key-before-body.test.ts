// On every route the key comes before the body: who has none is answered though the body never comes.
import { connect } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readConfig } from '../../src/config/settings.ts';
import { type CodeRed, startCodeRed } from '../../src/server/server.ts';
import { openTestBrain, ruleBackend, type TestBrain } from '../support/brain.ts';
import { deliver, deliveryHeaders } from '../support/delivery.ts';
import { AUDIENCE, startTokenIssuer, strangersKey, type TokenIssuer } from '../support/job-tokens.ts';
import { makeLogLines } from '../support/log-lines.ts';
import { completeEnvironment } from '../support/settings.ts';

let brain: TestBrain;
let issuer: TokenIssuer;
let codeRed: CodeRed;
beforeAll(async () => {
  brain = await openTestBrain(ruleBackend);
  issuer = await startTokenIssuer();
  const config = readConfig({
    ...completeEnvironment,
    CODERED_URL: AUDIENCE,
    CODERED_API_KEYS: `planner:${'a'.repeat(64)}`,
    CODERED_MAIL_KEYS: `postmark:${'c'.repeat(64)}`,
    CODERED_MAIL_SENDERS: '@example.com',
    HOST: '127.0.0.1',
    PORT: '0',
  });
  codeRed = await startCodeRed(config, { log: makeLogLines().log, brain, pollMs: 60_000, tokenIssuer: issuer.url });
});
afterAll(async () => {
  await codeRed.close();
  await issuer.close();
  await brain.close();
});

/** Sends a head that announces a body, and resolves to what is answered before any of that. */
function knock(path: string, headers: Readonly<Record<string, string>>): Promise<string> {
  const { hostname, port } = new URL(codeRed.url);
  const all = { host: 'codered', 'content-length': '50000', 'content-type': 'application/json', ...headers };
  const lines = Object.entries(all).map(([name, text]) => `${name}: ${text}\r\n`);
  return new Promise((resolve, reject) => {
    const socket = connect(Number(port), hostname, () => {
      socket.write(`POST ${path} HTTP/1.1\r\n${lines.join('')}\r\n`);
    });
    socket.once('error', reject);
    socket.once('data', (chunk) => {
      socket.destroy();
      resolve(String(chunk).split('\r\n', 1)[0] ?? '');
    });
  });
}

describe('who has no key is answered before the body', () => {
  const bearer = { authorization: 'Bearer wrong' };
  it.each<[string, string, Readonly<Record<string, string>>, number]>([
    ['specs', '/api/v1/specs', bearer, 401],
    ['specs, saying nothing', '/api/v1/specs', {}, 401],
    ['simulations', '/api/v1/gate/simulate', bearer, 401],
    ['evidence', '/api/v1/evidence?name=coverage', bearer, 401],
    ['evidence, with a token of another key', '/api/v1/evidence?name=coverage', { authorization: 'stranger' }, 401],
    ['mails of Postmark', '/api/v1/specs/email', { authorization: 'Basic bWFpbDp3cm9uZw==' }, 401],
    ['mails of Mailgun without a signing key', '/api/v1/specs/email', {}, 401],
    [
      'webhooks without a signature',
      '/api/github/webhooks',
      { 'x-github-event': 'push', 'x-github-delivery': 'a' },
      401,
    ],
    [
      'webhooks with what is no signature',
      '/api/github/webhooks',
      { ...deliveryHeaders({ body: '' }), 'x-hub-signature-256': 'sha1=0' },
      401,
    ],
    ['nothing that is there', '/api/v1/nothing', bearer, 404],
    ['nothing at all', '/elsewhere', bearer, 404],
  ])('at %s', async (_, path, headers, status) => {
    const stranger = issuer.token({ repository_id: '1', run_id: '1' }, {}, strangersKey);
    const said = headers.authorization === 'stranger' ? { authorization: `Bearer ${stranger}` } : headers;
    expect(await knock(path, said)).toMatch(new RegExp(`^HTTP/1.1 ${status} `));
  });

  it('at webhooks a body that is no JSON is a wrong signature first', async () => {
    expect((await deliver(codeRed.url, { body: '{'.repeat(100_000), secret: 'of somebody else' })).status).toBe(401);
  });
});
