// What `codered serve` does for work whose worker is gone.

import { pino } from 'pino';
import { expect, it } from 'vitest';
import { startLapsedWork } from '../../src/server/lapsed-work.ts';
import { openTestBrain, ruleBackend } from '../support/brain.ts';
import { makeProject, signUp } from '../support/people.ts';

it('work whose worker is gone is ended by the app, which goes on after a failure', async () => {
  const brain = await openTestBrain(ruleBackend);
  const owner = await signUp(brain);
  const project = await makeProject(brain, { owner });
  await brain.sql(
    `insert into codered.agent_jobs (project_id, user_id, agent_type, status, attempts, locked_by, locked_until, claim_number, claimed_at, is_apps)
     values ($1::uuid, $2::uuid, 'qa', 'running', 3, 'w', now() - interval '1 hour', 1, now(), false)`,
    [project, owner],
  );
  const lines: string[] = [];
  const log = pino({}, { write: (line: string) => void lines.push(JSON.parse(line).msg) });
  let failures = 1;
  const call = ((...args: Parameters<typeof brain.call>) =>
    failures-- > 0 ? Promise.reject(new Error('away')) : brain.call(...args)) as typeof brain.call;
  const chore = startLapsedWork({ brain: { call }, log, everyMs: 5 });
  await expect
    .poll(async () => (await brain.sql('select status from codered.agent_jobs'))[0]?.status, { timeout: 60_000 })
    .toBe('failed');
  await chore.stop();
  expect(lines).toEqual([
    'work whose worker is gone could not be ended; it is tried again',
    'ended work whose worker is gone',
  ]);
  await brain.close();
});
