import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type {
  CaseStatus,
  Count,
  CoverageFile,
  CoverageMeasurement,
  CoverageTotals,
  Finding,
  FindingsMeasurement,
  Measurement,
  TestsMeasurement,
} from '../../src/evidence/reading/measurement.ts';
import { measureFile } from '../support/measure.ts';
import { repository } from '../support/source-tree.ts';

const FOLDER = join(repository, 'fixtures/artifacts');

type Pair = readonly [covered: number, total: number];
type Counts = { readonly [Name in keyof CoverageTotals]?: Pair };
type Lines = readonly [covered: readonly number[], uncovered: readonly number[]];

const countOf = (pair: Pair | undefined): Count | null =>
  pair === undefined ? null : { covered: pair[0], total: pair[1] };

/** Files with their lines; Go's also with their statements. */
function coverage(
  format: string,
  { counted = 'lines', ...counts }: Counts & { readonly counted?: CoverageMeasurement['counted'] },
  files: Readonly<Record<string, Lines | Pair | readonly [...Lines, Pair]>>,
  remarks: readonly string[] = [],
): CoverageMeasurement {
  return {
    kind: 'coverage',
    format,
    counted,
    totals: {
      lines: countOf(counts.lines),
      statements: countOf(counts.statements),
      branches: countOf(counts.branches),
      functions: countOf(counts.functions),
      instructions: countOf(counts.instructions),
    },
    files: Object.entries(files).map(([path, of]) => {
      const [first, second, pair] = of;
      if (typeof first === 'number' || typeof second === 'number') {
        return { path, covered: Number(first), total: Number(second), line_hits: null };
      }
      const [covered, total] = pair ?? [first.length, first.length + second.length];
      const blocks = GO_BLOCKS[path];
      const line_hits = { covered: first, uncovered: second };
      return { path, covered, total, line_hits, ...(blocks === undefined ? {} : { blocks }) };
    }),
    remarks,
  };
}

type Case = readonly [
  suite: string | null,
  name: string,
  file: string | null,
  status: CaseStatus,
  message: string,
  line?: number,
];

/** Times differ whenever the fixtures are made again. */
const aTime = expect.toSatisfy((ms: unknown) => ms === null || Number.isSafeInteger(ms));

function tests(
  format: string,
  counts: Partial<Pick<TestsMeasurement, 'passed' | 'failed' | 'errored' | 'skipped' | 'flaky'>>,
  cases: readonly Case[],
): TestsMeasurement {
  return {
    kind: 'tests',
    format,
    ...{ passed: 0, failed: 0, skipped: 0, errored: 0, flaky: 0 },
    ...counts,
    duration_ms: aTime,
    cases: cases.map(([suite, name, file_path, status, message, line]) => ({
      ...(line === undefined ? {} : { line }),
      suite,
      name,
      file_path,
      status,
      duration_ms: aTime,
      message: expect.stringContaining(message),
    })),
    cases_omitted: 0,
    names: { whole: expect.any(Array), own: expect.any(Array) },
    remarks: [],
  };
}

function findings(format: string, tool: string, list: readonly Finding[]): FindingsMeasurement {
  const count = (level: string): number => list.filter((finding) => finding.level === level).length;
  return {
    kind: 'findings',
    format,
    tool,
    errors: count('error'),
    warnings: count('warning'),
    notes: count('note'),
    findings: list,
    findings_omitted: 0,
    remarks: [],
  };
}

function finding(level: Finding['level'], rule: string | null, file: string | null, line: number | null, text: string) {
  return { level, rule, file, line, message: expect.stringContaining(text) } satisfies Finding;
}

const JS = {
  'src/cart.js': [
    [2, 6, 7],
    [9, 10, 12],
  ],
  'src/label.js': [[1, 4], []],
} as const;
const JS_COUNTS = { lines: [5, 8], branches: [2, 6], functions: [5, 5] } as const;
/** Each coverage provider of Vitest says the same. */
const vitestCoverage = (folder: string): Readonly<Record<string, Measurement>> => ({
  [`${folder}/clover.xml`]: coverage('clover', { ...JS_COUNTS, statements: [5, 8] }, JS),
  [`${folder}/cobertura-coverage.xml`]: coverage('cobertura', JS_COUNTS, JS),
  [`${folder}/coverage-final.json`]: coverage('istanbul-final', { ...JS_COUNTS, statements: [7, 10] }, JS),
  [`${folder}/coverage-summary.json`]: coverage(
    'istanbul-summary',
    { ...JS_COUNTS, statements: [7, 10] },
    { 'src/cart.js': [3, 6], 'src/label.js': [2, 2] },
  ),
  [`${folder}/lcov.info`]: coverage('lcov', JS_COUNTS, JS),
});

