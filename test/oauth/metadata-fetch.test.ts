// Descriptions of apps at addresses of strangers: who is asked, and what is taken of the answer.
import { createServer, request, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { AddressPace } from '../../src/oauth/address-pace.ts';
import { DOCUMENT_BYTES, makeMetadataFetch } from '../../src/oauth/metadata-fetch.ts';
import { isPublicAddress } from '../../src/oauth/public-addresses.ts';
import { formTargetOf, redirectProblem, redirectsProblem } from '../../src/oauth/redirects.ts';

let server: Server | null = null;
afterEach(() => {
  server?.closeAllConnections();
  server?.close();
  server = null;
});

/** A host that answers without a certificate; it counts who asks, and is reached by names that resolve to `addresses`. */
async function hostThat(answers: (response: ServerResponse) => void, addresses = ['127.0.0.1']) {
  const asked: string[] = [];
  server = createServer((incoming, response) => {
    asked.push(`${incoming.headers.host}${incoming.url}`);
    answers(response);
  });
  await new Promise<void>((done) => server?.listen(0, '127.0.0.1', done));
  const { port } = server.address() as AddressInfo;
  let resolutions = 0;
  const fetchIt = makeMetadataFetch({
    resolve: async () => {
      resolutions += 1;
      return addresses.map((address) => ({ address, family: 4 }));
    },
    isAllowed: (address) => address === '127.0.0.1' || isPublicAddress(address),
    request: (options, onResponse) => request({ ...options, port }, onResponse),
    withinMs: 300,
  });
  return { asked, fetchIt, resolutions: () => resolutions };
}
const ID = 'https://app.example.com/client.json?v=1';

describe('a description', () => {
  it('is asked for by its own name, at the address that was checked, once resolved', async () => {
    const { asked, fetchIt, resolutions } = await hostThat((response) => response.end('{"client_id":"x"}'));
    expect(await (await fetchIt(ID)).json()).toEqual({ client_id: 'x' });
    expect(asked).toEqual(['app.example.com/client.json?v=1']);
    expect(resolutions()).toBe(1);
  });

  it('is not looked for where a redirect leads', async () => {
    const { asked, fetchIt } = await hostThat((response) =>
      response.writeHead(302, { location: 'https://127.0.0.1/' }).end(),
    );
    await expect(fetchIt(ID)).rejects.toThrow('answers 302');
    expect(asked).toHaveLength(1);
  });

  it('may be 5 KB and no more, also when it says nothing of its length or never ends', async () => {
    const { fetchIt } = await hostThat((response) => response.end('x'.repeat(DOCUMENT_BYTES)));
    expect((await (await fetchIt(ID)).text()).length).toBe(DOCUMENT_BYTES);
    server?.close();
    const endless = await hostThat((response) => {
      const more = () => response.write('x'.repeat(1024)) && response.once('drain', more);
      response.on('drain', more).on('error', () => {});
      while (!response.writableNeedDrain && response.writable) response.write('x'.repeat(1024));
    });
    await expect(endless.fetchIt(ID)).rejects.toThrow('is longer than');
  });

  it('has to come in time', async () => {
    const { fetchIt } = await hostThat((response) => response.write('{'));
    await expect(fetchIt(ID)).rejects.toThrow();
    const never = makeMetadataFetch({ resolve: () => new Promise(() => {}), withinMs: 50 });
    await expect(never(ID)).rejects.toThrow('takes too long');
  });

  it.each([
    ['one of its addresses is private', ['127.0.0.1', '10.0.0.1']],
    ['it has none', []],
  ])('is not asked for when %s', async (_, addresses) => {
    const { asked, fetchIt } = await hostThat((response) => response.end('{}'), addresses);
    await expect(fetchIt(ID)).rejects.toThrow('public addresses alone');
    expect(asked).toEqual([]);
  });

  it.each(['http://app.example.com/x', 'https://app.example.com:8443/x', 'file:///etc/passwd'])(
    'is not asked for at %s',
    async (url) => {
      await expect(makeMetadataFetch()(url)).rejects.toThrow('is not https on port 443');
    },
  );
});

describe('an address', () => {
  it.each(['8.8.8.8', '140.82.112.3', '2606:50c0:8000::153', '2a00:1450:4001:80e::200e'])('%s is public', (address) => {
    expect(isPublicAddress(address)).toBe(true);
  });
  it.each([
    ...[
      '0.0.0.0',
      '10.1.2.3',
      '100.64.0.1',
      '127.0.0.1',
      '127.255.255.254',
      '169.254.169.254',
      '172.31.255.255',
      '192.168.1.1',
    ],
    ...[
      '192.0.2.1',
      '198.18.0.1',
      '224.0.0.1',
      '255.255.255.255',
      '::',
      '::1',
      '::ffff:8.8.8.8',
      '::ffff:127.0.0.1',
      '::7f00:1',
    ],
    ...[
      '64:ff9b::7f00:1',
      '2002:7f00:1::',
      '2001::1',
      '2001:db8::1',
      'fc00::1',
      'fd12::1',
      'fe80::1',
      'fe80::1%eth0',
      'fec0::1',
    ],
    ...['ff02::1', '3fff::1', '5f00::1', 'localhost', '0177.0.0.1', '2130706433', ''],
  ])('%s is not public', (address) => {
    expect(isPublicAddress(address)).toBe(false);
  });
});

describe('a redirect', () => {
  it.each([
    ['https://example.com/a?b=c', null],
    ['http://localhost/cb', null],
    ['http://[::1]:9/cb', null],
    ['com.example.app:/cb', null],
    ['https://localhost/cb', 'is https on this computer'],
    ['http://127.0.0.1.example.com/cb', 'is http, which is for'],
    ['http://localhost.example.com/cb', 'is http, which is for'],
    ['http://127.0.0.1@example.com/', 'holds a user'],
    ['https://example.com\\@evil.example/', 'is no address'],
    ['https://exämple.com/', 'is no address'],
    ['https://example.com/\n', 'is no address'],
    ['https://example.com/#', 'has a fragment'],
    ['data:text/html,x', 'has a scheme'],
    ['app.:/x', 'has a scheme'],
    ['x'.repeat(1_001), 'is longer'],
    ['//example.com', 'is no address'],
  ])('%s: %s', (uri, problem) => {
    if (problem === null) expect(redirectProblem(uri)).toBeNull();
    else expect(redirectProblem(uri)).toContain(problem);
  });

  it('is one of at most ten', () => {
    expect(redirectsProblem([])).toContain('at least one');
    expect(redirectsProblem('https://example.com/')).toContain('has to be a list');
    expect(redirectsProblem([1])).toContain('is no text');
    expect(redirectsProblem(Array(11).fill('https://example.com/'))).toContain('more than 10');
  });

  it('is named in a policy so that the browser goes there', () => {
    expect(formTargetOf('https://example.com:444/a')).toBe('https://example.com:444');
    expect(formTargetOf('http://127.0.0.1:1/a')).toBe('http://127.0.0.1:1');
    expect(formTargetOf('http://[::1]:1/a')).toBe('http:');
    expect(formTargetOf('com.example.app:/cb')).toBe('com.example.app:');
  });
});

describe('the pace', () => {
  it('is that of one address, and nobody’s where none is known', () => {
    let now = 0;
    const pace = new AddressPace({ burst: 2, everyMs: 1_000, addresses: 2 }, () => now);
    expect([pace.take('a'), pace.take('a'), pace.take('a'), pace.take('b')]).toEqual([true, true, false, true]);
    expect(Array.from({ length: 50 }, () => pace.take(null)).every(Boolean)).toBe(true);
    now = 1_000;
    expect([pace.take('a'), pace.take('a')]).toEqual([true, false]);
  });
});
