// Counts what a linter or compiler found and keeps the first of each level. Pure.

import type { Finding, FindingLevel, FindingsMeasurement } from '../reading/measurement.ts';
import { KEPT } from '../reading/report-limits.ts';
import { Unreadable } from '../reading/report-reader.ts';
import { createRemarks, messageText, nameText, repositoryPath } from '../reading/report-values.ts';

export interface FindingsCollector {
  add(finding: Finding): void;
  remark(text: string): void;
  countOf(level: FindingLevel): number;
  /** From here on, findings are of this tool. */
  of(tool: string): void;
  /** The tools whose findings these are; without it, all that were named. */
  measurement(tool?: string): FindingsMeasurement;
}

const LEVELS = ['error', 'warning', 'note'] as const;

export function createFindings(format: string): FindingsCollector {
  const kept: Record<FindingLevel, Finding[]> = { error: [], warning: [], note: [] };
  const counts: Record<FindingLevel, number> = { error: 0, warning: 0, note: 0 };
  const remarks = createRemarks();
  const tools = new Map<string, { tool: string; errors: number; warnings: number }>();
  let current: { errors: number; warnings: number } | null = null;
  return {
    of(tool) {
      const known = tools.get(tool) ?? { tool: nameText(tool), errors: 0, warnings: 0 };
      if (!tools.has(tool) && tools.size >= KEPT.tools) {
        throw new Unreadable(`the report is of more than ${KEPT.tools} tools`);
      }
      tools.set(tool, known);
      current = known;
    },
    add({ level, rule, file, line, message }) {
      counts[level]++;
      if (current !== null && level === 'error') current.errors++;
      if (current !== null && level === 'warning') current.warnings++;
      if (kept[level].length >= KEPT.findings) return;
      kept[level].push({
        level,
        rule: rule === null ? null : nameText(rule),
        file: file === null ? null : repositoryPath(file),
        line: line !== null && Number.isSafeInteger(line) && line > 0 ? line : null,
        message: messageText(message),
      });
    },
    remark: remarks.add,
    countOf: (level) => counts[level],
    measurement(tool = [...tools.keys()].join(', ')) {
      const findings = LEVELS.flatMap((level) => kept[level]).slice(0, KEPT.findings);
      return {
        kind: 'findings',
        format,
        tool: nameText(tool),
        ...(tools.size > 1 ? { tools: [...tools.values()] } : {}),
        errors: counts.error,
        warnings: counts.warning,
        notes: counts.note,
        findings,
        findings_omitted: counts.error + counts.warning + counts.note - findings.length,
        remarks: remarks.all(),
      };
    },
  };
}
