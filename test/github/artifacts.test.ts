import { createServer, type RequestListener, type Server } from 'node:http';
import { afterEach, describe, expect, it } from 'vitest';
import { listArtifacts, openArtifact } from '../../src/github/artifacts.ts';
import { Rejected, Transient } from '../../src/model/errors.ts';
import { testOctokit } from '../support/github-octokit.ts';

const run = { owner: 'o', repo: 'r', run_id: 5 };
const one = { owner: 'o', repo: 'r', artifact_id: 7, maxBytes: 100 };
const zipPath = '/repos/o/r/actions/artifacts/7/zip';
const servers: Server[] = [];
afterEach(() => {
  for (const server of servers.splice(0)) {
    server.close();
    server.closeAllConnections();
  }
});

async function api(answer: RequestListener) {
  const server = createServer(answer);
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  return testOctokit(`http://127.0.0.1:${address.port}`);
}

/** An API whose pages hold these artifacts. */
const listing = (pages: readonly (readonly object[])[]) => {
  const total_count = pages.flat().length;
  return api((request, response) => {
    const { host } = request.headers;
    const url = new URL(request.url ?? '/', `http://${host}`);
    const page = Number(url.searchParams.get('page') ?? 1);
    const next = `<${url.origin}${url.pathname}?per_page=100&page=${page + 1}>; rel="next"`;
    const headers = { 'content-type': 'application/json', ...(page < pages.length ? { link: next } : {}) };
    response.writeHead(200, headers).end(JSON.stringify({ total_count, artifacts: pages[page - 1] ?? [] }));
  });
};
const artifact = (id: number, name: string, more: object = {}) => ({
  id,
  name,
  size_in_bytes: 10,
  expired: false,
  digest: 'sha256:1',
  created_at: '2026-11-20T12:00:00Z',
  workflow_run: { head_sha: 'abc' },
  ...more,
});

/** An API that hands the archive out through its storage. */
const storing = (storage: RequestListener) =>
  api((request, response) => {
    if (request.url === zipPath) response.writeHead(302, { location: '/storage' }).end();
    else storage(request, response);
  });

async function bytes(download: Awaited<ReturnType<typeof openArtifact>>): Promise<string> {
  if (download === null) throw new Error('there is none');
  const chunks: Uint8Array[] = [];
  for await (const chunk of download.stream) chunks.push(chunk);
  return Buffer.concat(chunks).toString();
}

describe('listArtifacts', () => {
  it('reads every page, and takes of several with one name the newest, wherever it stands', async () => {
    const octokit = await listing([
      [artifact(3, 'coverage'), artifact(9, 'e2e')],
      [artifact(4, 'coverage'), artifact(8, 'e2e')],
    ]);
    const { artifacts, left_out } = await listArtifacts(octokit, run);
    expect(artifacts.map(({ id, name }) => [id, name])).toEqual([
      [4, 'coverage'],
      [9, 'e2e'],
    ]);
    expect(left_out).toBeNull();
  });

  it('tells what GitHub leaves out as null', async () => {
    const octokit = await listing([[artifact(3, 'old', { digest: null, workflow_run: null, expired: true })]]);
    expect((await listArtifacts(octokit, run)).artifacts).toEqual([
      {
        id: 3,
        name: 'old',
        bytes: 10,
        expired: true,
        head_sha: null,
        digest: null,
        created_at: '2026-11-20T12:00:00Z',
      },
    ]);
  });

  it('stops after five hundred and says so', async () => {
    const pages = Array.from({ length: 7 }, (_, page) =>
      Array.from({ length: 100 }, (__, index) => artifact(page * 100 + index + 1, `part-${page}-${index}`)),
    );
    const { artifacts, left_out } = await listArtifacts(await listing(pages), run);
    expect([artifacts.length, left_out]).toMatchObject([500, { id: 501, name: 'part-5-0' }]);
    const whole = await listArtifacts(await listing(pages.slice(0, 5)), run);
    expect([whole.artifacts.length, whole.left_out]).toEqual([500, null]);
  });

  it('throws Transient while GitHub fails', async () => {
    const octokit = await api((_request, response) => response.writeHead(502).end());
    await expect(listArtifacts(octokit, run)).rejects.toThrow(Transient);
  });
});

describe('openArtifact', () => {
  it('gives the bytes of the archive', async () => {
    const octokit = await storing((_request, response) => response.end('PK'));
    const download = await openArtifact(octokit, one);
    expect([await bytes(download), download?.truncated()]).toEqual(['PK', false]);
  });

  it('cuts off what is longer than allowed, and says so', async () => {
    const octokit = await storing((_request, response) => response.end('x'.repeat(101)));
    const download = await openArtifact(octokit, one);
    expect([(await bytes(download)).length, download?.truncated()]).toEqual([100, true]);
  });

  it.each([404, 410])('is null when GitHub has it no more (HTTP %i)', async (status) => {
    const octokit = await api((_request, response) => response.writeHead(status).end('{}'));
    expect(await openArtifact(octokit, one)).toBeNull();
  });

  it('is null when the storage has it no more', async () => {
    expect(await openArtifact(await storing((_request, response) => response.writeHead(404).end()), one)).toBeNull();
  });

  it.each([403, 500])('throws Transient when the storage answers %i', async (status) => {
    const octokit = await storing((_request, response) => response.writeHead(status).end());
    await expect(openArtifact(octokit, one)).rejects.toThrow(Transient);
  });

  it('throws Transient when the storage falls silent', async () => {
    const octokit = await storing((_request, response) => response.writeHead(200).write('P'));
    await expect(openArtifact(octokit, { ...one, idleMs: 50 }).then(bytes)).rejects.toThrow(Transient);
  });

  it('throws Transient when the storage hangs up in the middle', async () => {
    const octokit = await storing((request, response) => {
      response.writeHead(200, { 'content-length': '50' }).write('PK');
      setTimeout(() => request.socket.destroy(), 20);
    });
    await expect(openArtifact(octokit, one).then(bytes)).rejects.toThrow(Transient);
  });

  it('does not follow a link to elsewhere without encryption', async () => {
    const octokit = await api((_request, response) =>
      response.writeHead(302, { location: 'http://storage.example.test/x' }).end(),
    );
    await expect(openArtifact(octokit, one)).rejects.toThrow(Rejected);
  });
});
