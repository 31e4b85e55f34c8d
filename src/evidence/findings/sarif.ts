// SARIF 2.1.0, the results of static analysis. Pure; src/evidence/ only.
// Format: https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html (sections 3.14.23 results, 3.27.9 kind,
// 3.27.23 suppressions, 3.20.14 executionSuccessful; sarif-levels.ts has the rest of 3.27.10 level)

import { z } from 'zod';
import type { FindingsMeasurement } from '../reading/measurement.ts';
import { checked, listing, readJson } from '../reading/report-json.ts';
import { type ReportFormat, Unreadable } from '../reading/report-reader.ts';
import { shown } from '../reading/report-values.ts';
import { createFindings, type FindingsCollector } from './findings-report.ts';
import { type Component, createLevels, type Level, type Levels } from './sarif-levels.ts';

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
const index = z
  .int()
  .nullish()
  .transform((at) => at ?? undefined);
const referenceSchema = z.object({
  id: z.string().optional(),
  index,
  guid: z.string().optional(),
  toolComponent: z.object({ name: z.string().optional(), index, guid: z.string().optional() }).optional(),
});
const resultSchema = z.object({
  ruleId: z.string().optional(),
  ruleIndex: index,
  rule: referenceSchema.optional(),
  kind: z.string().default('fail'),
  level: level.optional(),
  provenance: z.object({ invocationIndex: index }).optional(),
  message,
  locations: listing(location).default([]),
  suppressions: listing(z.object({ status: z.string().optional() })).nullish(),
  baselineState: z.string().optional(),
});
const notification = z.object({ level: level.optional(), descriptor: referenceSchema.optional(), message });
const descriptors = listing(
  z.object({
    id: z.string().optional(),
    guid: z.string().optional(),
    defaultConfiguration: z.object({ level: level.optional() }).nullish(),
    properties: z.object({ 'problem.severity': z.unknown().optional() }).nullish(),
  }),
).default([]);
const component = z.object({
  name: z.string(),
  guid: z.string().optional(),
  rules: descriptors,
  notifications: descriptors,
});
const overrides = listing(
  z.object({ descriptor: referenceSchema, configuration: z.object({ level: level.optional() }).default({}) }),
).default([]);
const runSchema = z.object({
  tool: z.object({ driver: component, extensions: listing(component).default([]) }),
  invocations: listing(
    z.object({
      executionSuccessful: z.boolean().optional(),
      exitCode: z.number().nullish(),
      exitSignalName: z.string().nullish(),
      exitSignalNumber: z.number().nullish(),
      processStartFailureMessage: z.string().nullish(),
      ruleConfigurationOverrides: overrides,
      notificationConfigurationOverrides: overrides,
      toolExecutionNotifications: listing(notification).default([]),
      toolConfigurationNotifications: listing(notification).default([]),
    }),
  ).default([]),
  results: listing(resultSchema).nullish(),
  externalPropertyFileReferences: z.record(z.string(), z.unknown()).nullish(),
});
const reportSchema = z.object({
  version: z.literal('2.1.0'),
  runs: listing(runSchema, { least: [1, 'no tool ran'] }),
  inlineExternalProperties: listing(z.record(z.string(), z.unknown())).nullish(),
});
type Run = z.output<typeof runSchema>;
type Result = z.output<typeof resultSchema>;

function measure(value: unknown): FindingsMeasurement {
  const { runs, inlineExternalProperties } = checked(reportSchema, value);
  refuseElsewhere(inlineExternalProperties ?? []);
  const findings = createFindings('sarif');
  for (const run of runs) {
    findings.of(run.tool.driver.name);
    refuseElsewhere([run.externalPropertyFileReferences ?? {}]);
    addNotifications(findings, run);
    if (run.results === null || run.results === undefined) {
      throw new Unreadable(`the run of ${shown(run.tool.driver.name)} has no results: the tool was not asked for any`);
    }
    const levels = levelsOf(run, 'rules', 'ruleConfigurationOverrides');
    for (const result of run.results) addResult(findings, levels, result);
  }
  return findings.measurement();
}

/** What decides of a run and may stand outside of it. */
const DECIDING = ['results', 'invocations', 'driver', 'extensions', 'policies'] as const;

/** Half of a run is no run. */
function refuseElsewhere(some: readonly Readonly<Record<string, unknown>>[]): void {
  const found = DECIDING.find((name) => some.some((one) => isThere(Object.hasOwn(one, name) ? one[name] : null)));
  if (found === undefined) return;
  throw new Unreadable(
    `${found} of a run stand outside of it, where they are not read; have them written into the run`,
  );
}

function isThere(value: unknown): boolean {
  return value !== null && !(Array.isArray(value) && value.length === 0);
}

