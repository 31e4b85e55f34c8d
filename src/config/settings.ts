// The only list of settings and their defaults. Reads no environment itself: main.ts and app.ts pass it in.
import { z } from 'zod';
import type { BrainSettings } from '../brain/client.ts';
import { Misconfigured } from '../model/errors.ts';
import type { WaitSettings } from '../model/waits.ts';
import { agentsRepositories } from './agents-repositories.ts';
import { allowedAccounts } from './allowed-accounts.ts';
import { API_KEYS, type ApiKey, parseApiKeys } from './api-keys.ts';
import { backendProblems, brainFields, brainSettings } from './brain-settings.ts';
import { githubApiUrl, githubFields } from './github-address.ts';
import { type MailSettings, mailKeys, mailProblems, mailSenders, mailSettings } from './mail-settings.ts';
import { readPrivateKey } from './private-key.ts';
import { metricsProblems, type ReceiverSettings, receiverFields, receiverSettings } from './receiver-settings.ts';
import { SECRET_SETTINGS, SETTINGS_OF_COMMANDS } from './secret-settings.ts';
import { type SignIn, signInFields, signInSettings } from './sign-in-settings.ts';
import { unknownProblems, unknownSettings } from './unknown-settings.ts';
import { untrustedCheckApps } from './untrusted-check-apps.ts';
import { waitFields, waitSettings } from './wait-settings.ts';

/** The levels of the log, from most to least. */
export const LOG_LEVELS = ['trace', 'debug', 'info', 'warn', 'error', 'fatal'] as const;

/** All settings of `codered serve`, checked. */
export interface Config extends ReceiverSettings {
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
  readonly untrustedCheckApps?: readonly string[] | undefined;
  readonly agentsRepositories?: readonly string[] | undefined;
  /** What is waited for, and how long; left out: the defaults. */
  readonly waits?: WaitSettings | undefined;
  readonly signIn: SignIn;
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
  ...githubFields,
  HOST: z.string().default('localhost').describe('the address to listen on, 0.0.0.0 for all'),
  PORT: z
    .string()
    .regex(/^\d{1,5}$/)
    .transform(Number)
    .pipe(z.int().max(65_535))
    .default(3000)
    .describe('a port number from 0 to 65535'),
  WEBHOOK_PROXY_URL: z
    .url({ protocol: /^https?$/ })
    .optional()
    .describe('the smee.io channel that webhooks go to on a machine that GitHub can not reach, or unset'),
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
  ...receiverFields,
  ...signInFields,
  ...brainFields,
  CODERED_UNTRUSTED_CHECK_APPS: untrustedCheckApps,
  CODERED_AGENTS_REPOSITORIES: agentsRepositories,
  ...waitFields,
});
const BRAIN_SETTINGS = z.object(brainFields);
const APP_NAMES = ['APP_ID', 'PRIVATE_KEY', 'PRIVATE_KEY_PATH', 'WEBHOOK_SECRET', 'WEBHOOK_SECRET_PREVIOUS'];
/** Every name that is read. (NODE_ENV is not only ours.) */
const NAMES = [...new Set([...Object.keys(SETTINGS.shape), ...APP_NAMES, ...SETTINGS_OF_COMMANDS])];
const SETUP_SETTINGS = SETTINGS.pick({
  HOST: true,
  PORT: true,
  GHE_HOST: true,
  GHE_PROTOCOL: true,
});
const GITHUB_SETTINGS = z.object(githubFields);
/** Hosts on which only people at this machine reach the set-up page. */
const THIS_MACHINE = ['localhost', '127.0.0.1', '::1'];

/**
 * Everything that `codered serve` needs. An empty variable counts as missing. Reads the file that PRIVATE_KEY_PATH names;
 * throws Misconfigured with one line for every problem.
 */
export function readConfig(env: Environment): Config {
  const given = withoutEmpty(env);
  const settings = SETTINGS.safeParse(given);
  const key = readPrivateKey(given);
  const problems = [
    ...problemsOf(settings, given),
    ...key.problems,
    ...mailProblems(given),
    ...backendProblems(given),
    ...(settings.success ? metricsProblems(settings.data) : []),
    ...unknownProblems(unknownSettings(given, NAMES)),
  ];
  if (!settings.success || problems.length > 0) throw misconfigured(problems);
  const found = settings.data;
  const { WEBHOOK_SECRET: secret, WEBHOOK_SECRET_PREVIOUS: previous } = found;
  return {
    appId: found.APP_ID,
    privateKey: key.value,
    webhookSecrets: previous === undefined ? [secret] : [secret, previous],
    githubApiUrl: githubApiUrl(found),
    host: found.HOST,
    port: found.PORT,
    logLevel: found.LOG_LEVEL,
    logFormat: found.LOG_FORMAT ?? (given.NODE_ENV === 'production' ? 'json' : 'pretty'),
    apiKeys: found.CODERED_API_KEYS,
    allowedAccounts: found.CODERED_ALLOWED_ACCOUNTS,
    mail: mailSettings(found.CODERED_MAIL_KEYS, found.CODERED_MAIL_SENDERS),
    untrustedCheckApps: found.CODERED_UNTRUSTED_CHECK_APPS,
    agentsRepositories: found.CODERED_AGENTS_REPOSITORIES,
    waits: waitSettings(found),
    signIn: signInSettings(found, found.CODERED_URL),
    brain: brainSettings(found),
    ...receiverSettings(found),
  };
}

