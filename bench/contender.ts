// One server of the deliveries benchmark, in a process of its own: `node bench/contender.ts <name>`. Sends its URL to the
// parent and ends when the parent lets go. Only bench/deliveries.ts starts it.
import { generateKeyPairSync } from 'node:crypto';
import pg from 'pg';
import { pino } from 'pino';
import { type ApplicationFunction, createNodeMiddleware, Probot } from 'probot';
import { makeApp, makeSave } from '../src/app.ts';
import { openBrain } from '../src/brain/client.ts';
import { readBrainSettings, readConfig } from '../src/config/settings.ts';
import { listen } from '../src/http/listen.ts';
import { makeReceive } from '../src/inbox/receive.ts';
import { openStore } from '../src/inbox/store.ts';
import { startCodeRed } from '../src/server/server.ts';

const appId = 1;
const secret = process.env.WEBHOOK_SECRET ?? '';
const log = pino({ level: 'fatal' });
const anyPort = { host: '127.0.0.1', port: 0 };

function makeKey(): string {
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  return privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
}

async function servePlain(app: ApplicationFunction): Promise<string> {
  const probot = new Probot({ appId, privateKey: makeKey(), secret, log });
  const middleware = await createNodeMiddleware(app, { probot });
  const handler = async (...[request, response]: Parameters<typeof middleware>) =>
    Boolean(await middleware(request, response));
  return (await listen(anyPort, { handlers: [handler], onError: () => {} })).url;
}

/** A row per delivery through a pool, as one would write it first. */
async function insertingApp(): Promise<ApplicationFunction> {
  const pool = new pg.Pool({ connectionString: process.env.DATABASE_URL, max: 10 });
  await pool.query('create table if not exists plain_deliveries (guid text primary key, event text, payload json)');
  const insert = 'insert into plain_deliveries (guid, event, payload) values ($1, $2, $3) on conflict do nothing';
  return (app) => {
    app.onAny(async ({ id, name, payload }) => {
      await pool.query(insert, [id, name, JSON.stringify(payload)]);
    });
  };
}

/** The receiver alone, as a process would run it that leaves the work to others on the same database. */
async function serveReceiver(): Promise<string> {
  const store = openStore(await openBrain(readBrainSettings(process.env), { log }));
  const nobody = () => {};
  const receive = makeReceive({ appId, secrets: [secret], store, log, observe: nobody, onStored: nobody });
  return servePlain(makeApp({ receive, save: makeSave({ appId, store }) }));
}

/** All of CodeRed, which works on the deliveries while it takes them. */
async function serveWhole(): Promise<string> {
  const config = readConfig({ ...process.env, APP_ID: String(appId), PRIVATE_KEY: makeKey() });
  return (await startCodeRed({ ...config, ...anyPort }, { log })).url;
}

const CONTENDERS: Readonly<Record<string, () => Promise<string>>> = {
  nothing: () => servePlain((app) => app.on('workflow_run', () => {})),
  inserting: async () => servePlain(await insertingApp()),
  receiver: serveReceiver,
  whole: serveWhole,
};

const url = await CONTENDERS[process.argv[2] ?? '']?.();
process.on('disconnect', () => process.exit(0));
process.send?.({ url });
