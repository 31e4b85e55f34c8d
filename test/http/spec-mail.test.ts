import { createHash } from 'node:crypto';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { makeApi } from '../../src/http/api.ts';
import { type Listening, listen } from '../../src/http/listen.ts';
import { makeSignatureCheck } from '../../src/http/routes/mail/mailgun-signature.ts';
import { makeSpecMail } from '../../src/http/routes/spec-mail.ts';
import { serveRoutes } from '../../src/http/routing.ts';
import { openTestBrain, ruleBackend, type TestBrain } from '../support/brain.ts';
import { makeLogLines } from '../support/log-lines.ts';
import {
  mailgunFields,
  mailgunPost,
  POSTMARK_PASSWORD,
  type Post,
  password,
  postmarkPost,
  SIGNING_KEY,
  type TestMail,
} from '../support/mails.ts';
import { makeOrg } from '../support/run-scene.ts';

const SPEC = '---\nlabel: Checkout\ndod: { lint_pass: true }\n---\n# The shop\n';
const sha256 = (text: string) => createHash('sha256').update(text).digest('hex');
const gitSha = (text: string) =>
  createHash('sha1')
    .update(`blob ${Buffer.byteLength(text)}\0${text}`)
    .digest('hex');

let brain: TestBrain;
let http: Listening;
let repository: string;
let settings: Parameters<typeof makeSpecMail>[0]['settings'];
const { log, lines } = makeLogLines();

beforeAll(async () => {
  brain = await openTestBrain(ruleBackend);
  const org = await makeOrg(brain);
  repository = `octo/r${org.repository}`;
  await brain.script(`
    insert into codered.installations (id, org_id, account_login) values (7, '${org.org}', 'octo');
    update codered.repositories set installation_id = 7, default_branch = 'trunk'`);
  settings = {
    keys: [
      { provider: 'postmark', secret: sha256('an older password') },
      { provider: 'postmark', secret: sha256(POSTMARK_PASSWORD) },
      { provider: 'mailgun', secret: 'an-older-signing-key' },
      { provider: 'mailgun', secret: SIGNING_KEY },
    ],
    senders: ['octocat@example.com', '@example.org'],
  };
  const routes = { mail: makeSpecMail({ brain, settings, log }), off: makeSpecMail({ brain, settings: null, log }) };
  http = await listen(
    { host: '127.0.0.1', port: 0 },
    { handlers: [serveRoutes({ resources: [makeApi(routes, log)], onError: () => {} })], onError: () => {} },
  );
});
afterEach(() => brain.script('delete from codered.sprints; delete from codered.specs'));
afterAll(async () => {
  await http.close(1_000);
  await brain.close();
});

async function post({ headers, body }: Post, path = 'mail') {
  const response = await fetch(`${http.url}/api/v1/${path}`, { method: 'POST', headers, body });
  const text = await response.text();
  return { status: response.status, headers: response.headers, body: JSON.parse(text) };
}
const specs = () =>
  brain.sql('select repo, storage_path, branch, sha, created_by from codered.specs order by created_at');
const sprints = () => brain.sql('select label, dod_json::text from codered.sprints');

/** Both providers' ways of the same mail. */
const ways: [string, number, (found?: Partial<TestMail>) => Post][] = [
  ['Postmark', 403, (found) => postmarkPost({ subject: `${repository} Close the shop`, ...found })],
  ['Mailgun', 406, (found) => mailgunPost({ subject: `${repository} Close the shop`, ...found })],
  [
    'Mailgun, as JSON',
    406,
    (found) => {
      const fields = Object.fromEntries(mailgunFields({ subject: `${repository} Close the shop`, ...found }));
      const { timestamp, token, signature, ...rest } = fields;
      const body = {
        ...rest,
        'message-headers': JSON.parse(fields['message-headers'] ?? ''),
        signature: { timestamp, token, signature },
      };
      return { headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) };
    },
  ],
];

