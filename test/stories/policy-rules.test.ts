// Zones and environments of a policy over real sockets: judged by or pushed, they come to stand in the project's rules.

import { afterEach, expect, test } from 'vitest';
import type { JsonObject } from '../../src/demo/github/contract/json-value.ts';
import { job, opened, openStoryRepository, ran, type StoryRepository } from '../support/story-repository.ts';

const POLICY = '.github/codered.yml';
const policy = (zone: string) =>
  `dod: { lint_pass: true }\nzones: { red: ['${zone}'] }\nwhen: { zones: [red], dod: { type_check: true } }\nenvironments: [eu-live]\n`;

let scene: StoryRepository;
afterEach(() => scene.close());

const rules = async () => JSON.parse((await scene.brain.sql('select rules from codered.projects'))[0]?.rules ?? 'null');

test('a policy of the default branch is learnt when a pull request is judged by it, and when a push changes it', async () => {
  scene = await openStoryRepository([opened, ran(job('lint', 'success'))], policy('src/{billing,auth}/**'));
  await scene.play(0);
  const [push] = scene.of(1, 'push');
  if (push === undefined) throw new RangeError('nothing is pushed');
  await scene.send(scene.of(1));
  expect(await rules()).toEqual({ zones: { red: ['src/{billing,auth}/**'] }, environments: { 'eu-live': 'prod' } });

  const payload = structuredClone(push.payload);
  const [branch] = await scene.brain.sql('select default_branch from codered.repositories');
  const sha = 'c'.repeat(40);
  Object.assign(payload, { ref: `refs/heads/${branch?.default_branch}`, after: sha });
  for (const commit of [payload.head_commit, ...(payload.commits as JsonObject[])] as JsonObject[]) {
    Object.assign(commit, { id: sha, added: [], modified: [POLICY], removed: [] });
  }
  const changed = policy('infra/**').replace('eu-live', 'staging');
  scene.inside.filesAt.set(sha, new Map([[POLICY, changed]]));
  scene.inside.files.set(POLICY, changed);
  await scene.send([{ ...push, guid: '0b5c2b1e-0000-4000-8000-00000000000f', payload }]);
  expect(await rules()).toEqual({ zones: { red: ['infra/**'] }, environments: { staging: 'staging' } });
});
