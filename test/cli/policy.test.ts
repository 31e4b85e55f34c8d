import { existsSync } from 'node:fs';
import { mkdir, symlink, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { command as policy } from '../../src/cli/policy.ts';
import { Misused } from '../../src/cli/terminal/command.ts';
import { runCommand, useFiles } from '../support/command-run.ts';

const file = useFiles();
const GOOD = `dod:
  lint_pass: true
  coverage_min: { total: 0.8005, flags: { unit: 0.9 } }
  lighthouse_min: 85
evidence:
  lint_pass: { job: lint, workflow: ci.yml }
  lighthouse_min: { artifact: lhci }
zones: { red: ['src/billing/**'] }
when: { zones: [red], dod: { coverage_min: 0.95 } }
`;

describe('codered policy check', () => {
  test('says of a good file what it asks for, one criterion a line', async () => {
    const good = await file('codered.yml', GOOD);
    expect(await runCommand(policy, 'check', good)).toEqual({
      code: 0,
      out: [
        `${good}: lint_pass: lint has to pass, from job lint of ci.yml`,
        `${good}: coverage_min: coverage at least 80.05 %, found by names`,
        `${good}: coverage_min.flags.unit: coverage of unit at least 90 %, found by names`,
        `${good}: lighthouse_min: Lighthouse at least 85, from artifact lhci`,
        `${good}: coverage_min: coverage at least 95 %, for changes in zone red, found by names`,
      ],
      err: [],
    });
    const nothing = await file('nothing.yml', 'dod: {}\n');
    expect(await runCommand(policy, 'check', nothing)).toMatchObject({
      code: 0,
      out: [`${nothing}: asks for nothing`],
    });
  });

  test('says where every problem of every file stands, and ends with 1', async () => {
    const bad = await file('bad.yml', 'dod:\n  lint: true\n  coverage_min: 80\n');
    const { code, out, err } = await runCommand(policy, 'check', await file('good.yml', GOOD), bad, `${bad}.gone`);
    expect(code).toBe(1);
    expect(out).toHaveLength(5);
    expect(err).toEqual([
      expect.stringContaining(`${bad}:2:3 dod.lint: there is no such key; did you mean lint_pass? Allowed here: `),
      `${bad}:3:17 dod.coverage_min: should be a share from 0 to 1, so 80 % is 0.80`,
      `${bad}.gone: there is no such file`,
    ]);
  });

  test('says what a file asks for on top of the organisation’s', async () => {
    const organisation = await file('organisation.yml', 'dod: { coverage_min: 0.8 }\nmode: observe\n');
    const own = await file('own.yml', 'extends: acme/policies:web.yml\ndod: { coverage_min: 0.5, lint_pass: true }\n');
    expect(await runCommand(policy, 'check', '--org-file', organisation, own)).toEqual({
      code: 0,
      out: [
        `${own}: lint_pass: lint has to pass, found by names`,
        `${own}: coverage_min: coverage at least 80 %, found by names`,
        `${own}: on top of acme/policies:web.yml, which is not read here`,
        `${own}: only observes`,
      ],
      err: [],
    });
    const broken = await file('broken.yml', 'dod: 1\n');
    expect(await runCommand(policy, 'check', '--org-file', broken, own)).toMatchObject({
      code: 1,
      out: [],
      err: [expect.stringContaining(`${broken}:1:6 dod: `)],
    });
  });

  test('gives a file that can not be read no place in it', async () => {
    const good = await file('good.yml', GOOD);
    const folder = dirname(good);
    const { code, err } = await runCommand(policy, 'check', join(folder, 'nope.yml'), `${good}/nope.yml`, folder);
    expect(code).toBe(1);
    expect(err).toEqual([
      `${folder}/nope.yml: there is no such file`,
      `${good}/nope.yml: there is no such file`,
      `${folder}: is a folder, not a file`,
    ]);
    const { out } = await runCommand(policy, 'check', '--json', join(folder, 'nope.yml'));
    const problem = { line: null, column: null, path: '', message: 'there is no such file' };
    expect(JSON.parse(out.join())).toMatchObject({ criteria: [], problems: [problem] });
  });

  test('lets no key of the file write a line or move the cursor', async () => {
    const bad = await file('bad.yml', 'dod: {}\n"a\\nfake.yml:1:1 \\e[2J": 1\n');
    const { err } = await runCommand(policy, 'check', bad);
    expect(err).toEqual([expect.stringContaining(`${bad}:2:1 a\uFFFDfake.yml:1:1 \uFFFD[2J: there is no such key`)]);
  });

  test('prints an object a file with --json', async () => {
    const good = await file('good.yml', GOOD);
    const bad = await file('bad.yml', 'dod: { e2e_pass: 1 }\n');
    const { code, out, err } = await runCommand(policy, 'check', '--json', good, bad);
    expect([code, err]).toEqual([1, []]);
    const [first, second] = out.map((line) => JSON.parse(line));
    expect(first).toMatchObject({ file: good, problems: [] });
    expect(first.criteria).toHaveLength(5);
    expect(first.criteria[4]).toEqual({ id: 'coverage_min', zones: ['red'], threshold: 0.95, source: null });
    expect(second).toMatchObject({
      file: bad,
      criteria: [],
      problems: [{ line: 1, column: 18, path: 'dod.e2e_pass' }],
    });
  });
});

const ZONED = `dod: { coverage_min: { paths: { 'web/**': 0.9 } } }
zones:
  red: ['src/**', '!src/docs/**']
  yellow:
    - 'lib/**'
    - '{app,api}/**'
when: { zones: [red, yellow], dod: { lint_pass: true } }
`;

describe('codered policy check --repo-files', () => {
  /** A checkout with a link to a folder outside. */
  async function checkout(...names: string[]): Promise<string> {
    const folder = dirname(await file('codered.yml', ZONED));
    for (const name of names) {
      const path = join(folder, 'repo', name);
      await mkdir(dirname(path), { recursive: true });
      await writeFile(path, '');
    }
    await mkdir(join(folder, 'outside', 'web'), { recursive: true });
    await writeFile(join(folder, 'outside', 'web', 'a.ts'), '');
    await symlink(join(folder, 'outside', 'web'), join(folder, 'repo', 'web'));
    return folder;
  }
  const found = (path: string) => [
    `${path}:1:33 dod.coverage_min.paths.web/**: fits no file of the repository`,
    `${path}:3:19 zones.red.1: takes out no file of the repository`,
    `${path}:4:3 zones.yellow: has no file of the repository`,
    `${path}:5:7 zones.yellow.0: fits no file of the repository`,
    `${path}:6:7 zones.yellow.1: fits no file of the repository`,
  ];

  test('says of a folder which zones and globs fit none of its files, and ends with 1', async () => {
    const folder = await checkout('src/a.ts', 'node_modules/lib/a.js', 'lib.ts', '.git/app/x');
    const path = join(folder, 'codered.yml');
    // The link itself is a file of the repository, and is what web/** may mean; nothing behind it is.
    const { code, out, err } = await runCommand(policy, 'check', '--repo-files', join(folder, 'repo'), path);
    expect({ code, err }).toEqual({ code: 1, err: found(path).slice(1) });
    expect(out).toHaveLength(2);
    const result = await runCommand(policy, 'check', '--json', '--repo-files', join(folder, 'repo'), path);
    expect(JSON.parse(result.out.join())).toMatchObject({
      problems: [],
      unmatched: [{ line: 3, column: 19, path: 'zones.red.1' }, { line: 4 }, { line: 5 }, { line: 6 }],
    });
  });

  test.each(['\n', '\r\n', '\0'])('takes a list of paths, parted by %j', async (parting) => {
    const path = await file('codered.yml', ZONED);
    const none = await file('none.txt', ['./src/a.ts', 'README.md', ''].join(parting));
    expect(await runCommand(policy, 'check', '--repo-files', none, path)).toMatchObject({ code: 1, err: found(path) });
    const all = await file('all.txt', ['src/docs/a', 'src/b', 'lib/a', 'api/b', 'web/c'].join(parting));
    expect(await runCommand(policy, 'check', '--repo-files', all, path)).toMatchObject({ code: 0, err: [] });
  });

  test('says when the list can not be had', async () => {
    const path = await file('codered.yml', ZONED);
    const empty = await file('empty.txt', '\n');
    for (const [from, said] of [
      [`${path}.gone`, 'cannot read'],
      [empty, 'lists no file'],
    ] as const) {
      const { code, err } = await runCommand(policy, 'check', '--repo-files', from, path);
      expect({ code, err }).toEqual({ code: 1, err: [expect.stringContaining(said)] });
    }
  });
});

describe('codered policy check --strict', () => {
  test('ends with 1 for what counts but may not be meant, which is told anyway', async () => {
    const idle = await file('idle.yml', 'dod: { lint_pass: true }\nzones: { red: [src/] }\n');
    const err = [`${idle}:2:10 zones.red: is used by no when: nothing is asked of changes in it (warning)`];
    expect(await runCommand(policy, 'check', idle)).toMatchObject({ code: 0, err });
    expect(await runCommand(policy, 'check', '--strict', idle)).toMatchObject({ code: 1, err });
    const { out } = await runCommand(policy, 'check', '--json', idle);
    expect(JSON.parse(out.join())).toMatchObject({ problems: [], warnings: [{ line: 2, column: 10 }] });
  });
});

describe('codered policy', () => {
  test('prints the JSON Schema', async () => {
    const { code, out } = await runCommand(policy, 'schema');
    expect(code).toBe(0);
    expect(JSON.parse(out.join('\n'))).toMatchObject({
      title: 'CodeRed policy',
      anyOf: ['dod', 'extends', 'mode', 'when'].map((key) => ({ required: [key] })),
    });
  });

  test.each([[[]], [['check']], [['chekc', 'x']], [['schema', 'x']]])('is misused with %j', async (args) => {
    await expect(runCommand(policy, ...args)).rejects.toThrow(Misused);
  });
});

test.runIf(existsSync('/dev/zero'))('codered policy check gives up on a file without an end', async () => {
  expect(await runCommand(policy, 'check', '/dev/zero')).toMatchObject({
    code: 1,
    err: [expect.stringContaining('it has more than 16 MB')],
  });
});
