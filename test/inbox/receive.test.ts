import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { connect } from 'node:net';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type Listening, listen } from '../../src/http/listen.ts';
import { makeReceive, type ReceiveOutcome, WEBHOOK_PATH } from '../../src/inbox/receive.ts';
import { openStore } from '../../src/inbox/store.ts';
import { openTestBrain, ruleBackend, type TestBrain } from '../support/brain.ts';
import { deliver, deliveryHeaders, signatureOf, webhookSecret } from '../support/delivery.ts';
import { makeLogLines } from '../support/log-lines.ts';

const previousSecret = 'the secret before that one';
const body = JSON.stringify({ action: 'created', installation: { id: 2 }, repository: { id: 3 }, text: 'ünï' });

/** So many levels of JSON, with brackets in its texts that are none. */
const nested = (levels: number) =>
  `{"a[\\"{":"${'['.repeat(9_000)}","b":${'['.repeat(levels - 1)}${']'.repeat(levels - 1)}}`;

let brain: TestBrain;
let http: Listening;
let outcomes: ReceiveOutcome[] = [];
let wakes = 0;
const { log } = makeLogLines();

beforeAll(async () => {
  brain = await openTestBrain(ruleBackend);
  const receive = makeReceive({
    appId: 1,
    secrets: [webhookSecret, previousSecret],
    store: openStore(brain),
    log,
    observe: (outcome) => outcomes.push(outcome),
    onStored: () => {
      wakes += 1;
    },
    bodyBytes: 100_000,
    bodyBytesInFlight: 250_000,
  });
  http = await listen({ host: '127.0.0.1', port: 0 }, { handlers: [receive], onError: () => {} });
});
afterAll(async () => {
  await http.close(1_000);
  await brain.close();
});
beforeEach(() => {
  outcomes = [];
  wakes = 0;
});
afterEach(() => brain.script('delete from codered.webhook_deliveries'));

async function rowCount(): Promise<number> {
  const [row] = await brain.sql('select count(*) as rows from codered.webhook_deliveries');
  return Number(row?.rows);
}

/** Sends bytes as they are and resolves to everything that comes back until the server hangs up. */
function speak(bytes: readonly (string | Uint8Array)[], url: string = http.url): Promise<string> {
  const { hostname, port } = new URL(url);
  return new Promise((resolve, reject) => {
    const socket = connect(Number(port), hostname);
    let heard = '';
    socket.on('data', (chunk) => {
      heard += chunk.toString();
    });
    socket.on('close', () => resolve(heard));
    socket.on('error', reject);
    for (const chunk of bytes) socket.write(chunk);
  });
}

function head(headers: Readonly<Record<string, string>>): string {
  const lines = Object.entries({ host: 'codered', ...headers }).map(([name, text]) => `${name}: ${text}`);
  return `POST ${WEBHOOK_PATH} HTTP/1.1\r\n${lines.join('\r\n')}\r\n\r\n`;
}

describe('a delivery that is let in', () => {
  it('may have as many levels as anything needs', async () => {
    expect(await deliver(http.url, { event: 'push', body: nested(1_000) })).toMatchObject({ status: 202 });
  });

  it('is answered 202 and stands in the inbox as it came', async () => {
    const guid = randomUUID();
    const { status, body: answer } = await deliver(http.url, { event: 'check_run', guid, body });
    expect({ status, answer }).toEqual({ status: 202, answer: { delivery: guid, outcome: 'stored' } });
    const rows = await brain.sql(
      'select app_id, guid, event, action, installation_id, repository_id, payload, status from codered.webhook_deliveries',
    );
    expect(rows).toEqual([
      {
        app_id: '1',
        guid,
        event: 'check_run',
        action: 'created',
        installation_id: '2',
        repository_id: '3',
        payload: body,
        status: 'pending',
      },
    ]);
    expect({ outcomes, wakes }).toEqual({ outcomes: ['stored'], wakes: 1 });
  });

  it('is answered 202 again while it is not done, and 200 without a change when it is', async () => {
    const guid = randomUUID();
    await deliver(http.url, { guid, body });
    const again = await deliver(http.url, { guid, body });
    expect([again.status, again.body]).toEqual([202, { delivery: guid, outcome: 'requeued' }]);
    await brain.script(`update codered.webhook_deliveries set status = 'done'`);
    const done = await deliver(http.url, { guid, body });
    expect([done.status, done.body]).toEqual([200, { delivery: guid, outcome: 'known' }]);
    expect({ rows: await rowCount(), outcomes, wakes }).toEqual({
      rows: 1,
      outcomes: ['stored', 'requeued', 'known'],
      wakes: 2,
    });
  });

  it('may be a ping, or an event that nobody has heard of, like any other', async () => {
    for (const event of ['ping', 'an_event_of_the_future']) {
      expect((await deliver(http.url, { event, body: '{"zen":"Keep it logically awesome."}' })).status).toBe(202);
    }
    const rows = await brain.sql(
      'select event, action, installation_id from codered.webhook_deliveries order by event',
    );
    expect(rows).toEqual([
      { event: 'an_event_of_the_future', action: null, installation_id: null },
      { event: 'ping', action: null, installation_id: null },
    ]);
  });

  it('may be signed with the previous secret as well', async () => {
    expect((await deliver(http.url, { body, secret: previousSecret })).status).toBe(202);
  });

  it('may come in pieces and without its length', async () => {
    const headers = { ...deliveryHeaders({ body }), 'transfer-encoding': 'chunked', connection: 'close' };
    const pieces = [body.slice(0, 7), body.slice(7)].map((piece) => {
      return `${Buffer.byteLength(piece).toString(16)}\r\n${piece}\r\n`;
    });
    expect(await speak([head(headers), ...pieces, '0\r\n\r\n'])).toMatch(/^HTTP\/1.1 202 /);
  });

  it('has columns of its own only where the payload holds what belongs there', async () => {
    const odd = JSON.stringify({ action: 7, installation: { id: '2' }, repository: [] });
    expect((await deliver(http.url, { body: odd })).status).toBe(202);
    const rows = await brain.sql('select action, installation_id, repository_id from codered.webhook_deliveries');
    expect(rows).toEqual([{ action: null, installation_id: null, repository_id: null }]);
  });
});

