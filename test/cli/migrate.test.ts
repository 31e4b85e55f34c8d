import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { command } from '../../src/cli/migrate.ts';
import { asError, Misconfigured } from '../../src/model/errors.ts';
import { lendDatabase } from '../support/postgres-server.ts';

describe('codered migrate', () => {
  let directory: string;
  beforeAll(() => {
    directory = mkdtempSync(join(tmpdir(), 'codered-migrate-'));
  });
  afterAll(() => rmSync(directory, { recursive: true, force: true }));

  async function migrate(env: Record<string, string>, ...args: string[]) {
    const lines: string[] = [];
    const glances: string[] = [];
    const say = (line: string) => void lines.push(line);
    const glance = (line: string) => void glances.push(line);
    const code = await command.run({ args, env, out: say, err: say, glance, stop: new AbortController().signal });
    expect(glances[0]).toBe('opening the database');
    expect(glances.slice(1, -1)).toEqual(
      glances.slice(1, -1).map((_, index) => expect.stringContaining(`migration ${index + 1} of `)),
    );
    expect(glances.at(-1)).toBe('supabase/seed.sql');
    return { code, lines };
  }

  it('says what it applied, then that there is nothing to do, in words or as JSON', { tags: ['slow'] }, async () => {
    const env = { CODERED_DATA_DIR: join(directory, 'data') };
    const first = await migrate(env);
    expect(first.code).toBe(0);
    expect(first.lines[0]).toMatch(/^applied \d{14}_\w+$/);
    expect(await migrate(env)).toEqual({ code: 0, lines: ['nothing to do: the database is up to date'] });
    const { lines } = await migrate(env, '--json');
    expect(JSON.parse(lines.join())).toEqual({ bootstrapped: true, applied: [], seeded: false });
  });

  it('explains itself to somebody who has only SUPABASE_URL', async () => {
    const env = { SUPABASE_URL: 'https://x.supabase.co', SUPABASE_SERVICE_ROLE_KEY: 'sb_secret_not_a_real_key' };
    await expect(migrate(env)).rejects.toThrow(Misconfigured);
    await expect(migrate(env)).rejects.toThrow('npx supabase db push --include-seed');
  });

  it('says in one line what is wrong with the database that DATABASE_URL names', async () => {
    const database = await lendDatabase(null);
    try {
      const { host } = new URL(database.url);
      const missing = new URL(database.url);
      missing.pathname = '/nothing_of_that_name';
      const missed = await migrate({ DATABASE_URL: missing.href }).catch(asError);
      expect(missed).toBeInstanceOf(Misconfigured);
      expect(missed).toHaveProperty(
        'message',
        expect.stringMatching(/^[^\n]*nothing_of_that_name[^\n]*\(3D000\)[^\n]*$/),
      );
      expect(missed).toHaveProperty('message', expect.stringContaining(`The Postgres server at ${host} refused: `));
      expect(missed).toHaveProperty(
        'message',
        expect.stringContaining('in DATABASE_URL, or create it: create database'),
      );
    } finally {
      await database.giveBack();
    }
  });

  it('refuses an option it does not know', async () => {
    await expect(migrate({}, '--force')).rejects.toThrow('--force');
  });
});
