// REST under requests that are meant to find out, to use up or to mislead, and under what people are used to from other APIs.

import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ID, idOf, PEOPLE } from '../brain/security/two-orgs.ts';
import { openRestServer, type RestServer, type Sent } from '../support/rest-server.ts';

let server: RestServer;
let strangers = '';
beforeAll(async () => {
  server = await openRestServer();
  strangers = await server.tokenOf(PEOPLE.b.member);
});
afterAll(() => server.close());

const project = idOf('a', ID.project);
const post = (body: unknown, headers: Record<string, string> = {}): Sent => ({ method: 'POST', body, headers });

describe('an Idempotency-Key', () => {
  it('tells nobody which projects, tasks, jobs and runs there are', async () => {
    const paths = (of: (number: number) => string) => [
      [`/projects/${of(ID.project)}/tasks`, { title: 'x' }],
      [`/tasks/${of(ID.task)}/lock`, { locker: 'x' }],
      [`/jobs/${of(ID.ownJob)}/cancel`, {}],
      [`/runs/${of(ID.ownRun)}/cancel`, {}],
    ];
    const absent = randomUUID();
    const askAll = (of: (number: number) => string) =>
      Promise.all(
        paths(of).map(async ([path, body]) => {
          const sent = post(body, { 'idempotency-key': randomUUID() });
          const { status, text } = await server.ask(strangers, `${path}`, sent);
          return [status, text.replaceAll(/[0-9a-f]{8}-[0-9a-f-]{27}/g, '…')];
        }),
      );
    const theirs = await askAll((number) => idOf('a', number));
    expect(theirs).toEqual(await askAll(() => absent));
    expect(theirs.map(([status]) => status)).toEqual([404, 404, 404, 404]);
  });

  it('is one of ten thousand within a day, and those of who never came back go', async () => {
    const person = PEOPLE.a.admin;
    const insert = (user: string, count: number, age: string) =>
      server.brain.sql(
        `insert into codered.idempotency_keys (user_id, key_hash, request_hash, created_at)
        select $1::uuid, encode(sha256(('k' || n)::bytea), 'hex'), repeat('0', 64), now() - $2::interval
        from generate_series(1, $3::integer) as n`,
        [user, age, String(count)],
      );
    await insert(PEOPLE.stranger, 60, '2 days');
    await insert(person, 9_999, '1 hour');
    const admin = await server.tokenOf(person);
    const make = () =>
      server.ask(admin, `/projects/${project}/tasks`, post({ title: 'y' }, { 'idempotency-key': randomUUID() }));
    expect((await make()).status).toBe(201);
    expect((await make()).json).toMatchObject({ status: 409, code: 'CR003', detail: expect.stringContaining('10000') });
    const left = await server.brain.sql('select 1 as one from codered.idempotency_keys where user_id = $1', [
      PEOPLE.stranger,
    ]);
    expect(left).toEqual([]);
  });
});