describe('a delivery that is not let in leaves no row and', () => {
  const notUtf8 = new Uint8Array([...Buffer.from('{"a":"'), 0xff, 0xfe, ...Buffer.from('"}')]);

  it.each<[string, Parameters<typeof deliver>[1], number, RegExp]>([
    ['a wrong secret', { body, secret: 'a secret of somebody else' }, 401, /does not match/],
    ['a changed body', { body, headers: { 'x-hub-signature-256': signatureOf(`${body} `) } }, 401, /does not match/],
    ['no signature', { body, headers: { 'x-hub-signature-256': undefined } }, 401, /is missing/],
    ['a signature cut short', { body, headers: { 'x-hub-signature-256': 'sha256=00' } }, 401, /does not match/],
    [
      'the old SHA-1 signature',
      { body, headers: { 'x-hub-signature-256': `sha1=${'0'.repeat(40)}` } },
      401,
      /not match/,
    ],
    ['no event', { body, headers: { 'x-github-event': undefined } }, 400, /X-GitHub-Event/],
    ['an event that is no name', { body, event: 'Robert"); drop' }, 400, /X-GitHub-Event/],
    ['no delivery id', { body, headers: { 'x-github-delivery': undefined } }, 400, /X-GitHub-Delivery/],
    ['a delivery id of 101 characters', { body, guid: 'a'.repeat(101) }, 400, /X-GitHub-Delivery/],
    [
      'a form as its body',
      { body, headers: { 'content-type': 'application/x-www-form-urlencoded' } },
      400,
      /content type/,
    ],
    ['a body that is not JSON', { body: 'payload=%7B%7D' }, 400, /not a JSON object/],
    ['no body', { body: '' }, 400, /not a JSON object/],
    ['a list as its body', { body: '[]' }, 400, /not a JSON object/],
    ['null as its body', { body: 'null' }, 400, /not a JSON object/],
    ['JSON of too many levels', { body: nested(1_001) }, 400, /nested more deeply/],
    ['a body that is not UTF-8', { body: notUtf8 }, 400, /not a JSON object in UTF-8/],
    ['a body over the limit', { body: JSON.stringify({ a: 'x'.repeat(100_000) }) }, 413, /larger than 100000 bytes/],
  ])('with %s', async (_, delivery, status, error) => {
    const sent = await deliver(http.url, delivery);
    expect(sent.status).toBe(status);
    expect(sent.body).toEqual({ error: expect.stringMatching(error) });
    expect({ rows: await rowCount(), wakes }).toEqual({ rows: 0, wakes: 0 });
    expect(outcomes).toEqual([{ 400: 'malformed', 401: 'bad signature', 413: 'too large' }[status]]);
  });

  it('is answered 401 for a body that is not UTF-8 and wrongly signed: nothing is read before the signature', async () => {
    expect((await deliver(http.url, { body: notUtf8, secret: 'a secret of somebody else' })).status).toBe(401);
  });

  it('with GET is told that webhooks are sent with POST', async () => {
    const response = await fetch(`${http.url}${WEBHOOK_PATH}`);
    expect([response.status, response.headers.get('allow')]).toEqual([405, 'POST']);
  });
});