describe.each(ways)('a mail by %s', (_, lastWord, made) => {
  it('is a spec on the default branch that plans a sprint; the same once more changes nothing', async () => {
    const first = await post(made({ text: `${SPEC}-- \nAna` }));
    expect(first).toMatchObject({ status: 200, body: { sprint: { label: 'Checkout', state: 'PLANNED' } } });
    expect(await post(made({ text: SPEC }))).toMatchObject({ status: 200, body: first.body });
    expect(await specs()).toEqual([
      {
        repo: repository,
        storage_path: 'specs/close-the-shop.md',
        branch: 'trunk',
        sha: gitSha(SPEC),
        created_by: 'mail:octocat@example.com',
      },
    ]);
    expect(await sprints()).toEqual([{ label: 'Checkout', dod_json: '{"lint_pass": true}' }]);
  });

  it('names branch and path in the subject, and plans nothing without a Definition of Done', async () => {
    const subject = `${repository.toUpperCase()}@closed .codered/specs/shop.md`;
    expect(await post(made({ subject }))).toMatchObject({ status: 200, body: { sprint: null } });
    expect(await specs()).toMatchObject([{ storage_path: '.codered/specs/shop.md', branch: 'closed' }]);
  });

  it('is let in from an allowed domain, and by a host below it', async () => {
    const found = { from: 'bob@EXAMPLE.org', sender: 'bounce+1@mail.example.org' };
    expect((await post(made(found))).status).toBe(200);
    expect(await specs()).toMatchObject([{ created_by: 'mail:bob@example.org' }]);
  });

  it.each<[string, string, Partial<TestMail>]>([
    ['a stranger', 'sender_not_allowed', { from: 'stranger@example.net', sender: 'stranger@example.net' }],
    ['a neighbour', 'sender_not_allowed', { from: 'stranger@example.com', sender: 'stranger@example.com' }],
    [
      'a domain that only ends so',
      'sender_not_allowed',
      { from: 'stranger@evil-example.org', sender: 'stranger@evil-example.org' },
    ],
    [
      'a domain that only begins so',
      'sender_not_allowed',
      { from: 'stranger@example.org.evil.net', sender: 'stranger@example.org.evil.net' },
    ],
    [
      'a name like an address',
      'sender_not_allowed',
      { from: '"octocat@example.com" <stranger@example.net>', sender: 'stranger@example.net' },
    ],
    ['somebody whom no provider vouches for', 'sender_not_proven', { spf: null }],
    ['somebody for whom SPF fails', 'sender_not_proven', { spf: 'Fail' }],
    ['somebody for whom SPF nearly fails', 'sender_not_proven', { spf: 'SoftFail' }],
    ['somebody else, who says to be Octocat', 'sender_not_proven', { sender: 'stranger@example.net' }],
    ['a domain that only begins like hers', 'sender_not_proven', { sender: 'stranger@example.com_.evil.net' }],
    ['a domain that only ends like hers', 'sender_not_proven', { sender: 'stranger@evil-example.com' }],
    ['nobody', 'sender_not_proven', { sender: '' }],
    ['a control character', 'sender_not_allowed', { from: 'a\u0000b@example.org', sender: 'a@example.org' }],
  ])('of %s is none', async (_whom, code, found) => {
    expect(await post(made(found))).toMatchObject({ status: lastWord, body: { code } });
    expect(await specs()).toEqual([]);
  });

  it.each<[string, string, (name: string) => Partial<TestMail>]>([
    ['a subject without a repository', 'spec_refused', () => ({ subject: 'Hello' })],
    ['a path that leads out', 'malformed', (name) => ({ subject: `${name} ../../etc/passwd.md` })],
    ['a path from the root', 'malformed', (name) => ({ subject: `${name} /etc/passwd.md` })],
    ['a path with a detour', 'malformed', (name) => ({ subject: `${name} specs/./a//b.md` })],
    ['a control character in the path', 'malformed', (name) => ({ subject: `${name} specs/a\u0000\u001bb.md` })],
    ['a control character in the branch', 'malformed', (name) => ({ subject: `${name}@a\u0007b specs/a.md` })],
    ['an unknown repository', 'CR004', () => ({ subject: 'octo/elsewhere specs/a.md' })],
    ['a broken Definition of Done', 'spec_refused', () => ({ text: '---\ndod: { speed: 1 }\n---\n' })],
    ['front matter larger than it may be', 'spec_refused', () => ({ text: `---\na: ${'x'.repeat(300_000)}\n---\n` })],
  ])('with %s is refused for good, and nothing of it kept', async (_what, code, found) => {
    const { status, body } = await post(made(found(repository)));
    expect([status, body.code]).toEqual([lastWord, code]);
    expect(await specs()).toEqual([]);
    expect(await sprints()).toEqual([]);
  });

  it('says what is wrong with the spec', async () => {
    const { body } = await post(made({ text: '---\ndod: { speed: 1 }\n---\n' }));
    expect(body).toMatchObject({ code: 'spec_refused', message: 'dod.speed: there is no such key.', details: {} });
    const { body: place } = await post(made({ subject: `${repository} ../a.md` }));
    expect(place.details).toEqual({ fields: [{ field: 'path', message: 'has to be a path in the repository' }] });
  });

  it('that is huge is refused for good', async () => {
    expect(await post(made({ text: 'x'.repeat(6_000_000) }))).toMatchObject({
      status: lastWord,
      body: { code: 'too_large' },
    });
  });

  it('is told to come back while the database can not take it, and is taken then', async () => {
    const again = made({ text: SPEC });
    await brain.script('alter function codered.ingest_spec(jsonb) rename to ingest_spec_away');
    expect((await post(again)).status).toBeGreaterThanOrEqual(500);
    await brain.script('alter function codered.ingest_spec_away(jsonb) rename to ingest_spec');
    expect((await post(again)).status).toBe(200);
  });

  it('leaves neither its words nor its sender in the log', async () => {
    const from = lines.length;
    await post(made({ text: `${SPEC}a secret of the text` }));
    await post(made({ text: 'a secret of the text', subject: 'a secret of the subject' }));
    const logged = JSON.stringify(lines.slice(from));
    expect(logged).toContain('a spec came by mail');
    expect(logged).not.toMatch(/secret|octocat@example|password of|signing-key/);
  });
});

