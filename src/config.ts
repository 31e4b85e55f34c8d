// The only list of settings, defaults and limits. Reads no environment itself: main.ts and app.ts pass it in.
// Everything but the pure files and the steps may import it.
import { z } from 'zod';
import { allowedAccounts } from './allowed-accounts.ts';
import { API_KEYS, type ApiKey, parseApiKeys } from './api-keys.ts';
import type { BrainSettings } from './brain/client.ts';
import { type MailSettings, mailKeys, mailProblems, mailSenders, mailSettings } from './mail-settings.ts';
import { Misconfigured } from './model.ts';
import { readPrivateKey } from './private-key.ts';

/** Numbers that nobody sets, each with its reason. */
export const LIMITS = {
  /** https://docs.github.com/en/webhooks/webhook-events-and-payloads: "Payloads are capped at 25 MB". */
  bodyBytes: 25 * 1024 * 1024,
  /** Bodies held in memory at once, all requests together; beyond it new ones are told to come back. */
  bodyBytesInFlight: 100 * 1024 * 1024,
  /** An upload of evidence; each of them has a temporary file of that size at the most. */
  uploadBytes: 64 * 1024 * 1024,
  uploadsAtOnce: 4,
  /** JSON sent to the API, one and all together. */
  apiBodyBytes: 1024 * 1024,
  apiBodyBytesInFlight: 16 * 1024 * 1024,
  /** A mail with all its attachments; a spec has 256 KB at the most. */
  mailBytes: 5 * 1024 * 1024,
  mailBytesInFlight: 20 * 1024 * 1024,
  /** How far the time that a mail was signed at may be from ours, and how long its token is remembered; Mailgun tries for 8 hours. */
  mailSignatureMs: 9 * 3_600_000,
  /** Each reads all that is known of a commit, and up to 30 pages of files from GitHub. */
  simulationsAtOnce: 2,
  /** GitHub gives up after 10 s, and Probot hides what happens after 9 s. */
  saveMs: 8_000,
  /** What 503 asks the sender to wait. */
  retryAfterSeconds: 10,
  /** Calls that store deliveries at once: the embedded database does one thing at a time, a server more. */
  storeLanes: { embedded: 1, postgres: 4, supabase: 4 },
  batchRows: 64,
  batchBytes: 8 * 1024 * 1024,
  /** Leases: how long a claimed row stays with its worker before another may take it. */
  deliveryLeaseSeconds: 60,
  jobLeaseSeconds: 900,
  publicationLeaseSeconds: 300,
  /** https://docs.github.com/en/rest/using-the-rest-api/best-practices-for-using-the-rest-api#pause-between-mutative-requests */
  writeSpacingMs: 1_000,
  /**
   * How much of each kind is under way at once. Few deliveries where a process has the database to itself, as the door
   * waits behind them; follow-ups mostly wait for GitHub; one write at a time per installation.
   */
  deliveriesAtOnce: { embedded: 4, postgres: 8, supabase: 16 },
  jobsAtOnce: 8,
  publicationsAtOnce: 8,
  /** How often the queues are looked at for what other processes and retries left there. */
  pollMs: { embedded: 250, postgres: 250, supabase: 1_000 },
  /** How long /readyz and /metrics wait for the database. */
  statusMs: 5_000,
  /** How long a stopping process waits for work that is under way. */
  stopMs: 25_000,
  /** Retention: once a day, first when a start has settled; after a failure sooner. The pause lets others at the database. */
  firstPruneMs: 60_000,
  pruneEveryMs: 24 * 3_600_000,
  pruneAgainMs: 3_600_000,
  prunePauseMs: 100,
  /** An erased row may take others along; the embedded database serves nobody else meanwhile. */
  eraseRows: 200,
} as const;

export const LOG_LEVELS = ['trace', 'debug', 'info', 'warn', 'error', 'fatal'] as const;

