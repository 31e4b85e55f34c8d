import { createServer, type IncomingMessage, type RequestListener, type Server } from 'node:http';
import { gzipSync } from 'node:zlib';
import { afterEach, describe, expect, it } from 'vitest';
import { type JobLog, readJobLog } from '../../src/github/runs.ts';
import { Misconfigured, Rejected, Transient } from '../../src/model/errors.ts';
import { testOctokit } from '../support/github-octokit.ts';

const place = { owner: 'o', repo: 'r', job_id: 9 };
const api = '/repos/o/r/actions/jobs/9/logs';
const servers: Server[] = [];

afterEach(() => {
  for (const server of servers.splice(0)) {
    server.close();
    server.closeAllConnections();
  }
});

async function listen(answer: RequestListener): Promise<string> {
  const server = createServer(answer);
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  return `http://127.0.0.1:${address.port}`;
}

/** An API that redirects to `/storage` on its own origin, which `storage` answers; every request is kept in `asked`. */
async function github(storage: RequestListener) {
  const asked: IncomingMessage[] = [];
  const origin = await listen((request, response) => {
    asked.push(request);
    if (request.url === api) response.writeHead(302, { location: '/storage?sig=1' }).end();
    else storage(request, response);
  });
  return { asked, octokit: await testOctokit(origin) };
}

async function refusing(status: number, message: string) {
  const origin = await listen((_request, response) => {
    response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify({ message }));
  });
  return testOctokit(origin);
}

async function text(log: JobLog): Promise<string> {
  if (log.state !== 'fetched') throw new Error(`the log is ${log.state}`);
  const chunks: Uint8Array[] = [];
  for await (const chunk of log.stream) chunks.push(chunk);
  return Buffer.concat(chunks).toString();
}

describe('readJobLog', () => {
  it('follows the redirect once, without the token, and streams the log', async () => {
    const { asked, octokit } = await github((_request, response) => response.end('line 1\nline 2\n'));
    const log = await readJobLog(octokit, place);
    expect(await text(log)).toBe('line 1\nline 2\n');
    expect(asked.map(({ url, headers }) => [url, headers.authorization])).toEqual([
      [api, 'token test-token'],
      ['/storage?sig=1', undefined],
    ]);
  });

  it('undoes gzip', async () => {
    const { octokit } = await github((_request, response) =>
      response.writeHead(200, { 'content-encoding': 'gzip' }).end(gzipSync('packed')),
    );
    expect(await text(await readJobLog(octokit, place))).toBe('packed');
  });

  it.each([
    { maxBytes: 5, read: '01234', truncated: true },
    { maxBytes: 9, read: '012345678', truncated: true },
    { maxBytes: 10, read: '0123456789', truncated: false },
    { maxBytes: 11, read: '0123456789', truncated: false },
  ])('reads at most $maxBytes of ten bytes and says whether there was more', async ({ maxBytes, read, truncated }) => {
    const { octokit } = await github((_request, response) => response.end('0123456789'));
    const log = await readJobLog(octokit, { ...place, maxBytes });
    expect(await text(log)).toBe(read);
    expect(log).toSatisfy((it: JobLog) => it.state === 'fetched' && it.truncated() === truncated);
  });

  it('counts the unpacked bytes, so that a small gzip cannot become a huge log', async () => {
    const { octokit } = await github((_request, response) =>
      response.writeHead(200, { 'content-encoding': 'gzip' }).end(gzipSync('x'.repeat(1_000_000))),
    );
    expect(await text(await readJobLog(octokit, { ...place, maxBytes: 1000 }))).toHaveLength(1000);
  });

  it('hangs up on an endless log once the cap is reached', async () => {
    const closed = Promise.withResolvers<void>();
    const { octokit } = await github((_request, response) => {
      const timer = setInterval(() => response.write('y'.repeat(1000)), 1);
      response.on('close', () => {
        clearInterval(timer);
        closed.resolve();
      });
    });
    expect(await text(await readJobLog(octokit, { ...place, maxBytes: 5000 }))).toHaveLength(5000);
    await closed.promise;
  });

  it('is missing when GitHub has no log, and when its storage has none', async () => {
    expect(await readJobLog(await refusing(404, 'Not Found'), place)).toEqual({ state: 'missing' });
    const { octokit } = await github((_request, response) => response.writeHead(404).end('BlobNotFound'));
    expect(await readJobLog(octokit, place)).toEqual({ state: 'missing' });
  });

  it('is expired when GitHub says that it is gone', async () => {
    expect(await readJobLog(await refusing(410, 'Gone'), place)).toEqual({ state: 'expired' });
  });

  it('names the permission when it may not read logs', async () => {
    const octokit = await refusing(403, 'Resource not accessible by integration');
    await expect(readJobLog(octokit, place)).rejects.toBeInstanceOf(Misconfigured);
  });

  it.each([403, 500, 503])('is tried again when the storage answers %i', async (status) => {
    const { octokit } = await github((_request, response) => response.writeHead(status).end());
    await expect(readJobLog(octokit, place)).rejects.toBeInstanceOf(Transient);
  });

  it.each(['before the first byte', 'in the middle'])(
    'is tried again when the storage falls silent %s',
    async (when) => {
      const { octokit } = await github((_request, response) => {
        if (when === 'in the middle') response.write('half a lo');
      });
      const reading = readJobLog(octokit, { ...place, idleMs: 100 }).then(text);
      await expect(reading).rejects.toThrow('read the log of job 9 in o/r: nothing came for 0.1 s');
      await expect(reading).rejects.toBeInstanceOf(Transient);
    },
  );

  it('is tried again when the line breaks in the middle', async () => {
    const { octokit } = await github((_request, response) => {
      response.writeHead(200, { 'content-length': '100' });
      response.write('half a lo', () => response.destroy());
    });
    await expect(readJobLog(octokit, place).then(text)).rejects.toBeInstanceOf(Transient);
  });

  it('does not follow a second redirect', async () => {
    const { asked, octokit } = await github((_request, response) =>
      response.writeHead(302, { location: 'http://169.254.169.254/latest' }).end(),
    );
    await expect(readJobLog(octokit, place)).rejects.toMatchObject({ name: 'Rejected', code: '302' });
    expect(asked).toHaveLength(2);
  });

  it('does not follow a redirect to another origin without https', async () => {
    let asked = 0;
    const elsewhere = await listen((_request, response) => {
      asked += 1;
      response.end();
    });
    const origin = await listen((_request, response) =>
      response.writeHead(302, { location: `${elsewhere}/log` }).end(),
    );
    await expect(readJobLog(await testOctokit(origin), place)).rejects.toBeInstanceOf(Rejected);
    expect(asked).toBe(0);
  });
});
