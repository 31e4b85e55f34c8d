// `codered member` and `codered token`, as a person types them.

import { createHash } from 'node:crypto';
import nock from 'nock';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { command as member } from '../../src/cli/people/member.ts';
import { command as token } from '../../src/cli/people/token.ts';
import { type Command, type CommandContext, Misused } from '../../src/cli/terminal/command.ts';
import { openTestBrain, type TestBrain } from '../support/brain.ts';
import { makeOrg } from '../support/people.ts';

let brain: TestBrain;
let org = '';
beforeAll(async () => {
  brain = await openTestBrain('postgres');
});
afterAll(() => brain.close());
beforeEach(async () => {
  await brain.script('delete from auth.users; delete from codered.orgs');
  const id = await makeOrg(brain);
  await brain.sql("update codered.orgs set login = 'Octo-Org' where id = $1", [id]);
  org = 'octo-org';
  nock.disableNetConnect();
  nock.enableNetConnect('127.0.0.1');
});
afterEach(() => {
  expect(nock.pendingMocks()).toEqual([]);
  nock.cleanAll();
  nock.enableNetConnect();
});

async function run(command: Command, args: string, more: CommandContext['env'] = {}) {
  const [out, err]: [string[], string[]] = [[], []];
  const code = await command.run({
    args: args.split(' '),
    env: { DATABASE_URL: brain.databaseUrl ?? '', ...more },
    out: (line) => out.push(line),
    err: (line) => err.push(line),
    stop: new AbortController().signal,
  });
  return { code, out, err };
}

const octocat = { id: 583231, login: 'octocat', name: 'The Octocat', avatar_url: null, type: 'User' };
const atGithub = (login: string, status: number, body: object) =>
  nock('https://api.github.com').get(`/users/${login}`).reply(status, body);

describe('codered member', () => {
  it('lets somebody in by the id that GitHub says, lists them, and takes them out', async () => {
    atGithub('Octocat', 200, octocat);
    const added = await run(member, `add Octocat --org ${org} --role maintainer`);
    expect(added).toEqual({ code: 0, out: ["octocat (GitHub's id 583231) is maintainer of Octo-Org."], err: [] });
    const listed = await run(member, 'list');
    expect(listed.out).toEqual(["Octo-Org  octocat  maintainer  (by hand, GitHub's id 583231)"]);
    const json = await run(member, `list --org ${org} --json`);
    expect(JSON.parse(json.out[0] ?? '')).toMatchObject({ org: 'Octo-Org', github_id: 583231, role: 'maintainer' });
    expect(await run(member, `remove OCTOCAT --org ${org}`)).toMatchObject({ code: 0 });
    expect(await run(member, `remove octocat --org ${org}`)).toMatchObject({ code: 1, out: [] });
    expect(await run(member, 'list')).toMatchObject({ code: 0, out: [] });
  });

  it('asks the Enterprise Server that is set, and nobody when --id says it', async () => {
    nock('https://ghe.example.com').get('/api/v3/users/octocat').reply(200, octocat);
    expect(await run(member, `add octocat --org ${org}`, { GHE_HOST: 'ghe.example.com' })).toMatchObject({ code: 0 });
    const again = await run(member, `add octocat --org ${org} --id 583231 --role admin --json`);
    expect(JSON.parse(again.out[0] ?? '')).toMatchObject({ role: 'admin', former_role: 'member', github_id: 583231 });
  });

  it('takes out whose login is another’s now, by the id', async () => {
    await run(member, `add hubot --org ${org} --id 7`);
    await run(member, `add hubot --org ${org} --id 8`);
    expect(await run(member, `remove --id 7 --org ${org}`)).toMatchObject({ code: 0 });
    expect((await run(member, 'list')).out).toEqual(["Octo-Org  hubot  member  (by hand, GitHub's id 8)"]);
  });

  it.each([
    ['nobody', 404, { message: 'Not Found' }],
    ['an-org', 200, { ...octocat, type: 'Organization' }],
  ])('says that GitHub knows no user %s', async (login, status, body) => {
    atGithub(login, status, body);
    const { code, err } = await run(member, `add ${login} --org ${org}`);
    expect([code, err.join()]).toEqual([1, expect.stringContaining(`GitHub knows no user ${login}`)]);
  });

  it('says what to do when GitHub asks to wait, or the organisation is not here', async () => {
    atGithub('octocat', 403, { message: 'API rate limit exceeded' });
    await expect(run(member, `add octocat --org ${org}`)).rejects.toThrow(/give --id/);
    await expect(run(member, 'add octocat --org elsewhere --id 1')).rejects.toThrow(/once the App is installed/);
  });

  it.each([
    'add',
    'add octocat',
    'add octo/cat --org x',
    'add octocat --org x --role owner',
    'add octocat --org x --id mona',
    'remove --org x',
    'rename octocat',
  ])('refuses `%s`, saying what is accepted', async (args) => {
    await expect(run(member, args)).rejects.toBeInstanceOf(Misused);
  });
});

