// A job that can't use artifacts hands its report in at our own door, over real sockets, and the gate turns green by it.

import { afterEach, beforeEach, expect, test } from 'vitest';
import { type Life, tellLife } from '../src/demo/life.ts';
import { APP, type Stage, setStage } from '../src/demo/play-story.ts';
import { openTestBrain, type TestBrain } from './support/brain.ts';
import { startTokenIssuer, type TokenIssuer } from './support/job-tokens.ts';
import { zipOf } from './support/zip.ts';

const SETTLE_MS = 20_000;
const POLICY = 'dod: { coverage_min: 0.80 }\nevidence:\n  coverage_min: { artifact: coverage }\n';

let brain: TestBrain;
let issuer: TokenIssuer;
let stage: Stage;
let life: Life;

beforeEach(async () => {
  brain = await openTestBrain('embedded');
  issuer = await startTokenIssuer();
  stage = await setStage({ brain, tokenIssuer: issuer.url });
  life = tellLife({
    startAt: '2026-11-20T13:00:00Z',
    app: APP,
    moments: [
      { kind: 'install' },
      { kind: 'open', pull: 1, title: 'Close the shop', branch: 'closed' },
      { kind: 'run', on: 1, jobs: [{ name: 'test', conclusion: 'success', steps: ['npm test'] }] },
    ],
  });
  life.prepare(stage.github.state);
  inside().files.set('.github/codered.yml', POLICY);
  for (const { effect, event, payload, guid } of life.deliveries) {
    effect(stage.github.state);
    expect((await stage.github.deliver(event, payload, { guid })).status).toBe(202);
  }
  await stage.codered.idle(SETTLE_MS);
});
afterEach(async () => {
  await stage.close();
  await issuer.close();
  await brain.close();
});

function inside() {
  const found = stage.github.state.repositories.get(life.repository.id);
  if (found === undefined) throw new RangeError('the life was not prepared');
  return found;
}
const checkRuns = () =>
  [...inside().checkRuns.values()]
    .filter(({ appSlug }) => appSlug === 'codered')
    .map(({ status, conclusion, output }) => [status, conclusion, output?.title]);

async function upload(body: Uint8Array | string, claims: Record<string, unknown> = {}) {
  const [run] = [...inside().runs.values()];
  const said = { repository_id: String(life.repository.id), run_id: String(run?.id), ...claims };
  const response = await fetch(`${stage.codered.url}/api/v1/evidence?name=coverage`, {
    method: 'POST',
    headers: { authorization: `Bearer ${issuer.token(said)}`, 'content-type': 'application/octet-stream' },
    body,
  });
  await stage.codered.idle(SETTLE_MS);
  return response.status;
}
function lcov(hit: number): string {
  const lines = Array.from({ length: 100 }, (_, index) => `DA:${index + 1},${index < hit ? 1 : 0}`);
  return ['TN:', 'SF:src/shop.ts', ...lines, 'LF:100', `LH:${hit}`, 'end_of_record', ''].join('\n');
}

test('an upload turns a criterion that waits green', async () => {
  expect(checkRuns()).toEqual([['in_progress', null, 'Waiting for coverage']]);
  expect(await upload(lcov(85))).toBe(202);
  expect(checkRuns()).toEqual([
    ['completed', 'success', expect.stringContaining('Definition of Done met, 1 of 1 criterion')],
  ]);
});

test('too little in an archive turns it red, and the right report in its place green again', async () => {
  expect(await upload(zipOf([{ name: 'lcov.info', content: lcov(79) }]))).toBe(202);
  expect(checkRuns().at(-1)?.slice(0, 2)).toEqual(['completed', 'failure']);
  expect(await upload(lcov(80))).toBe(202);
  expect(checkRuns().at(-1)?.slice(0, 2)).toEqual(['completed', 'success']);
});

test('a broken archive is never green, and what the token of another run or repository brings changes nothing', async () => {
  expect(await upload(lcov(99), { run_id: '1' })).toBe(404);
  expect(await upload(lcov(99), { repository_id: '1' })).toBe(403);
  expect(await upload(lcov(99), { aud: 'https://github.com/octo' })).toBe(401);
  expect(checkRuns()).toEqual([['in_progress', null, 'Waiting for coverage']]);
  expect(await upload(zipOf([{ name: 'lcov.info', content: lcov(99) }]).subarray(0, 90))).toBe(202);
  expect(checkRuns().at(-1)?.slice(0, 2)).toEqual(['completed', 'failure']);
});
