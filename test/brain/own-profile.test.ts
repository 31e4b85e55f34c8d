// A person's skill level: theirs to read and to write, and nobody else's.

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openTestBrain, type TestBrain, testBackends } from '../support/brain.ts';
import { callAs, makeOrg, signUp } from '../support/people.ts';
import { statementAs } from '../support/run-scene.ts';

describe.each(testBackends)('skill_level (%s)', (backend) => {
  let brain: TestBrain;
  let [mona, other] = ['', ''];
  beforeAll(async () => {
    brain = await openTestBrain(backend);
    [mona, other] = [await signUp(brain, { email: 'mona@example.test' }), await signUp(brain)];
    await makeOrg(brain, { [mona]: 'member', [other]: 'admin' });
  });
  afterAll(() => brain.close());

  const set = (who: string, whose: string, level: string) =>
    statementAs(brain, who, `update codered.profiles set skill_level = '${level}' where id = '${whose}'`);

  it('is written and read by whom it is of', async () => {
    expect(await set(mona, mona, 'advanced')).toBe(1);
    const { data } = await callAs(brain, mona, 'my_profile', {});
    expect(data).toMatchObject({ id: mona, email: 'mona@example.test', skill_level: 'advanced' });
    expect(await set(mona, mona, 'beginner')).toBe(1);
    expect((await callAs(brain, mona, 'my_profile', {})).data).toMatchObject({ skill_level: 'beginner' });
  });

  it('is neither read nor written by anybody else', async () => {
    await set(mona, mona, 'advanced');
    expect(await set(other, mona, 'beginner')).toBe(0);
    expect((await callAs(brain, other, 'my_profile', {})).data).toMatchObject({ id: other, skill_level: null });
    await expect(statementAs(brain, other, 'select skill_level from codered.profiles')).rejects.toMatchObject({
      code: '42501',
    });
    expect(await brain.sql('select skill_level from codered.profiles where id = $1', [mona])).toEqual([
      { skill_level: 'advanced' },
    ]);
  });

  it('is one of three words, and neither role nor email can be written along', async () => {
    await expect(set(mona, mona, 'guru')).rejects.toMatchObject({ code: 'CR002' });
    for (const column of ['role', 'email']) {
      const told = `update codered.profiles set ${column} = 'admin', skill_level = 'advanced' where id = '${mona}'`;
      await expect(statementAs(brain, mona, told)).rejects.toMatchObject({ code: '42501' });
    }
    const anonymous = brain.clientFor({ role: 'anon' });
    expect((await anonymous.rpc('my_profile', {})).error).not.toBeNull();
  });
});
