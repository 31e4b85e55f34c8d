// What REST does when GitHub was not asked for an hour what a person may see.

import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  installOn,
  letPass,
  makeRepository,
  type Person,
  recordAccess,
  signInPerson,
} from '../support/access-scene.ts';
import { makeProject } from '../support/people.ts';
import { openRestServer, type RestServer } from '../support/rest-server.ts';

describe('REST, when GitHub was not asked for an hour what a person may see', () => {
  let server: RestServer;
  let person: Person;
  let project: string;
  let token: string;
  let told: Parameters<typeof recordAccess>[2];
  let asked: string[] = [];
  /** What GitHub answers: again what it said, that it can't be asked, or nothing for a while. */
  let answer: () => Promise<boolean> = async () => false;

  beforeAll(async () => {
    server = await openRestServer({
      signInUrl: 'https://codered.example/sign-in',
      refreshAccess: async (userId) => {
        asked.push(userId);
        return answer();
      },
    });
    const { brain } = server;
    const account = await installOn(brain);
    project = await makeProject(brain, { org: account.org });
    const repository = await makeRepository(brain, account, project);
    told = [{ account, repositories: { [repository]: 'read' } }];
    person = await signInPerson(brain);
    token = await server.tokenOf(person.id);
  });
  afterAll(() => server.close());

  const become = async (minutes: number) => {
    asked = [];
    await recordAccess(server.brain, person, told);
    await letPass(server.brain, person, minutes);
  };
  const list = () => server.ask(token, `/projects/${project}/tasks`);
  const make = (key: string) =>
    server.ask(token, `/projects/${project}/tasks`, {
      method: 'POST',
      body: { title: `Made by ${key}` },
      headers: { 'idempotency-key': key },
    });
  const again = async () => {
    await recordAccess(server.brain, person, told);
    return true;
  };

  it('asks nobody as long as it was', async () => {
    await become(59);
    expect((await list()).status).toBe(200);
    expect(asked).toEqual([]);
  });

  it('asks once for all requests of a person, and does each of them', async () => {
    await become(61);
    answer = async () => {
      // They are all there by then.
      while (server.refused.length < 4) await new Promise(setImmediate);
      return again();
    };
    server.refused.length = 0;
    const answers = await Promise.all([list(), list(), list(), make('one')]);
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200, 201]);
    expect(asked).toEqual([person.id]);
  });

  it('says since when it was not, and where to sign in, when it can’t be asked', async () => {
    await become(61);
    answer = async () => false;
    const { status, json, headers } = await list();
    expect([status, json.code, headers.get('retry-after')]).toEqual([503, 'access_unchecked', '60']);
    expect(json.detail).toMatch(/GitHub could not be asked since \d{4}-\d\d-\d\dT[\d:]+Z\. Sign in again at https:/);
    expect(asked).toEqual([person.id]);
  });

  it('says the same when asking fails or helps nothing, asks no second time, and notes why', async () => {
    await become(61);
    answer = async () => {
      throw new Error('github.example can not be reached');
    };
    expect((await list()).json.code).toBe('access_unchecked');
    expect(JSON.stringify(server.lines)).toContain('github.example can not be reached');
    answer = async () => true;
    expect((await list()).json.code).toBe('access_unchecked');
    expect(asked).toHaveLength(2);
  });

  it('gives no kept answer to whom it would not give it anew', async () => {
    await become(0);
    expect((await make('kept')).status).toBe(201);
    await letPass(server.brain, person, 61);
    answer = async () => false;
    expect((await make('kept')).json.code).toBe('access_unchecked');
    answer = again;
    expect((await make('kept')).headers.get('idempotent-replayed')).toBe('true');
  });

  it('says the same of what is there and of what is not to whom GitHub was never asked of', async () => {
    answer = async () => false;
    const newcomer = await signInPerson(server.brain);
    await server.brain.sql('insert into codered.access_checks (user_id) values ($1::uuid)', [newcomer.id]);
    const newcomers = await server.tokenOf(newcomer.id);
    await become(0);
    const { json } = await make('newcomer');
    const ask = async (id: string) => {
      const { status, json: problem } = await server.ask(newcomers, `/tasks/${id}`);
      return [status, problem.code, problem.detail];
    };
    const there = await ask(json.id);
    expect(there.slice(0, 2)).toEqual([503, 'access_unchecked']);
    expect(await ask(randomUUID())).toEqual(there);
  });

  it('has GitHub asked again for a stream that is open, and ends it, saying so, when that can’t be', async () => {
    const follow = async () => {
      const stream = await server.follow(token, `/api/v1/projects/${project}/events/stream`);
      if (stream.problem !== null) throw new Error(stream.problem.detail);
      return stream;
    };
    await become(0);
    const stream = await follow();
    /** Time goes by while the stream reads nothing, and then something happens. */
    const wake = async () => {
      let before = -1;
      const reads = () => server.asked.filter((name) => name === 'list_events').length;
      const isQuiet = () => {
        const [was, is] = [before, reads()];
        before = is;
        return was === is;
      };
      await expect.poll(isQuiet, { interval: 150 }).toBe(true);
      await letPass(server.brain, person, 61);
      await server.brain.sql("insert into codered.events (project_id, event_type) values ($1::uuid, 'note.woken')", [
        project,
      ]);
      return stream.next();
    };
    answer = again;
    expect(await wake()).toMatchObject({ data: { event_type: 'note.woken' } });
    expect(asked).toEqual([person.id]);
    answer = async () => false;
    expect(await wake()).toMatchObject({ event: 'error', data: { code: 'access_unchecked' } });
    expect(await stream.next()).toBeNull();
    await expect(follow()).rejects.toThrow('GitHub could not be asked since');
  });

  it('asks for nobody whose rights are by hand', async () => {
    asked = [];
    const stranger = await server.tokenOf((await signInPerson(server.brain)).id);
    expect((await server.ask(stranger, `/projects/${project}/tasks`)).status).toBe(404);
    expect((await server.ask(stranger, '/projects')).json.items).toEqual([]);
    expect(asked).toEqual([]);
  });
});
