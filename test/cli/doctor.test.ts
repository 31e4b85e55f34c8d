import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import nock from 'nock';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { z } from 'zod';
import { lockDirectory } from '../../src/brain/backends/directory-lock.ts';
import { openEmbedded } from '../../src/brain/backends/embedded.ts';
import { migrateBackend } from '../../src/brain/migrate.ts';
import { readMigrationFiles } from '../../src/brain/migration-files.ts';
import { checkApp } from '../../src/cli/doctor/check-app.ts';
import { checkSignIn } from '../../src/cli/doctor/check-sign-in.ts';
import { compareApp } from '../../src/cli/doctor/compare-app.ts';
import { command } from '../../src/cli/doctor.ts';
import { LIMITS } from '../../src/config/limits.ts';
import { type Environment, readConfig } from '../../src/config/settings.ts';
import { openTestBrain } from '../support/brain.ts';
import { lendDatabase } from '../support/postgres-server.ts';
import { completeEnvironment } from '../support/settings.ts';

const manifest = z
  .object({ default_permissions: z.record(z.string(), z.string()), default_events: z.array(z.string()) })
  .parse(parse(readFileSync('app.yml', 'utf8')));
const github = 'http://github.test';
const goodApp = {
  id: 4711,
  slug: 'codered-of-the-tests',
  html_url: `${github}/apps/codered-of-the-tests`,
  permissions: manifest.default_permissions,
  events: manifest.default_events,
};

let dataDirectory = '';
beforeAll(() => {
  dataDirectory = mkdtempSync(join(tmpdir(), 'codered-doctor-'));
});
afterAll(() => rmSync(dataDirectory, { recursive: true, force: true }));
beforeEach(() => nock.disableNetConnect());
afterEach(() => {
  nock.cleanAll();
  nock.enableNetConnect();
});

function environment(changes: Environment = {}): Environment {
  const place = { GHE_HOST: 'github.test', GHE_PROTOCOL: 'http', CODERED_DATA_DIR: join(dataDirectory, 'data') };
  return { ...completeEnvironment, ...place, ...changes };
}

function answerAs(app: object, webhookUrl: string): void {
  const api = nock(`${github}/api/v3`);
  api.get('/app').reply(200, app);
  api.get('/app/hook/config').reply(200, { url: webhookUrl, content_type: 'json' });
}

const line = z.object({ check: z.string(), state: z.string(), found: z.string(), fix: z.string().nullable() });

async function examine(env: Environment) {
  const lines: string[] = [];
  const context = { env, out: (text: string) => lines.push(text), err: () => {}, stop: new AbortController().signal };
  const exit = await command.run({ ...context, args: ['--json'] });
  const findings = lines.map((text) => line.parse(JSON.parse(text)));
  return { exit, findings, states: Object.fromEntries(findings.map(({ check, state }) => [check, state])) };
}

const ON = {
  CODERED_URL: 'https://c.example',
  GITHUB_CLIENT_ID: 'Iv23',
  GITHUB_CLIENT_SECRET: 's'.repeat(40),
  CODERED_SECRET_KEY: 'a'.repeat(64),
};

describe('signing in', () => {
  it.each([
    [{}, 'ok', 'is not set up'],
    [{ CODERED_URL: 'https://c.example' }, 'ok', 'is not set up'],
    [
      { CODERED_URL: 'https://c.example', GITHUB_CLIENT_ID: 'Iv23' },
      'warning',
      'GITHUB_CLIENT_SECRET, CODERED_SECRET_KEY',
    ],
    [ON, 'ok', 'https://c.example/sign-in/callback'],
    [{ ...ON, CODERED_SECRET_KEY_PREVIOUS: 'b'.repeat(64) }, 'warning', 'CODERED_SECRET_KEY_PREVIOUS is set'],
  ])('with %j is found %s', (given, state, words) => {
    const finding = checkSignIn(readConfig({ ...completeEnvironment, ...given }));
    expect(finding).toMatchObject({ check: 'sign-in', state, found: expect.stringContaining(words) });
  });
});

