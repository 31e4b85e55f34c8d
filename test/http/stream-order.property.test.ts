// Whoever writes, commits late or rolls back, and however often a client is cut off: it is told every event once, in the order of places.

import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ID, idOf, PEOPLE } from '../brain/security/two-orgs.ts';
import { ruleBackend } from '../support/brain.ts';
import { openRestServer, type RestServer } from '../support/rest-server.ts';
import { runs } from '../support/runs.ts';

const project = idOf('a', ID.project);
const path = `/api/v1/projects/${project}/events/stream`;

let server: RestServer;
let token = '';
beforeAll(async () => {
  server = await openRestServer({ streams: { heartbeatMs: 200 } });
  token = await server.tokenOf(PEOPLE.a.member);
});
afterAll(() => server.close());

/** One transaction: so many events, and so long until its end, which may take all of it back. */
const transaction = fc.record({
  events: fc.integer({ min: 1, max: 3 }),
  pauseMs: fc.integer({ min: 0, max: 15 }),
  isTakenBack: fc.boolean(),
});
const history = fc.record({
  writers: fc.array(fc.array(transaction, { minLength: 1, maxLength: 8 }), { minLength: 2, maxLength: 4 }),
  /** A client leaves after so many events, again and again. */
  leavesAfter: fc.integer({ min: 1, max: 7 }),
});

async function write(transactions: readonly { events: number; pauseMs: number; isTakenBack: boolean }[]) {
  await server.brain.session(async (session) => {
    for (const { events, pauseMs, isTakenBack } of transactions) {
      await session.script('begin');
      for (let n = 0; n < events; n += 1) {
        await session.query("insert into codered.events (project_id, event_type) values ($1::uuid, 'note.walk')", [
          project,
        ]);
        await new Promise((resolve) => setTimeout(resolve, pauseMs));
      }
      await session.script(isTakenBack ? 'rollback' : 'commit');
    }
  });
}

/** The ids that a client is told from the place on, which comes again whenever it has had so many, until the last event. */
async function follow(place: string, leavesAfter: number, isLast: (id: number) => boolean): Promise<number[]> {
  const ids: number[] = [];
  for (let from = place; ; ) {
    const stream = await server.follow(token, path, { 'last-event-id': from });
    if (stream.problem !== null) throw new Error(stream.problem.detail);
    for (let had = 0; had < leavesAfter; had += 1) {
      const event = await stream.next();
      if (event === null) break;
      ids.push(Number(event.id));
      if (isLast(ids.at(-1) ?? 0)) {
        stream.close();
        return ids;
      }
    }
    from = stream.seen.place;
    stream.close();
  }
}

// The embedded database does one thing at a time: there is nobody to be late.
describe.skipIf(ruleBackend === 'embedded')('a stream', () => {
  it('tells every event once and in order, whoever commits late and however often its client leaves', async () => {
    await fc.assert(
      fc.asyncProperty(history, async ({ writers, leavesAfter }) => {
        const [before] = await server.brain.sql('select max(id) as place from codered.events');
        let end = Number.POSITIVE_INFINITY;
        const told = follow(before?.place ?? '0', leavesAfter, (id) => id >= end);
        await Promise.all(writers.map(write));
        const [last] = await server.brain.sql(
          "insert into codered.events (project_id, event_type) values ($1::uuid, 'note.last') returning id",
          [project],
        );
        end = Number(last?.id);
        // Whoever was told the last one before that was known hears of another.
        await server.brain.sql("insert into codered.events (project_id, event_type) values ($1::uuid, 'note.over')", [
          project,
        ]);
        const ids = await told;
        const kept = await server.brain.sql(
          'select id from codered.events where project_id = $1::uuid and id > $2::bigint and id <= $3::bigint order by id',
          [project, before?.place ?? '0', String(ids.at(-1))],
        );
        expect(ids).toEqual(kept.map(({ id }) => Number(id)));
      }),
      runs(3, 15),
    );
  });
});
