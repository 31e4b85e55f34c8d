import { IncomingMessage } from 'node:http';
import { Socket } from 'node:net';
import { describe, expect, it } from 'vitest';
import { among } from '../../src/config/address-ranges.ts';
import { makeAddressOf } from '../../src/http/client-address.ts';

/** A request as Node hands it on; `forwarded` as several headers are joined. */
function requestFrom(remoteAddress: string, forwarded?: string): IncomingMessage {
  const socket = new Socket();
  Object.defineProperty(socket, 'remoteAddress', { value: remoteAddress });
  const request = new IncomingMessage(socket);
  if (forwarded !== undefined) request.headers['x-forwarded-for'] = forwarded;
  return request;
}

const addressOf = makeAddressOf(['127.0.0.1', '10.0.0.0/8', '::1', 'fd00::/8'], among(['192.30.252.0/22']));

describe('whose share a request takes', () => {
  it.each([
    ['nobody is in front', '203.0.113.7', undefined, '203.0.113.7'],
    ['somebody who is no proxy says another', '203.0.113.7', '198.51.100.1', '203.0.113.7'],
    ['a proxy says so', '127.0.0.1', '198.51.100.1', '198.51.100.1'],
    ['what stands left of it is made up', '127.0.0.1', '192.30.252.1, 198.51.100.1', '198.51.100.1'],
    ['two proxies are in front', '127.0.0.1', '1.1.1.1, 198.51.100.1, 10.1.2.3', '198.51.100.1'],
    ['the socket is an IPv6 one', '::ffff:127.0.0.1', '198.51.100.1', '198.51.100.1'],
    ['the proxy adds a port', '::1', '198.51.100.1:4711', '198.51.100.1'],
    ['the proxy says what is no address', '127.0.0.1', '198.51.100.1, unknown', '127.0.0.1'],
    ['the proxy says nothing', '127.0.0.1', undefined, '127.0.0.1'],
    ['all are proxies', '127.0.0.1', '10.0.0.1, 10.0.0.2', '10.0.0.1'],
    ['GitHub sends it', '127.0.0.1', '192.30.252.44', null],
    ['somebody only says to be GitHub', '127.0.0.1', '192.30.252.44, 203.0.113.7', '203.0.113.7'],
    ['the socket is gone', '', undefined, null],
    ['it is an IPv6 network', '127.0.0.1', '[2001:db8:1:2:3:4:5:6]:443', '2001:db8:1:2::/64'],
    ['it is the same network, written shorter', '127.0.0.1', '2001:DB8:1:2::9', '2001:db8:1:2::/64'],
    ['it is a network with zeros', '127.0.0.1', '2001:db8::1', '2001:db8:0:0::/64'],
  ])('when %s', (_, remote, forwarded, address) => {
    expect(addressOf(requestFrom(remote, forwarded))).toBe(address);
  });

  it('is found without looking at more hops than anybody has', () => {
    const forwarded = `203.0.113.7, ${Array<string>(3_000).fill('10.0.0.1').join(', ')}`;
    expect(addressOf(requestFrom('127.0.0.1', forwarded))).toBe('10.0.0.1');
  });
});
