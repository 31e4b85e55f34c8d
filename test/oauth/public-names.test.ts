// Names of strangers' hosts, asked for at a name server of a stranger.
import { createSocket, type Socket } from 'node:dgram';
import { lookup } from 'node:dns/promises';
import { once } from 'node:events';
import { afterEach, expect, it } from 'vitest';
import { makePublicNames } from '../../src/oauth/public-names.ts';

let socket: Socket | null = null;
afterEach(() => {
  socket?.close();
  socket = null;
});

/** A name server that says of every name that it has the IPv4 address 203.0.113.7, or says nothing. */
async function namesAt(isSilent: boolean) {
  const server = createSocket('udp4', (asked, from) => {
    if (isSilent) return;
    const end = asked.indexOf(0, 12) + 5;
    const isA = asked.readUInt16BE(end - 4) === 1;
    // https://www.rfc-editor.org/rfc/rfc1035#section-4.1
    const head = Buffer.from([asked[0] ?? 0, asked[1] ?? 0, 0x81, 0x80, 0, 1, 0, isA ? 1 : 0, 0, 0, 0, 0]);
    const answer = Buffer.from([0xc0, 12, 0, 1, 0, 1, 0, 0, 0, 60, 0, 4, 203, 0, 113, 7]);
    server.send(Buffer.concat([head, asked.subarray(12, end), ...(isA ? [answer] : [])]), from.port, from.address);
  });
  socket = server;
  server.bind(0, '127.0.0.1');
  await once(server, 'listening');
  return makePublicNames([`127.0.0.1:${server.address().port}`]);
}

it('gives what name servers say, and an address as itself', async () => {
  const addressesOf = await namesAt(false);
  const { signal } = new AbortController();
  expect(await addressesOf('app.example.com', signal)).toEqual([{ address: '203.0.113.7', family: 4 }]);
  expect(await addressesOf('2001:db8::1', signal)).toEqual([{ address: '2001:db8::1', family: 6 }]);
});

it('has nobody wait for name servers that say nothing', async () => {
  const addressesOf = await namesAt(true);
  const waiting = new AbortController();
  const ended: string[] = [];
  const silent = Array.from({ length: 20 }, async (_, n) => {
    expect(await addressesOf(`a${n}.example.com`, waiting.signal)).toEqual([]);
    ended.push('silent');
  });
  await lookup('127.0.0.1');
  await lookup('localhost');
  ended.push('another');
  waiting.abort();
  await Promise.all(silent);
  expect(ended[0]).toBe('another');
});
