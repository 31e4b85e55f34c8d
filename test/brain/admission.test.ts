// Who is let in by CODERED_ALLOWED_ACCOUNTS: what identifies an account when logins change hands.

import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type AccountToAdmit, makeAdmission, readKeptOut } from '../../src/brain/admission.ts';
import { openTestBrain, type TestBrain, testBackends } from '../support/brain.ts';
import { makeLogLines } from '../support/log-lines.ts';

const ALLOWED = ['acme', 'octo'];

describe.each(testBackends)('accounts on %s', (backend) => {
  let brain: TestBrain;
  let logged: ReturnType<typeof makeLogLines>;
  beforeAll(async () => {
    brain = await openTestBrain(backend);
  });
  afterAll(() => brain.close());
  beforeEach(async () => {
    logged = makeLogLines();
    await brain.script(
      'delete from codered.allowed_accounts; delete from codered.kept_out_installations; delete from codered.installations; delete from codered.orgs',
    );
  });

  const ask = async (given: Partial<AccountToAdmit>, allowed = ALLOWED) => {
    const nobody = { installation_id: null, account_id: null, account_login: null, is_leaving: false };
    return makeAdmission(brain, allowed, logged.log).reasonToKeepOut({ ...nobody, ...given });
  };
  const acme = { installation_id: 1, account_id: 10, account_login: 'Acme' };
  const known = (installation: number, account: string, login: string) =>
    brain.script(`
      with org as (insert into codered.orgs (login, name, github_account_id) values ('${login}', '${login}', ${account}) returning id)
      insert into codered.installations (id, org_id, account_login) select ${installation}, id, '${login}' from org`);

  it('are let in by login, in whatever letters, and by nothing else', async () => {
    expect(await ask(acme)).toBeNull();
    expect(await ask({ ...acme, account_login: 'acme-2', account_id: 11, installation_id: 2 })).toMatch(/acme-2/);
    expect(await ask({ ...acme, account_login: 'acm', account_id: 12, installation_id: 3 })).toMatch(/^kept out/);
    expect(await ask({})).toMatch(/names no account/);
  });

  it('stay let in under a new name, and whoever takes the old name is kept out', async () => {
    expect(await ask(acme)).toBeNull();
    expect(await ask({ ...acme, account_login: 'acme-group' })).toBeNull();
    const taker = { installation_id: 9, account_id: 99, account_login: 'acme' };
    expect(await ask(taker)).toBe(
      'kept out: acme in CODERED_ALLOWED_ACCOUNTS is the account with the id 10, and this one has the id 99',
    );
    await brain.script(`delete from codered.allowed_accounts where login = 'acme'`);
    expect(await ask(taker)).toBeNull();
  });

  it('are known from before the setting: a name that was taken over since does not pass for them', async () => {
    await known(1, '10', 'acme');
    expect(await ask({ installation_id: 9, account_id: 99, account_login: 'acme' })).toMatch(/id 10.*id 99/);
    expect(await ask(acme)).toBeNull();
  });

  it('are known from before the setting under a new name too', async () => {
    await known(1, '10', 'acme');
    expect(await ask({ ...acme, account_login: 'acme-group' })).toBeNull();
    expect(await ask({ installation_id: 9, account_id: 99, account_login: 'acme' })).toMatch(/id 10.*id 99/);
  });

  it('are those of the installation: a repository of somebody else among its deliveries lends no name', async () => {
    await known(7, '70', 'stranger');
    expect(await ask({ installation_id: 7, account_id: 10, account_login: 'acme' })).toMatch(/stranger/);
    await ask({ installation_id: 8, account_id: 80, account_login: 'mallory' });
    expect(await ask({ installation_id: 8, account_id: 10, account_login: 'acme' })).toMatch(/mallory/);
    expect(await ask({ installation_id: 8 })).toMatch(/mallory/);
    // And the owner of a repository that has gone elsewhere does not shut its old installation out.
    await known(1, '10', 'acme');
    expect(await ask({ installation_id: 1, account_id: 80, account_login: 'mallory' })).toBeNull();
  });

  it('without an installation are judged by who owns the repository, and told to nobody', async () => {
    expect(await ask({ account_id: 10, account_login: 'acme' })).toBeNull();
    expect(await ask({ account_id: 80, account_login: 'mallory' })).toMatch(/mallory/);
    expect(logged.lines).toEqual([]);
  });

  it('are told of once, whoever asks and however often, and again when they are let in after all', async () => {
    const mallory = { installation_id: 8, account_id: 80, account_login: 'mallory' };
    await Promise.all([ask(mallory), ask(mallory), ask(mallory)]);
    await ask(mallory);
    expect(logged.lines.map(({ msg }) => msg?.slice(0, 9))).toEqual(['thank you']);
    expect(await readKeptOut(brain, ALLOWED)).toEqual([
      {
        id: 8,
        account_login: 'mallory',
        reason: 'kept out: CODERED_ALLOWED_ACCOUNTS does not name the account mallory',
      },
    ]);
    expect(await readKeptOut(brain, [...ALLOWED, 'mallory'])).toEqual([]);
    expect(await ask(mallory, [...ALLOWED, 'mallory'])).toBeNull();
    expect(logged.lines).toHaveLength(2);
    expect(await ask(mallory)).toMatch(/mallory/);
    expect(logged.lines).toHaveLength(3);
    await ask({ ...mallory, is_leaving: true });
    expect(await readKeptOut(brain, ALLOWED)).toEqual([]);
  });

  it('that were let in before and are named no more are kept out from the next word on', async () => {
    await known(1, '10', 'acme');
    expect(await ask(acme)).toBeNull();
    expect(await ask(acme, ['octo'])).toMatch(/does not name the account Acme/);
    const admission = makeAdmission(brain, ['octo'], logged.log);
    expect(await admission.isAllowed({ installation_id: 1 })).toBe(false);
    await expect(admission.check(1)).rejects.toMatchObject({ name: 'Rejected', code: 'kept_out' });
    await expect(admission.check(12345)).rejects.toMatchObject({ code: 'kept_out' });
    await makeAdmission(brain, null, logged.log).check(12345);
  });
});