export interface Config {
  readonly appId: number;
  /** PKCS#8 PEM. */
  readonly privateKey: string;
  /** The current one first; a delivery signed with any of them is let in. */
  readonly webhookSecrets: readonly string[];
  /** Without a slash at the end. */
  readonly githubApiUrl: string;
  readonly host: string;
  /** 0 lets the system choose. */
  readonly port: number;
  readonly logLevel: (typeof LOG_LEVELS)[number];
  readonly logFormat: 'pretty' | 'json';
  readonly apiKeys: readonly ApiKey[];
  /** Logins in lower case; null lets everybody in. */
  readonly allowedAccounts: readonly string[] | null;
  /** Null: no specs by mail. */
  readonly mail: MailSettings | null;
  readonly brain: BrainSettings;
}

/** Environment variables by name, as in `process.env`. */
export type Environment = Readonly<Record<string, string | undefined>>;

const webhookSecret = z
  .string()
  .refine((text) => text !== 'development', { error: "is Probot's public default", abort: true })
  .refine((text) => text.length >= 16, { error: (issue) => `is ${String(issue.input).length} characters long` });

/** Each setting with what it should be as its description; the messages are made from it. */
const SETTINGS = z.object({
  APP_ID: z
    .string()
    .regex(/^[1-9]\d{0,14}$/)
    .transform(Number)
    .describe('the number shown as "App ID" on the settings page of the GitHub App'),
  WEBHOOK_SECRET: webhookSecret.describe(
    'the webhook secret of the GitHub App, at least 16 random characters (`openssl rand -hex 32` makes one)',
  ),
  WEBHOOK_SECRET_PREVIOUS: webhookSecret
    .optional()
    .describe('the webhook secret before the last change, for as long as deliveries signed with it may come, or unset'),
  GHE_HOST: z
    .string()
    .regex(/^[\w.-]+(?::\d{1,5})?$/)
    .optional()
    .describe('the host name of a GitHub Enterprise Server, without https:// and path, or unset for github.com'),
  GHE_PROTOCOL: z.enum(['http', 'https']).default('https').describe('https or http'),
  HOST: z.string().default('localhost').describe('the address to listen on, 0.0.0.0 for all'),
  PORT: z
    .string()
    .regex(/^\d{1,5}$/)
    .transform(Number)
    .pipe(z.int().max(65_535))
    .default(3000)
    .describe('a port number from 0 to 65535'),
  LOG_LEVEL: z
    .enum(LOG_LEVELS)
    .default('info')
    .describe(`one of ${LOG_LEVELS.join(', ')}`),
  LOG_FORMAT: z.enum(['pretty', 'json']).optional().describe('pretty or json'),
  CODERED_API_KEYS: z
    .string()
    .regex(API_KEYS)
    .transform(parseApiKeys)
    .default([])
    .describe('name:sha256 of each API key, with commas between (`printf %s "$key" | sha256sum`), or unset'),
  CODERED_ALLOWED_ACCOUNTS: allowedAccounts,
  CODERED_MAIL_KEYS: mailKeys,
  CODERED_MAIL_SENDERS: mailSenders,
  SUPABASE_URL: z
    .url({ protocol: /^https?$/ })
    .transform((url) => url.replace(/\/+$/, ''))
    .optional()
    .describe('the URL of the Supabase project, https://<project>.supabase.co'),
  SUPABASE_SERVICE_ROLE_KEY: z.string().optional().describe('the service_role key of the Supabase project'),
  DATABASE_URL: z
    .url({ protocol: /^postgres(?:ql)?$/ })
    .optional()
    .describe('a connection string, postgresql://user:password@host:5432/database'),
  CODERED_DATA_DIR: z.string().default('.codered/data').describe('a directory'),
});
const BRAIN_SETTINGS = SETTINGS.pick({
  SUPABASE_URL: true,
  SUPABASE_SERVICE_ROLE_KEY: true,
  DATABASE_URL: true,
  CODERED_DATA_DIR: true,
});
/** Their values never enter a message. */
const SECRETS = new Set([
  'WEBHOOK_SECRET',
  'WEBHOOK_SECRET_PREVIOUS',
  'CODERED_API_KEYS',
  'CODERED_MAIL_KEYS',
  'SUPABASE_SERVICE_ROLE_KEY',
  'DATABASE_URL',
]);

/**
 * Everything that `codered serve` needs. An empty variable counts as missing. Reads the file that PRIVATE_KEY_PATH names;
 * throws Misconfigured with one line for every problem.
 */
