import { cpSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { command as evidence } from '../../src/cli/evidence.ts';
import { Misused } from '../../src/cli/terminal/command.ts';
import { runCommand, useFiles } from '../support/command-run.ts';
import { zipOf } from '../support/zip.ts';

const file = useFiles();
const fixture = (path: string) => fileURLToPath(new URL(`../../fixtures/artifacts/${path}`, import.meta.url));

const said = z.object({
  artifacts: z.array(
    z.object({
      name: z.string(),
      refused: z.string().nullable(),
      reports: z.array(z.looseObject({ path: z.string(), kind: z.string() })),
      others: z.array(z.string()),
    }),
  ),
  criteria: z.array(z.looseObject({ criterion: z.string(), state: z.string() })),
});

async function ask(...args: string[]) {
  const { code, out, err } = await runCommand(evidence, '--json', ...args);
  expect(err).toEqual([]);
  return { code, ...said.parse(JSON.parse(out.join(''))) };
}

describe('codered evidence', () => {
  test('takes a file, an archive and a folder for one artifact each, named without its extension', async () => {
    const one = await file('lcov.info', 'SF:a.js\nDA:1,1\nDA:2,0\nend_of_record\n');
    const archive = join(dirname(one), 'playwright-report.zip');
    writeFileSync(
      archive,
      zipOf([
        { name: 'out/junit.xml', content: '<testsuites><testsuite><testcase name="a"/></testsuite></testsuites>' },
      ]),
    );
    const folder = join(dirname(one), 'web.v2');
    mkdirSync(join(folder, 'deep'), { recursive: true });
    cpSync(fixture('vitest-v8/cobertura-coverage.xml'), join(folder, 'deep', 'cobertura-coverage.xml'));
    writeFileSync(join(folder, 'notes.md'), 'no report');
    const { code, artifacts, criteria } = await ask(one, archive, folder);
    expect({ code, criteria }).toEqual({ code: 0, criteria: [] });
    expect(artifacts).toMatchObject([
      {
        name: 'lcov',
        reports: [{ path: 'lcov.info', kind: 'coverage', format: 'lcov', totals: { lines: { covered: 1, total: 2 } } }],
      },
      { name: 'playwright-report', reports: [{ path: 'out/junit.xml', kind: 'tests', format: 'junit', passed: 1 }] },
      {
        name: 'web.v2',
        reports: [{ path: 'deep/cobertura-coverage.xml', kind: 'coverage', format: 'cobertura' }],
        others: ['notes.md'],
      },
    ]);
  });

  test('says what each criterion of a policy comes to, as the gate does', async () => {
    const policy = await file(
      'codered.yml',
      `dod: { coverage_min: 0.9, e2e_pass: true, lint_pass: true, type_check: true, lighthouse_min: 50 }
evidence: { lint_pass: { job: lint }, e2e_pass: { artifact: e2e } }
`,
    );
    const coverage = await file('coverage.info', 'SF:a.js\nDA:1,1\nDA:2,0\nend_of_record\n');
    const broken = await file('e2e.xml', '<testsuites>\n<testsuite>\n<testcase name="a">');
    const { code, criteria } = await ask('--policy', policy, coverage, broken);
    expect(code).toBe(1);
    expect(criteria).toMatchObject([
      { criterion: 'lint_pass', state: 'pending', codes: [], reason: expect.stringContaining('job lint') },
      {
        criterion: 'type_check',
        state: 'pending',
        codes: [],
        reason: expect.stringContaining('GitHub alone tells of jobs'),
        remedy: null,
      },
      { criterion: 'coverage_min', state: 'fail', measured: 0.5, needed: 0.9, codes: ['COVERAGE_BELOW_MIN'] },
      {
        criterion: 'e2e_pass',
        state: 'error',
        codes: ['ARTIFACT_UNREADABLE'],
        reason: expect.stringContaining('e2e.xml:3: the file is not well-formed'),
      },
      {
        criterion: 'lighthouse_min',
        state: 'missing',
        measured: null,
        needed: 50,
        reason: expect.stringMatching(/^not received here: /),
        remedy: expect.stringContaining('FILE, ZIP or FOLDER'),
      },
    ]);
  });

  test('ends with 0 once all that a policy asks for is met', async () => {
    const policy = await file('codered.yml', 'dod: { lighthouse_min: 2 }\n');
    const { code, criteria } = await ask('--policy', policy, fixture('lighthouse/lhr.json'));
    expect([code, criteria]).toMatchObject([0, [{ criterion: 'lighthouse_min', state: 'pass' }]]);
  });

  describe('with the policy that asks for lint and for the lines that changed', () => {
    const DIFF = 'diff --git a/a.js b/a.js\n--- a/a.js\n+++ b/a.js\n@@ -1,1 +1,3 @@\n one\n+two\n+++ three\n';
    const lcov = (second: number) => `SF:a.js\nDA:1,1\nDA:2,1\nDA:3,${second}\nend_of_record\n`;
    const asked = (content = 'dod: { lint_pass: true, coverage_min: 0.5, coverage_diff_min: 0.9 }\n') =>
      file('codered.yml', content);

    test('leaves open what GitHub alone tells, and ends with 0', async () => {
      const { code, criteria } = await ask('--policy', await asked(), await file('lcov.info', lcov(1)));
      expect([code, criteria]).toMatchObject([
        0,
        [
          { criterion: 'lint_pass', state: 'pending', codes: [] },
          { criterion: 'coverage_min', state: 'pass' },
          {
            criterion: 'coverage_diff_min',
            state: 'pending',
            measured: null,
            codes: [],
            reason: 'which lines changed is not known here: give --diff FILE',
          },
        ],
      ]);
    });

    test.each([
      [1, 'pass', 0],
      [0, 'fail', 1],
    ])('holds a diff against the report: the last line ran %i times, %s', async (count, state, ends) => {
      const diff = await file('change.diff', DIFF);
      const report = await file('lcov.info', lcov(count));
      const { code, criteria } = await ask('--policy', await asked(), '--diff', diff, report);
      expect(criteria.at(-1)).toMatchObject({ criterion: 'coverage_diff_min', state, measured: count === 1 ? 1 : 0.5 });
      expect(code).toBe(ends);
    });

    test('does not take a report that is missing or broken for a diff that is', async () => {
      const policy = await asked('dod: { coverage_diff_min: 0.9 }\n');
      const broken = await ask('--policy', policy, await file('coverage.info', 'SF:a.js\nDA:x,1\nend_of_record\n'));
      expect([broken.code, broken.criteria]).toMatchObject([1, [{ state: 'error', codes: ['ARTIFACT_UNREADABLE'] }]]);
      const none = await ask('--policy', policy, fixture('eslint/eslint.json'));
      expect([none.code, none.criteria]).toMatchObject([1, [{ state: 'missing' }]]);
    });

    test('wants a diff that is one', async () => {
      const report = await file('lcov.info', lcov(1));
      const ending = ['--policy', await asked(), report];
      const run = (diff: string) => runCommand(evidence, '--diff', diff, ...ending);
      expect(await run(report)).toEqual({ code: 1, out: [], err: [expect.stringContaining('it is no unified diff')] });
      expect(await run(`${report}.gone`)).toEqual({
        code: 1,
        out: [],
        err: [expect.stringMatching(/^cannot read .*: there is no such file$/)],
      });
    });

    test('tells people what mends it', async () => {
      const policy = await asked('dod: { coverage_min: 0.5 }\n');
      const { out } = await runCommand(evidence, '--policy', policy, fixture('eslint/eslint.json'));
      expect(out.slice(-2)).toEqual([
        expect.stringMatching(/^missing {2}coverage_min {2}– of 0.5: not received here: /),
        '  fix: name the report that holds it as a FILE, ZIP or FOLDER',
      ]);
    });
  });

  test.each([
    ['bad.xml', '<testsuites>\n<testsuite>\n<testcase name="a">\n</testsuite>', 4],
    ['lcov.info', 'SF:a.js\nDA:1,1\nDA:x,1\nend_of_record\n', 3],
    ['cover.out', 'mode: set\na.go:1.1,2.2 1 1\nnonsense\n', 3],
    ['playwright.json', '{\n"config": {},\n"suites": [', 3],
  ])('says of %s in which line it can not be read', async (name, content, line) => {
    const { code, artifacts } = await ask(await file(name, content));
    expect(code).toBe(1);
    expect(artifacts[0]?.reports).toMatchObject([{ path: name, kind: 'unreadable', line }]);
  });

  test('says of what can not be opened why, and reads the rest', async () => {
    const good = await file('junit.xml', '<testsuite><testcase name="a"/></testsuite>');
    const damaged = await file('damaged.zip', 'PK\u0003\u0004nothing');
    const { code, artifacts } = await ask(join(dirname(good), 'gone'), damaged, good);
    expect(code).toBe(1);
    expect(artifacts).toMatchObject([
      { name: 'gone', refused: 'there is no such file or folder', reports: [] },
      { name: 'damaged', refused: expect.stringContaining('the archive is damaged'), reports: [] },
      { name: 'junit', refused: null, reports: [{ passed: 1 }] },
    ]);
  });

  test('follows no link out of a folder', async () => {
    const outside = await file('junit.xml', '<testsuite><testcase name="a"/></testsuite>');
    const folder = join(dirname(outside), 'reports');
    mkdirSync(folder);
    symlinkSync(outside, join(folder, 'junit.xml'));
    expect(await ask(folder)).toMatchObject({ code: 1, artifacts: [{ name: 'reports', reports: [] }] });
  });

  test('tells of a broken policy as a criterion that is not met', async () => {
    const policy = await file('codered.yml', 'dod: { coverage_min: 80 }\n');
    const { code, criteria, artifacts } = await ask('--policy', policy, fixture('eslint/eslint.json'));
    expect([code, artifacts.length]).toEqual([1, 1]);
    expect(criteria).toMatchObject([
      { criterion: 'policy', state: 'error', codes: ['POLICY_INVALID'], reason: expect.stringContaining(':1:22 ') },
    ]);
  });

  test('tells people a line a report, what failed in it and what the policy says', async () => {
    const policy = await file('codered.yml', 'dod: { e2e_pass: true }\n');
    const report = await file(
      'e2e.xml',
      '<testsuite><testcase name="a"/><testcase name="b\u001b[2J" classname="C"><failure message="no"/></testcase></testsuite>',
    );
    const { code, out, err } = await runCommand(evidence, '--policy', policy, report, join(dirname(report), 'gone'));
    expect([code, err]).toEqual([1, [`gone: can't be read: there is no such file or folder`]]);
    expect(out[0]).toBe('e2e: e2e.xml: junit: 1 passed, 1 failed');
    expect(out[1]).toMatch(/^ {2}failed: C › b\S*: no$/);
    expect(out.at(-1)).toBe('fail     e2e_pass  1 failed, 1 passed');
    expect(out.join('')).not.toContain('\u001b');
  });

  test('tells who watches which one it reads', async () => {
    const glances: string[] = [];
    const one = await file('lcov.info', 'SF:a.js\nDA:1,1\nend_of_record\n');
    await evidence.run({
      args: [one, fixture('eslint/eslint.json')],
      env: {},
      out: () => {},
      err: () => {},
      glance: (line) => glances.push(line),
      stop: new AbortController().signal,
    });
    expect(glances).toEqual([`reading ${one} (1 of 2)`, expect.stringMatching(/^reading .*eslint\.json \(2 of 2\)$/)]);
  });

  test('wants at least one report', async () => {
    await expect(runCommand(evidence, '--json')).rejects.toThrow(Misused);
  });
});
