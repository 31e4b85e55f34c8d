// Checks the database as `codered serve` would find it.

import { refuseChanged } from '../../brain/applied-migrations.ts';
import { openPostgres } from '../../brain/backends/postgres.ts';
import { type Brain, type BrainLog, type BrainSettings, openBrain } from '../../brain/client.ts';
import { refuseUnknown } from '../../brain/migrate.ts';
import { readMigrationFiles } from '../../brain/migration-files.ts';
import { LIMITS } from '../../config/limits.ts';
import { Misconfigured } from '../../model/errors.ts';
import { readDeadDeliveries, readInboxStatus } from '../../queue/status.ts';
import { inWords } from '../terminal/explain.ts';
import { checkAccounts } from './check-accounts.ts';
import { checkGithub } from './check-github.ts';
import { checkQueues } from './check-queues.ts';
import { checkRetention } from './check-retention.ts';
import { type Finding, failed, ok, oneLine, warning } from './finding.ts';

const silent: BrainLog = { info: () => {}, warn: () => {} };

/**
 * Returns findings about the backend, its schema, the vector extension, the queues, rows that are due to be deleted, and installations
 * that `allowed` keeps out (null: everybody is let in). Changes nothing, but migrates an embedded database that is behind.
 */
export async function checkBrain(settings: BrainSettings, allowed: readonly string[] | null): Promise<Finding[]> {
  try {
    const schema = settings.kind === 'postgres' ? await checkSchema(settings.url) : [];
    if (schema.some(({ state }) => state === 'failed')) return schema;
    return [...schema, ...(await checkOpened(settings, allowed))];
  } catch (thrown) {
    return [failed('database', inWords(thrown), ADVICE[settings.kind])];
  }
}

/** What to do when the database can't be opened or asked; of the embedded one what is thrown says it. */
const ADVICE: Readonly<Record<BrainSettings['kind'], string>> = {
  postgres: 'See that DATABASE_URL is right and that the server runs, then run `codered migrate`.',
  supabase:
    'See that SUPABASE_URL and the key are right, that codered is an exposed schema, and that `supabase db push` has run.',
  embedded: 'Do that, then run `codered doctor` again.',
};

/** Only on a Postgres of one's own can these be asked for: Supabase has the extension, the embedded one migrates itself. */
async function checkSchema(url: string): Promise<Finding[]> {
  const backend = openPostgres({ url, poolSize: 1, onIdleError: () => {} });
  try {
    const { migrations, replaced = [] } = await readMigrationFiles();
    return await backend.session(async (session) => {
      const [books] = await session.query(`select to_regclass('supabase_migrations.schema_migrations') as there`);
      const applied =
        books?.there === null ? [] : await session.query('select version from supabase_migrations.schema_migrations');
      if (applied.length > 0) {
        const old = replaced.map((name) => ({ version: name.slice(0, 14) }));
        const refused = await refusal(async () => {
          await refuseUnknown(session, [...migrations, ...old]);
          await refuseChanged(session, migrations);
        });
        if (refused !== null) return [failed('schema', refused, '`codered serve` would not start on this database.')];
      }
      const versions = new Set(applied.map(({ version }) => version));
      const behind = migrations.filter(({ version }) => !versions.has(version)).length;
      const [vector] = await session.query(`select 1 as there from pg_catalog.pg_extension where extname = 'vector'`);
      return [schemaFinding(behind, migrations.length), vectorFinding(vector !== undefined)];
    });
  } finally {
    await backend.close();
  }
}

/** The message of the error that `codered serve` would end with; null when there is none. */
async function refusal(look: () => Promise<void>): Promise<string | null> {
  try {
    await look();
    return null;
  } catch (thrown) {
    if (thrown instanceof Misconfigured) return thrown.message;
    throw thrown;
  }
}

function schemaFinding(behind: number, all: number): Finding {
  if (behind === 0) return ok('schema', `all ${all} migrations are applied`);
  return failed('schema', `${behind} of ${all} migrations are not applied`, 'Run `codered migrate`.');
}

function vectorFinding(there: boolean): Finding {
  if (there) return ok('vector', 'the extension is there');
  const fix = 'Everything else works without it; install pgvector on the server to find similar failures by meaning.';
  return warning('vector', 'the extension is not there', fix);
}

async function checkOpened(settings: BrainSettings, allowed: readonly string[] | null): Promise<Finding[]> {
  const brain = await openBrain(settings, { log: silent, mayShare: true });
  try {
    const inbox = await checkInbox(brain, settings);
    const accounts = allowed === null ? [] : [await checkAccounts(brain, allowed)];
    const answers = ok('database', `the ${settings.kind} one answers`);
    const people = settings.kind === 'postgres' ? [await checkPeople(brain)] : [];
    const [queues, github] = [await checkQueues(brain), await checkGithub(brain)];
    return [answers, inbox, ...people, ...queues, ...github, ...accounts, ...(await checkRetention(brain))];
  } finally {
    await brain.close();
  }
}

/** On a server alone people's calls have a login of their own. */
async function checkPeople(brain: Pick<Brain, 'checkPeople'>): Promise<Finding> {
  try {
    await brain.checkPeople();
    return ok('people', 'their calls run under a login that has no other rights');
  } catch (thrown) {
    if (!(thrown instanceof Misconfigured)) throw thrown;
    return warning('people', 'their calls (/api/v1) are refused', thrown.message);
  }
}

async function checkInbox(brain: Pick<Brain, 'call'>, settings: BrainSettings): Promise<Finding> {
  const { dead, oldest_pending_seconds: oldest } = await readInboxStatus(brain, LIMITS.statusMs);
  if (dead > 0) {
    const examples = (await readDeadDeliveries(brain, SHOWN_DEAD)).map(
      ({ event, guid, last_error }) => `\n   ${event} ${guid}: ${oneLine(last_error ?? 'no reason is kept')}`,
    );
    return warning('inbox', `${dead} deliveries were given up${examples.join('')}`, REPLAY[settings.kind]);
  }
  if (oldest !== null && oldest > OLD_SECONDS) {
    const found = `the oldest pending delivery is ${Math.round(oldest)} s old`;
    return warning('inbox', found, 'See that `codered serve` runs, or run more of them on one database.');
  }
  return ok('inbox', 'nothing is stuck');
}

const OLD_SECONDS = 300;
const SHOWN_DEAD = 5;
const again = '`codered replay --dead` tries them again';
const REPLAY = {
  postgres: `${again}.`,
  supabase: `${again}.`,
  embedded: `${again}.`,
} as const;