describe.each(ways.slice(0, 2))('an attachment by %s', (_, lastWord, made) => {
  it('is the spec: the first one that may be', async () => {
    const attachments = [
      { name: 'logo.png', content: 'PNG' },
      { name: 'Shop.YML', content: 'dod: { type_check: true }\n' },
      { name: 'other.md', content: '# Other\n' },
    ];
    expect((await post(made({ attachments }))).status).toBe(200);
    expect(await specs()).toMatchObject([
      { storage_path: 'specs/close-the-shop.yml', sha: gitSha('dod: { type_check: true }\n') },
    ]);
    expect(await sprints()).toEqual([{ label: 'close-the-shop', dod_json: '{"type_check": true}' }]);
  });

  it('that is no text is refused', async () => {
    const attachments = [{ name: 'a.md', content: new Uint8Array([0xff, 0xfe, 0x00]) }];
    expect(await post(made({ attachments }))).toMatchObject({ status: lastWord, body: { code: 'spec_refused' } });
  });
});

describe('Postmark', () => {
  const mail = () => postmarkPost({ subject: `${repository} Shop` });

  it.each<[string, Record<string, string>]>([
    ['a wrong password', password('guess')],
    ['no password', password('')],
    ['the hash of the password', password(sha256(POSTMARK_PASSWORD))],
    ['a bearer', { authorization: `Bearer ${POSTMARK_PASSWORD}` }],
    ['no base64', { authorization: 'Basic %%%' }],
  ])('is not let in with %s, and may try again', async (_, headers) => {
    const { status, body } = await post({ ...mail(), headers: { ...mail().headers, ...headers } });
    expect([status, body.code]).toEqual([401, 'bad_password']);
    expect(await specs()).toEqual([]);
  });

  it.each<[string, Record<string, unknown>]>([
    ['FromFull', { FromFull: undefined }],
    ['FromFull.Email', { FromFull: { Name: 'Octocat' } }],
    ['Subject', { Subject: 7 }],
    ['Attachments.0.Content', { Attachments: [{ Name: 'a.md' }] }],
    ['Headers', { Headers: Array.from({ length: 100_000 }, () => 1) }],
  ])('is told which field is wrong: %s', async (field, change) => {
    const { status, body } = await post(postmarkPost({}, change));
    expect([status, body.code, body.details.fields.length]).toEqual([403, 'malformed', 1]);
    expect(body.details.fields[0].field).toBe(field);
  });

  it.each(['%%%', 'QUJD=', 'QUJ'])('sends base64 whole, not as %s', async (Content) => {
    const { status, body } = await post(
      postmarkPost({ subject: `${repository} Shop` }, { Attachments: [{ Name: 'a.md', Content }] }),
    );
    expect([status, body.code]).toEqual([403, 'spec_refused']);
    expect(await specs()).toEqual([]);
  });

  it('sends no JSON', async () => {
    expect(await post({ ...mail(), body: '{"FromFull":' })).toMatchObject({ status: 403, body: { code: 'malformed' } });
  });

  it.each<[string, number, Partial<TestMail>]>([
    [
      'does not believe what a spam filter may never have said',
      403,
      { spf: 'None', headers: [['X-Spam-Tests', 'DKIM_SIGNED,DKIM_VALID,DKIM_VALID_AU']] },
    ],
    [
      'does not believe a signature of another',
      403,
      { spf: 'None', headers: [['X-Spam-Tests', 'DKIM_SIGNED,DKIM_VALID']] },
    ],
    [
      'does not believe what the sender wrote beside it',
      403,
      {
        spf: 'None',
        headers: [
          ['X-Spam-Tests', 'SPF_NONE'],
          ['X-Spam-Tests', 'DKIM_VALID_AU'],
        ],
      },
    ],
    [
      'does not believe a second verdict',
      403,
      { sender: 'stranger@example.net', headers: [['Received-SPF', 'Pass envelope-from=octocat@example.com;']] },
    ],
    [
      'does not believe a host that is called like a verdict',
      403,
      { spf: 'Pass helo=a; envelope-from=octocat@example.com;', sender: 'stranger@example.net' },
    ],
  ])('%s', async (_, status, found) => {
    expect((await post(postmarkPost({ subject: `${repository} Shop`, ...found }))).status).toBe(status);
  });
});

