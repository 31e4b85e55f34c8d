// Requests made from the description, as it says, nearly so, and hostile: none is a fault of ours, each is answered as described, and
// nothing of another organisation is read or changed.

import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { describeAll } from '../../src/http/rest/describe.ts';
import { Transient } from '../../src/model/errors.ts';
import { SCOPES } from '../../src/model/scopes.ts';
import { askGithub } from '../../src/on-behalf/on-behalf.ts';
import { ID, idOf, markOf, PEOPLE } from '../brain/security/two-orgs.ts';
import { rowsOf } from '../support/brain-rows.ts';
import { requestsFor } from '../support/hostile-requests.ts';
import { openRestServer, type RestServer } from '../support/rest-server.ts';
import { runs } from '../support/runs.ts';

/** Sent at once each time: they meet each other too. */
const TOGETHER = 4;

/** Ids of both organisations by the names of fields; what stands nowhere here is a task, a project, a run or a job. */
const NUMBERS: Readonly<Record<string, readonly number[]>> = {
  project_id: [ID.project],
  task_id: [ID.task, ID.otherTask],
  parent_task_id: [ID.task, ID.otherTask],
  dependencies: [ID.otherTask, ID.task],
  milestone_id: [ID.milestone],
  assignee_agent_id: [ID.agent],
  run_id: [ID.ownRun, ID.run],
  job_id: [ID.ownJob, ID.job],
};
const ALL_NUMBERS = [...new Set(Object.values(ID))];
const idsOf = (name: string) =>
  (NUMBERS[name] ?? ALL_NUMBERS).flatMap((number) => [idOf('a', number), idOf('a', number), idOf('b', number)]);

let server: RestServer;
let token = '';
let cursors: readonly string[] = [];
beforeAll(async () => {
  const octokitFor = async () => {
    throw new Transient('nobody answers for GitHub here');
  };
  const limits = { together: 100, ofOne: 100, inAnHour: 1_000_000, people: 10 };
  server = await openRestServer((brain) => ({ github: askGithub({ brain, octokitFor, limits }) }));
  token = await server.tokenOf(PEOPLE.a.member, SCOPES.join(' '));
  const path = `/projects/${idOf('a', ID.project)}`;
  for (const title of ['one', 'two']) await server.ask(token, `${path}/tasks`, { method: 'POST', body: { title } });
  const lists = [`${path}/tasks?limit=1`, `${path}/failures?limit=1`, `/tasks/${idOf('a', ID.task)}/events?limit=1`];
  const pages = await Promise.all(lists.map((list) => server.ask(token, list)));
  cursors = pages.flatMap(({ json }) => (typeof json.next_cursor === 'string' ? [json.next_cursor] : []));
  expect(cursors.length).toBeGreaterThan(0);
});
afterAll(() => server.close());

/** What there is of organisation B alone: what both may name, as an agent, may stand in rows of A. */
async function rowsOfB() {
  const { oauth_tokens: _, ...rows } = await rowsOf(server.brain);
  const [a, b] = [new RegExp(markOf('a')), new RegExp(markOf('b'))];
  const isOfB = (row: string) => b.test(row) && !a.test(row);
  return Object.fromEntries(Object.entries(rows).map(([table, all]) => [table, all.filter(isOfB)]));
}

/** Agents, models and templates are the same for whoever signed in. */
const isEverybodys = (path: string) => /^\/api\/v1\/(?:agents|models|templates)\b/.test(path);

describe('a request made from the description', () => {
  it('is answered as described, is no fault of ours, and touches nothing of another organisation', async () => {
    const before = await rowsOfB();
    const { described } = describeAll();
    const any = fc.oneof(...described.map((one) => requestsFor(one, { idsOf, cursors })));
    const statuses = new Map<number, number>();
    await fc.assert(
      fc.asyncProperty(fc.array(any, { minLength: TOGETHER, maxLength: TOGETHER }), async (requests) => {
        // Throws for an answer that is not as described.
        const answers = await Promise.all(requests.map(({ path, ...sent }) => server.askWhole(token, path, sent)));
        for (const [at, { status, text }] of answers.entries()) {
          statuses.set(status, (statuses.get(status) ?? 0) + 1);
          // What has to be asked of GitHub is refused where GitHub does not answer, and is no fault of ours.
          if (!text.includes('"code":"github_unavailable"')) expect(status, text).toBeLessThan(500);
          if (!isEverybodys(requests[at]?.path ?? '')) expect(text).not.toMatch(/org-b|777000[0-9]{3}/);
        }
        expect(server.lines).toEqual([]);
      }),
      runs(300 / TOGETHER, 10_000 / TOGETHER),
    );
    // Many of them get past the door.
    const done = [200, 201, 304, 404, 409].reduce((sum, status) => sum + (statuses.get(status) ?? 0), 0);
    expect(done).toBeGreaterThan(100);
    expect([...statuses.keys()]).toEqual(expect.arrayContaining([200, 201, 400, 404]));
    expect(await rowsOfB()).toEqual(before);
  });
});
