// Why a Postgres server can't be reached, and what to do about it, in words: of what pg, the system and TLS say of a connection that
// could not be made or was lost. Pure.

/** `reason` ends a sentence that names the server; `advice` is a sentence of its own. */
export interface Unreachable {
  readonly reason: string;
  readonly advice: string;
}

/** How long is waited, for the messages of what takes longer. */
export interface Patience {
  readonly connectMs: number;
  readonly silenceMs: number;
}

const OF_OWN_CA =
  'If the certificate is of a CA of your own or of your provider, add sslrootcert=<file of that CA> to DATABASE_URL.';
const CHECK = 'See that DATABASE_URL is right and that the server runs.';

/** By the `code` of an error of the system: https://nodejs.org/api/errors.html#common-system-errors */
const BY_CODE: Readonly<Record<string, string>> = {
  ECONNREFUSED: `Nothing listens there. ${CHECK}`,
  ENOTFOUND: 'There is no host of that name: correct the one in DATABASE_URL.',
  EAI_AGAIN:
    'The name of the host could not be looked up: see that DNS works here and that the name in DATABASE_URL is right.',
  EHOSTUNREACH:
    'No way leads there from here: see that the host in DATABASE_URL is right and that no firewall lies between.',
  ENETUNREACH:
    'No way leads there from here: see that the host in DATABASE_URL is right and that no firewall lies between.',
  ENOENT: 'There is no such socket: see that the server runs and that the path in DATABASE_URL is right.',
  DEPTH_ZERO_SELF_SIGNED_CERT:
    'The server signs its certificate itself: add sslrootcert=<file of its CA> to DATABASE_URL.',
  SELF_SIGNED_CERT_IN_CHAIN: OF_OWN_CA,
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: OF_OWN_CA,
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: OF_OWN_CA,
  UNABLE_TO_GET_ISSUER_CERT: OF_OWN_CA,
  CERT_HAS_EXPIRED: 'The certificate has expired: the server needs a new one.',
  ERR_TLS_CERT_ALTNAME_INVALID:
    'The certificate is for another name: use that name in DATABASE_URL, or, where the server has none (Cloud SQL), sslmode=verify-ca with sslrootcert.',
};

/** What pg says in its own words, which has no code: node_modules/pg/lib/client.js, connection.js and crypto/sasl.js. */
const BY_WORDS: readonly (readonly [string, (patience: Patience) => Unreachable])[] = [
  ['connection timeout', noAnswer],
  ['timeout exceeded when trying to connect', noAnswer],
  [
    'Query read timeout',
    ({ silenceMs }) => ({
      reason: `it said nothing for ${silenceMs / 1000} s`,
      advice: 'The network between may be down, or the server overloaded.',
    }),
  ],
  [
    'Connection terminated unexpectedly',
    () => ({
      reason: 'it closed the connection',
      advice:
        'See that it is a Postgres server that DATABASE_URL names, and whether it has just been stopped or restarted.',
    }),
  ],
  [
    'does not support SSL',
    () => ({
      reason: 'it speaks no TLS',
      advice: 'Take sslmode out of DATABASE_URL, or switch TLS on at the server (ssl = on).',
    }),
  ],
  [
    'client password must be a',
    () => ({
      reason: 'it wants a password',
      advice: 'Put it into DATABASE_URL: postgresql://user:password@host:5432/database.',
    }),
  ],
];

/** Of an error that is no answer of the server itself; several where the host has several addresses. */
export function whyUnreachable(errors: readonly Error[], patience: Patience): Unreachable {
  const said = [...new Set(errors.map(({ message }) => message))].join(', ');
  const worded = BY_WORDS.find(([words]) => said.includes(words))?.[1];
  if (worded !== undefined) return worded(patience);
  const codes = errors.map((error) => ('code' in error ? String(error.code) : ''));
  if (codes.includes('ETIMEDOUT')) return noAnswer(patience);
  const known = codes.find((code) => Object.hasOwn(BY_CODE, code)) ?? '';
  return { reason: said, advice: BY_CODE[known] ?? CHECK };
}

function noAnswer({ connectMs }: Patience): Unreachable {
  return {
    reason: `no answer within ${connectMs / 1000} s`,
    advice: `${CHECK} A host that is silent is often a firewall between, or another address.`,
  };
}