describe('Mailgun', () => {
  const mail = (change: Record<string, string | null> = {}, found: Partial<TestMail> = {}) =>
    mailgunPost({ subject: `${repository} Shop`, ...found }, change);
  const minutes = (count: number) => String(Math.floor(Date.now() / 1_000) - count * 60);

  it.each<[string, Record<string, string | null>]>([
    ['a forged signature', { signature: 'a'.repeat(64) }],
    ['no signature', { signature: null }],
    ['half a signature', { signature: 'abcd' }],
    ['no token', { token: '' }],
    ['a timestamp that is none', { timestamp: 'now' }],
  ])('is not let in with %s, and may try again', async (_, change) => {
    const { status, body } = await post(mail(change));
    expect([status, body.code]).toEqual([401, 'bad_signature']);
    expect(await specs()).toEqual([]);
  });

  it.each([541, -541])('is refused for good when it signed %i minutes ago', async (count) => {
    expect(await post(mail({ timestamp: minutes(count) }))).toMatchObject({ status: 406, body: { code: 'too_old' } });
    expect((await post(mail({ timestamp: minutes(count > 0 ? 539 : -539) }))).status).toBe(200);
  });

  it('is taken once: its token brings no other mail in', async () => {
    const token = 'f'.repeat(50);
    expect((await post(mail({ token }))).status).toBe(200);
    expect(await post(mail({ token }, { text: 'another' }))).toMatchObject({ status: 406, body: { code: 'replayed' } });
    expect((await specs()).length).toBe(1);
  });

  it('that comes again with its signature is answered as before', async () => {
    const again = mail({}, { text: SPEC });
    const first = await post(again);
    expect(await post(again)).toMatchObject({ status: 200, body: first.body });
    expect((await specs()).length).toBe(1);
  });

  it('that comes while it is being taken is told to come again', () => {
    const { timestamp = '', token = '', signature = '' } = Object.fromEntries(mailgunFields());
    const check = makeSignatureCheck({ signingKeys: [SIGNING_KEY], windowMs: 60_000, now: Date.now });
    const begin = () => check({ timestamp, token, signature })('the hash of a mail');
    const end = begin();
    expect(begin).toThrow(expect.objectContaining({ status: 503 }));
    end(true);
    expect(begin).not.toThrow();
  });

  it('is read no further than a thousand keys', async () => {
    const body = JSON.stringify(Object.fromEntries(Array.from({ length: 400_000 }, (_, at) => [`k${at}`, ''])));
    const { status, body: said } = await post({ headers: { 'content-type': 'application/json' }, body });
    expect([status, said.message]).toEqual([406, 'The body has more than 1000 fields']);
  });

  it.each<[string, Record<string, string | null>]>([
    ['from', { from: null }],
    ['sender', { sender: null }],
    ['subject', { subject: null }],
    ['message-headers', { 'message-headers': '{"a": 1}' }],
    ['message-headers', { 'message-headers': 'no' }],
  ])('is told which field is wrong: %s', async (field, change) => {
    const { status, body } = await post(mail(change));
    expect([status, body.code, body.details.fields[0]?.field]).toEqual([406, 'malformed', field]);
  });

  it('is not believed when a header of the mail bears the name of a field', async () => {
    const { body } = mail();
    if (!(body instanceof URLSearchParams)) throw new TypeError('it has no attachment');
    body.append('sender', 'stranger@example.net');
    expect(await post({ headers: {}, body })).toMatchObject({ status: 406, body: { code: 'malformed' } });
  });

  it.each<[string, number, Partial<TestMail>]>([
    [
      'believes a signature of the sender’s domain',
      200,
      { spf: null, dkim: 'Pass', headers: [['DKIM-Signature', 'v=1; d=example.com; b=x']] },
    ],
    [
      'does not believe a signature of another',
      406,
      { spf: null, dkim: 'Pass', headers: [['DKIM-Signature', 'v=1; d=example.net; b=x']] },
    ],
    [
      'does not believe a signature that fails',
      406,
      { spf: null, dkim: 'Fail', headers: [['DKIM-Signature', 'v=1; d=example.com; b=x']] },
    ],
    [
      'does not believe one of two signatures',
      406,
      {
        spf: null,
        dkim: 'Pass',
        headers: [
          ['DKIM-Signature', 'd=example.net'],
          ['dkim-signature', 'd=example.com'],
        ],
      },
    ],
    [
      'does not believe a signature of two domains',
      406,
      { spf: null, dkim: 'Pass', headers: [['DKIM-Signature', 'd=example.com; d=a_b']] },
    ],
    ['does not believe a verdict that the sender wrote', 406, { spf: 'Fail', headers: [['x-mailgun-spf', 'Pass']] }],
  ])('%s', async (_, status, found) => {
    expect((await post(mail({}, found))).status).toBe(status);
  });

  it('has to send attachments along', async () => {
    const attachments = JSON.stringify([{ name: 'shop.md', url: 'https://storage.mailgun.net/1', size: 3 }]);
    const { status, body } = await post(mail({ attachments }));
    expect([status, body.code, body.message]).toEqual([406, 'spec_refused', expect.stringContaining('forward()')]);
  });

  it.each<[string, string, string | Uint8Array<ArrayBuffer>, string]>([
    ['415', 'text/plain', 'hello', 'unsupported_type'],
    ['two boundaries', 'multipart/form-data; boundary=a; boundary=b', 'hello', 'unsupported_type'],
    ['a quoted pair', 'multipart/form-data; boundary="a\\b"', 'hello', 'unsupported_type'],
    ['no boundary', 'multipart/form-data', 'hello', 'unsupported_type'],
    ['no form', 'multipart/form-data; boundary=b', 'hello', 'malformed'],
    [
      'a form without end',
      'multipart/form-data; boundary=b',
      '--b\r\nContent-Disposition: form-data; name="a"\r\n\r\n',
      'malformed',
    ],
    ['no object', 'application/json', '[1]', 'malformed'],
    ['no JSON', 'application/json', '{', 'malformed'],
    ['a million fields', 'application/x-www-form-urlencoded', 'a&'.repeat(1_000_000), 'malformed'],
    ['a hundred thousand parts', 'multipart/form-data; boundary="b"', '--b\r\n\r\n\r\n'.repeat(100_000), 'malformed'],
    ['nothing', 'application/json', '{}', 'bad_signature'],
    ['lists in lists', 'application/json', `{"attachments":${'['.repeat(1e5)}${']'.repeat(1e5)}}`, 'bad_signature'],
  ])('is answered to %s', async (_, type, sent, code) => {
    const { status, body } = await post({ headers: { 'content-type': type }, body: sent as string });
    expect([status, body.code]).toEqual([code === 'bad_signature' ? 401 : 406, code]);
  });
});

