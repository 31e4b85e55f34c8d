// What is said of a policy that is written as somewhere else: where, and how to write it here.
import { describe, expect, it } from 'vitest';
import { parsePolicy, warningsOf } from '../../src/policy/parse-policy.ts';

function said(text: string): string[] {
  const parsed = parsePolicy(text);
  const found = 'problems' in parsed ? parsed.problems : warningsOf(parsed);
  return found.map(({ line, column, path, message, is_warning }) =>
    `${line}:${column} ${path}: ${message}${is_warning === true ? ' (warning)' : ''}`.replace(' : ', ' '),
  );
}

const DOD = 'dod: { lint_pass: true }\n';
const WRITE_TRUE = 'should be true or false: write true';
const YAML = ' (YAML 1.2 knows no yes, no, on, off)';
const ALIAS = 'begins with *, which YAML reads as an alias; put it into quotes';
const TAG = 'begins with !, which YAML reads as a tag; put it into quotes';

describe('a figure', () => {
  it.each([
    ['lighthouse_min: 0.9', '1:24 dod.lighthouse_min: should be a score from 0 to 100, so 0.9 is 90'],
    ['lighthouse_min: 1', '1:24 dod.lighthouse_min: should be a score from 0 to 100, so 1 is 100'],
    ['lighthouse_min: 0.005', '1:24 dod.lighthouse_min: should be a score from 0 to 100, so 0.005 is 0.5'],
    ['lighthouse_min: { seo: 0.95 }', '1:31 dod.lighthouse_min.seo: should be a score from 0 to 100, so 0.95 is 95'],
    ['lighthouse_min: 0', '1:24 dod.lighthouse_min: 0 asks for nothing; leave it out'],
    ['lighthouse_min: { seo: 0 }', '1:31 dod.lighthouse_min.seo: 0 asks for nothing; leave it out'],
    ['coverage_min: 0', '1:22 dod.coverage_min: 0 asks for nothing; leave it out'],
    ['coverage_min: 0.0', '1:22 dod.coverage_min: 0 asks for nothing; leave it out'],
    ['coverage_diff_min: 0', '1:27 dod.coverage_diff_min: 0 asks for nothing; leave it out'],
    ['coverage_min: { total: 0 }', '1:31 dod.coverage_min.total: 0 asks for nothing; leave it out'],
    ['coverage_min: { flags: { unit: 0 } }', '1:39 dod.coverage_min.flags.unit: 0 asks for nothing; leave it out'],
    ['coverage_min: { paths: { a: 0 } }', '1:36 dod.coverage_min.paths.a: 0 asks for nothing; leave it out'],
    ['coverage_min: 0.008', '1:22 dod.coverage_min: asks for 0.8 %; 80 % is 0.80 (warning)'],
    ['coverage_diff_min: 0.0095', '1:27 dod.coverage_diff_min: asks for 0.95 %; 95 % is 0.95 (warning)'],
    [
      'coverage_min: { flags: { unit: 0.008 } }',
      '1:39 dod.coverage_min.flags.unit: asks for 0.8 %; 80 % is 0.80 (warning)',
    ],
    ['coverage_min: 0.00001', '1:22 dod.coverage_min: asks for 0.001 %; 80 % is 0.80 (warning)'],
    ["coverage_min: '0.8'", expect.stringContaining('share each; without quotes it is a number')],
    ["coverage_diff_min: '0.8'", expect.stringContaining('80 % is 0.80; without quotes it is a number')],
    ["lighthouse_min: '90'", expect.stringContaining('seo; without quotes it is a number')],
    ['coverage_min: 80%', expect.stringMatching(/share each$/)],
    ['coverage_min: 0,8', expect.stringContaining('there is no such key; a figure has a point, as 0.8. Allowed here:')],
    [
      'lighthouse_min: { performance: 90, pwa: 50 }',
      '1:43 dod.lighthouse_min.pwa: Lighthouse has no such score since version 12, so reports of newer ones never meet it (warning)',
    ],
  ])('%s: %s', (asked, expected) => {
    expect(said(`dod: { ${asked} }\n`)).toEqual([expected]);
  });

  it.each([
    ['lighthouse_min: 0.9', '3:46 when.dod.lighthouse_min: should be a score from 0 to 100, so 0.9 is 90'],
    ['coverage_min: 0', '3:44 when.dod.coverage_min: 0 asks for nothing; leave it out'],
    ['coverage_min: 0.008', '3:44 when.dod.coverage_min: asks for 0.8 %; 80 % is 0.80 (warning)'],
  ])('under when, %s: %s', (asked, expected) => {
    expect(said(`dod: {}\nzones: { red: [a] }\nwhen: { zones: [red], dod: { ${asked} } }\n`)).toEqual([expected]);
  });

  it.each(['lighthouse_min: 1.5', 'lighthouse_min: 100', 'coverage_min: 1', 'coverage_min: 0.01'])(
    '%s is one',
    (asked) => {
      expect(said(`dod: { ${asked} }\n`)).toEqual([]);
    },
  );

  it('takes back what the policy below asks for, which may let it', () => {
    const text = 'dod: { coverage_min: 0 }\n';
    expect(said(`extends: acme/policies:web.yml\n${text}`)).toEqual([]);
    expect(parsePolicy(text, { isOnTop: true })).toHaveProperty('policy');
  });

  it('is a whole number of minutes without quotes', () => {
    expect(said(`${DOD}deadline_minutes: '60'\n`)).toEqual([
      '2:19 deadline_minutes: should be a whole number of minutes; without quotes it is a number',
    ]);
  });
});

