// Behind a pooler that lends a connection for one transaction: nothing of ours may stay on it, and its words are passed on.

import { once } from 'node:events';
import { createServer } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openPostgres } from '../../src/brain/backends/postgres.ts';
import type { SqlBackend } from '../../src/brain/backends/sql-backend.ts';
import { migrateBrain, openBrain } from '../../src/brain/client.ts';
import { vacuumTables } from '../../src/brain/vacuum.ts';
import { asError, Misconfigured } from '../../src/model/errors.ts';
import { type LentDatabase, lendDatabase } from '../support/postgres-server.ts';

const log = { info: () => {}, warn: () => {} };

/** A message of the protocol: https://www.postgresql.org/docs/current/protocol-message-formats.html */
function message(type: string, body: Buffer): Buffer {
  const head = Buffer.alloc(5);
  head.write(type);
  head.writeInt32BE(body.length + 4, 1);
  return Buffer.concat([head, body]);
}

const readyForQuery = message('Z', Buffer.from('I'));
const authenticated = message('R', Buffer.alloc(4));
/** As PgBouncer with `pool_mode = statement` refuses a transaction. */
const refused = message(
  'E',
  Buffer.from('SFATAL\0VFATAL\0C08P01\0Mtransaction blocks not allowed in statement pooling mode\0\0'),
);

describe('a pooler that takes single statements only', () => {
  it('is told apart from a server that can not be reached, with the setting to change', async () => {
    const pooler = createServer((socket) => {
      let begun = false;
      socket.on('error', () => {});
      socket.on('data', () => {
        if (begun) socket.end(refused);
        else socket.write(Buffer.concat([authenticated, readyForQuery]));
        begun = true;
      });
    });
    await once(pooler.listen(0, '127.0.0.1'), 'listening');
    const address = pooler.address();
    const port = typeof address === 'object' && address !== null ? address.port : 0;
    const settings = { kind: 'postgres', url: `postgresql://codered:hunter2@127.0.0.1:${port}/brain` } as const;
    const told = asError(await migrateBrain(settings, { log }).catch(asError));
    expect(told).toBeInstanceOf(Misconfigured);
    expect(told.message).toMatch(
      /^The Postgres server at 127.*refused: transaction blocks.*set its pool_mode to transaction/,
    );
    const brain = await openBrain(settings, { log });
    await expect(brain.check()).rejects.toThrow(/set its pool_mode to transaction/);
    await brain.close();
    pooler.close();
  });
});

describe('giving room back', () => {
  let database: LentDatabase;
  let home: SqlBackend;
  beforeAll(async () => {
    database = await lendDatabase(null);
    home = openPostgres({ url: database.url, poolSize: 1, onIdleError: () => {} });
    await home.session(({ script }) => script('create schema codered; create table codered.a (id integer)'));
  });
  afterAll(async () => {
    await home?.close();
    await database?.giveBack();
  });

  it('sets nothing for the session, which behind a pooler is the next one’s too', async () => {
    const sent: string[] = [];
    const heard: SqlBackend = {
      ...home,
      session: (work) =>
        home.session((session) =>
          work({
            ...session,
            query: (text, values) => {
              sent.push(text);
              return session.query(text, values);
            },
          }),
        ),
    };
    await vacuumTables(heard, 'codered', ['a']);
    expect(sent).toEqual(['vacuum (analyze) "codered"."a"']);
  });

  it('leaves a table to the server where its limit on statements does not suffice', async () => {
    const name = new URL(database.url).pathname.slice(1);
    await home.session(({ script }) => script(`alter database ${name} set statement_timeout = '1ms'`));
    const limited = openPostgres({ url: database.url, poolSize: 1, onIdleError: () => {} });
    await expect(vacuumTables(limited, 'codered', ['a'])).resolves.toBeUndefined();
    await limited.close();
  });
});