describe('a large body of Mailgun', () => {
  const filling = 'x+ü '.repeat(40_000);
  const attachments = [{ name: 'notes.txt', content: filling }];

  it.each<[string, Post]>([
    ['a form', mailgunPost({ subject: 'R Close the shop', text: SPEC }, { 'body-html': filling })],
    ['a form with files', mailgunPost({ subject: 'R Close the shop', text: SPEC, attachments })],
    [
      'JSON',
      {
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({
          'body-html': filling.replaceAll('x', '"token": "'),
          ...Object.fromEntries(mailgunFields({ subject: 'R Close the shop', text: SPEC })),
        }),
      },
    ],
    [
      'JSON with the signature apart',
      {
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(
          { filling, ...apart(mailgunFields({ subject: 'R Close the shop', text: SPEC })) },
          null,
          1,
        ),
      },
    ],
  ])('is read as %s when it is signed', async (_, sent) => {
    // The subject would name a repository that is there; all before it was believed.
    expect(await post(sent)).toMatchObject({ status: 406, body: { code: 'spec_refused' } });
  });

  const unsigned = `"timestamp": "1", "token": "t", "signature": "${'0'.repeat(64)}"`;
  it.each([
    ['JSON that is none', 'application/json', `{${unsigned},${'['.repeat(3e6)}`],
    ['JSON of lists in lists', 'application/json', `{${unsigned},"a":${'['.repeat(2e6)}${']'.repeat(2e6)}}`],
    ['JSON that is no object', 'application/json', `[${'1,'.repeat(2e6)}1]`],
    ['a form of spaces', 'application/x-www-form-urlencoded', `timestamp=1&token=t&signature=0&a=${'+'.repeat(4e6)}`],
    ['a form that is none', 'multipart/form-data; boundary=b', `--b\r\n${'x: y\r\n'.repeat(6e5)}`],
    ['a part without end', 'multipart/form-data; boundary=b', `--b\r\nname="token"\r\n\r\n${'x'.repeat(4e6)}`],
  ])('is not parsed while it is not: %s', async (_, type, body) => {
    const { status, body: said } = await post({ headers: { 'content-type': type }, body });
    expect([status, said.code]).toEqual([401, 'bad_signature']);
  });

  it('of another type than a form or JSON is none', async () => {
    const { status, body } = await post({ headers: { 'content-type': 'text/plain' }, body: 'x'.repeat(100_000) });
    expect([status, body.code]).toEqual([406, 'unsupported_type']);
  });
});

