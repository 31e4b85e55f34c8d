// All of what is secret goes, and all of what is not stays: made up from fixed seeds, so that one shape that is left is a fault.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { redact } from '../../../src/text/redact.ts';
import { PUBLISHED_TOKENS } from '../../../src/text/secrets/reading/published-tokens.ts';
import { MORE_TOKENS } from '../../../src/text/secrets/reading/published-tokens-more.ts';
import { innocentLines } from './innocent-lines.ts';
import { publishedSamples } from './published-samples.ts';
import { shapesInContext } from './shapes-in-context.ts';

const SEEDS = [1, 2, 3];
const LOGS = join(import.meta.dirname, '../../../fixtures/logs');

describe('of what is secret', () => {
  test('every shape in context goes', () => {
    expect(shapesInContext(1).length).toBeGreaterThanOrEqual(160);
    const left = SEEDS.flatMap(shapesInContext).filter(({ text, secrets }) =>
      secrets.some((secret) => redact(text).includes(secret)),
    );
    expect(left).toEqual([]);
  });

  test('every published rule finds its own wherever it stands', () => {
    const left = SEEDS.flatMap(publishedSamples).filter(({ text, secret }) => redact(text).includes(secret));
    expect(left).toEqual([]);
  });
});

/** Passwords of the jobs that were captured, and two lines that only look like one: SQL's `identified by '…'`, and a path at Vault. */
const PASSWORDS =
  /PGPASSWORD: right$|-storepass another-one\b|mysql -u root -proot |mysql -h mysql -u root -proot |-pass pass:wrong\b|identified by '99ff88ee77dd'$|secrets: secret\/data\/ci$/;

describe('of what is not secret', () => {
  test('every innocent line stays as it is', () => {
    const lines = SEEDS.flatMap(innocentLines);
    expect(lines.map(redact)).toEqual(lines);
  });

  test('the captured logs stay as they are, but for the passwords in them', () => {
    const changed = readdirSync(LOGS)
      .filter((name) => name.endsWith('.log'))
      .flatMap((name) => changedLines(readFileSync(join(LOGS, name), 'utf8')));
    expect(changed.filter((line) => !PASSWORDS.test(line))).toEqual([]);
  });
});

function changedLines(text: string): string[] {
  const safe = redact(text).split('\n');
  return text.split('\n').filter((line, index) => line !== safe[index]);
}

describe('in all', () => {
  const texts = [...shapesInContext(7).map(({ text }) => text), ...publishedSamples(7).map(({ text }) => text)];

  test('applying it again changes nothing', () => {
    for (const text of texts) expect(redact(redact(text))).toBe(redact(text));
  });

  test('the number of lines stays', () => {
    for (const text of texts) expect(redact(text).split('\n')).toHaveLength(text.split('\n').length);
  });

  test('secrets beside one another all go', () => {
    const all = redact(texts.join('\n\n'));
    const left = shapesInContext(7).filter(({ secrets }) => secrets.some((secret) => all.includes(secret)));
    expect(left.map(({ text }) => text)).toEqual([]);
  });
});

/** What any finder looks for, and what it might look for again and again. */
const TRIGGERS = [
  ...[...PUBLISHED_TOKENS, ...MORE_TOKENS]
    .flatMap(([, forms]) => forms.split(' '))
    .map((form) => form.replace(/^[*~#]*(?:\{[^}]*\})?/, '').replace(/\{.*$/, '')),
  ...[
    'a://x:',
    '://u:p@',
    '@',
    'password',
    'password=',
    'password="',
    'token: “',
    "token: '",
    'key=',
    '?key=',
    '&sig=',
    'x-api-key:     ',
  ],
  ...[
    'authorization: ',
    'Authorization: Basic ',
    'cookie: a=',
    'bearer:',
    '-u a:',
    'docker login -p ',
    '"name":"password",',
    '"value":"x","name":',
  ],
  ...[
    '<password>',
    '<password ',
    'machine a login b ',
    'kind: Secret\ndata:\n  a: bbbb\n',
    '%41',
    '\\u0041',
    '\\',
    '&quot;',
    '\u200b',
    '\u001b]',
    '^[[',
  ],
  ...[
    'A',
    'AAAA\n',
    `${'aB3'.repeat(21)}a\n`,
    '-----BEGIN PRIVATE KEY-----\n',
    '-----END PRIVATE KEY-----\n',
    '-----',
    'heroku=',
    'password for ',
  ],
  ...[
    'secret = "a" -> ',
    '| TOKEN_A | ',
    'config set token ',
    'echo a | ',
    'password=$',
    'password=a,b=',
    '@tcp(',
    ' ',
    '\t',
    '\n',
    'password:\n',
    'é',
  ],
];

// One that is not linear takes minutes for this much, and the runner's own limit ends it.
test('a line of nothing but what a finder looks for is read in time in proportion to its length', {
  tags: ['slow'],
}, () => {
  for (const trigger of new Set(TRIGGERS)) {
    if (trigger !== '') redact(trigger.repeat(Math.ceil(200_000 / trigger.length)));
  }
});