/** `place:path` as the place and the path. */
function inPlaces(one: CoverageMeasurement): CoverageMeasurement {
  const files = one.files.map((file) => {
    const [place = '', path = ''] = file.path.split(':');
    return { ...file, path, place };
  });
  return { ...one, files };
}

/** nyc in one package of a workspace: lcov names files from there, the others from the root of the machine. */
function workspacePackage(name: string, counts: Counts, files: Readonly<Record<string, Lines>>) {
  const whole = Object.fromEntries(Object.entries(files).map(([path, of]) => [`packages/${name}/${path}`, of]));
  return {
    [`workspace/${name}-lcov.info`]: coverage('lcov', counts, files),
    [`workspace/${name}-cobertura.xml`]: coverage('cobertura', counts, whole),
    [`workspace/${name}-clover.xml`]: coverage('clover', { ...counts, statements: counts.lines }, whole),
  };
}

const C = {
  'cart.c': [
    [1, 2, 4, 11, 12, 13, 14, 15],
    [3, 7, 8],
  ],
} as const;
/** Statements by block, and which blocks ran. */
const GO_BLOCKS: Readonly<Record<string, NonNullable<CoverageFile['blocks']>>> = {
  'example.com/shop/stock/stock.go': { statements: [1], ran: '0' },
  'example.com/shop/cart/cart.go': { statements: [2, 1, 1, 1, 1, 1], ran: '111101' },
};
const GO_CART = [
  [4, 5, 6, 7, 8, 9, 13, 14, 17],
  [15, 16],
  [6, 7],
] as const;
const PYTHON = {
  'shop/__init__.py': [[], []],
  'shop/cart.py': [
    [1, 2, 5, 6, 7],
    [8, 9, 10],
  ],
} as const;
const TSC = [
  finding('error', 'TS2322', 'types/price.ts', 1, "Type 'string' is not assignable to type 'number'."),
  finding('error', 'TS2322', 'types/price.ts', 3, "Type 'number' is not assignable to type 'string'."),
  finding('error', 'TS2554', 'types/price.ts', 5, 'Expected 1 arguments, but got 2.'),
];
const SHOUT = [
  finding('error', 'no-unused-vars', 'lint/shout.js', 1, "'unused' is assigned a value but never used."),
  finding('error', 'no-undef', 'lint/shout.js', 3, "'console' is not defined."),
  finding('error', 'no-undef', 'lint/shout.js', 4, "'undefinedName' is not defined."),
];
const CONSOLE = finding('warning', 'no-console', 'lint/shout.js', 3, 'Unexpected console statement.');
const SCORES = [
  { category: 'performance', score: 100 },
  { category: 'accessibility', score: 84 },
  { category: 'seo', score: 82 },
];
const page = expect.stringMatching(/^http:\/\/localhost:\d+\/index\.html$/);
const time = expect.any(Number);
const ofRun = { form_factor: 'mobile', at: expect.any(String), metrics: { first_paint: time, interactive: time } };
const lighthouse = (format: string, runs: number, more: object, scores = SCORES): Measurement => ({
  kind: 'lighthouse',
  format,
  pages: [{ url: page, runs, scores, ...more }],
  lowest: scores,
  remarks: [],
});
const SLOWER = [{ category: 'performance', score: 99 }, ...SCORES.slice(1)];

const STOCK: readonly Case[] = [
  ['stock.spec.mjs › stock', 'knows what is left', 'stock.spec.mjs', 'failed', 'expect(received).toBe(expected)', 4],
];

