// A job that can't use artifacts hands its report in by our own API, over real sockets, and the gate turns green by it.

import { afterEach, beforeEach, expect, test } from 'vitest';
import { AUDIENCE, startTokenIssuer, type TokenIssuer } from '../support/job-tokens.ts';
import { job, lcov, opened, openStoryRepository, ran, type StoryRepository } from '../support/story-repository.ts';
import { zipOf } from '../support/zip.ts';

const POLICY = 'dod: { coverage_min: 0.80 }\nevidence:\n  coverage_min: { artifact: coverage }\n';

let issuer: TokenIssuer;
let scene: StoryRepository;

beforeEach(async () => {
  issuer = await startTokenIssuer();
  scene = await openStoryRepository([opened, ran(job('test'))], POLICY, {
    tokenIssuer: issuer.url,
    env: { CODERED_URL: `${AUDIENCE}/` },
  });
  await scene.send(scene.life.deliveries);
});
afterEach(async () => {
  await scene.close();
  await issuer.close();
});

async function upload(body: Uint8Array | string, claims: Record<string, unknown> = {}) {
  const [run] = [...scene.inside.runs.values()];
  const said = { repository_id: String(scene.life.repository.id), run_id: String(run?.id), ...claims };
  const response = await fetch(`${scene.codered.url}/api/v1/evidence?name=coverage`, {
    method: 'POST',
    headers: { authorization: `Bearer ${issuer.token(said)}`, 'content-type': 'application/octet-stream' },
    body,
  });
  await scene.idle();
  return response.status;
}

test('an upload turns a criterion that waits green', async () => {
  expect(scene.checkRuns()).toEqual([['in_progress', null, 'Gate waiting (0 of 1) · waiting for coverage']]);
  expect(await upload(lcov(85, 100))).toBe(202);
  expect(scene.checkRuns()).toEqual([['completed', 'success', expect.stringMatching(/^Gate passed/)]]);
});

test('too little in an archive turns it red, and the right report in its place green again', async () => {
  expect(await upload(zipOf([{ name: 'lcov.info', content: lcov(79, 100) }]))).toBe(202);
  expect(scene.checkRuns().at(-1)?.slice(0, 2)).toEqual(['completed', 'failure']);
  expect(await upload(lcov(80, 100))).toBe(202);
  expect(scene.checkRuns().at(-1)?.slice(0, 2)).toEqual(['completed', 'success']);
});

test('a broken archive is never green, and what the token of another run or repository brings changes nothing', async () => {
  expect(await upload(lcov(99, 100), { run_id: '1' })).toBe(404);
  expect(await upload(lcov(99, 100), { repository_id: '1' })).toBe(403);
  for (const aud of ['https://github.com/octo', 'codered', 'https://another-codered.example.com']) {
    expect(await upload(lcov(99, 100), { aud })).toBe(401);
  }
  expect(scene.checkRuns()).toEqual([['in_progress', null, 'Gate waiting (0 of 1) · waiting for coverage']]);
  expect(await upload(zipOf([{ name: 'lcov.info', content: lcov(99, 100) }]).subarray(0, 90))).toBe(202);
  expect(scene.checkRuns().at(-1)?.slice(0, 2)).toEqual(['completed', 'failure']);
});

test('an upload where no policy asks for it starts no run, and is shown', async () => {
  scene.inside.files.clear();
  await scene.brain.script('delete from codered.runs');
  expect(await upload(lcov(80, 100))).toBe(202);
  expect(await scene.brain.sql('select status from codered.runs')).toEqual([{ status: 'pending' }]);
  expect(scene.ownCheckRuns().at(-1)?.output.summary).toContain('| coverage | 80.0 % |');
});

test('without CODERED_URL nothing is taken, and the answer says what to set', async () => {
  const other = await openStoryRepository([opened, ran(job('test'))], POLICY, { tokenIssuer: issuer.url });
  try {
    const headers = { authorization: `Bearer ${issuer.token()}`, 'content-type': 'application/octet-stream' };
    const url = `${other.codered.url}/api/v1/evidence?name=coverage`;
    const response = await fetch(url, { method: 'POST', headers, body: lcov(99, 100) });
    expect(response.status).toBe(404);
    expect(await response.json()).toMatchObject({
      code: 'evidence_not_set_up',
      message: expect.stringContaining('set CODERED_URL'),
    });
  } finally {
    await other.close();
  }
});

test('the audience that every deployment shared is taken where the owner says so', async () => {
  const env = { CODERED_EVIDENCE_AUDIENCE: 'codered' };
  const other = await openStoryRepository([opened, ran(job('test'))], POLICY, { tokenIssuer: issuer.url, env });
  try {
    await other.send(other.life.deliveries);
    const [run] = [...other.inside.runs.values()];
    const said = { repository_id: String(other.life.repository.id), run_id: String(run?.id), aud: 'codered' };
    const headers = { authorization: `Bearer ${issuer.token(said)}`, 'content-type': 'application/octet-stream' };
    const url = `${other.codered.url}/api/v1/evidence?name=coverage`;
    expect((await fetch(url, { method: 'POST', headers, body: lcov(85, 100) })).status).toBe(202);
    await other.idle();
  } finally {
    await other.close();
  }
});
