// A client that is made of openapi.json type-checks by the strictest rules, and what its types say is what a running server answers.

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { describeAll } from '../../src/http/rest/describe.ts';
import { OPERATIONS } from '../../src/operations/operations.ts';
import { ID, idOf, PEOPLE } from '../brain/security/two-orgs.ts';
import { makeClient, programOf } from '../support/client-of.ts';
import { DOCUMENT } from '../support/described.ts';
import { openRestServer, type RestServer } from '../support/rest-server.ts';

const IDS: Readonly<Record<string, number>> = {
  project_id: ID.project,
  task_id: ID.task,
  job_id: ID.ownJob,
  run_id: ID.ownRun,
};
/** All whose shapes tell an example, as nearly all do. */
const described = describeAll(OPERATIONS).described.filter(
  ({ parameters, body }) =>
    parameters.every(({ required, example }) => !required || example !== undefined) &&
    (body === null || body.example !== undefined),
);
const project_id = idOf('a', ID.project);

/** What the compiler has to refuse, and what it has to know of an answer. */
const TYPES = `
export async function typesOf(project_id: string): Promise<string> {
  const path = { project_id };
  const { data, error } = await client.GET('/api/v1/projects/{project_id}/tasks', { params: { path, query: { limit: 2, status: 'done' } } });
  if (error !== undefined) return error.detail;
  const zone: 'red' | 'yellow' | 'green' | undefined = data.items[0]?.zone;
  // @ts-expect-error: a title is a text
  const title: number | undefined = data.items[0]?.title;
  // @ts-expect-error: there is no such status
  await client.GET('/api/v1/projects/{project_id}/tasks', { params: { path, query: { status: 'late' } } });
  // @ts-expect-error: a task has a title
  await client.POST('/api/v1/projects/{project_id}/tasks', { params: { path }, body: {} });
  // @ts-expect-error: there is no such path
  await client.GET('/api/v1/weather');
  return \`\${zone} \${title} \${data.next_cursor}\`;
}
`;

let server: RestServer;
let client: Awaited<ReturnType<typeof makeClient>>;
beforeAll(async () => {
  server = await openRestServer();
  const exampleFor = (name: string, example: unknown) => (IDS[name] === undefined ? example : idOf('a', IDS[name]));
  client = await makeClient(DOCUMENT, programOf(described, { exampleFor, more: TYPES }));
});
afterAll(async () => {
  await client.remove();
  await server.close();
});

describe('a client made of openapi.json', () => {
  it('is made, type-checks, and is answered as its types say, whatever it asks for', async () => {
    expect(await client.generate()).toEqual({ code: 0, output: '' });
    expect(await client.checkTypes()).toEqual({ code: 0, output: '' });
    const { code, output } = await client.start(server.url, await server.tokenOf(PEOPLE.a.member));
    expect(code, output).toBe(0);
    const told: Record<string, { status: number; data?: unknown; code?: string }> = JSON.parse(output);
    expect(Object.keys(told)).toEqual(described.map(({ operation }) => operation.name));
    expect(Object.keys(told).length).toBeGreaterThan(OPERATIONS.length * 0.9);
    const faults = Object.entries(told).filter(([, { status }]) => status >= 500);
    expect(faults).toEqual([]);
    expect(told.create_task).toMatchObject({ status: 201, data: { title: 'Mend the build', project_id } });
    expect(told.list_tasks).toMatchObject({ status: 200, data: { items: expect.any(Array) } });
    // What was refused says so with a code, and not as an answer.
    for (const [name, { status, data, code: refused }] of Object.entries(told)) {
      expect(status < 400 ? data : refused, name).toBeDefined();
    }
  });
});