describe('a value of another kind', () => {
  it.each([
    ['dod: { lint_pass: yes }', `1:19 dod.lint_pass: ${WRITE_TRUE}${YAML}`],
    ['dod: { lint_pass: On }', `1:19 dod.lint_pass: ${WRITE_TRUE}${YAML}`],
    ['dod: { lint_pass: no }', `1:19 dod.lint_pass: should be true or false: write false${YAML}`],
    ["dod: { lint_pass: 'true' }", `1:19 dod.lint_pass: ${WRITE_TRUE} without quotes`],
    ['dod: { lint_pass: 1 }', `1:19 dod.lint_pass: ${WRITE_TRUE}`],
    ['dod: { lint_pass: 2 }', '1:19 dod.lint_pass: should be true or false'],
    ['dod: { lint_pass: always }', '1:19 dod.lint_pass: should be true or false'],
    ['dod: { lint_pass: [true] }', '1:19 dod.lint_pass: should be true or false, not a list: write true'],
    [
      'dod: { coverage_diff_min: [0.8] }',
      '1:27 dod.coverage_diff_min: should be a share from 0 to 1, so 80 % is 0.80, not a list: write 0.8',
    ],
    [`mode: [observe]\n${DOD}`, '1:7 mode: should be one of enforce, observe, not a list: write observe'],
    [`mode: [observe, enforce]\n${DOD}`, '1:7 mode: should be one of enforce, observe, not a list'],
    [
      `comment: [never]\n${DOD}`,
      '1:10 comment: should be one of always, on_failure, never, or default, drafts and bots with one of them each, not a list: write never',
    ],
    [
      `${DOD}evidence: { lint_pass: { job: [lint] } }`,
      '2:31 evidence.lint_pass.job: should be one text, not a list: write lint; a text that begins with [ has to stand in quotes',
    ],
    ['dod: { lint_pass: }', '1:19 dod.lint_pass: has no value; should be true or false'],
    ['dod:', '1:5 dod: has no value; where nothing is asked for, say dod: {}'],
    ['- dod', '1:1 should be keys with values, not a list'],
    ['dod: [lint_pass]', '1:6 dod: should be keys with values, not a list'],
    ['dod: lint_pass', '1:6 dod: should be keys with values'],
    [`${DOD}evidence:`, '2:10 evidence: has no value'],
    [`${DOD}environments: production`, '2:15 environments: should be a list: [production]'],
    [`${DOD}zones: { red: src/** }`, "2:15 zones.red: should be a list: ['src/**']"],
    [`${DOD}zones: { red: "it's\\n" }`, '2:15 zones.red: should be a list'],
    [`${DOD}override: { teams: release }`, '2:20 override.teams: should be a list: [release]'],
    [
      `${DOD}evidence: { lint_pass: { job: lint, accept: skipped } }`,
      '2:45 evidence.lint_pass.accept: should be a list: [skipped]',
    ],
    [
      `${DOD}evidence: { lint_pass: { job: [lint, eslint] } }`,
      '2:31 evidence.lint_pass.job: should be one text, not a list; a text that begins with [ has to stand in quotes',
    ],
    [
      `${DOD}evidence: { lint_pass: { job: { a: 1 } } }`,
      '2:31 evidence.lint_pass.job: should be a text; one that begins with { has to stand in quotes',
    ],
    [
      `${DOD}evidence: { lint_pass: { job: 42 } }`,
      "2:31 evidence.lint_pass.job: should be a text: put it into quotes, '42'",
    ],
    [
      `${DOD}evidence: { lint_pass: lint }`,
      '2:24 evidence.lint_pass: should be one of { job }, { check }, { status } or { artifact }, with its name, as { job: lint }',
    ],
    [`${DOD}evidence: { lint_pass: [{ job: lint }] }`, expect.stringContaining('with its name, not a list')],
    [`${DOD}mode: observed`, '2:7 mode: should be one of enforce, observe; did you mean observe?'],
    [
      `${DOD}override: { roles: [maintainer] }`,
      '2:21 override.roles.0: should be one of write, maintain, admin; did you mean maintain?',
    ],
    [
      `${DOD}evidence: { lint_pass: { job: lint, accept: [failure] } }`,
      '2:46 evidence.lint_pass.accept.0: should be one of skipped, neutral, cancelled, stale',
    ],
  ])('%j: %s', (text, expected) => {
    expect(said(text)).toEqual([expected]);
  });
});