describe('codered doctor', () => {
  it('finds nothing to complain about where all is well', async () => {
    answerAs(goodApp, 'https://codered.example.com/api/github/webhooks');
    const { exit, states } = await examine(environment());
    expect({ exit, states }).toEqual({
      exit: 0,
      states: {
        settings: 'ok',
        database: 'ok',
        inbox: 'ok',
        'follow-ups': 'ok',
        publications: 'ok',
        'lost deliveries': 'ok',
        sweep: 'ok',
        backfill: 'ok',
        'requests to GitHub': 'ok',
        partitions: 'ok',
        retention: 'ok',
        GitHub: 'ok',
        permissions: 'ok',
        events: 'ok',
        webhook: 'ok',
        'sign-in': 'ok',
      },
    });
  });

  it('says each thing with a sign, a word and what to do', async () => {
    answerAs(goodApp, 'https://codered.example.com/');
    const lines: string[] = [];
    const context = { env: environment(), err: () => {}, stop: new AbortController().signal, args: [] };
    expect(await command.run({ ...context, out: (text) => lines.push(text) })).toBe(1);
    expect(lines[0]).toBe('✅ ok  settings: complete');
    expect(lines.at(-1)).toBe(
      '❌ failed  webhook: goes to https://codered.example.com/\n' +
        "   Set it to https://<where GitHub reaches this server>/api/github/webhooks in the App's settings.",
    );
  });

  it('says what GitHub delivered and nobody has, and which requests have to wait', async () => {
    const brain = await openTestBrain('postgres');
    const examined = async () => {
      const { findings } = await examine(environment({ APP_ID: 'x', DATABASE_URL: brain.databaseUrl ?? '' }));
      return Object.fromEntries(findings.map(({ check, state, found }) => [check, `${state}: ${found}`]));
    };
    const told = (status: string) =>
      brain.script(`
      delete from codered.missed_deliveries;
      insert into codered.missed_deliveries
        (app_id, guid, event, action, delivery_id, delivered_at, first_delivered_at, status_code, created_at, lost_at, lost_reason)
      values (1, 'g1', 'workflow_run', 'completed', '5', now(), now(), 502, now() - interval '1 hour', ${status})`);
    try {
      await told(`null, null`);
      await brain.call('note_budget', { installation_id: 0, request_limit: 5000, remaining: 900, resets_ms: 600_000 });
      await brain.call('pause_installation', { installation_id: 7, pause_ms: 60_000 });
      expect(await examined()).toMatchObject({
        'lost deliveries': expect.stringMatching(
          /^warning: 1 did not arrive or are not done, the oldest since 60 minutes$/,
        ),
        'requests to GitHub': expect.stringMatching(
          /^warning: 2 are near a limit\n {3}installation 7: silent for \d+ s, as GitHub asked\n {3}the App itself: 900 of 5000 left, anew in \d+ s$/,
        ),
      });
      await told(`now(), 'GitHub keeps what was delivered for 3 days'`);
      expect((await examined())['lost deliveries']).toBe(
        'warning: 1 of the last 30 days can not be had from GitHub any more\n   workflow_run.completed g1 of no repository: GitHub keeps what was delivered for 3 days',
      );
      await brain.call('note_delivery_list', { app_id: 1, refused: 'GitHub answered 404' });
      expect((await examined())['lost deliveries']).toBe(
        'warning: GitHub does not give the list of deliveries: GitHub answered 404',
      );
    } finally {
      await brain.close();
    }
  });

  it('goes on with what can be checked when settings are wrong', async () => {
    const { exit, findings } = await examine(environment({ APP_ID: 'x', WEBHOOK_SECRET: '' }));
    expect(exit).toBe(1);
    expect(findings.map(({ check, state }) => `${check} ${state}`)).toEqual([
      'settings failed',
      'settings failed',
      'database ok',
      'inbox ok',
      'follow-ups ok',
      'publications ok',
      'lost deliveries ok',
      'sweep ok',
      'backfill ok',
      'requests to GitHub ok',
      'partitions ok',
      'retention ok',
    ]);
  });

  it('names a mistyped setting, and looks at the database all the same', async () => {
    const { exit, findings } = await examine(environment({ CODERED_ALOWED_ACCOUNTS: 'octo-org' }));
    expect(exit).toBe(1);
    const found = 'CODERED_ALOWED_ACCOUNTS is no setting; did you mean CODERED_ALLOWED_ACCOUNTS?';
    expect(findings[0]).toMatchObject({ check: 'settings', state: 'failed', found });
    expect(findings).toContainEqual(expect.objectContaining({ check: 'database', state: 'ok' }));
  });

  it('says when GitHub does not accept the key', async () => {
    nock(`${github}/api/v3`).get('/app').reply(401, { message: 'A JSON web token could not be decoded' });
    const { exit, findings } = await examine(environment());
    expect(exit).toBe(1);
    expect(findings.at(-1)).toMatchObject({ check: 'GitHub', state: 'failed', found: expect.stringContaining('401') });
  });

  it('warns of a webhook that goes through smee.io', { tags: ['slow'] }, async () => {
    answerAs(goodApp, 'https://smee.io/abcdef');
    expect(await examine(environment())).toMatchObject({ exit: 0, states: { webhook: 'warning' } });
  });

  it('names five of the deliveries that were given up, each with its reason on one line', async () => {
    const brain = await openTestBrain('postgres');
    try {
      await brain.script(
        `insert into codered.webhook_deliveries (app_id, guid, event, payload, status, last_error)
         select 1, 'guid-' || n, 'push', '{}', 'dead', E'Rejected: no\\n\\x1b[2Jsha' from generate_series(1, 6) as n`,
      );
      const { findings } = await examine(environment({ APP_ID: '', DATABASE_URL: brain.databaseUrl ?? '' }));
      const found = findings.find(({ check }) => check === 'inbox')?.found.split('\n   ');
      expect(found).toEqual([
        '6 deliveries were given up',
        ...[1, 2, 3, 4, 5].map((n) => `push guid-${n}: Rejected: no [2Jsha`),
      ]);
    } finally {
      await brain.close();
    }
  });

  it('names follow-ups that were given up and not done since, and tells how long others wait', async () => {
    const brain = await openTestBrain('postgres');
    try {
      const followUps = async () => {
        const { findings } = await examine(environment({ APP_ID: '', DATABASE_URL: brain.databaseUrl ?? '' }));
        return findings.find(({ check }) => check === 'follow-ups');
      };
      const id = '00000000-0000-4000-8000-000000000001';
      await brain.script(`
        insert into codered.follow_ups (id, kind, status, dedupe_key, error)
          values ('${id}', 'plan_sprint', 'failed', 'specs:1', E'no\\n\\x1b[2Jway');
        insert into codered.follow_ups (kind, status, dedupe_key, completed_at) values
          ('report', 'failed', 'done since', now() - interval '1 hour'), ('report', 'completed', 'done since', now()),
          ('report', 'failed', 'waits again', now()), ('report', 'queued', 'waits again', null)`);
      expect(await followUps()).toMatchObject({
        state: 'warning',
        found: `1 were given up (plan_sprint 1)\n   plan_sprint ${id} of no repository: no [2Jway`,
        fix: expect.stringContaining('codered replay --follow-ups'),
      });

      expect(await brain.call('replay_follow_ups', { is_all: true })).toBe(1);
      await brain.script(`
        update codered.follow_ups set run_after = now() - interval '1 hour' where dedupe_key = 'specs:1'`);
      const stuck = await followUps();
      expect(stuck?.found).toMatch(/^plan_sprint 1 wait, the oldest for 36\d\d s$/);
      expect(stuck?.fix).toContain('No worker has any of them: see that `codered serve` runs');

      await brain.call('claim_follow_ups', { worker: 'w', batch: 1, lease_seconds: 60 });
      await brain.script(`update codered.follow_ups set run_after = now() - interval '1 hour' where status = 'queued'`);
      expect((await followUps())?.fix).toContain('run more `codered serve`');
    } finally {
      await brain.close();
    }
  });

  it('says whose installations CODERED_ALLOWED_ACCOUNTS keeps out, each on one line', async () => {
    const brain = await openTestBrain('postgres');
    try {
      await brain.script(`
        insert into codered.kept_out_installations (id, account_id, account_login, reason)
          values (7, 70, E'mallory\\n\\x1b[2J', 'kept out: because'), (8, 80, 'Octo', 'kept out before the list was changed');
        with org as (insert into codered.orgs (login, name, github_account_id) values ('acme', 'acme', 10) returning id)
        insert into codered.installations (id, org_id, account_login) select 9, id, 'acme' from org`);
      answerAs(goodApp, 'https://codered.example.com/api/github/webhooks');
      const settings = { DATABASE_URL: brain.databaseUrl ?? '', CODERED_ALLOWED_ACCOUNTS: 'octo' };
      const { findings } = await examine(environment(settings));
      expect(findings.find(({ check }) => check === 'accounts')).toMatchObject({
        state: 'warning',
        found:
          '2 installations are kept out\n   mallory [2J (7): kept out: because' +
          '\n   acme (9): let in before; CODERED_ALLOWED_ACCOUNTS does not name it any more',
        fix: expect.stringContaining('CODERED_ALLOWED_ACCOUNTS'),
      });
    } finally {
      await brain.close();
    }
  });

  it('says that the process which has the embedded database does not answer', { tags: ['slow'] }, async () => {
    const unlock = await lockDirectory(join(dataDirectory, 'held'));
    const held = { APP_ID: '', CODERED_DATA_DIR: join(dataDirectory, 'held') };
    const { findings } = await examine(environment(held));
    unlock();
    expect(findings.find(({ check }) => check === 'database')).toMatchObject({
      state: 'failed',
      found: expect.stringMatching(/, takes no commands\. It may still be starting, so try again in a minute\./),
      fix: 'Do that, then run `codered doctor` again.',
    });
  });

  it('looks at a Postgres: its migrations, the vector extension, what lies dead', async () => {
    const brain = await openTestBrain('postgres');
    const empty = await lendDatabase(null);
    try {
      await brain.script(
        `insert into codered.webhook_deliveries (app_id, guid, event, payload, status) values (1, 'a', 'push', '{}', 'dead')`,
      );
      answerAs(goodApp, 'https://codered.example.com/api/github/webhooks');
      const migrated = await examine(environment({ DATABASE_URL: brain.databaseUrl ?? '' }));
      expect(migrated).toMatchObject({ exit: 0, states: { schema: 'ok', vector: 'warning', inbox: 'warning' } });
      answerAs(goodApp, 'https://codered.example.com/api/github/webhooks');
      const behind = await examine(environment({ DATABASE_URL: empty.url }));
      expect(behind).toMatchObject({ exit: 1, states: { schema: 'failed' } });
      expect(behind.findings.find(({ check }) => check === 'schema')?.fix).toBe('Run `codered migrate`.');
    } finally {
      await empty.giveBack();
      await brain.close();
    }
  });
});

