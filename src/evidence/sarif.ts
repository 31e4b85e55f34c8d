// SARIF 2.1.0, the results of static analysis. Pure; src/evidence/ only.
// Format: https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html (sections 3.14.23 results, 3.27.9 kind, 3.27.10 level,
// 3.27.23 suppressions, 3.20.14 executionSuccessful)

import { z } from 'zod';
import { createFindings, type FindingsCollector } from './findings-report.ts';
import type { FindingLevel, FindingsMeasurement } from './measurement.ts';
import { checked, listing, readJson } from './report-json.ts';
import { type ReportFormat, Unreadable } from './report-reader.ts';
import { shown } from './report-values.ts';

const level = z.enum(['none', 'note', 'warning', 'error']);
const message = z
  .object({ text: z.string().optional(), markdown: z.string().optional(), id: z.string().optional() })
  .default({});
const location = z.object({
  physicalLocation: z
    .object({
      artifactLocation: z.object({ uri: z.string().optional() }).optional(),
      region: z.object({ startLine: z.number().optional() }).optional(),
    })
    .optional(),
});
const resultSchema = z.object({
  ruleId: z.string().optional(),
  ruleIndex: z.int().optional(),
  rule: z.object({ id: z.string().optional(), index: z.int().optional() }).optional(),
  kind: z.string().default('fail'),
  level: level.optional(),
  message,
  locations: listing(location).default([]),
  suppressions: listing(z.object({ status: z.string().optional() })).nullish(),
  baselineState: z.string().optional(),
});
const notification = z.object({ level: level.default('warning'), message });
const runSchema = z.object({
  tool: z.object({
    driver: z.object({
      name: z.string(),
      rules: listing(
        z.object({
          id: z.string().optional(),
          defaultConfiguration: z.object({ level: level.optional() }).optional(),
        }),
      ).default([]),
    }),
  }),
  invocations: listing(
    z.object({
      executionSuccessful: z.boolean().optional(),
      toolExecutionNotifications: listing(notification).default([]),
      toolConfigurationNotifications: listing(notification).default([]),
    }),
  ).default([]),
  results: listing(resultSchema).nullish(),
});
const reportSchema = z.object({ version: z.literal('2.1.0'), runs: listing(runSchema, { least: [1, 'no tool ran'] }) });
type Run = z.output<typeof runSchema>;
type Result = z.output<typeof resultSchema>;
type Level = z.output<typeof level>;

function measure(value: unknown): FindingsMeasurement {
  const { runs } = checked(reportSchema, value);
  const findings = createFindings('sarif');
  for (const run of runs) {
    addNotifications(findings, run);
    if (run.results === null || run.results === undefined) {
      throw new Unreadable(`the run of ${shown(run.tool.driver.name)} has no results: the tool was not asked for any`);
    }
    const rules = rulesOf(run);
    for (const result of run.results) addResult(findings, rules, result);
  }
  return findings.measurement([...new Set(runs.map(({ tool }) => tool.driver.name))].join(', '));
}

/** An error of the tool itself, or a run that it calls unsuccessful, is an error: what it did not look at may be wrong. */
function addNotifications(findings: FindingsCollector, { tool, invocations }: Run): void {
  for (const invocation of invocations) {
    const errors = [...invocation.toolExecutionNotifications, ...invocation.toolConfigurationNotifications].filter(
      (told) => told.level === 'error',
    );
    for (const told of errors) addError(findings, told.message.text ?? 'the tool reports an error of its own');
    if (invocation.executionSuccessful === false && errors.length === 0) {
      addError(findings, `the run of ${shown(tool.driver.name)} was not successful`);
    }
  }
}

function addError(findings: FindingsCollector, text: string): void {
  findings.add({ level: 'error', rule: null, file: null, line: null, message: text });
}

interface Rules {
  readonly byIndex: readonly (Level | undefined)[];
  readonly byId: ReadonlyMap<string, Level>;
}

/** The levels that the tool gives its rules. */
function rulesOf({ tool }: Run): Rules {
  const { rules } = tool.driver;
  const byId = new Map<string, Level>();
  for (const { id, defaultConfiguration } of rules) {
    if (id !== undefined && defaultConfiguration?.level !== undefined) byId.set(id, defaultConfiguration.level);
  }
  return { byIndex: rules.map(({ defaultConfiguration }) => defaultConfiguration?.level), byId };
}

function addResult(findings: FindingsCollector, rules: Rules, result: Result): void {
  const found = levelOf(rules, result);
  const isSuppressed = result.suppressions?.some(({ status = 'accepted' }) => status === 'accepted') === true;
  if (found === null || isSuppressed || result.baselineState === 'absent') return;
  const place = result.locations[0]?.physicalLocation;
  findings.add({
    level: found,
    rule: result.ruleId ?? result.rule?.id ?? null,
    file: place?.artifactLocation?.uri ?? null,
    line: place?.region?.startLine ?? null,
    message: result.message.text ?? result.message.markdown ?? result.message.id ?? '',
  });
}

/** Null for what is no finding: a check that passed, does not apply, or has level none. */
function levelOf({ byIndex, byId }: Rules, { kind, level: own, ruleId, ruleIndex, rule }: Result): FindingLevel | null {
  if (kind !== 'fail') return null;
  const described = byIndex[ruleIndex ?? rule?.index ?? -1] ?? byId.get(ruleId ?? rule?.id ?? '');
  const found = own ?? described ?? 'warning';
  return found === 'none' ? null : found;
}

export const sarif: ReportFormat = {
  name: 'sarif',
  looksLike: ({ text }) =>
    /^\s*\{/.test(text) &&
    (/"\$schema"\s*:\s*"[^"]*sarif/.test(text) || (/"version"\s*:\s*"2\.1\.0"/.test(text) && /"runs"\s*:/.test(text))),
  isNamed: ({ name }) => /\.sarif(?:\.json)?$/.test(name),
  open: () => readJson(measure),
};
