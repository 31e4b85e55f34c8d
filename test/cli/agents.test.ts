import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { command as agents } from '../../src/cli/agents.ts';
import { Misused } from '../../src/cli/terminal/command.ts';
import { openTestBrain, type TestBrain } from '../support/brain.ts';
import { runCommand, useFiles } from '../support/command-run.ts';

const file = useFiles();
const ARCHITECT = 'name: ArchitectAgent\nslug: architect\nrole: architect\n';

describe('codered agents sync --check', () => {
  const check = (...args: string[]) => runCommand(agents, 'sync', '--check', ...args);

  it('reads the fixtures, a folder or a file at a time', async () => {
    expect(await check('fixtures/agents')).toEqual({
      code: 0,
      out: ['agents: 3 can be written, 0 problems'],
      err: [],
    });
    expect((await check('fixtures/agents/cynic.yml')).out).toEqual(['agents: 1 can be written, 0 problems']);
  });

  it('tells all that is wrong with all files at once, by file and field', async () => {
    const one = await file(
      'one.yml',
      'name: ""\nslug: A B\nrole: boss\nmodel: x\ntemperature: 3\nallowed_zones: [blue]\n',
    );
    const two = await file('two.yml', 'slug: [\n');
    const three = await file('three.yml', '- a list');
    const { code, out, err } = await check(one, two, three, join(dirname(one), 'four.yml'));
    expect(code).toBe(1);
    expect(out).toEqual(['agents: 0 can be written, 9 problems; nothing was written']);
    expect(err).toEqual([
      `${one}: name: must not be empty`,
      `${one}: slug: must be a-z, 0-9, _ and -, at most 100 characters`,
      expect.stringContaining(`${one}: role: should be one of architect, code, test`),
      `${one}: allowed_zones.0: should be one of red, yellow, green`,
      `${one}: temperature: should be at most 2`,
      expect.stringMatching(/one\.yml: model: there is no such key\. Allowed here: name, slug, role/),
      expect.stringMatching(/two\.yml: is no YAML: Flow sequence [^\n]* at line 2, column 1$/),
      expect.stringMatching(/three\.yml: should be keys with values, not a list/),
      expect.stringMatching(/four\.yml: there is no such file/),
    ]);
  });

  it('refuses a slug or a name that two files have', async () => {
    const one = await file('one.yml', ARCHITECT);
    const two = await file('two.yml', ARCHITECT);
    const { code, out } = await check('--json', one, two);
    expect(code).toBe(1);
    expect(out.map((line) => JSON.parse(line))).toEqual([
      {
        agents: 2,
        problems: [
          { file: two, field: 'slug', reason: `"architect" is that of ${one} already` },
          { file: two, field: 'name', reason: `"ArchitectAgent" is that of ${one} already` },
        ],
      },
    ]);
  });

  it('refuses a folder without agents, and a key twice', async () => {
    const twice = await file('twice.txt', `${ARCHITECT}slug: again\n`);
    expect((await check(dirname(twice))).err).toEqual([`${dirname(twice)}: has no file that ends in .yml or .yaml`]);
    expect((await check(twice)).err).toEqual([expect.stringContaining('Map keys must be unique')]);
  });
});

describe('codered agents', () => {
  it.each([[[]], [['sync']], [['snyc', 'x']]])('is misused with %j', async (args) => {
    await expect(runCommand(agents, ...args)).rejects.toThrow(Misused);
  });
});

describe('codered agents sync', () => {
  let brain: TestBrain;
  beforeAll(async () => {
    brain = await openTestBrain('postgres');
  });
  afterAll(() => brain?.close());

  async function sync(...args: string[]) {
    const [out, err]: [string[], string[]] = [[], []];
    const context = { env: { DATABASE_URL: brain.databaseUrl ?? '' }, stop: new AbortController().signal };
    const code = await agents.run({
      ...context,
      args: ['sync', ...args],
      out: (line) => out.push(line),
      err: (line) => err.push(line),
    });
    return { code, out, err };
  }

  it('writes what is new or changed, and nothing at all when a file is bad', async () => {
    expect(await sync('fixtures/agents')).toEqual({
      code: 0,
      out: ['agents: 3 new, 0 changed, 0 as they were'],
      err: [],
    });
    const changed = await file('architect.yml', `${ARCHITECT}max_tokens: 9\n`);
    const bad = await file('bad.yml', 'name: Bad\nslug: bad\n');
    expect(await sync(changed, bad)).toMatchObject({ code: 1, err: [expect.stringContaining('bad.yml: role: ')] });
    expect((await sync('fixtures/agents')).out).toEqual(['agents: 0 new, 0 changed, 3 as they were']);
    expect((await sync('--json', changed)).out.map((line) => JSON.parse(line))).toEqual([
      { agents: 1, inserted: 0, updated: 1, unchanged: 0, problems: [] },
    ]);
  });
});