describe('what codered serve refuses', () => {
  const newer = `insert into supabase_migrations.schema_migrations (version, name) values ('29990101000000', 'flying_cars')`;

  it('codered doctor refuses too: a Postgres that a newer version has migrated', async () => {
    const brain = await openTestBrain('postgres');
    try {
      await brain.script(newer);
      const { exit, findings } = await examine(environment({ APP_ID: '', DATABASE_URL: brain.databaseUrl ?? '' }));
      expect(exit).toBe(1);
      const schema = findings.find(({ check }) => check === 'schema');
      expect(schema).toMatchObject({ state: 'failed', fix: '`codered serve` would not start on this database.' });
      expect(schema?.found).toContain('29990101000000_flying_cars');
      expect(schema?.found).toContain('Run that version or a later one');
    } finally {
      await brain.close();
    }
  });

  it('and an embedded database of that kind, or a directory that is not ours', { tags: ['slow'] }, async () => {
    const directory = join(dataDirectory, 'newer');
    const backend = await openEmbedded({ directory });
    await migrateBackend(backend, await readMigrationFiles());
    await backend.session((session) => session.script(newer));
    await backend.close();
    const seen = await examine(environment({ APP_ID: '', CODERED_DATA_DIR: directory }));
    const [found] = seen.findings.filter(({ check }) => check === 'database');
    expect(found).toMatchObject({ state: 'failed', found: expect.stringContaining('29990101000000_flying_cars') });
    expect(found?.fix).toBe('Do that, then run `codered doctor` again.');
    const other = await examine(environment({ APP_ID: '', CODERED_DATA_DIR: dataDirectory }));
    expect(other.findings.find(({ check }) => check === 'database')?.found).toContain('holds other files');
  });
});