/** An error of the tool itself, or a run that it calls unsuccessful, is an error: what it did not look at may be wrong. */
function addNotifications(findings: FindingsCollector, run: Run): void {
  const levels = levelsOf(run, 'notifications', 'notificationConfigurationOverrides');
  for (const [at, invocation] of run.invocations.entries()) {
    const errors = [...invocation.toolExecutionNotifications, ...invocation.toolConfigurationNotifications].filter(
      ({ level: own, descriptor }) => (own ?? levels.of(descriptor === undefined ? [] : [descriptor], at)) === 'error',
    );
    for (const error of errors) addError(findings, error.message.text ?? 'the tool reports an error of its own');
    const why = errors.length === 0 ? unsuccessful(invocation) : null;
    if (why !== null) addError(findings, `the run of ${shown(run.tool.driver.name)} ${why}`);
  }
}

/** How it ended, unless well: a tool that never began, or was killed, says nothing of its success. */
function unsuccessful(invocation: Run['invocations'][number]): string | null {
  const { executionSuccessful, exitCode, exitSignalName, exitSignalNumber, processStartFailureMessage } = invocation;
  if (processStartFailureMessage) return `did not start: ${shown(processStartFailureMessage)}`;
  if (exitSignalName || exitSignalNumber) return `was ended by signal ${shown(exitSignalName || exitSignalNumber)}`;
  if (executionSuccessful === false) return 'was not successful';
  // With a word of success it is how linters say that they found something.
  const code = exitCode ?? 0;
  return executionSuccessful === undefined && code !== 0 ? `ended with exit code ${code}` : null;
}

function addError(findings: FindingsCollector, text: string): void {
  findings.add({ level: 'error', rule: null, file: null, line: null, message: text });
}

function levelsOf(
  { tool, invocations }: Run,
  described: 'rules' | 'notifications',
  overridden: 'ruleConfigurationOverrides' | 'notificationConfigurationOverrides',
): Levels {
  const components = [tool.driver, ...tool.extensions].map(
    (one): Component => ({
      name: one.name,
      guid: one.guid,
      descriptors: one[described].map(({ id, guid, defaultConfiguration, properties }) => ({
        id,
        guid,
        // CodeQL's own word, where the standard's is missing.
        level: defaultConfiguration?.level ?? (properties?.['problem.severity'] === 'error' ? 'error' : undefined),
      })),
    }),
  );
  return createLevels(
    components,
    invocations.map((one) =>
      one[overridden].map(({ descriptor, configuration }) => ({ descriptor, level: configuration.level })),
    ),
  );
}

function addResult(findings: FindingsCollector, levels: Levels, result: Result): void {
  const found = levelOf(levels, result);
  if (found === 'none' || isSuppressed(result) || result.baselineState === 'absent') return;
  const place = result.locations[0]?.physicalLocation;
  findings.add({
    level: found,
    rule: result.ruleId ?? result.rule?.id ?? null,
    file: place?.artifactLocation?.uri ?? null,
    line: place?.region?.startLine ?? null,
    message: result.message.text ?? result.message.markdown ?? result.message.id ?? '',
  });
}

/** A suppression that somebody still looks at, or refused, is none. */
function isSuppressed({ suppressions }: Result): boolean {
  if (suppressions === null || suppressions === undefined || suppressions.length === 0) return false;
  return suppressions.every(({ status = 'accepted' }) => status === 'accepted');
}

/** A check that passed or does not apply is none, whatever it calls itself. */
const NO_FINDING: ReadonlySet<string> = new Set(['pass', 'notApplicable', 'informational']);
/** What a person has to decide: none, but for a level that it should not have. */
const UNDECIDED: ReadonlySet<string> = new Set(['open', 'review']);

function levelOf(levels: Levels, { kind, level: own, ruleId, ruleIndex, rule, provenance }: Result): Level {
  if (NO_FINDING.has(kind)) return 'none';
  if (UNDECIDED.has(kind)) return own ?? 'none';
  if (own !== undefined) return own;
  const toolComponent = rule?.toolComponent;
  const error =
    ruleId === undefined && ruleIndex === undefined ? [] : [{ id: ruleId, index: ruleIndex, toolComponent }];
  const named = rule?.id ?? rule?.guid ?? rule?.index;
  return levels.of(rule === undefined || named === undefined ? error : [...error, rule], provenance?.invocationIndex);
}

export const sarif: ReportFormat = {
  name: 'sarif',
  looksLike: ({ text }) =>
    /^\s*\{/.test(text) &&
    (/"\$schema"\s*:\s*"[^"]*sarif/.test(text) || (/"version"\s*:\s*"2\.1\.0"/.test(text) && /"runs"\s*:/.test(text))),
  isNamed: ({ name }) => /\.sarif(?:\.json)?$/.test(name),
  open: () => readJson(measure),
};
