import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';
import nock from 'nock';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { openEmbedded } from '../../src/brain/backends/embedded.ts';
import { migrateBackend } from '../../src/brain/migrate.ts';
import { readMigrationFiles } from '../../src/brain/migration-files.ts';
import { command } from '../../src/cli/prune.ts';
import type { CommandContext } from '../../src/cli/terminal/command.ts';
import { Misconfigured } from '../../src/model/errors.ts';
import { openTestBrain, type TestBrain, testBrain } from '../support/brain.ts';
import { rowsOf } from '../support/brain-rows.ts';

const OLD = monthFrom(-30);
const MONTH = OLD.slice(0, 7);
const FILE = `events-${MONTH}.ndjson.gz`;

/** The first day of the month so many months from now, in UTC. */
function monthFrom(months: number): string {
  const now = new Date();
  return new Date(Date.UTC(now.getUTCFullYear(), now.getUTCMonth() + months, 1)).toISOString().slice(0, 10);
}

/** 1,200 deliveries of which 1,100 may go, four follow-ups of which two may, one excerpt that may, and 2,500 events of an old month. */
const SCENE = `
  insert into codered.orgs (id, login, name) values ('00000000-0000-4000-8000-000000000001', 'acme', 'Acme');
  insert into codered.projects (id, org_id, slug, name)
    values ('00000000-0000-4000-8000-000000000001', '00000000-0000-4000-8000-000000000001', 'web', 'Web');
  insert into codered.webhook_deliveries (app_id, guid, event, payload, status, received_at)
    select 1, 'g' || n, 'push', '{}', case when n <= 1100 then 'done' else 'dead' end, now() - interval '40 days' from generate_series(1, 1200) as n;
  insert into codered.follow_ups (kind, status, dedupe_key, completed_at)
    select 'report', 'completed', 'report ' || n, now() - n * interval '14 days' from generate_series(1, 4) as n;
  insert into codered.errors (project_id, source, message, fingerprint, excerpt, created_at)
    select '00000000-0000-4000-8000-000000000001', 'runtime', 'it broke', n::text, 'lines', now() - n * interval '300 days' from generate_series(1, 2) as n;
  insert into codered.events (event_type, payload, created_at)
    select 'note.old', jsonb_build_object('n', n, 'text', 'a "quote", a' || chr(10) || 'line and ünïcode'), '${OLD}T00:00:00Z'::timestamptz + n * interval '10 minutes'
    from generate_series(1, 2500) as n;`;

async function prune(
  env: Record<string, string>,
  args: readonly string[],
  more: Partial<CommandContext> = {},
): Promise<{ code: number; out: string[]; err: string[] }> {
  const out: string[] = [];
  const err: string[] = [];
  const stop = new AbortController().signal;
  const context = { args, env, out: (line: string) => out.push(line), err: (line: string) => err.push(line), stop };
  return { code: await command.run({ ...context, ...more }), out, err };
}

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'codered-prune-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