describe('keys that do not go together', () => {
  it.each([
    ['job: lint, check: lint', '2:37 evidence.lint_pass.check: job or check, not both'],
    ['check: lint, job: lint', '2:39 evidence.lint_pass.job: check or job, not both'],
    ["artifact: 'playwright-*', job: e2e", '2:52 evidence.lint_pass.job: artifact or job, not both'],
    ['job: a, check: b, artifact: c', '2:34 evidence.lint_pass.check: job, check or artifact, not several'],
    ['job: a, status: b, workflow: ci.yml', '2:34 evidence.lint_pass.status: job or status, not both'],
    ['check: a, app: b, status: c', '2:44 evidence.lint_pass.status: check or status, not both'],
  ])('{ %s }: %s', (source, expected) => {
    expect(said(`${DOD}evidence: { lint_pass: { ${source} } }\n`)).toEqual([
      `${expected}: a criterion is measured in one place`,
    ]);
  });
});

describe('text that YAML reads as something else', () => {
  it.each([
    ['zones:\n  red:\n    - src/**\n    - !src/docs/**\n', [`4:7 ${TAG}: '!src/docs/**'`]],
    ['zones: { red: [src/**, !src/docs/**] }', [`1:24 ${TAG}: '!src/docs/**'`]],
    ['zones: { red: [a, !*.md] }', [`1:19 ${TAG}: '!*.md'`]],
    ['zones: { red: [a, ! b] }', [`1:19 ${TAG}`]],
    ['zones: { red: [**/*.ts] }', [`1:16 ${ALIAS}: '**/*.ts'`]],
    ['zones:\n  red:\n    - *.ts\n    - **/a\n', [`3:7 ${ALIAS}: '*.ts'`, `4:7 ${ALIAS}: '**/a'`]],
    ['zones: { red: [*] }', [`1:16 ${ALIAS}: '*'`]],
    ['zones:\n  red: *\n', [`2:8 ${ALIAS}: '*'`]],
    ['dod: { lint_pass: !!maybe true }', [`1:19 ${TAG}: '!!maybe'`]],
    [
      'x: &a { lint_pass: true }\ndod: *a\n',
      ['2:6 The file uses aliases (*name), which are not read here. Write the values out.'],
    ],
    ['dod: {}\n---\ndod: {}\n', [expect.stringMatching(/^2:1 has a second document; /)]],
    ['evidence: { lint_pass: { job: build: lint } }', [expect.stringMatching(/; a text with ": " in it has to stand/)]],
    ['evidence:\n  job: build: lint\n', [expect.stringMatching(/; a text with ": " in it has to stand in quotes$/)]],
    ['zones: { red: [@x] }', [expect.stringMatching(/; put it into quotes$/)]],
    ['zones: { red: ["C:\\src"] }', [expect.stringMatching(/; in single quotes \\ stands for itself$/)]],
    ['dod: {}\ndod: {}\n', ['2:1 this key stands here twice']],
  ])('%j: %s', (text, expected) => {
    expect(said(text)).toEqual(expected);
  });

  it.each(['- [ab]/**', '- {src,lib}/**', '- !src/{a,b}/**'])(
    'says of %s once that it has to stand in quotes',
    (line) => {
      const found = said(`dod: {}\nzones:\n  red:\n    ${line}\n`);
      expect(found.filter((one) => one.includes('a text with any of { } [ ] , : # & * ! in it'))).toHaveLength(1);
    },
  );

  it('takes the tags of YAML itself', () => {
    expect(said('dod: { lint_pass: !!bool true }\n')).toEqual([]);
  });
});

describe('dod', () => {
  it.each([
    'mode: observe\n',
    'zones: { red: [a] }\nwhen: { zones: [red], dod: { lint_pass: true } }\n',
    'extends: acme/policies:web.yml\n',
  ])('may be left out: %j', (text) => {
    expect(parsePolicy(text)).toMatchObject({ policy: { dod: {} } });
  });

  it.each(['', '# nothing\n', '{}', 'deadline_minutes: 30\n', 'observe_days_after_installation: 7\n'])(
    'is missed in %j',
    (text) => {
      expect(said(text)).toEqual(['1:1 dod: is missing; where nothing is asked for, say dod: {}']);
    },
  );

  it('is not missed where it is written otherwise', () => {
    expect(said('DoD: { lint_pass: true }\n')).toEqual([expect.stringMatching(/^1:1 DoD: .*; did you mean dod\?/)]);
  });
});

describe('two ways to observe', () => {
  it.each([
    ['enforce', 'mode: enforce counts, so no day is observed; leave out one of the two'],
    ['observe', 'mode: observe counts on every day; leave out one of the two'],
  ])('mode: %s and days in one file: %s', (mode, expected) => {
    expect(said(`${DOD}mode: ${mode}\nobserve_days_after_installation: 7\n`)).toEqual([
      `3:1 observe_days_after_installation: ${expected} (warning)`,
    ]);
  });
});
