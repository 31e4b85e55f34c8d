// `codered serve`: receives webhooks and works on them until it is stopped.
import { once } from 'node:events';
import { parseArgs } from 'node:util';
import { type Logger, pino } from 'pino';
import pretty from 'pino-pretty';
import { LIMITS } from '../config/limits.ts';
import { type Config, type Environment, readConfig, readSetupSettings } from '../config/settings.ts';
import { WEBHOOK_PATH } from '../inbox/receive.ts';
import { startCodeRed } from '../server/server.ts';
import { type SetupDeps, startSetup } from '../setup/setup.ts';
import type { Command, CommandContext } from './terminal/command.ts';
import { safeLogLine } from './terminal/safe-log-line.ts';

const help = `codered serve

Receives GitHub's webhooks at ${WEBHOOK_PATH}, works on them, and writes comments and check runs. Also answers
GET /healthz, /readyz, /metrics and /schema/codered.json, the API under /api/v1/ (GET /api/v1/reference tells of it) and the
pages of people, /account. SIGTERM or SIGINT ends it in good order; a second one at once.

  APP_ID                     the App's id; with no settings at all a page makes the App from app.yml
  PRIVATE_KEY                the App's private key, or PRIVATE_KEY_PATH, the file it is in
  WEBHOOK_SECRET             the App's webhook secret, at least 16 characters
  WEBHOOK_SECRET_PREVIOUS    the one before it, while it is being changed: deliveries signed with either are let in
  WEBHOOK_PROXY_URL          the smee.io channel that webhooks go to on a machine that GitHub can't reach
  PORT, HOST                 where to listen (3000, localhost)
  DATABASE_URL               the brain is in this Postgres 15 or later
  DATABASE_URL_PEOPLE        the same database with a login for what people do over REST, where none can be made
  SUPABASE_URL               the brain is in this Supabase project; with SUPABASE_SERVICE_ROLE_KEY
  CODERED_DATA_DIR           otherwise: the brain is embedded, in this directory (.codered/data)
  CODERED_OBJECTS_DIR        documents above 256 KB are in this directory, or in a bucket: CODERED_S3_ENDPOINT, CODERED_S3_BUCKET,
                             CODERED_S3_ACCESS_KEY_ID, CODERED_S3_SECRET_ACCESS_KEY, CODERED_S3_REGION (us-east-1)
  CODERED_ALLOWED_ACCOUNTS   whose installations are let in: logins with commas between; everybody's unless set
  CODERED_API_KEYS           who may use the API: <name>:<SHA-256 of a key>, with commas between
  CODERED_MAIL_KEYS          specs by mail: postmark:<SHA-256 of a password>, mailgun:<signing key>
  CODERED_MAIL_SENDERS       whose mails are read: addresses, and @domain
  CODERED_URL                where CodeRed is reached from outside, and people sign in; the audience of the tokens that jobs upload
                             reports with
  GITHUB_CLIENT_ID, GITHUB_CLIENT_SECRET  what people sign in with, from the App's settings page
  CODERED_SECRET_KEY         32 random bytes (openssl rand -base64 32), for the sign-in too
  CODERED_SECRET_KEY_PREVIOUS  the one before it, while it is being changed
  CODERED_EVIDENCE_AUDIENCE  codered: takes tokens for that audience too, as earlier versions did
  CODERED_UNTRUSTED_CHECK_APPS  slugs of Apps whose checks a fork defines itself, with commas between
  CODERED_AGENTS_REPOSITORIES  repositories whose agents/*.yml are used here: owner/name or ids, with commas between
  CODERED_MERGE_APPS         slugs of Apps that merge, whose pending checks are not waited for; -slug takes one out
  CODERED_CHECK_DEADLINE_MINUTES, CODERED_NO_RUNS_MINUTES  how long a check (60) and a first run (10) are waited for
  CODERED_TRUSTED_PROXIES    the proxies in front: addresses or ranges (10.0.0.0/8), with commas between
  CODERED_GITHUB_HOOKS       where GitHub's webhooks come from, instead of asking GitHub
  METRICS_HOST, METRICS_PORT where to serve /metrics instead (localhost, 9464)
  METRICS_TOKEN_SHA256       /metrics only for who sends "Authorization: Bearer <token>": the SHA-256 of the token
  GHE_HOST, GHE_PROTOCOL     a GitHub Enterprise Server instead of github.com
  LOG_LEVEL, LOG_FORMAT      trace, debug, info, warn, error or fatal (info); json or pretty

Every problem with these is named before anything starts. A file .env in the working directory is read; what is set
in the environment wins over it.`;

async function run({ args, env, out, stop }: CommandContext): Promise<0> {
  parseArgs({ args: [...args], options: {} });
  const settings = readSetupSettings(env);
  if (settings !== null) return setUp({ settings, envFile: '.env', out }, stop);
  const config = readConfig(env);
  const log = makeLog(config);
  const codeRed = await startCodeRed(config, { log });
  adviseForwarding(log, env, codeRed.url);
  await aborted(stop);
  log.info('stopping');
  await codeRed.close();
  return 0;
}

/** Serves the page on which an App is created on GitHub, and writes the App's credentials into `.env`. */
async function setUp(deps: SetupDeps, stop: AbortSignal): Promise<0> {
  const setup = await startSetup(deps);
  await aborted(stop);
  await setup.close(LIMITS.stopMs);
  return 0;
}

function makeLog({ logLevel: level, logFormat }: Config): Logger {
  const options = { level, hooks: { streamWrite: safeLogLine } };
  return logFormat === 'json' ? pino(options) : pino(options, pretty({ ignore: 'pid,hostname', sync: true }));
}

/** On a machine that GitHub can't reach, the App points at a smee.io channel. */
function adviseForwarding(log: Logger, { WEBHOOK_PROXY_URL: channel = '' }: Environment, url: string): void {
  if (channel.trim() === '') return;
  const forward = `npx smee-client --url ${channel.trim()} --target ${url}${WEBHOOK_PATH}`;
  log.warn({ forward }, 'the App may be set up to send its webhooks to WEBHOOK_PROXY_URL; `forward` brings them here');
}

async function aborted(signal: AbortSignal): Promise<void> {
  if (!signal.aborted) await once(signal, 'abort');
}

/** See `help`. */
export const command: Command = { help, run, endsInGoodOrder: true };