describe('codered prune on a Postgres', () => {
  let brain: TestBrain;
  let env: Record<string, string>;
  beforeEach(async () => {
    brain = await openTestBrain('postgres');
    await brain.script(SCENE);
    env = { DATABASE_URL: brain.databaseUrl ?? '', CODERED_DATA_DIR: folder };
  });
  afterEach(() => brain.close());
  /** Keeps the server of this process running from one test to the next. */
  let keeper: TestBrain;
  beforeAll(async () => {
    keeper = await openTestBrain('postgres');
  });
  afterAll(() => keeper.close());

  const counts = async () => {
    const [row] = await brain.sql(
      `select (select count(*) from codered.webhook_deliveries) as deliveries, (select count(excerpt) from codered.errors) as excerpts,
              (select count(*) from codered.events where event_type = 'note.old') as events`,
    );
    return Object.values(row ?? {}).map(Number);
  };
  const archived = (name: string) =>
    gunzipSync(readFileSync(join(folder, 'archive', name)))
      .toString()
      .split('\n')
      .slice(0, -1);

  it('says with --dry-run what would go, in words or as JSON, and changes nothing', async () => {
    const before = await rowsOf(brain);
    const words = await prune(env, ['--dry-run']);
    expect(words.code).toBe(0);
    expect(words.out[0]).toMatch(
      /^errors +1 row is older than 400 days \(excerpts of failures; the failures stay\), the oldest of \d{4}-\d\d-\d\d, about 1 MB$/,
    );
    expect(words.out[1]).toMatch(/^events +2,500 rows are older than 2 years \(whole months\), the oldest of /);
    expect(words.out[2]).toMatch(
      /^follow_ups +2 rows are older than 30 days \(follow-ups that are over\), the oldest of /,
    );
    expect(words.out[3]).toBe('test_days           nothing is older than 400 days (days of tests)');
    expect(words.out[5]).toMatch(
      /^webhook_deliveries +1,100 rows are older than 30 days \(deliveries that are done or ignored\)/,
    );
    const { out } = await prune(env, ['--dry-run', '--json']);
    expect(out.map((line) => JSON.parse(line))).toMatchObject([
      { table_name: 'errors', due: 1, keep: '400 days' },
      { table_name: 'events', due: 2500 },
      { table_name: 'follow_ups', due: 2, keep: '30 days' },
      { table_name: 'test_days', due: 0, keep: '400 days' },
      { table_name: 'test_results', due: 0, keep: '400 days' },
      { table_name: 'webhook_deliveries', due: 1100 },
    ]);
    expect(await rowsOf(brain)).toEqual(before);
    expect(readdirSync(folder)).toEqual([]);
  });

  it('takes away what it announced, archives the month whole, and has nothing to do a second time', async () => {
    const rows = await brain.sql(
      `select jsonb_build_object('id', id, 'event_type', event_type, 'payload', payload, 'at', extract(epoch from created_at))::text as row
       from codered.events where event_type = 'note.old' order by id`,
    );
    const { code, out } = await prune(env, ['--json']);
    expect(code).toBe(0);
    const place = join(folder, 'archive', FILE);
    const sha256 = createHash('sha256').update(readFileSync(place)).digest('hex');
    expect(out.map((line) => JSON.parse(line))).toEqual([
      { table_name: 'webhook_deliveries', pruned: 1100 },
      { table_name: 'follow_ups', pruned: 2 },
      { table_name: 'errors', pruned: 1 },
      { table_name: 'events', month: MONTH, pruned: 2500, sha256, place, table: null },
    ]);
    expect(await counts()).toEqual([100, 1, 0]);
    expect(readFileSync(`${place}.sha256`, 'utf8')).toBe(`${sha256}  ${FILE}\n`);
    expect(readdirSync(join(folder, 'archive')).toSorted()).toEqual([FILE, `${FILE}.sha256`]);
    const lines = archived(FILE).map((line) => JSON.parse(line));
    expect(
      lines.map(({ id, event_type, payload, created_at }) => ({
        id,
        event_type,
        payload,
        at: Date.parse(created_at) / 1_000,
      })),
    ).toEqual(rows.map(({ row }) => JSON.parse(row ?? '')));
    expect(Object.keys(lines[0]).toSorted()).toEqual([
      'created_at',
      'event_type',
      'id',
      'payload',
      'project_id',
      'repository_id',
      'run_id',
      'task_id',
      'user_id',
    ]);
    const [found] = await brain.sql(
      `select payload::text from codered.events where event_type = 'retention.month_archived'`,
    );
    expect(JSON.parse(found?.payload ?? '')).toEqual({
      month: MONTH,
      rows: 2500,
      sha256,
      place,
      last_id: expect.any(Number),
    });

    const before = await rowsOf(brain);
    expect((await prune(env, ['--json'])).out.map((line) => JSON.parse(line))).toEqual([
      { table_name: 'webhook_deliveries', pruned: 0 },
      { table_name: 'follow_ups', pruned: 0 },
      { table_name: 'errors', pruned: 0 },
    ]);
    expect(await rowsOf(brain)).toEqual(before);
  });

  it('stops between two batches and goes on where it was', async () => {
    const ending = new AbortController();
    const said: string[] = [];
    const progress = (line: string) => {
      said.push(line);
      ending.abort();
    };
    const first = await prune(env, [], { stop: ending.signal, progress });
    expect(first.code).toBe(1);
    expect(first.err).toEqual(['stopped before all was done; run `codered prune` again to go on']);
    expect(said).toEqual(['500 deliveries deleted, 0 excerpts emptied']);
    expect(await counts()).toEqual([700, 2, 2500]);

    const again = new AbortController();
    const whileArchiving = (line: string) => {
      if (line.startsWith('events')) again.abort();
    };
    const second = await prune(env, [], { stop: again.signal, progress: whileArchiving });
    expect(second.code).toBe(1);
    expect(await counts()).toEqual([100, 1, 2500]);
    expect(readdirSync(join(folder, 'archive'))).toEqual([]);

    expect((await prune(env, [])).code).toBe(0);
    expect(await counts()).toEqual([100, 1, 0]);
    expect(archived(FILE)).toHaveLength(2500);
  });

  it('keeps the month where the archive can not be written, and says what to do', async () => {
    const file = join(folder, 'a-file');
    writeFileSync(file, '');
    const failing = prune(env, ['--archive', join(file, 'below')]);
    await expect(failing).rejects.toThrow(Misconfigured);
    await expect(failing).rejects.toThrow('--archive DIR');
    // The name is taken by something that is no file.
    mkdirSync(join(folder, 'archive', FILE), { recursive: true });
    await expect(prune(env, [])).resolves.toMatchObject({ code: 0 });
    expect(archived(`events-${MONTH}-2.ndjson.gz`)).toHaveLength(2500);
  });

  it('never writes over an archive that is there, be it another’s or broken', { tags: ['slow'] }, async () => {
    mkdirSync(join(folder, 'archive'));
    writeFileSync(join(folder, 'archive', FILE), 'broken');
    const other = gzipSync('{}\n');
    writeFileSync(join(folder, 'archive', `events-${MONTH}-2.ndjson.gz`), other);
    expect((await prune(env, [])).code).toBe(0);
    expect(readFileSync(join(folder, 'archive', FILE), 'utf8')).toBe('broken');
    expect(readFileSync(join(folder, 'archive', `events-${MONTH}-2.ndjson.gz`))).toEqual(other);
    expect(archived(`events-${MONTH}-3.ndjson.gz`)).toHaveLength(2500);
  });

  it('uses the archive that a run left which was killed before it closed the month', { tags: ['slow'] }, async () => {
    await brain.script(`create function public.refuse() returns trigger language plpgsql as $$ begin raise exception 'killed'; end $$;
      create trigger killed before insert on codered.events for each row when (new.event_type like 'retention.%') execute function public.refuse()`);
    await expect(prune(env, [])).rejects.toThrow('killed');
    expect(await counts()).toEqual([100, 1, 2500]);
    const left = readFileSync(join(folder, 'archive', FILE));
    await brain.script('drop trigger killed on codered.events');
    rmSync(join(folder, 'archive', `${FILE}.sha256`));
    expect((await prune(env, [])).code).toBe(0);
    expect(await counts()).toEqual([100, 1, 0]);
    expect(readdirSync(join(folder, 'archive')).toSorted()).toEqual([FILE, `${FILE}.sha256`]);
    expect(readFileSync(join(folder, 'archive', FILE))).toEqual(left);
  });

  it('archives what comes late, while it reads and afterwards', { tags: ['slow'] }, async () => {
    const add = (at: string) =>
      brain.sql(`insert into codered.events (event_type, created_at) values ('note.old', $1::timestamptz)`, [at]);
    let late: Promise<unknown> | null = null;
    const progress = (line: string) => {
      if (line.includes('2,500')) late ??= add(`${OLD}T03:00:00Z`);
    };
    expect((await prune(env, [], { progress })).code).toBe(0);
    await late;
    await add(`${OLD}T04:00:00Z`);
    expect((await prune(env, [])).code).toBe(0);
    expect(await counts()).toEqual([100, 1, 0]);
    const ids = readdirSync(join(folder, 'archive'))
      .filter((name) => name.endsWith('.gz'))
      .flatMap((name) => archived(name).map((line) => JSON.parse(line).id));
    expect(new Set(ids).size).toBe(2502);
  });

  it('leaves a month’s table standing where the policy wants no archive', { tags: ['slow'] }, async () => {
    await brain.script(`update codered.retention_policies set archive = false where table_name = 'events'`);
    const { out } = await prune(env, []);
    const table = `events_kept_${MONTH.replace('-', '_')}`;
    expect(out.at(-1)).toBe(`events: ${MONTH}, 2,500 rows, taken out; its table stays as ${table}`);
    expect(await brain.sql(`select count(*) from codered.${table}`)).toEqual([{ count: '2500' }]);
    expect(existsSync(join(folder, 'archive'))).toBe(false);
  });

  it('gives the room back', { tags: ['slow'] }, async () => {
    await brain.script('alter table codered.webhook_deliveries set (autovacuum_enabled = false)');
    await prune(env, []);
    expect(
      await brain.sql(
        `select vacuum_count, analyze_count from pg_stat_user_tables where relname = 'webhook_deliveries'`,
      ),
    ).toEqual([{ vacuum_count: '1', analyze_count: '1' }]);
  });

  it('refuses what makes no sense', async () => {
    await expect(prune(env, ['--all'])).rejects.toThrow('--all');
    await expect(prune(env, ['--archive', ''])).rejects.toThrow('--archive wants');
  });
});