/** Reads only where the brain is, for commands that need nothing else. Throws Misconfigured like `readConfig`. */
export function readBrainSettings(env: Environment): BrainSettings {
  const given = withoutEmpty(env);
  const settings = BRAIN_SETTINGS.safeParse(given);
  // A mistyped setting of something else changes nothing here, and `codered doctor` checks the brain in spite of it.
  const unknown = unknownSettings(given, NAMES).filter(({ meant }) => Object.keys(brainFields).includes(meant ?? ''));
  const problems = [...problemsOf(settings, given), ...backendProblems(given), ...unknownProblems(unknown)];
  if (!settings.success || problems.length > 0) throw misconfigured(problems);
  return brainSettings(settings.data);
}

/** Reads only where GitHub is, for commands that need no App: the address of its API. Throws Misconfigured like `readConfig`. */
export function readGithubApiUrl(env: Environment): string {
  const given = withoutEmpty(env);
  const settings = GITHUB_SETTINGS.safeParse(given);
  if (!settings.success) throw misconfigured(problemsOf(settings, given));
  return githubApiUrl(settings.data);
}

/** What the set-up page needs to know of its place. */
export type SetupSettings = z.output<typeof SETUP_SETTINGS>;

/**
 * Reads the settings of the set-up page; null when the page must not open: CodeRed is set up, or was meant to be. Any other setting
 * of ours, a name that looks like a mistyped one, or a HOST that others can reach says so: then a missing APP_ID is a mistake to
 * report, because strangers could see a page that opens by mistake. Throws Misconfigured like `readConfig`.
 */
export function readSetupSettings(env: Environment): SetupSettings | null {
  const given = withoutEmpty(env);
  const mistyped = unknownSettings(given, NAMES).map(({ name }) => name);
  const isOurs = (name: string) => NAMES.includes(name) || mistyped.includes(name) || LIKE_OURS.test(name);
  const others = Object.keys(given).filter((name) => isOurs(name) && !isOfSetup(name, given));
  if (others.length > 0 || given.NODE_ENV === 'production') return null;
  const settings = SETUP_SETTINGS.safeParse(given);
  if (!settings.success) throw misconfigured(problemsOf(settings, given));
  return settings.data;
}

/** Whether a setting may be there while the page is open. */
function isOfSetup(name: string, given: Environment): boolean {
  if (name === 'HOST') return THIS_MACHINE.includes((given.HOST ?? '').toLowerCase());
  return Object.hasOwn(SETUP_SETTINGS.shape, name);
}

/** Advice to add when APP_ID is missing. Empty where the App is being set up by hand, or where the page would not open anyway. */
function setupAdvice(given: Environment): string {
  const others = Object.keys(given).filter((name) => LIKE_OURS.test(name) || NAMES.includes(name));
  const inTheWay = others.filter((name) => !isOfSetup(name, given));
  const isMistyped = inTheWay.some((name) => !NAMES.includes(name)) || unknownSettings(given, NAMES).length > 0;
  const isByHand = APP_NAMES.some((name) => given[name] !== undefined);
  if (isMistyped || isByHand || inTheWay.length === 0 || given.NODE_ENV === 'production') return '';
  return `. To make the App by the set-up page, unset ${inTheWay.join(', ')}.`;
}

/** Prefixes that only our settings have, so that an unknown name with one is a mistyped one. */
const LIKE_OURS = /^(?:CODERED|SUPABASE|METRICS_|WEBHOOK|PRIVATE_?KEY|APP_?ID)/i;

function withoutEmpty(env: Environment): Environment {
  const entries = Object.entries(env).map(([name, text]) => [name, text?.trim()] as const);
  return Object.fromEntries(entries.filter(([, text]) => text !== undefined && text !== ''));
}

function problemsOf(parsed: z.ZodSafeParseResult<unknown>, given: Environment): string[] {
  return (parsed.error?.issues ?? []).map((issue) => {
    const name = z.keyof(SETTINGS).safeParse(issue.path[0]).data;
    if (name === undefined) return issue.message;
    const text = given[name];
    const found = SECRET_SETTINGS.has(name)
      ? issue.code === 'custom'
        ? issue.message
        : 'is malformed'
      : `is ${JSON.stringify(text)}`;
    const advice = name === 'APP_ID' ? setupAdvice(given) : '';
    return `${name} ${text === undefined ? 'is missing' : found}; it should be ${SETTINGS.shape[name].description}${advice}`;
  });
}

function misconfigured(problems: readonly string[]): Misconfigured {
  return new Misconfigured(problems.join('\n'));
}
