// Strangers at the sockets of the server: idle, pipelining, deaf, with heads that never end.
import { once } from 'node:events';
import type { ServerResponse } from 'node:http';
import { connect, type Socket } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { STAYS } from '../../src/http/connections.ts';
import { type Handler, type ListenDeps, type Listening, listen } from '../../src/http/listen.ts';

const anyPort = { host: '127.0.0.1', port: 0 };
let http: Listening;
let sockets: Socket[] = [];
let answered = 0;
const hello: Handler = async (request, response) => {
  for await (const _ of request);
  answered += 1;
  response.end('hello');
  return true;
};
afterEach(async () => {
  for (const socket of sockets) socket.destroy();
  sockets = [];
  answered = 0;
  await http.close(1_000);
});

async function start(limits: ListenDeps['limits'], handler: Handler = hello): Promise<void> {
  http = await listen(anyPort, { handlers: [handler], onError: () => {}, limits });
}

/** A socket that is there, and what it has heard; `isGone` once the server hung up. */
async function open(said = ''): Promise<{ socket: Socket; heard: () => string; isGone: () => boolean }> {
  const { hostname, port } = new URL(http.url);
  const socket = connect(Number(port), hostname);
  sockets.push(socket);
  let heard = '';
  socket.on('data', (chunk) => {
    heard += chunk.toString();
  });
  socket.on('error', () => {});
  await once(socket, 'connect');
  if (said !== '') socket.write(said);
  return { socket, heard: () => heard, isGone: () => socket.closed };
}

const POST = 'POST / HTTP/1.1\r\nhost: codered\r\ncontent-length: 5\r\n\r\n';
const answersOf = (heard: string) => heard.split('HTTP/1.1 200').length - 1;

describe('too many sockets', () => {
  it('that say nothing keep nobody out: the one that was silent longest goes', async () => {
    await start({ connections: 20 });
    const first = await open();
    for (let index = 0; index < 60; index += 1) await open();
    expect(await (await fetch(http.url)).text()).toBe('hello');
    await expect.poll(first.isGone).toBe(true);
    expect(sockets.filter((socket) => !socket.closed).length).toBeLessThanOrEqual(20);
  });

  it('that owe the rest of a body hold it neither, nor do those that were answered once', async () => {
    await start({ connections: 20 });
    for (let index = 0; index < 40; index += 1)
      await open(index % 2 === 0 ? POST : 'GET / HTTP/1.1\r\nhost: c\r\n\r\n');
    for (let index = 0; index < 20; index += 1) await open(`${POST}x`);
    for (let times = 0; times < 5; times += 1) expect(await (await fetch(http.url)).text()).toBe('hello');
  });

  it('that do not read their answers hold it neither', async () => {
    await start({ connections: 20 }, async (request, response) => {
      for await (const _ of request);
      response.end(request.url === '/large' ? 'x'.repeat(20_000_000) : 'hello');
      return true;
    });
    for (let index = 0; index < 30; index += 1) {
      const { socket } = await open();
      socket.pause();
      socket.write('GET /large HTTP/1.1\r\nhost: codered\r\n\r\n');
    }
    for (let times = 0; times < 5; times += 1) expect(await (await fetch(http.url)).text()).toBe('hello');
  });

  it('leave alone what brought something in, and what is being worked on', async () => {
    const gate = Promise.withResolvers<void>();
    const arrived = Promise.withResolvers<void>();
    await start({ connections: 20 }, async (request, response) => {
      for await (const _ of request);
      if (request.url === '/slow') {
        arrived.resolve();
        await gate.promise;
      }
      response.end('hello');
      return true;
    });
    const known = await open(`${POST}hello`);
    await expect.poll(() => answersOf(known.heard())).toBe(1);
    const worked = await open('GET /slow HTTP/1.1\r\nhost: codered\r\n\r\n');
    await arrived.promise;
    for (let index = 0; index < 60; index += 1) await open();
    known.socket.write(`${POST}again`);
    await expect.poll(() => answersOf(known.heard())).toBe(2);
    gate.resolve();
    await expect.poll(() => answersOf(worked.heard())).toBe(1);
  });
});