describe('codered prune on an embedded brain', () => {
  it('as a process: prunes beside the database, ends with 1 when told to stop and 2 when misused', {
    tags: ['slow'],
  }, async () => {
    const backend = await openEmbedded({ directory: join(folder, 'data') });
    await migrateBackend(backend, await readMigrationFiles());
    await testBrain(backend, null).script(SCENE);
    await backend.close();
    const run = async (args: readonly string[], signal: NodeJS.Signals | null = null) => {
      const child = spawn(process.execPath, [join(process.cwd(), 'src/main.ts'), 'prune', ...args], {
        cwd: folder,
        env: { CODERED_DATA_DIR: join(folder, 'data') },
        stdio: ['ignore', 'pipe', 'pipe'],
      });
      const said: string[] = [];
      for (const stream of [child.stdout, child.stderr]) {
        stream.on('data', (chunk) => {
          said.push(String(chunk));
          // A second signal would end it at once.
          if (signal !== null && said.length === 1) child.kill(signal);
        });
      }
      await once(child, 'close');
      return { code: child.exitCode, said: said.join('') };
    };
    expect((await run(['--nothing'])).code).toBe(2);
    const stopped = await run([], 'SIGTERM');
    expect(stopped).toMatchObject({ code: 1, said: expect.stringContaining('500 deliveries deleted') });
    expect(stopped.said).toContain('run `codered prune` again');
    const done = await run([]);
    expect(done).toMatchObject({
      code: 0,
      said: expect.stringContaining(`events: ${MONTH}, 2,500 rows, archived in `),
    });
    expect(readdirSync(join(folder, 'data', 'archive'))).toContain(FILE);
  });
});

