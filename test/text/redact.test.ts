// Every token here is made up, and put together at run time so that secret scanners do not take this file for a leak.
import { describe, expect, test } from 'vitest';
import { redact } from '../../src/text/redact.ts';

const letters = (count: number) => 'aB3dE5gH7jK9mN1pQ2sT4vW6xY8z'.repeat(300).slice(0, count);
const hex = (count: number) => '0a1b2c3d4e5f6789'.repeat(10).slice(0, count);
const capitals = (count: number) => 'Q7XKABCD2345MNOP'.repeat(5).slice(0, count);
const jwt = `${['ey', 'J'].join('')}${letters(20)}.${['ey', 'J'].join('')}${letters(60)}.${letters(43)}`;
const dashes = '-'.repeat(5);
const begin = (kind = '') => `${dashes}BEGIN ${kind}PRIVATE KEY${dashes}`;
const end = (kind = '') => `${dashes}END ${kind}PRIVATE KEY${dashes}`;

describe('takes out', () => {
  const cases: readonly [name: string, text: string, safe: string][] = [
    ...['p', 'o', 'u', 's', 'r'].map((kind): [string, string, string] => [
      `GitHub's gh${kind}_ tokens`,
      `a gh${kind}_${letters(36)} b`,
      'a [redacted:github-token] b',
    ]),
    ["GitHub's fine-grained tokens", `github${'_pat_'}${letters(22)}_${letters(59)}`, '[redacted:github-token]'],
    ['AWS access keys', `id ${'AK'}IA${capitals(16)},`, 'id [redacted:aws-access-key],'],
    [
      'AWS secret keys by their name',
      `aws_secret_access_key = ${letters(40)}`,
      'aws_secret_access_key = [redacted:password]',
    ],
    ['Google API keys', `key=${'AI'}za${letters(35)}`, 'key=[redacted:google-key]'],
    ['Slack tokens', `${'xo'}xb-${hex(12)}-${letters(24)}`, '[redacted:slack-token]'],
    [
      'Slack webhooks',
      `https://hooks.slack.com/services/T0000/B0000/${letters(24)}`,
      'https://[redacted:slack-webhook]',
    ],
    [
      'npm tokens',
      `//npm.example.com/:_authToken=${'np'}m_${letters(36)}`,
      '//npm.example.com/:_authToken=[redacted:npm-token]',
    ],
    [
      'npm tokens of the old kind',
      `//npm.example.com/:_authToken=${hex(8)}-${hex(4)}-4${hex(3)}-${hex(12)}`,
      '//npm.example.com/:_authToken=[redacted:token]',
    ],
    ['PyPI tokens', `${'py'}pi-${letters(90)}`, '[redacted:pypi-token]'],
    [
      'Stripe keys',
      `${'sk'}_live_${letters(24)} ${'rk'}_test_${letters(24)}`,
      '[redacted:stripe-key] [redacted:stripe-key]',
    ],
    [
      'Supabase keys',
      `${'sb'}p_${hex(40)} ${'sb'}_secret_${letters(31)}`,
      '[redacted:supabase-key] [redacted:supabase-key]',
    ],
    ['JSON Web Tokens', `got ${jwt}!`, 'got [redacted:jwt]!'],
    ['API keys of language models', `${'sk'}-proj-${letters(60)}`, '[redacted:api-key]'],
    [
      'name and password in addresses',
      'git clone https://me:hunter2@example.com/x',
      'git clone https://[redacted:url-credentials]@example.com/x',
    ],
    ['keys in addresses', `https://${hex(32)}@sentry.example/4`, 'https://[redacted:url-credentials]@sentry.example/4'],
    ['connection strings', 'postgres://app:s3cr%40t@db:5432/app', 'postgres://[redacted:url-credentials]@db:5432/app'],
    ['connection strings without a user', 'redis://:pass@cache:6379', 'redis://[redacted:url-credentials]@cache:6379'],
    [
      'connection strings in pairs',
      'Server=db;User Id=sa;Password=Str0ng!Pass;Timeout=3',
      'Server=db;User Id=sa;Password=[redacted:password];Timeout=3',
    ],
    [
      'authorization headers',
      `> Authorization: Bearer ${letters(30)}`,
      '> Authorization: Bearer [redacted:authorization]',
    ],
    [
      'authorization headers with basic credentials',
      `AUTHORIZATION: basic ${letters(20)}==`,
      'AUTHORIZATION: basic [redacted:authorization]',
    ],
    [
      'authorization in JSON',
      `{"authorization": "token ${letters(20)}"}`,
      '{"authorization": "token [redacted:authorization]"}',
    ],
    ['bearers anywhere', `curl -H 'x: bearer ${letters(24)}'`, "curl -H 'x: bearer [redacted:authorization]'"],
    ['API key headers', `X-Api-Key: ${hex(12)}`, 'X-Api-Key: [redacted:authorization]'],
    ['assigned passwords', 'DB_PASSWORD=hunter', 'DB_PASSWORD=[redacted:password]'],
    [
      'quoted passwords with spaces',
      `{"password": "correct horse", "a": 1}`,
      '{"password": "[redacted:password]", "a": 1}',
    ],
    ['passwords in escaped JSON', `{\\"password\\":\\"hunter\\"}`, `{\\"password\\":\\"[redacted:password]\\"}`],
    ['passwords in YAML', 'password: hunter2', 'password: [redacted:password]'],
    ['assigned tokens', `api_key: '${letters(20)}'`, "api_key: '[redacted:token]'"],
    [
      'options of commands',
      `login --password hunter --token ${letters(20)} -u me`,
      'login --password [redacted:password] --token [redacted:token] -u me',
    ],
    [
      'Azure account keys',
      `AccountName=x;AccountKey=${letters(86)}==;`,
      'AccountName=x;AccountKey=[redacted:azure-key];',
    ],
    [
      'keys of one line',
      `KEY="${begin('RSA ')}\\n${letters(64)}\\n${end('RSA ')}" next`,
      'KEY="[redacted:private-key]" next',
    ],
  ];
  test.each(cases)('%s', (_name, text, safe) => {
    expect(redact(text)).toBe(safe);
  });
});