const MEASURED: Readonly<Record<string, Measurement>> = {
  ...vitestCoverage('vitest-v8'),
  ...vitestCoverage('vitest-istanbul'),
  'vitest/junit.xml': tests('junit', { passed: 5, failed: 2, skipped: 2 }, [
    [
      'test/broken.test.js',
      'test/broken.test.js',
      'test/broken.test.js',
      'failed',
      "Cannot find module '../src/nowhere.js'",
    ],
    ['test/cart.test.js', 'cart > knows the staff code', 'test/cart.test.js', 'failed', 'expected 9 to be 5'],
  ]),
  'node/junit.xml': tests('junit', { passed: 3, failed: 1, skipped: 1 }, [
    ['cart', 'knows the staff code', 'node.test.mjs', 'failed', '9 !== 5'],
  ]),
  'mocha/junit.xml': tests('junit', { passed: 2, failed: 2, skipped: 1 }, [
    ['cart', 'knows the staff code', 'cart.mocha.mjs', 'failed', '9 !== 5'],
    [
      'stock',
      '"before all" hook: opens the shop for "counts what is left"',
      'cart.mocha.mjs',
      'failed',
      'the shop is closed',
    ],
  ]),
  'mochawesome/mochawesome.json': tests('mochawesome', { passed: 2, failed: 1, errored: 1, skipped: 3 }, [
    ['cart', 'knows the staff code', 'cart.mocha.mjs', 'failed', '9 !== 5'],
    [
      'stock',
      '"before all" hook: opens the shop for "counts what is left"',
      'cart.mocha.mjs',
      'errored',
      'the shop is closed',
    ],
  ]),
  'jest/junit.xml': tests('junit', { passed: 1, failed: 2, errored: 1, skipped: 1 }, [
    [
      'cart knows the staff code',
      'cart knows the staff code',
      'cart.jest.cjs',
      'failed',
      'expect(received).toBe(expected)',
    ],
    ['Test suite failed to run', 'broken.jest.cjs', 'broken.jest.cjs', 'errored', "Cannot find module './nowhere.cjs'"],
    ['Test suite failed to run', 'broken.jest.cjs', 'broken.jest.cjs', 'failed', 'MODULE_NOT_FOUND'],
  ]),
  'playwright/playwright.json': tests('playwright', { passed: 3, failed: 1, skipped: 1, flaky: 1 }, [
    [
      'chromium › shop.spec.mjs › shop',
      'counts the items',
      'shop.spec.mjs',
      'failed',
      'expect(locator).toBeVisible() failed',
      8,
    ],
  ]),
  'ctrf/jest.json': tests('ctrf', { passed: 2, failed: 1, flaky: 1 }, [
    ['retried.jest.cjs > cart', 'cart is one of two of this title', 'retried.jest.cjs', 'failed', 'Expected: 2'],
  ]),
  'ctrf/playwright-1.json': tests('ctrf', { passed: 2, flaky: 1 }, []),
  'ctrf/playwright-2.json': tests('ctrf', { failed: 1, skipped: 1 }, [
    ['stock.spec.mjs > stock', 'knows what is left', 'stock.spec.mjs', 'failed', 'Expected: 3'],
  ]),
  'playwright-shards/shard-1.json': {
    ...tests('playwright', { passed: 2, flaky: 1 }, []),
    shard: { current: 1, total: 2 },
  },
  'playwright-shards/shard-2.json': {
    ...tests('playwright', { failed: 1, skipped: 1 }, STOCK),
    shard: { current: 2, total: 2 },
  },
  'playwright-shards/merged.json': tests('playwright', { passed: 2, failed: 1, skipped: 1, flaky: 1 }, STOCK),
  'playwright/junit.xml': tests('junit', { passed: 3, failed: 1, skipped: 1 }, [
    ['shop.spec.mjs', 'shop › counts the items', 'shop.spec.mjs', 'failed', 'expect(locator).toBeVisible() failed'],
  ]),
  'pytest/junit.xml': tests('junit', { passed: 2, failed: 2, errored: 4, skipped: 2 }, [
    ['pytest', 'tests.test_broken', null, 'errored', "No module named 'shop.nowhere'"],
    ['tests.test_cart.TestTotal', 'test_discount[SPRING-5]', null, 'failed', 'assert 9.0 == 5'],
    ['tests.test_cart', 'test_needs_the_shop', null, 'errored', 'the shop is closed'],
    ['tests.test_cart', 'test_cleans_up', null, 'errored', 'could not clean up'],
    ['tests.test_cart', 'test_fails_and_leaves_a_mess', null, 'failed', 'assert 0 == 1'],
    ['tests.test_cart', 'test_fails_and_leaves_a_mess', null, 'errored', 'could not clean up'],
  ]),
  'surefire/TEST-com.example.CartTest.xml': tests('junit', { passed: 1, failed: 1, errored: 1, skipped: 1 }, [
    ['com.example.CartTest', 'breaks', null, 'errored', 'because "code" is null'],
    ['com.example.CartTest', 'knowsTheStaffCode', null, 'failed', 'expected:<5> but was:<10>'],
  ]),
  'gotestsum/junit.xml': tests('junit', { passed: 2, failed: 2, skipped: 1 }, [
    ['example.com/shop/cart', 'TestTotal/of_none', null, 'failed', 'total of none is 0'],
    ['example.com/shop/cart', 'TestTotal', null, 'failed', '--- FAIL: TestTotal'],
  ]),
  // Tests that were tried again, and in Vitest and Jest two of one title of which the second passed.
  'retried/gotestsum.xml': tests('junit', { passed: 2, flaky: 1 }, []),
  'retried/mochawesome.json': tests('mochawesome', { passed: 2 }, []),
  'retried/vitest.xml': tests('junit', { passed: 2, failed: 1 }, [
    ['retried.test.js', 'cart > is one of two of this title', 'retried.test.js', 'failed', 'expected 1 to be 2'],
  ]),
  'retried/jest.xml': tests('junit', { passed: 2, failed: 1 }, [
    ['cart is one of two of this title', 'cart is one of two of this title', null, 'failed', 'toBe(expected)'],
  ]),
  'eslint/eslint.json': findings('eslint', 'ESLint', [
    ...SHOUT,
    finding('error', null, 'lint/syntax.js', 1, 'Parsing error: Unexpected token ;'),
    CONSOLE,
  ]),
  'eslint/eslint.sarif': findings('sarif', 'ESLint', [
    finding('error', null, null, null, 'Parsing error: Unexpected token ;'),
    ...SHOUT,
    CONSOLE,
  ]),
  'tsc/tsc.txt': findings('tsc', 'tsc', TSC),
  'tsc/tsc-pretty.txt': findings('tsc', 'tsc', TSC),
  'coverage-py/coverage.json': coverage('coverage-py', { lines: [5, 8], branches: [3, 6] }, PYTHON),
  'coverage-py/coverage.xml': coverage('cobertura', { lines: [5, 8], branches: [3, 6] }, PYTHON),
  // coverage.py 6 lists an excluded line and a loop's way out here, and counts neither.
  'coverage-py/coverage.lcov': coverage(
    'lcov',
    { lines: [6, 9], branches: [4, 7] },
    {
      'shop/__init__.py': [[], []],
      'shop/cart.py': [
        [1, 2, 5, 6, 7, 13],
        [8, 9, 10],
      ],
    },
    ['BRF says 6 branches, 7 are listed', 'LF says 8 lines, 9 are listed'],
  ),
  'go/coverage.out': coverage(
    'go-cover',
    { counted: 'statements', statements: [6, 8], lines: [9, 12] },
    { 'example.com/shop/stock/stock.go': [[], [4], [0, 1]], 'example.com/shop/cart/cart.go': GO_CART },
  ),
  'go/count.out': coverage(
    'go-cover',
    { counted: 'statements', statements: [6, 7], lines: [9, 11] },
    { 'example.com/shop/cart/cart.go': GO_CART },
  ),
  'gcov/lcov.info': coverage('lcov', { lines: [8, 11], branches: [3, 6], functions: [2, 3] }, C),
  'gcovr/cobertura.xml': coverage('cobertura', { lines: [8, 11], branches: [3, 6] }, C),
  'jacoco/jacoco.xml': inPlaces(
    coverage(
      'jacoco',
      { lines: [7, 10], branches: [3, 4], functions: [3, 5], instructions: [33, 43] },
      {
        'shop:com/example/Cart.java': [
          [3, 5, 6, 7, 9, 13, 16],
          [14, 19, 21],
        ],
      },
    ),
  ),
  // Two modules with a file of one path each.
  'modules/jacoco.xml': inPlaces(
    coverage(
      'jacoco',
      { lines: [4, 14], branches: [0, 4], functions: [3, 12], instructions: [14, 51] },
      {
        'a:com/x/Util.java': [
          [4, 7, 8, 9],
          [2, 10],
        ],
        'b:com/x/Util.java': [[], [2, 4, 5, 6, 8]],
        'b:com/x/Other.java': [[], [2, 3, 4]],
      },
    ),
  ),
  ...workspacePackage(
    'a',
    { lines: [4, 4], branches: [3, 4], functions: [2, 2] },
    { 'src/index.js': [[1, 3, 4, 6], []] },
  ),
  ...workspacePackage(
    'b',
    { lines: [6, 9], branches: [1, 2], functions: [2, 3] },
    {
      'src/index.js': [
        [1, 2, 7],
        [4, 5],
      ],
      'src/deep/mul.js': [[1, 2, 3], [5]],
    },
  ),
  // PHPUnit does not list the statement of a method that has its line for itself, and counts it all the same.
  'phpunit/clover.xml': {
    ...coverage(
      'clover',
      { lines: [5, 8], statements: [5, 8], functions: [1, 3] },
      { 'src/Cart.php': [[6, 9, 10, 11], [7]], 'src/In/Stock.php': [[], [3]] },
    ),
    unlisted: [{ path: '', covered: 1, total: 2 }],
    doubts: ['the report says 5 of 8 lines and lists 4 of 6: the worse counts'],
  },
  'phpunit/cobertura.xml': coverage(
    'cobertura',
    { lines: [5, 8], functions: [3, 5] },
    { 'src/Cart.php': [[4, 6, 9, 10, 11], [7]], 'src/In/Stock.php': [[], [3, 7]] },
  ),
  'lighthouse/manifest.json': lighthouse('lighthouse-manifest', 2, {
    files: [expect.stringContaining('26_08.report.json'), expect.stringContaining('26_21.report.json')],
    representative: expect.stringContaining('26_21.report.json'),
  }),
  'lighthouse/lhr.json': lighthouse('lighthouse', 1, ofRun),
  'lighthouse-runs/lhr-1.json': lighthouse('lighthouse', 1, ofRun),
  'lighthouse-runs/lhr-2.json': lighthouse('lighthouse', 1, ofRun),
  'lighthouse-runs/lhr-3.json': lighthouse('lighthouse', 1, ofRun, SLOWER),
  'lighthouse-runs/manifest.json': lighthouse('lighthouse-manifest', 3, {
    files: ['lhr-2.json', 'lhr-3.json', 'lhr-1.json'],
    representative: 'lhr-1.json',
  }),
  // Written from the formats' documentation: lcov's geninfo(1), PHPUnit's manual, Surefire's schema, Gradle's and cargo-nextest's manuals, SARIF 2.1.0, document 001.
  'documented/lcov-2.info': coverage(
    'lcov',
    { lines: [3, 3], branches: [1, 2], functions: [1, 2] },
    { 'src/cart.c': [[3, 4, 11], []] },
  ),
  'documented/phpunit-clover.xml': coverage(
    'clover',
    { lines: [2, 3], statements: [2, 3], functions: [1, 2] },
    { 'src/Cart.php': [[9, 14], [15]] },
  ),
  'documented/surefire-flaky.xml': {
    ...tests('junit', { passed: 1, failed: 1, flaky: 1 }, [
      ['com.example.StockTest', 'ordersWhatIsGone', null, 'failed', 'closed'],
    ]),
    duration_ms: 1_000_750,
  },
  'documented/gradle-retry.xml': tests('junit', { passed: 3, flaky: 2 }, []),
  'documented/codeql.sarif': findings('sarif', 'CodeQL', [
    finding('error', 'js/sql-injection', 'src/cart.js', 12, 'This query string depends on'),
    finding('warning', 'js/useless-assignment-to-local', 'src/cart.js', 7, 'The value assigned to sum'),
    finding('note', 'js/unused-local-variable', 'src/cart.js', 3, 'Unused variable total.'),
  ]),
  'documented/nextest.xml': tests('junit', { passed: 2, failed: 1, flaky: 1 }, [
    ['shop::cart', 'never_opens', null, 'failed', 'closed'],
  ]),
  'documented/summary.json': {
    kind: 'summary',
    format: 'summary',
    status: 'PASSED',
    tests: [
      { suite: 'python', passed: 3, failed: 0, coverage_ratio: 0.85 },
      { suite: 'e2e', passed: 2, failed: 0, coverage_ratio: null },
    ],
    lighthouse_score: 92,
    artifacts: ['junit', 'coverage', 'playwright-report'],
    duration_ms: 180_000,
    remarks: [],
  },
};

const paths = readdirSync(FOLDER, { recursive: true, encoding: 'utf8' })
  .filter((path) => /^(?!projects\/)[^/]+\/[^/]+\.\w+$/.test(path))
  .sort();

describe('a report of a real tool', () => {
  test('has its measurement in this table', () => {
    expect(Object.keys(MEASURED).toSorted()).toEqual(paths);
  });

  test.each(paths)('%s measures what the tool found', (path) => {
    expect(measureFile(path, readFileSync(join(FOLDER, path)))).toEqual(MEASURED[path]);
  });

  test.each(paths)('%s measures the same in pieces of seven bytes', (path) => {
    const content = readFileSync(join(FOLDER, path));
    expect(measureFile(path, content, 7)).toEqual(measureFile(path, content));
  });
});
