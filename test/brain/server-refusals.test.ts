// What a person is told of a Postgres server that can't be reached, or does not let them do what is needed: real servers.
import { once } from 'node:events';
import { createServer } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openPostgres } from '../../src/brain/backends/postgres.ts';
import { whyUnreachable } from '../../src/brain/backends/unreachable.ts';
import { migrateBrain, openBrain } from '../../src/brain/client.ts';
import { asError, Misconfigured, Transient } from '../../src/model/errors.ts';
import { type LentDatabase, lendDatabase } from '../support/postgres-server.ts';
import { postgresVersions } from '../support/start-postgres.ts';

const log = { info: () => {}, warn: () => {} };
const patience = { connectMs: 10_000, silenceMs: 35_000 };

/** What `codered migrate` says, and what a command says that only calls a function. */
async function given(url: string): Promise<Error[]> {
  const settings = { kind: 'postgres', url } as const;
  const migrating = await migrateBrain(settings, { log }).catch(asError);
  const calling = await openBrain(settings, { log })
    .then((brain) => brain.check().finally(brain.close))
    .catch(asError);
  return [asError(migrating), asError(calling)];
}

async function runSql(url: string, sql: string): Promise<void> {
  const backend = openPostgres({ url, poolSize: 1, onIdleError: () => {} });
  try {
    await backend.session((session) => session.script(sql));
  } finally {
    await backend.close();
  }
}

const changed = (url: string, change: (url: URL) => void) => {
  const other = new URL(url);
  change(other);
  return other.href;
};

describe.each(postgresVersions)('Postgres %i', (version) => {
  let database: LentDatabase;
  beforeAll(async () => {
    database = await lendDatabase(null, version);
  });
  afterAll(() => database?.giveBack());

  it('says how to make a user that is not there, or to write its password', async () => {
    const url = changed(database.url, (other) => {
      other.username = 'nobody_of_that_name';
    });
    for (const error of await given(url)) {
      expect(error).toBeInstanceOf(Misconfigured);
      expect(error.message).toContain('nobody_of_that_name');
      expect(error.message).toContain("create role <user> login password '…'");
      expect(error.message).not.toContain(new URL(url).password);
    }
  });

  it('says how to make a database that is not there', async () => {
    const url = changed(database.url, (other) => {
      other.pathname = '/nothing_of_that_name';
    });
    for (const error of await given(url)) {
      expect(error).toBeInstanceOf(Misconfigured);
      expect(error.message).toMatch(/"nothing_of_that_name" does not exist.*create database <name> owner <user>/);
    }
  });

  it('names every grant that is missing at once; with them it migrates, and works', async () => {
    const limited = `limited_${version}`;
    await runSql(database.url, `create role ${limited} login password 'of the tests'`);
    const url = changed(database.url, (other) => {
      other.username = limited;
      other.password = encodeURIComponent('of the tests');
    });
    const refused = await migrateBrain({ kind: 'postgres', url }, { log }).catch(asError);
    expect(refused).toBeInstanceOf(Misconfigured);
    const [, ...statements] = asError(refused).message.split('\n');
    const name = new URL(database.url).pathname.slice(1);
    expect(statements.map((line) => line.trim())).toEqual([
      'create role anon nologin noinherit;',
      'create role authenticated nologin noinherit;',
      'create role service_role nologin noinherit bypassrls;',
      `grant anon, authenticated, service_role to ${limited};`,
      `grant create on database ${name} to ${limited};`,
    ]);
    await runSql(database.url, statements.join('\n'));
    await migrateBrain({ kind: 'postgres', url }, { log });
    const brain = await openBrain({ kind: 'postgres', url }, { log });
    await brain.check();
    await brain.close();

    await runSql(database.url, `create role second_${version} login password 'of the tests'`);
    const second = changed(url, (other) => {
      other.username = `second_${version}`;
    });
    expect(asError(await migrateBrain({ kind: 'postgres', url: second }, { log }).catch(asError)).message).toContain(
      `grant ${limited} to second_${version};`,
    );
    await runSql(database.url, `drop owned by ${limited} cascade; drop role second_${version}`);
  });

  it('needs no right to change the schema of a user for whom there is nothing to migrate', async () => {
    await migrateBrain({ kind: 'postgres', url: database.url }, { log });
    const serving = `serving_${version}`;
    await runSql(database.url, `create role ${serving} login password 'of the tests'`);
    const url = changed(database.url, (other) => {
      other.username = serving;
      other.password = encodeURIComponent('of the tests');
    });
    const refused = asError(await migrateBrain({ kind: 'postgres', url }, { log }).catch(asError));
    expect(refused).toBeInstanceOf(Misconfigured);
    const [, instead = ''] = refused.message.split('for this one to work on the database then suffices:');
    expect(instead.split('\n').map((line) => line.trim())).toEqual([
      '',
      `grant service_role to ${serving};`,
      `grant usage on schema supabase_migrations to ${serving};`,
      `grant select on all tables in schema supabase_migrations to ${serving};`,
    ]);
    await runSql(database.url, instead);
    expect(await migrateBrain({ kind: 'postgres', url }, { log })).toEqual({
      bootstrapped: false,
      applied: [],
      seeded: false,
    });
    const brain = await openBrain({ kind: 'postgres', url }, { log });
    await brain.check();
    await brain.close();

    await runSql(
      database.url,
      `delete from supabase_migrations.schema_migrations where version = (select max(version) from supabase_migrations.schema_migrations)`,
    );
    const behind = asError(await migrateBrain({ kind: 'postgres', url }, { log }).catch(asError));
    expect(behind.message).toContain('may not migrate the database');
    await runSql(database.url, `drop owned by ${serving}; drop role ${serving}`);
  });
});

