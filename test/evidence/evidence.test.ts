// The evidence step against an API and its storage: what becomes of each artifact that GitHub lists.
import { createHash } from 'node:crypto';
import { createServer, type Server } from 'node:http';
import { afterEach, describe, expect, it } from 'vitest';
import type { Brain } from '../../src/brain/client.ts';
import { collectEvidence } from '../../src/evidence/evidence.ts';
import { Transient } from '../../src/model/errors.ts';
import { testOctokit } from '../support/github-octokit.ts';
import { zipOf } from '../support/zip.ts';

const SHA = 'a'.repeat(40);
const lcov = 'TN:\nSF:src/a.ts\nDA:1,1\nDA:2,0\nLF:2\nLH:1\nend_of_record\n';
const good = zipOf([{ name: 'lcov.info', content: lcov }]);
const servers: Server[] = [];
afterEach(() => {
  for (const server of servers.splice(0)) {
    server.close();
    server.closeAllConnections();
  }
});

interface Given {
  readonly name?: string;
  readonly size?: number;
  readonly expired?: boolean;
  readonly head_sha?: string | null;
  /** As GitHub lists it; the archive's own unless told. */
  readonly digest?: string | null;
  /** The archive, or how the API answers instead. */
  readonly zip: Uint8Array | number;
}

const sha256 = (zip: Uint8Array | number) =>
  typeof zip === 'number' ? null : `sha256:${createHash('sha256').update(zip).digest('hex')}`;

/** Does the step over these artifacts; returns what it recorded, and which it downloaded. */
async function readArtifacts(given: readonly Given[], more: object = {}) {
  const downloaded: number[] = [];
  const server = createServer((request, response) => {
    const path = request.url ?? '';
    const id = Number(/artifacts\/(\d+)\/zip|storage\/(\d+)/.exec(path)?.slice(1).find(Boolean));
    const { zip } = given[id - 1] ?? { zip: 404 };
    if (path.includes('/runs/')) {
      const artifacts = given.map(
        ({ name = 'coverage', size = 10, expired = false, head_sha = SHA, digest, zip }, index) => ({
          id: index + 1,
          name,
          size_in_bytes: size,
          expired,
          digest: digest === undefined ? sha256(zip) : digest,
          created_at: '2026-11-20T12:00:00Z',
          workflow_run: { head_sha },
        }),
      );
      const body = JSON.stringify({ total_count: artifacts.length, artifacts });
      response.writeHead(200, { 'content-type': 'application/json' }).end(body);
    } else if (path.startsWith('/storage/')) {
      response.end(typeof zip === 'number' ? '' : zip);
    } else {
      downloaded.push(id);
      if (typeof zip === 'number') response.writeHead(zip).end('{}');
      else response.writeHead(302, { location: `/storage/${id}` }).end();
    }
  });
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  const recorded: { name: string; url: string; ref: string; made_at: string; content: string }[][] = [];
  const subject = {
    installation_id: 7,
    owner: 'o',
    name: 'r',
    run_id: '5',
    run_attempt: 1,
    commit_sha: SHA,
    html_url: 'https://github.com/o/r/actions/runs/5',
  };
  const brain = {
    call: async (name: string, args: { artifacts?: (typeof recorded)[number] }) => {
      if (name === 'record_evidence') recorded.push(args.artifacts ?? []);
      return name === 'read_evidence_subject' ? subject : null;
    },
  } as unknown as Pick<Brain, 'call'>;
  const octokitFor = () => testOctokit(`http://127.0.0.1:${address.port}`);
  const done = collectEvidence({ repository_id: 1, ci_event_id: 'e', ...more }, { brain, octokitFor });
  const result = await done;
  return {
    result,
    downloaded,
    recorded,
    said: (recorded[0] ?? []).map(({ name, content }) => [name, JSON.parse(content)]),
  };
}

