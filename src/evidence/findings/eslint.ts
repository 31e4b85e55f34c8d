// ESLint's `--format json`, which other linters write too, and `json-with-metadata`. Pure.
// Format: https://eslint.org/docs/latest/use/formatters/#json

import { z } from 'zod';
import type { FindingsMeasurement } from '../reading/measurement.ts';
import { checked, isObject, listing, readJson } from '../reading/report-json.ts';
import { holdsBefore } from '../reading/report-names.ts';
import type { ReportFormat } from '../reading/report-reader.ts';
import { skimJson } from '../reading/skim-json.ts';
import { createFindings } from './findings-report.ts';

const reportSchema = listing(
  z.object({
    filePath: z.string(),
    messages: listing(
      z.object({
        ruleId: z.string().nullish(),
        severity: z.literal([1, 2]),
        fatal: z.boolean().optional(),
        message: z.string(),
        line: z.number().nullish(),
      }),
    ),
    errorCount: z.int().nonnegative(),
    warningCount: z.int().nonnegative(),
  }),
  { least: [1, 'the list is empty: no file was linted'] },
);

/** A directive's suppressed messages are not among the messages. */
function measure(value: unknown): FindingsMeasurement {
  const findings = createFindings('eslint');
  const claimed = { errors: 0, warnings: 0 };
  const files = isObject(value) && Object.hasOwn(value, 'results') ? value.results : value;
  for (const { filePath, messages, errorCount, warningCount } of checked(reportSchema, files)) {
    claimed.errors += errorCount;
    claimed.warnings += warningCount;
    for (const { ruleId, severity, fatal, message, line } of messages) {
      const level = severity === 2 || fatal === true ? 'error' : 'warning';
      findings.add({ level, rule: ruleId ?? null, file: filePath, line: line ?? null, message });
    }
  }
  // A count without its messages is red all the same.
  for (let shown = findings.countOf('error'); shown < claimed.errors; shown = claimed.errors) {
    const message = `${claimed.errors - shown} more errors are counted than listed`;
    findings.remark(message);
    findings.add({ level: 'error', rule: null, file: null, line: null, message });
  }
  if (claimed.warnings !== findings.countOf('warning')) {
    findings.remark(`the report counts ${claimed.warnings} warnings, ${findings.countOf('warning')} are listed`);
  }
  return findings.measurement('ESLint');
}

/** The list of files by itself, or with metadata beside it. */
function isOfFiles(text: string): boolean {
  if (!/^\s*[[{]/.test(text)) return false;
  const { outermost, keys } = skimJson(text);
  if (outermost === 'list') return keys.has('filePath') && (keys.size === 1 || keys.has('messages'));
  return keys.has('results') && /"results"\s*:\s*\[\s*\{\s*"(?:filePath|messages)"\s*:/.test(text);
}

export const eslint: ReportFormat = {
  name: 'eslint',
  looksLike: ({ text }) => isOfFiles(text),
  isNamed: ({ name }) => holdsBefore(name, 'eslint', '.json'),
  open: () => readJson(measure),
};