describe('codered token', () => {
  beforeEach(async () => {
    await run(member, `add octocat --org ${org} --id 583231`);
  });

  it('makes one, shown once and kept as a hash, lists it, and takes it back', async () => {
    atGithub('octocat', 200, octocat);
    const { out, err } = await run(token, 'create --for octocat --name nightly --scope tasks,read --expires 7');
    const [secret = ''] = out;
    expect([out.length, secret]).toEqual([1, expect.stringMatching(/^crd_[\w-]{43}$/)]);
    // A login may be somebody else's by now: whose token it is, the id says.
    expect(err.join()).toMatch(/octocat \(GitHub's id 583231\): read tasks, until \d{4}-/);
    const [row] = await brain.sql('select access_token_hash, id from codered.oauth_tokens');
    expect(row?.access_token_hash).toBe(createHash('sha256').update(secret).digest('hex'));
    const listed = await run(token, 'list --for OCTOCAT');
    expect(listed.out.join()).toContain(`${row?.id}  octocat  nightly  [read tasks]  until`);
    expect(listed.out.join()).not.toContain(secret);
    expect(await run(token, `revoke ${row?.id}`)).toMatchObject({ code: 0 });
    expect((await run(token, 'list --json')).out.map((line) => JSON.parse(line))).toMatchObject([{ state: 'revoked' }]);
  });

  it('is made for people here alone, and never for who has a login that was another’s', async () => {
    atGithub('nobody', 404, { message: 'Not Found' });
    const { code, err } = await run(token, 'create --for nobody --name x --scope read');
    expect([code, err.join()]).toEqual([1, expect.stringContaining('codered member add nobody')]);
    // The database still knows octocat as the one of before.
    atGithub('octocat', 200, { ...octocat, id: 99 });
    const other = await run(token, 'create --for octocat --name x --scope read');
    expect([other.code, other.out, other.err.join()]).toEqual([1, [], expect.stringContaining('99 is nobody here')]);
    expect(await brain.sql('select 1 as one from codered.oauth_tokens')).toEqual([]);
    const byId = await run(token, 'create --for octocat --id 583231 --name x --scope read');
    expect([byId.code, byId.out.length]).toEqual([0, 1]);
  });

  it.each([
    'create --name x --scope read',
    'create --for octocat --scope read',
    'create --for octocat --name x',
    'create --for octocat --name x --scope read --id mona',
    'create --for octocat --name x --scope write',
    'create --for octocat --name x --scope read --expires 0',
    'create --for octocat --name x --scope read --expires 367',
    'create --for octocat --name x --scope read --expires soon',
    'revoke',
    'revoke crd_secret',
    'show',
  ])('refuses `%s`, saying what is accepted', async (args) => {
    await expect(run(token, args)).rejects.toBeInstanceOf(Misused);
  });
});
