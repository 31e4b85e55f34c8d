// A database of before the baseline, made by the old migrations as they were: taken over when it is what they give, left alone when not.

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openEmbedded } from '../../src/brain/backends/embedded.ts';
import { openPostgres } from '../../src/brain/backends/postgres.ts';
import type { SqlBackend } from '../../src/brain/backends/sql-backend.ts';
import { migrateBackend } from '../../src/brain/migrate.ts';
import { type MigrationFiles, readMigrationFiles } from '../../src/brain/migration-files.ts';
import { compareCatalogues, readCatalogue } from '../../src/brain/schema-catalogue.ts';
import { Misconfigured } from '../../src/model/errors.ts';
import { historyOf } from '../support/catalogue.ts';
import { readOldMigrations } from '../support/old-migrations.ts';
import { type LentDatabase, lendDatabase } from '../support/postgres-server.ts';
import { isSlow } from '../support/runs.ts';
import { type PostgresVersion, postgresVersions } from '../support/start-postgres.ts';

const kept = `select deliveries_per_day from codered.quotas`;

let files: MigrationFiles;
/** The migrations up to the baseline, which is what is adopted; later ones are applied as to any database. */
let baseline: MigrationFiles;
let old: MigrationFiles;
beforeAll(async () => {
  files = await readMigrationFiles();
  baseline = { ...files, migrations: files.migrations.slice(0, 1) };
  old = await readOldMigrations();
});

const query = (backend: SqlBackend, text: string) => backend.session((session) => session.query(text));
const run = (backend: SqlBackend, text: string) => backend.session((session) => session.script(text));
const historyOfAll = ({ migrations }: MigrationFiles) => migrations.map(({ version, name }) => `${version}_${name}`);

/** The newest server in `npm test`; the embedded one and the oldest server in `slow`. */
const kinds = isSlow ? (['embedded', Math.min(...postgresVersions) as PostgresVersion] as const) : ([18] as const);

describe.each<'embedded' | PostgresVersion>(kinds)('an old database on %s', (kind) => {
  let lent: LentDatabase | null = null;
  let backend: SqlBackend;
  beforeAll(async () => {
    lent = kind === 'embedded' ? null : await lendDatabase(null, kind);
    backend =
      lent === null ? await openEmbedded({ directory: null }) : openPostgres({ url: lent.url, onIdleError: () => {} });
    await migrateBackend(backend, old);
    await run(backend, 'update codered.quotas set deliveries_per_day = 7');
  });
  afterAll(async () => {
    await backend?.close();
    await lent?.giveBack();
  });

  /** What is told of it, while `change` stands; nothing is changed by being told. */
  async function refusal(change: string, back: string): Promise<string> {
    await run(backend, change);
    const before = await historyOf(backend);
    const error: unknown = await migrateBackend(backend, baseline).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(Misconfigured);
    expect(await historyOf(backend)).toEqual(before);
    await run(backend, back);
    return String(error);
  }

  // What the words of a refusal rest on is the same everywhere.
  const isWhole = kind === 'embedded' || kind === 18;

  it.runIf(isWhole)(
    'is left alone when it has only some of the old migrations, and its owner is told how to come here',
    async () => {
      const last = old.migrations.at(-1)?.version;
      const text = await refusal(
        `create table public.aside as select * from supabase_migrations.schema_migrations where version = '${last}';
       delete from supabase_migrations.schema_migrations where version = '${last}'`,
        `insert into supabase_migrations.schema_migrations select * from public.aside; drop table public.aside`,
      );
      expect(text).toContain(`has ${old.migrations.length - 1} of the ${old.migrations.length} migrations`);
      expect(text).toContain('20261130120000_held_runs');
      expect(text).toContain('git checkout');
    },
  );

  it.runIf(isWhole)('is left alone when it has others beside them, which are named', async () => {
    const text = await refusal(
      `insert into supabase_migrations.schema_migrations (version, name) values ('20270101000000', 'ours')`,
      `delete from supabase_migrations.schema_migrations where version = '20270101000000'`,
    );
    expect(text).toContain('20270101000000_ours');
  });

  it.runIf(isWhole)('is left alone when somebody has changed its schema, and is told what is another', async () => {
    const text = await refusal(
      `create index extra on codered.runs (id);
       alter function codered.touch_updated_at() security definer;
       alter table codered.quotas disable row level security;
       grant select on codered.webhook_deliveries to anon;
       alter table codered.runs alter column status drop default;
       drop trigger make_profile on auth.users`,
      `drop index codered.extra;
       alter function codered.touch_updated_at() security invoker;
       alter table codered.quotas enable row level security;
       revoke select on codered.webhook_deliveries from anon;
       alter table codered.runs alter column status set default 'pending';
       create trigger make_profile after insert on auth.users for each row execute function codered.make_profile()`,
    );
    for (const result of [
      'column runs.status is another one',
      'function codered.touch_updated_at() is another one',
      'relation quotas is another one',
      'relation webhook_deliveries is another one',
      'trigger users.make_profile is missing',
      "index runs.extra is not CodeRed's",
    ]) {
      expect(text).toContain(result);
    }
  });

  // The embedded database has no settings of a database's own.
  it.runIf(kind !== 'embedded')('is known by its schema, however its server words that', async () => {
    const settings = {
      intervalstyle: 'iso_8601',
      quote_all_identifiers: 'on',
      datestyle: 'SQL, DMY',
      timezone: 'Asia/Tokyo',
    };
    const difference = await backend.session(async (session) => {
      const wanted = await readCatalogue(session);
      for (const [name, value] of Object.entries(settings)) {
        await session.query('select set_config($1, $2, false)', [name, value]);
      }
      // As pg_dump writes it and a restore reads it: "between" is two comparisons, without a group of their own.
      await session.script(`
        begin;
        alter table codered.allowed_accounts drop constraint allowed_accounts_login_check;
        alter table codered.allowed_accounts add constraint allowed_accounts_login_check check (
          ((char_length(login) >= 1) and (char_length(login) <= 500) and (login = lower(login)))
          or codered.refuse_value('allowed_accounts.login', login, '1 to 500 characters in lower case'))`);
      const found = await readCatalogue(session);
      await session.script('rollback');
      return compareCatalogues(wanted, found);
    });
    expect(difference).toEqual({ missing: [], additional: [], changed: [] });
  });

  it('is taken over by whoever comes first, whole, and once', async () => {
    const reports = await Promise.all([migrateBackend(backend, files), migrateBackend(backend, files)]);
    expect(reports.filter(({ adopted }) => adopted)).toHaveLength(1);
    expect(await historyOf(backend)).toEqual(historyOfAll(files));
    expect(await query(backend, kept)).toEqual([{ deliveries_per_day: '7' }]);
    expect(await migrateBackend(backend, files)).toEqual({ bootstrapped: true, applied: [], seeded: false });
  });

  it('has the schema of a new one afterwards', async () => {
    const fresh = await openEmbedded({ directory: null });
    try {
      await migrateBackend(fresh, files);
      const [wanted, found] = [await fresh.session(readCatalogue), await backend.session(readCatalogue)];
      expect(found.length).toBeGreaterThan(1_500);
      expect(compareCatalogues(wanted, found)).toEqual({ missing: [], additional: [], changed: [] });
    } finally {
      await fresh.close();
    }
  });
});