/** As Mailgun's webhooks have it. */
function apart(fields: readonly [string, string][]) {
  const { timestamp, token, signature, ...rest } = Object.fromEntries(fields);
  return { ...rest, signature: { timestamp: Number(timestamp), token, signature } };
}

describe('the route', () => {
  it('says what to set while nobody has', async () => {
    const { status, body } = await post(postmarkPost(), 'off');
    expect([status, body.code]).toEqual([404, 'mail_not_set_up']);
    expect(body.message).toMatch(/CODERED_MAIL_KEYS.*CODERED_MAIL_SENDERS/);
  });

  it('asks for a branch while the default branch is not known', async () => {
    await brain.script('update codered.repositories set default_branch = null');
    const { body } = await post(mailgunPost({ subject: `${repository} Shop` }));
    expect(body).toMatchObject({ code: 'CR002', message: expect.stringContaining('specs.branch') });
    expect((await post(mailgunPost({ subject: `${repository}@main Shop` }))).status).toBe(200);
    await brain.script(`update codered.repositories set default_branch = 'trunk'`);
  });

  it('takes a changed document as another spec, with a sprint of its own', async () => {
    const mail = (text: string) => post(mailgunPost({ subject: `${repository} specs/shop.md`, text }));
    await mail(SPEC);
    await brain.script(`update codered.sprints set state = 'RUNNING'`);
    expect((await mail(SPEC.replace('lint_pass', 'type_check'))).status).toBe(200);
    expect((await mail(SPEC)).status).toBe(200);
    expect(await sprints()).toEqual([
      { label: 'Checkout', dod_json: '{"lint_pass": true}' },
      { label: 'Checkout', dod_json: '{"type_check": true}' },
    ]);
  });
});