describe('a GitHub that says nothing', () => {
  it('is told, and does not keep whoever asks waiting', async () => {
    nock.enableNetConnect('127.0.0.1');
    const silent = createServer(() => {});
    await once(silent.listen(0, '127.0.0.1'), 'listening');
    const address = silent.address();
    const port = typeof address === 'object' && address !== null ? address.port : 0;
    const config = readConfig(environment({ GHE_HOST: `127.0.0.1:${port}` }));
    const url = `http://127.0.0.1:${port}/api/v3`;
    expect(await checkApp(config, 100)).toEqual([
      {
        check: 'GitHub',
        state: 'failed',
        found: `${url} gave no answer within 0.1 s`,
        fix: expect.stringContaining('See that it can be reached from here'),
      },
    ]);
    silent.closeAllConnections();
    silent.close();
    expect(LIMITS.doctorMs).toBeLessThan(5_000);
  });
});

describe('codered doctor --gate', () => {
  async function gate(brain: { readonly databaseUrl: string | null }) {
    const lines: string[] = [];
    const context = {
      env: { DATABASE_URL: brain.databaseUrl ?? '' },
      err: () => {},
      stop: new AbortController().signal,
    };
    const exit = await command.run({ ...context, args: ['--gate', '--json'], out: (text) => lines.push(text) });
    return { exit, findings: lines.map((text) => line.parse(JSON.parse(text))) };
  }

  it('needs the database alone, and finds nothing where nothing is stuck', async () => {
    const brain = await openTestBrain('postgres');
    try {
      const { exit, findings } = await gate(brain);
      expect(exit).toBe(0);
      expect(findings.map(({ check, state }) => `${check} ${state}`)).toEqual([
        'check runs ok',
        'publications ok',
        'jobs ok',
        'work ok',
        'deliveries ok',
        'installations ok',
      ]);
    } finally {
      await brain.close();
    }
  });

  it('says what is stuck, each with its reason on one line and what to do', async () => {
    const brain = await openTestBrain('postgres');
    const sha = 'a'.repeat(40);
    try {
      await brain.script(`
        insert into codered.orgs (login, name, github_account_id) values ('acme', 'acme', 10);
        insert into codered.installations (id, org_id, account_login, paused_until)
          select 9, id, 'acme', now() + interval '1 hour' from codered.orgs where login = 'acme';
        insert into codered.projects (org_id, slug, name) select id, 'shop', 'Shop' from codered.orgs where login = 'acme';
        insert into codered.repositories (id, installation_id, project_id, owner, name)
          select 5, 9, id, 'acme', 'shop' from codered.projects where slug = 'shop';
        insert into codered.pull_requests (
          repository_id, number, title, html_url, head_sha, head_ref, base_ref, base_sha, state, draft, opened_at, source_updated_at
        ) values (5, 1, 'Close', 'https://github.com/acme/shop/pull/1', '${sha}', 'x', 'main', '${sha}', 'open', false, now(), now());
        insert into codered.runs (project_id, repository_id, pull_request_number, commit_sha, status)
          select project_id, 5, 1, '${sha}', 'running' from codered.repositories where id = 5;
        insert into codered.gate_executions (run_id, gate_id, gate_name, gate_order, phase, status, validation_results)
          select id, 'lint_pass', 'lint', 1, 'definition_of_done', 'pending',
            '[{"waits": {"since": "2026-01-01T00:00:00Z", "until": "2026-01-01T01:00:00Z"}}]' from codered.runs;
        insert into codered.publications (repository_id, kind, target, desired, desired_hash, attempts, available_at, last_error)
          values (5, 'check_run', '${sha}:CodeRed', '{}', 'x', 1, 'infinity', E'CodeRed lacks\\n\\x1b[2Jthe permission');
        insert into codered.follow_ups (project_id, repository_id, commit_sha, kind, status, dedupe_key, input, error, completed_at)
          select project_id, id, '${sha}', 'report', 'failed', 'report:5:x', '{"repository_id": 5, "head_sha": "${sha}"}', 'broken', now()
          from codered.repositories where id = 5;
        insert into codered.follow_ups (project_id, kind, dedupe_key, run_after)
          select project_id, 'report', 'report:5:y', now() - interval '1 hour' from codered.repositories where id = 5;
        insert into codered.follow_ups (kind, status, dedupe_key, run_after) values
          ('report', 'running', 'its worker died', now() - interval '1 hour'), ('report', 'running', 'at work', now() + interval '20 seconds');
        insert into codered.follow_ups (kind, status, dedupe_key, completed_at) values
          ('report', 'failed', 'done since', now() - interval '1 hour'), ('report', 'completed', 'done since', now());
        insert into codered.webhook_deliveries (app_id, guid, event, payload, received_at)
          values (1, 'a', 'push', '{}', now() - interval '1 hour');
        insert into codered.webhook_deliveries (app_id, guid, event, payload, status) values (1, 'b', 'push', '{}', 'dead')`);
      const { exit, findings } = await gate(brain);
      expect(exit).toBe(1);
      expect(findings.map(({ check, state, found }) => [check, state, found])).toEqual([
        [
          'check runs',
          'failed',
          expect.stringContaining('1 wait past their deadline\n   acme/shop#1 at aaaaaaa: lint, until 2026-01-01'),
        ],
        ['publications', 'failed', expect.stringContaining('given up: CodeRed lacks [2Jthe permission')],
        ['jobs', 'failed', '1 were given up within a week\n   report of acme/shop at aaaaaaa: broken'],
        ['work', 'failed', expect.stringContaining('2 jobs wait for a worker since ')],
        ['deliveries', 'failed', expect.stringMatching(/^1 wait since .*, 1 were given up$/)],
        ['installations', 'warning', expect.stringContaining('acme: GitHub asks for silence until ')],
      ]);
      expect(findings.every(({ fix }) => fix !== null)).toBe(true);
    } finally {
      await brain.close();
    }
  });
});

describe('comparing the App with app.yml', () => {
  const wanted = { permissions: { checks: 'write', contents: 'read' }, events: ['push', 'status'] };
  it.each([
    ['the same', wanted, ['ok as app.yml asks', 'ok as app.yml asks']],
    [
      'less',
      { permissions: { checks: 'read' }, events: ['push'] },
      ['failed missing: checks: write, contents: read', 'failed not subscribed: status'],
    ],
    [
      'more',
      { permissions: { checks: 'write', contents: 'write', issues: 'read' }, events: ['push', 'star', 'status'] },
      ['warning more than is used: contents: write, issues: read', 'warning nobody reads: star'],
    ],
    [
      'what can be done without',
      { ...wanted, permissions: { ...wanted.permissions, administration: 'read' } },
      ['ok as app.yml asks', 'ok as app.yml asks'],
    ],
    [
      'more than is read by it',
      { ...wanted, permissions: { ...wanted.permissions, administration: 'write' } },
      ['warning more than is used: administration: write', 'ok as app.yml asks'],
    ],
  ])('finds %s', (_, granted, expected) => {
    const findings = compareApp(wanted, granted, 'https://github.test/settings');
    expect(findings.map(({ state, found }) => `${state} ${found}`)).toEqual(expected);
  });
});