describe('a server that can not be reached', () => {
  it('is told apart from something that is no Postgres server', async () => {
    const other = createServer((socket) => socket.end());
    await once(other.listen(0, '127.0.0.1'), 'listening');
    const address = other.address();
    const port = typeof address === 'object' && address !== null ? address.port : 0;
    for (const error of await given(`postgresql://codered:hunter2@127.0.0.1:${port}/brain`)) {
      expect(error).toBeInstanceOf(Transient);
      expect(error.message).toContain(
        `The Postgres server at 127.0.0.1:${port} can't be reached: it closed the connection`,
      );
      expect(error.message).toContain('See that it is a Postgres server that DATABASE_URL names');
      expect(error.message).not.toContain('hunter2');
    }
    other.close();
  });

  it.each(['p%ffx', '12#x'])('is not asked for where the password %j is not percent-encoded', async (password) => {
    for (const error of await given(`postgres://codered:${password}@127.0.0.1:5432/brain`)) {
      expect(error).toBeInstanceOf(Misconfigured);
      expect(error.message).toMatch(/of the password percent-encoded/);
      expect(error.message).not.toContain(password);
    }
  });

  it.each([
    ['Connection terminated due to connection timeout', undefined, /^no answer within 10 s: .*firewall/],
    ['timeout exceeded when trying to connect', undefined, /^no answer within 10 s: .*firewall/],
    ['connect ETIMEDOUT 10.0.0.1:5432', 'ETIMEDOUT', /^no answer within 10 s: /],
    ['Query read timeout', undefined, /^it said nothing for 35 s: /],
    ['getaddrinfo ENOTFOUND databse.example', 'ENOTFOUND', /ENOTFOUND databse.example: There is no host of that name/],
    ['connect ECONNREFUSED 127.0.0.1:1', 'ECONNREFUSED', /Nothing listens there. See that DATABASE_URL is right/],
    ['The server does not support SSL connections', undefined, /^it speaks no TLS: Take sslmode out of DATABASE_URL/],
    ['unable to verify the first certificate', 'UNABLE_TO_VERIFY_LEAF_SIGNATURE', /sslrootcert=<file of that CA>/],
    ['unable to get local issuer certificate', 'UNABLE_TO_GET_ISSUER_CERT_LOCALLY', /sslrootcert=<file of that CA>/],
    ['certificate has expired', 'CERT_HAS_EXPIRED', /the server needs a new one/],
    ['Hostname/IP does not match', 'ERR_TLS_CERT_ALTNAME_INVALID', /use that name in DATABASE_URL, or, .*verify-ca/],
    ['SASL: SCRAM-SERVER-FIRST-MESSAGE: client password must be a string', undefined, /^it wants a password: /],
    ['something new', undefined, /^something new: See that DATABASE_URL is right and that the server runs\.$/],
  ])('with %j says what to do', (message, code, expected) => {
    const { reason, advice } = whyUnreachable([Object.assign(new Error(message), { code })], patience);
    expect(`${reason}: ${advice}`).toMatch(expected);
  });
});