export function readConfig(env: Environment): Config {
  const given = withoutEmpty(env);
  const settings = SETTINGS.safeParse(given);
  const key = readPrivateKey(given);
  const problems = [...problemsOf(settings, given), ...key.problems, ...mailProblems(given), ...homeProblems(given)];
  if (!settings.success || problems.length > 0) throw misconfigured(problems);
  const found = settings.data;
  const { WEBHOOK_SECRET: secret, WEBHOOK_SECRET_PREVIOUS: previous } = found;
  return {
    appId: found.APP_ID,
    privateKey: key.value,
    webhookSecrets: previous === undefined ? [secret] : [secret, previous],
    githubApiUrl:
      found.GHE_HOST === undefined ? 'https://api.github.com' : `${found.GHE_PROTOCOL}://${found.GHE_HOST}/api/v3`,
    host: found.HOST,
    port: found.PORT,
    logLevel: found.LOG_LEVEL,
    logFormat: found.LOG_FORMAT ?? (given.NODE_ENV === 'production' ? 'json' : 'pretty'),
    apiKeys: found.CODERED_API_KEYS,
    allowedAccounts: found.CODERED_ALLOWED_ACCOUNTS,
    mail: mailSettings(found.CODERED_MAIL_KEYS, found.CODERED_MAIL_SENDERS),
    brain: brainSettings(found),
  };
}

/** Where the brain is, for the commands that need nothing else; throws Misconfigured like `readConfig`. */
export function readBrainSettings(env: Environment): BrainSettings {
  const given = withoutEmpty(env);
  const settings = BRAIN_SETTINGS.safeParse(given);
  const problems = [...problemsOf(settings, given), ...homeProblems(given)];
  if (!settings.success || problems.length > 0) throw misconfigured(problems);
  return brainSettings(settings.data);
}

function withoutEmpty(env: Environment): Environment {
  const entries = Object.entries(env).map(([name, text]) => [name, text?.trim()] as const);
  return Object.fromEntries(entries.filter(([, text]) => text !== undefined && text !== ''));
}

function brainSettings(found: z.output<typeof BRAIN_SETTINGS>): BrainSettings {
  const { SUPABASE_URL: supabase, SUPABASE_SERVICE_ROLE_KEY: serviceRoleKey, DATABASE_URL: postgres } = found;
  if (supabase !== undefined && serviceRoleKey !== undefined)
    return { kind: 'supabase', url: supabase, serviceRoleKey };
  if (postgres !== undefined) return { kind: 'postgres', url: postgres };
  return { kind: 'embedded', directory: found.CODERED_DATA_DIR };
}

function homeProblems(given: Environment): string[] {
  const { SUPABASE_URL: url, SUPABASE_SERVICE_ROLE_KEY: key, DATABASE_URL: postgres } = given;
  const problems: string[] = [];
  if (url !== undefined && key === undefined) {
    problems.push('SUPABASE_SERVICE_ROLE_KEY is missing; SUPABASE_URL is set and needs it beside it');
  }
  if (url === undefined && key !== undefined) {
    problems.push('SUPABASE_URL is missing; SUPABASE_SERVICE_ROLE_KEY is set and needs it beside it');
  }
  if (url !== undefined && postgres !== undefined) {
    problems.push('SUPABASE_URL and DATABASE_URL are both set; remove the one where the brain is not');
  }
  return problems;
}

function problemsOf(parsed: z.ZodSafeParseResult<unknown>, given: Environment): string[] {
  return (parsed.error?.issues ?? []).map((issue) => {
    const name = z.keyof(SETTINGS).safeParse(issue.path[0]).data;
    if (name === undefined) return issue.message;
    const text = given[name];
    const found = SECRETS.has(name)
      ? issue.code === 'custom'
        ? issue.message
        : 'is malformed'
      : `is ${JSON.stringify(text)}`;
    return `${name} ${text === undefined ? 'is missing' : found}; it should be ${SETTINGS.shape[name].description}`;
  });
}

function misconfigured(problems: readonly string[]): Misconfigured {
  return new Misconfigured(problems.join('\n'));
}
