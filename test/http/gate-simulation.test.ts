import { createHash } from 'node:crypto';
import { expect, it } from 'vitest';
import { LIMITS } from '../../src/config/limits.ts';
import { makeApi } from '../../src/http/api.ts';
import { listen } from '../../src/http/listen.ts';
import { makeGateSimulation } from '../../src/http/routes/gate-simulation.ts';
import { serveRoutes } from '../../src/http/routing.ts';
import { asJson } from '../../src/model/json.ts';
import { openTestBrain, ruleBackend } from '../support/brain.ts';
import { pullRequestFact } from '../support/fact-rows.ts';
import { testOctokit } from '../support/github-octokit.ts';
import { makeLogLines } from '../support/log-lines.ts';
import { makeOrg } from '../support/run-scene.ts';

it('takes a few at once and tells further ones to come back, until one of them is over', async () => {
  const brain = await openTestBrain(ruleBackend);
  const { org, repository } = await makeOrg(brain);
  await brain.script(`
    insert into codered.installations (id, org_id, account_login) values (7, '${org}', 'octo');
    update codered.repositories set installation_id = 7`);
  const pull = pullRequestFact({ repository_id: Number(repository), number: 2 });
  await brain.call('record_facts', { facts: asJson({ pull_requests: [pull] }) });
  const { log } = makeLogLines();
  const signedIn = Promise.withResolvers<void>();
  let waiting = 0;
  // Signs in slowly, and then to a GitHub that nobody listens for.
  const octokitFor = async () => {
    waiting += 1;
    await signedIn.promise;
    return testOctokit('http://127.0.0.1:9');
  };
  const sha256 = createHash('sha256').update('key').digest('hex');
  const route = makeGateSimulation({ brain, octokitFor, keys: [{ name: 'planner', sha256 }], log });
  const http = await listen(
    { host: '127.0.0.1', port: 0 },
    {
      handlers: [serveRoutes({ resources: [makeApi({ 'gate/simulate': route }, log)], onError: () => {} })],
      onError: () => {},
    },
  );
  const send = async () => {
    const response = await fetch(`${http.url}/api/v1/gate/simulate`, {
      method: 'POST',
      headers: { authorization: 'Bearer key', 'content-type': 'application/json' },
      body: JSON.stringify({
        repository: `octo/r${repository}`,
        pull_request: 2,
        policy: 'dod: { coverage_diff_min: 1 }',
      }),
    });
    const { code } = (await response.json()) as { code: string };
    return [response.status, code, response.headers.get('retry-after')];
  };
  try {
    const first = Array.from({ length: LIMITS.simulationsAtOnce }, send);
    await expect.poll(() => waiting, { timeout: 120_000 }).toBe(LIMITS.simulationsAtOnce);
    expect(await send()).toEqual([503, 'busy', '10']);
    signedIn.resolve();
    expect(await Promise.all(first)).toEqual(first.map(() => [503, 'unavailable', '10']));
    expect(await send()).toEqual([503, 'unavailable', '10']);
  } finally {
    await http.close(1_000);
    await brain.close();
  }
});