describe('private keys over many lines', () => {
  const body = [letters(64), letters(64), `${letters(30)}==`];

  test('go line by line, so that the lines keep their numbers', () => {
    const text = ['before', begin(), ...body, end(), 'after'].join('\n');
    expect(redact(text).split('\n')).toEqual(['before', ...Array(5).fill('[redacted:private-key]'), 'after']);
  });

  test('go with the headers of their armour and what the log puts before each line', () => {
    const text = [begin('RSA '), 'Proc-Type: 4,ENCRYPTED', '', ...body, end('RSA ')]
      .map((line) => `  | ${line}`)
      .join('\n');
    expect(redact(text)).not.toMatch(new RegExp(`${letters(16)}|ENCRYPTED`));
    expect(redact(text).split('\n')).toHaveLength(7);
  });

  test('go as far as they are there when their end is cut off', () => {
    const text = [begin(), ...body, 'npm error code 1'].join('\n');
    expect(redact(text).split('\n')).toEqual([...Array(4).fill('[redacted:private-key]'), 'npm error code 1']);
  });

  test('go as far as they are there when their beginning is cut off', () => {
    const text = ['npm error code 1', ...body, end()].join('\n');
    expect(redact(text).split('\n')).toEqual(['npm error code 1', ...Array(4).fill('[redacted:private-key]')]);
  });

  test.each(['app-1  | ', 'web:test: ', 'packages/web test: ', '##[error]', '2024-01-02T03:04:05Z ', '[0] '])(
    'of a key behind %j the lines that are left without its beginning, and those to its end',
    (prefix) => {
      const key = Array.from({ length: 5 }, (_, at) => prefix + letters(70).slice(at, at + 64));
      const short = prefix + letters(30);
      for (const text of [key, [...key, short], [...key, short, prefix + end('RSA ')], [...key, prefix + end()]]) {
        expect(redact(['npm error code 1', ...text].join('\n'))).not.toMatch(/[A-Za-z0-9]{20}/);
      }
      expect(redact(key.join('\n')).split('\n')).toEqual(Array(5).fill(`${prefix}[redacted:private-key]`));
    },
  );

  test('not a sum behind its name', () => {
    const text = `sha384 of a: ${letters(64)}\nsha384 of bb: ${letters(64)}`;
    expect(redact(text)).toBe(text);
  });
});

describe('leaves alone', () => {
  const cases: readonly string[] = [
    `HEAD is now at ${hex(40)} Fix the build`,
    `"integrity": "sha512-${letters(86)}=="`,
    `sha256:${hex(64)}`,
    `Digest: sha256:${hex(64)}`,
    '550e8400-e29b-41d4-a716-446655440000',
    'Cache restored from key: Linux-node-24-npm-3f2a9c1b7d5e',
    '/home/runner/work/app/app/src/secret/token.ts:12:5',
    'src/auth/password-reset.test.ts > resets the password',
    'Unexpected token: punc ())',
    'SyntaxError: Unexpected token \'<\', "<!DOCTYPE "... is not valid JSON',
    "Type error: Property 'token' does not exist on type 'Session'",
    'secrets: inherit',
    'password: ***',
    `token: $${'{{'} secrets.GITHUB_TOKEN }}`,
    'TOKEN=$NPM_TOKEN npm publish',
    'Error: secret: not found',
    'max_tokens=4096',
    'password authentication failed for user "postgres"',
    'fatal: could not read Password for https://github.com: terminal prompts disabled',
    'ssh://git@github.com/org/repo.git',
    'see https://example.com/a@b and user@example.com',
    'https://github.com/org/repo/actions/runs/30387633773/job/90388195062',
    'risk-assessment-of-some-long-module-name-in-a-path',
    'import { npm_config_registry } from process.env',
    'eyJust some words',
    `no ${begin().slice(0, 10)} here`,
  ];
  test.each(cases)('%s', (text) => {
    expect(redact(text)).toBe(text);
  });
});

describe('in all', () => {
  const everything = [
    `Authorization: Bearer ${jwt}`,
    `password="a b c" TOKEN=gh${'p_'}${letters(36)}`,
    `https://me:${letters(12)}@h/ --token ${letters(20)}`,
    begin('EC '),
    letters(64),
    end('EC '),
    '',
  ].join('\n');

  test('applying it again changes nothing', () => {
    expect(redact(redact(everything))).toBe(redact(everything));
  });

  test('the number of lines stays', () => {
    expect(redact(everything).split('\n')).toHaveLength(everything.split('\n').length);
  });

  const hostile: readonly string[] = [
    'eyJ'.repeat(60_000),
    'a://x:'.repeat(30_000),
    'password'.repeat(20_000),
    'token: "'.repeat(20_000),
    `${begin()}\n`.repeat(5_000),
    `${'A'.repeat(20)} `.repeat(9_000),
    `${end()}\n${letters(64)}\n`.repeat(2_000),
    'x-api-key:     '.repeat(10_000),
  ];
  // What is not linear takes minutes for so much, and ends with the runner's own limit.
  test.each(hostile.map((text) => [text.slice(0, 20), text]))('180 KB of %j are read', (_name, text) => {
    expect(redact(text).split('\n')).toHaveLength(text.split('\n').length);
  });
});