describe('an artifact', () => {
  it('is read, and kept with where it lies', async () => {
    const { said, recorded, result } = await readArtifacts([{ zip: good }]);
    expect(said).toMatchObject([['coverage', { reports: [{ path: 'lcov.info', measurement: { kind: 'coverage' } }] }]]);
    expect(recorded[0]?.[0]).toMatchObject({
      url: 'https://github.com/o/r/actions/runs/5/artifacts/1',
      ref: sha256(good),
      made_at: '2026-11-20T12:00:00Z',
    });
    expect(result).toEqual({ artifacts: 1, truncated: false });
  });

  it.each<[string, Given, string]>([
    ['has expired', { expired: true, zip: good }, 'it has expired'],
    ['belongs to another commit', { head_sha: 'b'.repeat(40), zip: good }, 'it belongs to commit bbbbbbb'],
    ['is too large', { size: 300 * 1024 * 1024, zip: good }, 'it is larger than 268435456 bytes'],
  ])('that %s is not downloaded, and says why', async (_, given, refused) => {
    const { said, downloaded } = await readArtifacts([given]);
    expect([said, downloaded]).toEqual([[['coverage', { refused }]], []]);
  });

  it.each([404, 410])('that GitHub has no more (HTTP %i) says so', async (zip) => {
    expect((await readArtifacts([{ zip }])).said).toEqual([['coverage', { refused: 'GitHub no longer has it' }]]);
  });

  it.each([
    ['is no archive', Buffer.from('no zip')],
    ['is cut off', good.subarray(0, good.length - 30)],
    ['is empty', Buffer.alloc(0)],
  ])('that %s is refused', async (_, zip) => {
    expect((await readArtifacts([{ zip }])).said).toEqual([['coverage', { refused: expect.any(String) }]]);
  });

  it('is known by the SHA-256 of its bytes where GitHub tells none', async () => {
    const { recorded } = await readArtifacts([{ zip: good, digest: null }]);
    expect(recorded[0]?.[0]?.ref).toBe(sha256(good));
  });

  it('whose bytes are not those that GitHub lists is refused', async () => {
    const { said, recorded } = await readArtifacts([{ zip: good, digest: `sha256:${'0'.repeat(64)}` }]);
    expect(said).toEqual([['coverage', { refused: 'its SHA-256 is not the one that GitHub lists' }]]);
    expect(recorded[0]?.[0]?.ref).toBe(sha256(good));
  });

  it('of a name that there is twice counts as the newest says', async () => {
    const { said, downloaded } = await readArtifacts([{ zip: good }, { zip: Buffer.from('broken') }]);
    expect([said, downloaded]).toEqual([[['coverage', { refused: expect.any(String) }]], [2]]);
  });

  it('that can’t be read leaves the others as they are', async () => {
    const { said } = await readArtifacts([
      { name: 'a', zip: 404 },
      { name: 'b', zip: good },
    ]);
    expect(said).toMatchObject([
      ['a', { refused: expect.any(String) }],
      ['b', { reports: [{}] }],
    ]);
  });

  it('that GitHub fails to hand out has all of it tried again, and nothing is recorded', async () => {
    await expect(
      readArtifacts([
        { zip: good, name: 'a' },
        { zip: 502, name: 'b' },
      ]),
    ).rejects.toThrow(Transient);
  });
});

describe('a run', () => {
  it('with more artifacts than are read says so, whatever those are called; not where it is read for information', async () => {
    const given = Array.from({ length: 502 }, (_, index) => ({ name: `part-${index}`, zip: good, expired: true }));
    const { recorded, result } = await readArtifacts(given);
    const last = recorded[0]?.at(-1);
    expect([recorded[0]?.length, result]).toEqual([501, { artifacts: 500, truncated: true }]);
    expect(last).toMatchObject({
      name: 'beyond the first 500',
      github_artifact_id: 501,
      made_at: '2026-11-20T12:00:00Z',
    });
    expect(JSON.parse(last?.content ?? '')).toEqual({
      refused: 'the run has more than 500 artifacts, and the rest are not read; put several files into one artifact',
      hides_others: true,
    });
    const whole = await readArtifacts(given.slice(0, 500));
    expect([whole.recorded[0]?.length, whole.result]).toEqual([500, { artifacts: 500, truncated: false }]);
    const found = await readArtifacts(given, { is_information: true });
    expect([found.recorded, found.result]).toEqual([[[]], { artifacts: 0, truncated: true }]);
  });

  it('without artifacts is recorded as such, so that it counts as read', async () => {
    const { recorded, result } = await readArtifacts([]);
    expect([recorded, result]).toEqual([[[]], { artifacts: 0, truncated: false }]);
  });

  it('is read for information alone where its artifacts are small and look like reports, ten at most', async () => {
    const reports = Array.from({ length: 12 }, (_, index) => ({ name: `test-report-${index}`, zip: good }));
    const others = [
      { name: 'binaries', zip: good },
      { name: 'coverage-html', size: 21 * 1024 * 1024, zip: good },
      { name: 'junit', expired: true, zip: good },
    ];
    const { downloaded, result } = await readArtifacts([...others, ...reports], { is_information: true });
    expect([downloaded, result]).toEqual([[4, 5, 6, 7, 8, 9, 10, 11, 12, 13], { artifacts: 10, truncated: false }]);
  });
});
