// Settings of what is reached over HTTP: where CodeRed is reached, who is in front of it, where and by whom it is measured; and the limits that
// keep strangers from taking all sockets and memory.
import { z } from 'zod';
import { addressRanges } from './address-ranges.ts';

/** Numbers that nobody sets, each with its reason. */
export const RECEIVER_LIMITS = {
  /** A body has to grow by this much a second, checked every so many ms, or the request is cut off. */
  paceBytesPerSecond: 4_096,
  paceEveryMs: 5_000,
  /** Sockets at once; beyond it the one that has been waited for longest goes. */
  connections: 2_000,
  /** Where proxies are trusted, how often GitHub is asked where its webhooks come from, and when again after a failure. */
  hookRangesEveryMs: 24 * 3_600_000,
  hookRangesAgainMs: 600_000,
  /** Anybody may ask /readyz: the database is asked no oftener than this. */
  statusEveryMs: 1_000,
} as const;

/** The settings, by their names in the code. */
export interface ReceiverSettings {
  /** Addresses and ranges (CIDR) whose X-Forwarded-For is believed; none: nobody's. */
  readonly trustedProxies: readonly string[];
  /** Where GitHub's webhooks come from; null: GitHub is asked. */
  readonly githubHooks: readonly string[] | null;
  /** Where CodeRed is reached from outside, without a slash at the end; null when nobody said. */
  readonly publicUrl: string | null;
  /** What a job's token may be meant for to be let in; none: no uploads. */
  readonly evidenceAudiences: readonly string[];
  /** Where /metrics is served instead of beside everything else; null: beside it. */
  readonly metricsAddress: { readonly host: string; readonly port: number } | null;
  /** In hexadecimal; who asks for /metrics has to send a token that has one of them. None: anybody may ask. */
  readonly metricsTokens: readonly string[];
}

/** The port that exporters for Prometheus take in OpenTelemetry's specification. */
const METRICS_PORT = 9464;
const LOCAL = /^(?:localhost|127\.0\.0\.1|\[::1\])$/;

/** https anywhere, http on this machine; nothing that has no place in an audience. */
function isReachable(text: string): boolean {
  const url = URL.parse(text);
  if (url === null || url.username !== '' || url.password !== '') return false;
  if (/[?#\s\\]/.test(text)) return false;
  return url.protocol === 'https:' || (url.protocol === 'http:' && LOCAL.test(url.hostname));
}

/** An address in the one form in which addresses are compared: host in lower case, no default port, no slash at the end. */
export function plainUrl(text: string): string {
  let url = URL.parse(text)?.href ?? text;
  while (url.endsWith('/')) url = url.slice(0, -1);
  return url;
}

const tokens = /^[0-9a-f]{64}(?: *, *[0-9a-f]{64})*$/;

/** The schema of each setting. */
export const receiverFields = {
  CODERED_TRUSTED_PROXIES: addressRanges
    .default([])
    .describe('addresses or ranges (10.0.0.0/8) of the proxies in front, with commas between, or unset'),
  CODERED_GITHUB_HOOKS: addressRanges
    .optional()
    .describe("addresses or ranges that GitHub's webhooks come from, with commas between, or unset to ask GitHub"),
  CODERED_URL: z
    .string()
    .refine(isReachable)
    .transform(plainUrl)
    .optional()
    .describe('where CodeRed is reached from outside, https://<host>, or http:// on localhost, or unset'),
  CODERED_EVIDENCE_AUDIENCE: z
    .literal('codered')
    .optional()
    .describe('codered, to take tokens for that audience too, or unset to take those for CODERED_URL alone'),
  METRICS_HOST: z.string().optional().describe('the address to serve /metrics on instead of HOST, or unset'),
  METRICS_PORT: z
    .string()
    .regex(/^\d{1,5}$/)
    .transform(Number)
    .pipe(z.int().max(65_535))
    .optional()
    .describe('a port number from 0 to 65535 to serve /metrics on instead of PORT, or unset'),
  METRICS_TOKEN_SHA256: z
    .string()
    .toLowerCase()
    .regex(tokens)
    .transform((text) => text.split(',').map((token) => token.trim()))
    .default([])
    .describe('the SHA-256 of the token for /metrics (`printf %s "$token" | sha256sum`), or unset'),
} as const;

const fields = z.object(receiverFields);

/** Gives the parsed settings their names in the code. */
export function receiverSettings(found: z.output<typeof fields>): ReceiverSettings {
  const { CODERED_URL: url, CODERED_EVIDENCE_AUDIENCE: audience } = found;
  return {
    trustedProxies: found.CODERED_TRUSTED_PROXIES,
    githubHooks: found.CODERED_GITHUB_HOOKS ?? null,
    publicUrl: url ?? null,
    evidenceAudiences: [url ?? [], audience ?? []].flat(),
    metricsAddress: metricsAddress(found),
    metricsTokens: found.METRICS_TOKEN_SHA256,
  };
}

type MetricsPlace = Pick<z.output<typeof fields>, 'METRICS_HOST' | 'METRICS_PORT'>;

function metricsAddress({ METRICS_HOST: host, METRICS_PORT: port }: MetricsPlace): ReceiverSettings['metricsAddress'] {
  if (host === undefined && port === undefined) return null;
  return { host: host ?? 'localhost', port: port ?? METRICS_PORT };
}

/** Problems of settings that are right one by one: two servers cannot have the same port of the same address. One line for each. */
export function metricsProblems(found: MetricsPlace & { readonly HOST: string; readonly PORT: number }): string[] {
  const apart = metricsAddress(found);
  if (apart === null || apart.port === 0 || apart.port !== found.PORT || !overlap(apart.host, found.HOST)) return [];
  const is = found.METRICS_PORT === undefined ? `is ${apart.port} unless set` : `is "${apart.port}"`;
  return [`METRICS_PORT ${is}, and so is PORT; it should be another port`];
}

/** Whether who listens at one keeps others from listening at the other; a name that is neither's is not looked up. */
function overlap(one: string, other: string): boolean {
  const [a, b] = [one, other].map((host) => (LOOPBACK.includes(host.toLowerCase()) ? 'localhost' : host.toLowerCase()));
  return a === b || [one, other].some((host) => EVERYWHERE.includes(host));
}

const LOOPBACK = ['localhost', '127.0.0.1', '::1'];
const EVERYWHERE = ['0.0.0.0', '::'];
