// Names in a policy that nothing can have are problems; those that are written as somewhere else are told with how to write them.
import { describe, expect, it } from 'vitest';
import { parsePolicy } from '../../src/policy/parse-policy.ts';

/** What is said of one criterion's source; a warning begins with the word. */
function said(source: object, key = 'lint_pass'): string[] {
  const dod = key === 'lint_pass' ? { lint_pass: true } : { coverage_min: 0.8 };
  // JSON is YAML.
  const parsed = parsePolicy(JSON.stringify({ dod, evidence: { [key]: source } }));
  return 'problems' in parsed
    ? parsed.problems.map(({ path, message }) => `${path}: ${message}`)
    : (parsed.warnings ?? []).map(({ path, message }) => `warning ${path}: ${message}`);
}

describe('the name of an artifact', () => {
  it.each(['coverage/lcov.info', 'a:b', 'cov\\x', 'a|b', 'a<b', 'a>b', 'say "x"', 'a\nb', 'a\rb', 'cov\\*', 'cov-?/x'])(
    '%j can be none on GitHub',
    (artifact) => {
      expect(said({ artifact }, 'coverage_min')).toEqual([
        expect.stringMatching(/^evidence\.coverage_min\.artifact: has .*, which GitHub takes in no artifact’s name/),
      ]);
    },
  );

  it.each(['coverage', 'coverage-*', '*', 'cov?rage', 'coverage (node 20)', 'coverage-1.*', 'a.b_c-d', 'übersicht'])(
    '%j may be one',
    (artifact) => {
      expect(said({ artifact }, 'coverage_min')).toEqual([]);
    },
  );

  it('is told without the ending of the file that GitHub packs', () => {
    expect(said({ artifact: 'coverage.zip' }, 'coverage_min')).toEqual([
      expect.stringMatching(/^warning evidence\.coverage_min\.artifact: .*mostly coverage$/),
    ]);
  });

  it('is told with a star for what GitHub puts in', () => {
    expect(said({ artifact: `coverage-\${{ matrix.node }}` }, 'coverage_min')).toEqual([
      expect.stringMatching(/^warning .*; write coverage-\*$/),
    ]);
  });
});

describe('the slug of an App', () => {
  it.each([
    ['GitHub Advanced Security', 'github-advanced-security'],
    ['codecov[bot]', 'codecov'],
    ['@codecov', 'codecov'],
    ['Codecov', 'codecov'],
    ['codecov*', 'codecov'],
    ['SonarQube Cloud!', 'sonarqube-cloud'],
  ])('is not %j: it is told as %s', (app, slug) => {
    expect(said({ check: 'x', app })).toEqual([
      expect.stringMatching(new RegExp(`^evidence\\.lint_pass\\.app: is no slug of an App.*, as ${slug}$`)),
    ]);
  });

  it.each(['日本', '[bot]'])('is not %j, of which nothing is left', (app) => {
    expect(said({ check: 'x', app })).toEqual([expect.stringMatching(/: lower case, digits and -$/)]);
  });

  it('is not the number of the App', () => {
    expect(said({ check: 'x', app: '15368' })).toEqual([expect.stringMatching(/^warning .*not with its number$/)]);
  });

  it.each(['codecov', 'github-advanced-security', 'sonarqubecloud', 'app_2', '3box'])('may be %s', (app) => {
    expect(said({ check: 'x', app })).toEqual([]);
  });
});

describe('a check of the name CodeRed', () => {
  it.each([[{ check: 'CodeRed' }], [{ check: 'CodeRed', app: 'codered' }]])('waits for itself: %j', (source) => {
    expect(said(source)).toEqual(['evidence.lint_pass.check: is CodeRed’s own check, which would wait for itself']);
  });

  it('may be made by a step of a workflow, and be written otherwise', () => {
    expect(said({ check: 'CodeRed', app: 'github-actions' })).toEqual([]);
    expect(said({ check: 'codered' })).toEqual([expect.stringMatching(/^warning /)]);
    expect(said({ job: 'CodeRed' })).toEqual([]);
  });
});

describe('a name that is written as elsewhere', () => {
  const REGEX = 'is read as a name, and not as a regular expression: * is any run of characters and ? one';
  it.each([
    ['lint|eslint', '| stands for itself in a name, so this is one name and not one of several'],
    ['test (lint|eslint)', '| stands for itself in a name'],
    ['{lint,eslint}', '{a,b} stands for itself in a name'],
    ['/lint.*/', `${REGEX}; write lint*`],
    ['/lint/i', REGEX],
    ['lint.*', `${REGEX}; write lint*`],
    ['^lint$', REGEX],
    ['lint\\d', REGEX],
    ['lint-[0-9]+', REGEX],
    [`e2e (\${{ matrix.shard }})`, `GitHub puts a value for \${{ }}, and the name has that; write e2e (*)`],
    [`\${{ matrix.os }} / \${{ matrix.node }}`, `GitHub puts a value for \${{ }}, and the name has that; write * / *`],
    [`a \${{ b`, `GitHub puts a value for \${{ }}`],
    ['CI / lint (pull_request)', 'GitHub’s page shows "workflow / job (event)"'],
    ['lint (push)', 'GitHub’s page shows "workflow / job (event)"'],
    ['CI / call / lint (merge_group)', 'between: { job: call / lint }'],
  ])('%j is told: %s', (name, expected) => {
    for (const kind of ['job', 'check', 'status']) {
      expect(said({ [kind]: name })).toEqual([expect.stringContaining(expected)]);
      expect(said({ [kind]: name })[0]).toMatch(`warning evidence.lint_pass.${kind}: `);
    }
  });

  it.each([
    'lint',
    'e2e (*)',
    'lint / eslint',
    'CI / lint',
    'test (node 20.*)',
    'Build | Linux',
    'test (ubuntu-latest, 20)',
    'continuous-integration/jenkins/pr-merge',
    'ci/circleci: lint',
    'build (type: release)',
    'C++ (gcc)',
    '[slow] tests',
    'app/[id]',
    '/',
    'lint?',
    'Lint {{name}}',
  ])('%j is a name', (name) => {
    for (const kind of ['job', 'check', 'status']) expect(said({ [kind]: name })).toEqual([]);
  });

  it('is told of environments too', () => {
    const parsed = parsePolicy(`dod: {}\nenvironments: [prod, "review-\${{ github.ref }}", "prod|staging"]\n`);
    expect(
      'warnings' in parsed && parsed.warnings?.map(({ line, column, path }) => `${line}:${column} ${path}`),
    ).toEqual(['2:22 environments.1', '2:50 environments.2']);
  });
});