describe('the time-outs that are stated', () => {
  it('are the real ones: for a socket without a request, for a head and for a request', async () => {
    await start({ headMs: 200, requestMs: 400 });
    const silent = await open();
    const head = await open('GET / HTTP/1.1\r\nx: ');
    const body = await open(`${POST}x`);
    await expect
      .poll(() => [silent, head, body].map(({ isGone }) => isGone()), { timeout: 120_000 })
      .toEqual([true, true, true]);
    expect(head.heard()).toMatch(/^HTTP\/1.1 408 /);
    expect(answered).toBe(0);
  });

  it('are looked at every second', async () => {
    await start({});
    // Node's own number is 30 s, with which 10 s for a head are up to 40.
    expect(http.timeouts).toEqual({ headMs: 10_000, requestMs: 30_000, lookMs: 1_000 });
  });
});

describe('requests that are sent ahead', () => {
  const ahead = (count: number) => 'GET / HTTP/1.1\r\nhost: codered\r\n\r\n'.repeat(count);

  it('are worked on one after the other', async () => {
    let underWay = 0;
    let most = 0;
    await start({}, async (_, response) => {
      underWay += 1;
      most = Math.max(most, underWay);
      await new Promise((resolve) => setTimeout(resolve, 5));
      underWay -= 1;
      response.end('hello');
      return true;
    });
    const { heard } = await open(ahead(10));
    await expect.poll(() => answersOf(heard())).toBe(10);
    expect(most).toBe(1);
  });

  it('are too many at once: the socket is closed', async () => {
    const gate = Promise.withResolvers<void>();
    let begun = 0;
    await start({}, async (_, response) => {
      begun += 1;
      await gate.promise;
      response.end('hello');
      return true;
    });
    const { isGone } = await open(ahead(1_000));
    await expect.poll(isGone).toBe(true);
    expect(begun).toBeLessThanOrEqual(1);
    gate.resolve();
  });
});

describe('a client that does not read its answer', () => {
  it('is cut off', async () => {
    const ended = Promise.withResolvers<boolean>();
    await start({ unreadMs: 200 }, async (_, response) => {
      response.end('x'.repeat(50_000_000));
      response.once('close', () => ended.resolve(response.writableFinished));
      return true;
    });
    const { socket } = await open();
    socket.pause();
    socket.write('GET / HTTP/1.1\r\nhost: codered\r\n\r\n');
    expect(await ended.promise).toBe(false);
  });
});

describe('a head', () => {
  it('has no more than 16 KB and a hundred headers', async () => {
    await start({});
    const headers = (count: number, text: string) =>
      Array.from({ length: count }, (_, index) => `x-${index}: ${text}\r\n`).join('');
    const long = await open(`GET / HTTP/1.1\r\nhost: codered\r\n${headers(20, 'x'.repeat(1_000))}\r\n`);
    const many = await open(`GET / HTTP/1.1\r\nhost: codered\r\n${headers(300, 'x')}\r\n`);
    const enough = await open(`GET / HTTP/1.1\r\nhost: codered\r\n${headers(99, 'x')}\r\n`);
    for (const { heard } of [long, many]) await expect.poll(heard).toMatch(/^HTTP\/1.1 431 /);
    await expect.poll(() => answersOf(enough.heard())).toBe(1);
    expect(answered).toBe(1);
  });
});

describe('answers that stay open', () => {
  it('take nobody’s place, however many there are', async () => {
    const opened: ServerResponse[] = [];
    await start({ connections: 5 }, async (request, response) => {
      if (request.url !== '/stays') {
        response.end('hello');
        return true;
      }
      response.emit(STAYS);
      response.writeHead(200).write('open');
      opened.push(response);
      await once(response, 'close');
      return true;
    });
    const streams: Awaited<ReturnType<typeof open>>[] = [];
    for (let index = 0; index < 20; index += 1) streams.push(await open('GET /stays HTTP/1.1\r\nhost: c\r\n\r\n'));
    await expect.poll(() => opened.length).toBe(20);
    // Strangers who hold the places that are left put none of them out, nor does one of them put out who asks in earnest.
    for (let index = 0; index < 20; index += 1) await open();
    expect(await (await fetch(http.url)).text()).toBe('hello');
    expect(streams.filter(({ isGone }) => isGone())).toEqual([]);
    for (const response of opened) response.end();
    await expect.poll(() => streams.every(({ heard }) => heard().includes('open'))).toBe(true);
  });
});