describe('a body that is too large', () => {
  it('is refused by its announced length before it is sent, and the connection is closed', async () => {
    const headers = { ...deliveryHeaders({ body }), 'content-length': '100001' };
    const heard = await speak([head(headers)]);
    expect(heard).toMatch(/^HTTP\/1.1 413 /);
    expect(heard.toLowerCase()).toContain('connection: close');
  });

  it('is refused while it comes when it does not announce its length, and the sender still gets the answer', async () => {
    const headers = { ...deliveryHeaders({ body }), 'transfer-encoding': 'chunked' };
    const megabyte = `100000\r\n${'x'.repeat(0x100000)}\r\n`;
    expect(await speak([head(headers), ...Array<string>(10).fill(megabyte), '0\r\n\r\n'])).toMatch(/^HTTP\/1.1 413 /);
  });
});

describe('memory for bodies', () => {
  it('is taken back from the slowest when it is full: who drips is told to come back', async () => {
    const announced = { ...deliveryHeaders({ body }), 'content-length': '90000' };
    const slow = [1, 2, 3].map(() => speak([`${head(announced)}${'x'.repeat(82_000)}`]));
    // They have to have sent what they will, and to have been silent since.
    await new Promise((resolve) => setTimeout(resolve, 700));
    for (let times = 0; times < 10; times += 1) {
      expect((await deliver(http.url, { body: JSON.stringify({ a: 'x'.repeat(80_000) }) })).status).toBe(202);
    }
    expect(await Promise.race(slow)).toMatch(/^HTTP\/1.1 503 .*retry-after: 10\r\n/is);
  });

  it('is not taken by what is announced and never sent', async () => {
    const announced = { ...deliveryHeaders({ body }), 'content-length': '100000' };
    const { hostname, port } = new URL(http.url);
    const silent = Array.from({ length: 10 }, () => connect(Number(port), hostname));
    for (const socket of silent) socket.write(head(announced));
    await new Promise((resolve) => setTimeout(resolve, 100));
    expect((await deliver(http.url, { body: JSON.stringify({ a: 'x'.repeat(80_000) }) })).status).toBe(202);
    for (const socket of silent) socket.destroy();
  });
});

describe('a body that comes too slowly', () => {
  it('is told so and cut off, and one that comes in pieces is not', async () => {
    const listening = await listen(
      { host: '127.0.0.1', port: 0 },
      {
        handlers: [
          makeReceive({
            appId: 1,
            secrets: [webhookSecret],
            store: openStore(brain),
            log,
            observe: (outcome) => outcomes.push(outcome),
            onStored: () => {},
            pace: { everyMs: 300, bytesPerSecond: 10 },
          }),
        ],
        onError: () => {},
      },
    );
    try {
      const headers = { ...deliveryHeaders({ body }), 'content-length': String(Buffer.byteLength(body)) };
      expect(await speak([head(headers), '{'], listening.url)).toMatch(/^HTTP\/1.1 408 /);
      expect(outcomes).toEqual(['too slow']);
      const { hostname, port } = new URL(listening.url);
      const socket = connect(Number(port), hostname);
      socket.write(head(headers));
      const half = Math.floor(body.length / 2);
      socket.write(body.slice(0, half));
      await new Promise((resolve) => setTimeout(resolve, 100));
      socket.write(body.slice(half));
      const [answer] = await once(socket, 'data');
      expect(String(answer)).toMatch(/^HTTP\/1.1 202 /);
      socket.destroy();
    } finally {
      await listening.close(1_000);
    }
  });
});

describe('a body of many pieces of one byte', () => {
  it('takes no more memory than its bytes, and is read as it was sent', async () => {
    const text = JSON.stringify({ a: 'ü'.repeat(20_000) });
    const headers = { ...deliveryHeaders({ body: text }), 'transfer-encoding': 'chunked', connection: 'close' };
    const pieces = [...Buffer.from(text)].map((byte) => Buffer.from([0x31, 13, 10, byte, 13, 10]));
    expect(await speak([head(headers), Buffer.concat(pieces), '0\r\n\r\n'])).toMatch(/^HTTP\/1.1 202 /);
    expect(await brain.sql('select payload from codered.webhook_deliveries')).toEqual([{ payload: text }]);
  });
});

describe('a signature that no body could have', () => {
  it('is refused before the body is read', async () => {
    const headers = { ...deliveryHeaders({ body }), 'x-hub-signature-256': 'sha256=abc', 'content-length': '90000' };
    expect(await speak([head(headers)])).toMatch(/^HTTP\/1.1 401 /);
  });
});
