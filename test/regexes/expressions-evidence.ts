// The expressions that read artifacts and uploads. For expressions.ts.
import { ARCHIVE_LIMITS } from '../../src/evidence/archive-entry.ts';
import { HEAD_BYTES, REPORT_LIMITS } from '../../src/evidence/reading/report-limits.ts';
import { TEXT_LIMITS } from '../../src/text/storable-text.ts';
import { type Listed, LONGEST_GITHUB_NAME, outside } from './listed.ts';

export const EVIDENCE: readonly Listed[] = [
  outside('src/cli/evidence/read-artifact.ts', 'the first four bytes of a file', 4, [/^PK(?:\x03\x04|\x05\x06)/]),
  outside('src/evidence/archive-entry.ts', 'the name of an entry of an archive', ARCHIVE_LIMITS.nameBytes, [
    /^(?:[/\\]|[A-Za-z]:)/,
    /[\0-\x1f\x7f]/,
    /[/\\]/,
  ]),
  outside('src/evidence/coverage/add-up-coverage.ts', 'a rate of a report, cut before', 40, [/^\d*\.(\d+)$/]),
  outside('src/evidence/artifact.ts', 'the name of a file of an artifact', ARCHIVE_LIMITS.nameBytes, [
    /\.(?:xml|jsonl?|info|lcov|out|sarif|txt|log|cov|coverprofile|dat)$|(?:^|\/)[^/.]+$/i,
    /\.(?:zip|tar|t?gz|tgz|bz2|xz|zst|7z|rar|jar|war|whl)$/i,
  ]),
  outside('src/evidence/blob-archive.ts', 'the name of a file of an artifact', ARCHIVE_LIMITS.nameBytes, [
    /(?:^|\/)report(?:-[0-9a-f]{7,64})?(?:-\d{1,5})?\.zip$/,
  ]),
  outside('src/evidence/coverage/clover.ts', 'the first bytes of a report', HEAD_BYTES, [
    /^<coverage\s.*(?:generated|clover)=/s,
  ]),
  outside('src/evidence/coverage/cobertura.ts', 'an attribute', REPORT_LIMITS.streamedBytes, [/\((\d+)\/(\d+)\)/]),
  outside('src/evidence/coverage/cobertura.ts', 'the first bytes of a report', HEAD_BYTES, [
    /^<coverage\s.*(?:line-rate|lines-valid|branch-rate)=/s,
  ]),
  outside('src/evidence/coverage/coverage-py.ts', 'the first bytes of a report', HEAD_BYTES, [
    /^\s*\{\s*"meta"\s*:\s*\{/,
    /"(?:branch_coverage|show_contexts)"\s*:/,
  ]),
  outside('src/evidence/reading/decode-report.ts', 'the first bytes of a report', HEAD_BYTES, [
    /^\uFEFF?<\?xml[^>]*\sencoding\s*=\s*["']([\w.-]*)["']/,
  ]),
  outside('src/evidence/findings/eslint.ts', 'the first bytes of a report', HEAD_BYTES, [
    /^\s*[[{]/,
    /"results"\s*:\s*\[\s*\{\s*"(?:filePath|messages)"\s*:/,
  ]),
  outside('src/evidence/evidence.ts', 'the name of an artifact', LONGEST_GITHUB_NAME, [
    /cover|lcov|cobertura|jacoco|clover|junit|test|report|result|e2e|playwright|cypress|mocha|lighthouse|lhci|lint|sarif|types?(?:[^a-z]|$)|tsc/i,
  ]),
  outside('src/evidence/coverage/go-cover.ts', 'a line of a report', REPORT_LIMITS.lineBytes, [
    /^mode: (set|count|atomic)$/,
    /^(.+):((\d+)\.\d+,(\d+)\.\d+) (\d+) (\d+)$/,
    /^0+$/,
  ]),
  outside('src/evidence/coverage/go-cover.ts', 'the first bytes of a report', HEAD_BYTES, [
    /^mode: (?:set|count|atomic)\r?\n/,
  ]),
  outside('src/evidence/coverage/go-cover.ts', 'the name of a file of an artifact', ARCHIVE_LIMITS.nameBytes, [
    /^(?:cover(?:age|profile)?|c)\.out$|\.coverprofile$|^coverprofile/,
  ]),
  outside('src/evidence/coverage/istanbul.ts', 'the first bytes of a report', HEAD_BYTES, [
    /^\s*\{\s*"(?:[^"\\]|\\.)*"\s*:\s*\{/,
    /^\s*\{\s*"total"\s*:\s*\{\s*"(?:lines|statements|branches|functions)"\s*:\s*\{/,
  ]),
  outside('src/evidence/coverage/jacoco.ts', 'the first bytes of a report', HEAD_BYTES, [
    /^<report\b/,
    /-\/\/JACOCO\/\/DTD|<(?:sessioninfo|group|package)\b/,
  ]),
  outside('src/evidence/tests/junit.ts', 'the name of a class or suite, cut before', TEXT_LIMITS.path, [
    /^[^\s:<>]*[^\s:<>.]\.[cm]?[jt]sx?$/,
  ]),
  outside('src/evidence/tests/junit.ts', 'the first bytes of a report', HEAD_BYTES, [
    /^<(?:[\w.-]+:)?testsuites?[\s>/]/,
  ]),
  outside('src/evidence/tests/junit-tries.ts', 'the name of a suite or the path of a file', TEXT_LIMITS.path, [
    /^(?:vitest|jest|mocha) tests$|^pytest(?: tests)?$|^rspec/i,
    /\.[cm]?[jt]sx?$/,
  ]),
  outside('src/evidence/coverage/lcov.ts', 'a line of a report', REPORT_LIMITS.lineBytes, [
    /^[A-Z]+$/,
    /^\d+,(?:\d+,)?/,
    /^(-?[^,]*),(.*)$/,
  ]),
  outside('src/evidence/coverage/lcov.ts', 'the first bytes of a report', HEAD_BYTES, [
    /^\s*(?:(?:TN:|VER:|#).*\n)*SF:/,
  ]),
  outside('src/evidence/tests/junit-status.ts', 'a word of a report, cut before', 40, [/[ _-]/g]),
  outside('src/evidence/coverage/lcov.ts', 'the name of a file of an artifact', ARCHIVE_LIMITS.nameBytes, [
    /(?:^|[._-])lcov(?:[._-]|$)/,
  ]),
  outside('src/evidence/findings/lighthouse.ts', 'the first bytes of a report', HEAD_BYTES, [
    /^\s*\{/,
    /"lighthouseVersion"\s*:/,
    /^\s*\[/,
    /"isRepresentativeRun"\s*:/,
  ]),
  outside(
    'src/evidence/tests/ctrf.ts',
    'the first bytes of a report, or its version of at most 40 characters',
    HEAD_BYTES,
    [/^\s*\{/, /^\s*\{\s*"results"\s*:\s*\{\s*"tool"\s*:/, /"reportFormat"\s*:\s*"CTRF"/, /^0\.\d{1,6}\.\d{1,6}/],
  ),
  outside('src/evidence/tests/mochawesome.ts', 'the first bytes of a report', HEAD_BYTES, [
    /^\s*\{\s*"stats"\s*:\s*\{/,
    /"(?:passPercent|testsRegistered)"\s*:/,
  ]),
  outside('src/evidence/no-report.ts', 'the name of a file of an artifact', ARCHIVE_LIMITS.nameBytes, [
    /^\.|(?:eslint|lighthouse|playwright|mochawesome|lcov)rc(?:[._-]|$)|(?:^|[._-])(?:config(?:uration)?|conf|settings|options|presets?|schema|budgets?|suppressions|assertions|plugins?|meta(?:data)?)(?:[._-]|$)/,
    /lighthouse-?budgets?/,
  ]),
  outside('src/evidence/no-report.ts', 'the first bytes of a report', HEAD_BYTES, [
    /^<[a-z_]/i,
    /^<(?:html|testsuites?|coverage|report)\b/i,
    /^<[^\s<>/!?]/,
    /\S|$/,
  ]),
  outside('src/evidence/tests/playwright-blob.ts', 'the first 40 characters of a line of a report', 40, [
    /^\{"method":"on(?:Step|Attach|StdIO)/,
  ]),
  outside('src/evidence/tests/playwright.ts', 'the message of a failed test', REPORT_LIMITS.jsonBytes, [
    /\x1b\[[\d;]*m/g,
  ]),
  outside('src/evidence/tests/playwright.ts', 'the first bytes of a report', HEAD_BYTES, [
    /^\s*\{/,
    /^\s*\{\s*"config"\s*:/,
    /"(?:rootDir|forbidOnly|fullyParallel|globalSetup|projectName)"\s*:/,
  ]),
  outside('src/evidence/reading/report-values.ts', 'a path of a report, cut before', 2 * TEXT_LIMITS.path, [
    /^(?:\/home\/runner\/work|\/__w|\/Users\/runner\/work|[A-Za-z]:\/a)\/[^/]+\/[^/]+\/|^\/github\/workspace\//,
    /^file:\/\//,
    /^(?:\.\/)+/,
  ]),
  outside('src/evidence/reading/report-values.ts', 'a path of a report', REPORT_LIMITS.streamedBytes, [
    /^(?:[/\\]|[A-Za-z]:[/\\]|file:)/,
  ]),
  outside('src/evidence/reading/report-values.ts', 'a count of a report', REPORT_LIMITS.streamedBytes, [
    /^\d+(?:\.\d+)?(?:e\+?\d+)?$/i,
    /^-\d+$/,
  ]),
  outside(
    'src/evidence/reading/report-xml.ts',
    'as much of a report as is handed over at once',
    REPORT_LIMITS.streamedBytes,
    [/[\0-\x08\x0b\x0c\x0e-\x1f\x7f]/g],
  ),
  outside('src/evidence/reading/report-xml.ts', 'the first bytes of a report', HEAD_BYTES, [/\S|$/]),
  outside('src/evidence/reading/report-json.ts', 'what the engine says of JSON, which quotes some of it', 1_000, [
    /at position (\d{1,9})/,
  ]),
  outside('src/evidence/tests/test-results.ts', 'the name of a test, cut before', TEXT_LIMITS.name, [/[\r\n]/g]),
  outside('src/evidence/findings/sarif.ts', 'the first bytes of a report', HEAD_BYTES, [
    /^\s*\{/,
    /"\$schema"\s*:\s*"[^"]*sarif/,
    /"version"\s*:\s*"2\.1\.0"/,
    /"runs"\s*:/,
  ]),
  outside('src/evidence/findings/sarif.ts', 'the name of a file of an artifact', ARCHIVE_LIMITS.nameBytes, [
    /\.sarif(?:\.json)?$/,
  ]),
  outside('src/evidence/coverage/summary.ts', 'the first bytes of a report', HEAD_BYTES, [
    /^\s*\{/,
    /"status"\s*:\s*"(?:PASSED|FAILED)"/,
    /"tests"\s*:\s*\{|"duration_seconds"\s*:/,
  ]),
  outside('src/evidence/findings/tsc.ts', 'a line of a report', REPORT_LIMITS.lineBytes, [
    /(?:\((\d{1,9}),\d{1,9}\): |:(\d{1,9}):\d{1,9} - )(error|warning|message|suggestion) (TS\d{1,6}): /,
    /^(error|warning|message|suggestion) (TS\d{1,6}): /,
    /Found (\d{1,15}) errors?\b/,
    /\x1b\[[\d;]*m/g,
    / TS\d/,
    /^\S/,
  ]),
  outside('src/evidence/findings/tsc.ts', 'the first bytes of a report', HEAD_BYTES, [
    /(?:^|[:-] )(?:\x1b\[[\d;]*m)*error(?:\x1b\[[\d;]*m)* (?:\x1b\[[\d;]*m)*TS\d{1,6}: |Found 0 errors\b/m,
    /^\s*(?:[{<]|\[\s*[{["])/,
  ]),
  outside('src/evidence/findings/tsc.ts', 'the name of a file of an artifact', ARCHIVE_LIMITS.nameBytes, [
    /^(?:vue-)?tsc\b.*\.(?:txt|log|out)$|^type-?check.*\.(?:txt|log)$/,
  ]),
];
