// Further situations whose comment and check run stand as files under fixtures/comments/: what a log tells besides its one line.
// cases.ts lists them.
import type { FurtherCause } from '../../src/model/pull-request.ts';
import { failedJob, job, peerConflict, type ReportCase, report, typeError, unknownFailure } from './reports.ts';

const TYPES = { number: 5, name: 'npm run types' };

const MANY = typeError({
  others: 11,
  other_lines: [
    ['src/cart.ts(58,3)', 'TS2345', "Argument of type 'string' is not assignable to parameter of type 'Money'."],
    ['src/checkout/total.ts(12,21)', 'TS2339', "Property 'amount' does not exist on type 'string'."],
    ['src/checkout/vat.ts(7,9)', 'TS2322', "Type 'string' is not assignable to type 'Money'."],
  ].map(([place, code, said], index) => ({ line_number: 97 + index, text: `${place}: error ${code}: ${said}` })),
});

const LINT = cause('ESLint found problems', '  12:5  error  Unexpected var, use let or const instead  no-var', 131, {
  pattern: {
    root_cause: 'The code breaks a rule of ESLint that is set to `error`.',
    recommended_fix: 'Run `npx eslint --fix .`; what is left needs a change by hand.',
  },
  others: 2,
  other_lines: [
    { line_number: 132, text: '  14:5  error  Unexpected var, use let or const instead  no-var' },
    { line_number: 140, text: "  3:10  error  'sum' is defined but never used  @typescript-eslint/no-unused-vars" },
  ],
});
const FORMAT = cause('files are not formatted', '[warn] src/checkout/total.ts', 160, {
  pattern: {
    root_cause: 'Prettier would write some files in another way.',
    recommended_fix: 'Run `npx prettier --write .` and commit what it changes.',
  },
  file_path: 'src/checkout/total.ts',
  line: 1,
});
const UNIT = cause('Vitest: a test failed', ' FAIL  test/cart.test.ts > cart > adds up', 210, {
  pattern: {
    root_cause: 'A test expects something else than the code does.',
    recommended_fix: 'Run `npx vitest run test/cart.test.ts` and mend the code, or the test.',
  },
  file_path: 'test/cart.test.ts',
  line: 18,
  others: 1,
});
const COVERAGE = cause('coverage is below its threshold', 'ERROR: Coverage for lines (71.2%) does not meet', 260, {
  pattern: {
    root_cause: 'Less of the code is run by tests than the configuration asks for.',
    recommended_fix: 'Add tests for what is new, or lower `coverage.thresholds`.',
  },
});

export const DIAGNOSES: readonly ReportCase[] = [
  {
    name: 'many-of-a-kind',
    title: 'One pattern matched twelve lines: the first is quoted, three of the others are named',
    report: report({ jobs: [failedJob('types', { failed_step: TYPES, failure: MANY }), job('lint')] }),
  },
  {
    name: 'three-causes',
    title: 'Three things broke in one job, none of which follows from another: each is told',
    report: report({ jobs: [ofCauses([LINT, FORMAT])] }),
  },
  {
    name: 'five-causes',
    title: 'Five things broke in one job: three are open, the others folded',
    report: report({ jobs: [ofCauses([LINT, FORMAT, UNIT, COVERAGE])] }),
  },
  {
    name: 'unknown-with-an-error-block',
    title: 'No pattern knows it: what is quoted begins the last lines that look like an error',
    report: report({
      jobs: [
        failedJob('build', {
          failed_step: { number: 4, name: 'cargo xtask dist' },
          failure: unknownFailure({
            message: 'error: manifest of shop-core names no license',
            excerpt: [
              'Checking 14 manifests',
              'error: manifest of shop-core names no license',
              'error: manifest of shop-web names no license',
              'error: 2 manifests are not fit to be published',
            ].join('\n'),
            ...{ excerpt_first_line: 88, excerpt_last_line: 91, line_number: 89, step_first_line: 40 },
            evidence: { why: 'block', first_line: 89, last_line: 91 },
          }),
        }),
      ],
    }),
  },
  {
    name: 'generic-with-a-better-line',
    title: 'The pattern that matched says little: a better line is quoted, and it is said why',
    report: report({
      jobs: [
        failedJob('android', {
          failed_step: { number: 6, name: './gradlew assembleDebug' },
          failure: peerConflict({
            fingerprint: 'f-gradle',
            pattern: {
              ...{ name: 'Gradle build failed', category: 'build', severity: 'error', docs_url: null },
              root_cause: 'A task of the build failed; Gradle says of it only that it did.',
              recommended_fix: 'Run the task that it names with `--stacktrace`.',
            },
            message: 'Signing config "release" has no storeFile, as rule 7 of the release guide asks for',
            excerpt: [
              'Signing config "release" has no storeFile, as rule 7 of the release guide asks for',
              'FAILURE: Build failed with an exception.',
            ].join('\n'),
            ...{ excerpt_first_line: 301, excerpt_last_line: 302, line_number: 301, step_first_line: 90 },
            evidence: { why: 'error', first_line: 301, last_line: 301 },
            others: 3,
          }),
        }),
      ],
    }),
  },
  {
    name: 'said-by-another-step',
    title: 'The failed step says nothing, another one does: it is quoted as such',
    report: report({
      jobs: [
        failedJob('e2e', {
          failed_step: { number: 7, name: 'Wait for the shop' },
          failure: peerConflict({ is_elsewhere: true, step_name: 'npm ci' }),
        }),
      ],
    }),
  },
];

function ofCauses(further_causes: FurtherCause[]) {
  return failedJob('quality', {
    failed_step: { number: 5, name: 'npm run quality' },
    failure: typeError({ further_causes }),
  });
}

function cause(
  name: string,
  line_text: string,
  line_number: number,
  {
    pattern,
    ...change
  }: Omit<Partial<FurtherCause>, 'pattern'> & {
    pattern: Pick<FurtherCause['pattern'], 'root_cause' | 'recommended_fix'>;
  },
): FurtherCause {
  return {
    pattern: { name, category: 'lint', severity: 'error', docs_url: null, ...pattern },
    ...{ line_number, line_text, file_path: null, line: null, others: 0, other_lines: [] },
    ...change,
  };
}