describe('codered prune on Supabase', () => {
  const url = 'https://codered-test.supabase.co';
  const env = { SUPABASE_URL: url, SUPABASE_SERVICE_ROLE_KEY: 'sb_secret_not_a_real_key' };
  const path = `/storage/v1/object/codered-artifacts/archive/events/${FILE}`;
  const lines = ['{"id": 1, "payload": {}}', '{"id": 7, "payload": {}}'];
  beforeEach(() => nock.disableNetConnect());
  afterEach(() => {
    nock.cleanAll();
    nock.enableNetConnect();
  });

  function answerCalls() {
    const rpc = (name: string, body: unknown) =>
      nock(url).post(`/rest/v1/rpc/${name}`).reply(200, JSON.stringify(body));
    rpc('ensure_event_months', []);
    rpc('prune_deliveries', 0);
    for (const table of ['follow_ups', 'green_logs', 'test_days', 'test_results']) rpc(`prune_${table}`, 0);
    rpc('prune_excerpts', 0);
    rpc('due_artifacts', []);
    rpc('due_runs', []);
    rpc('prune_agent_runs', 0);
    rpc('prune_gate_payloads', 0);
    rpc('prune_sign_ins', 0);
    rpc('erasure_due', { repositories: [], names: [], projects: [], installations: [], logins: [] });
    rpc('event_months_due', [{ month: OLD, rows: 2, bytes: 8192, archive: true }]);
    rpc(
      'read_event_month',
      lines.map((line, n) => ({ id: n + 1, line })),
    );
    rpc('read_event_month', []);
  }
  const stored: Buffer[] = [];
  const upload = () =>
    nock(url, { reqheaders: { authorization: `Bearer ${env.SUPABASE_SERVICE_ROLE_KEY}`, 'x-upsert': 'false' } })
      .post(path, (body: string) => {
        stored.push(Buffer.from(body, /^[0-9a-f]+$/.test(body) ? 'hex' : 'latin1'));
        return true;
      })
      .reply(200, { Key: 'k', Id: 'i' });
  /** What stands between the parts of the form: our file begins with gzip's magic number. */
  const uploaded = () => {
    const body = stored.at(-1) ?? Buffer.alloc(0);
    const start = body.indexOf(Buffer.from([0x1f, 0x8b]));
    return body.subarray(start, body.lastIndexOf('\r\n--'));
  };

  it('makes the private bucket, puts the month there, reads it back and only then closes it', async () => {
    answerCalls();
    nock(url)
      .get('/storage/v1/bucket/codered-artifacts')
      .reply(400, { statusCode: '404', error: 'Bucket not found', message: 'Bucket not found' });
    nock(url)
      .post('/storage/v1/bucket', { id: 'codered-artifacts', name: 'codered-artifacts', public: false })
      .reply(200, { name: 'codered-artifacts' });
    upload();
    nock(url)
      .get(path)
      .reply(200, () => uploaded());
    const sum = nock(url).post(`${path}.sha256`).reply(200, { Key: 'k', Id: 'i' });
    let closed: unknown = null;
    nock(url)
      .post('/rest/v1/rpc/close_event_month', (body) => {
        closed = body;
        return true;
      })
      .reply(200, 'null');
    const { code } = await prune(env, []);
    expect(code).toBe(0);
    expect(gunzipSync(uploaded()).toString()).toBe(`${lines.join('\n')}\n`);
    expect(closed).toEqual({
      month: OLD,
      rows: 2,
      archived: true,
      sha256: createHash('sha256').update(uploaded()).digest('hex'),
      place: `codered-artifacts/archive/events/${FILE}`,
    });
    sum.done();
    expect(nock.pendingMocks()).toEqual([]);
  });

  it('closes nothing when the bucket gives back something else', async () => {
    answerCalls();
    nock(url)
      .get('/storage/v1/bucket/codered-artifacts')
      .reply(200, { id: 'codered-artifacts', name: 'codered-artifacts', public: false });
    upload();
    nock(url).get(path).reply(200, gzipSync('{}\n'));
    await expect(prune(env, [])).rejects.toThrow('is not what was written there; nothing was deleted');
    expect(nock.pendingMocks()).toEqual([]);
  });

  it('closes nothing when the bucket refuses, or is open to everybody', async () => {
    answerCalls();
    nock(url)
      .get('/storage/v1/bucket/codered-artifacts')
      .reply(200, { id: 'codered-artifacts', name: 'codered-artifacts', public: false });
    nock(url).post(path).reply(400, {
      statusCode: '413',
      error: 'Payload too large',
      message: 'The object exceeded the maximum allowed size',
    });
    await expect(prune(env, [])).rejects.toThrow('exceeded the maximum allowed size');
    nock.cleanAll();
    answerCalls();
    nock(url)
      .get('/storage/v1/bucket/codered-artifacts')
      .reply(200, { id: 'codered-artifacts', name: 'codered-artifacts', public: true });
    await expect(prune(env, [])).rejects.toThrow('make it private');
  });

  it('goes to a directory where one is named', async () => {
    answerCalls();
    nock(url).post('/rest/v1/rpc/close_event_month').reply(200, 'null');
    expect((await prune(env, ['--archive', folder])).code).toBe(0);
    expect(readdirSync(folder).toSorted()).toEqual([FILE, `${FILE}.sha256`]);
  });
});
