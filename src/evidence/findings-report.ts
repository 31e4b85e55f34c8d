// Counts what a linter or compiler found and keeps the first of each level. Pure; src/evidence/ only.

import type { Finding, FindingLevel, FindingsMeasurement } from './measurement.ts';
import { KEPT } from './report-limits.ts';
import { createRemarks, messageText, nameText, repositoryPath } from './report-values.ts';

export interface FindingsCollector {
  add(finding: Finding): void;
  remark(text: string): void;
  countOf(level: FindingLevel): number;
  measurement(tool: string): FindingsMeasurement;
}

const LEVELS = ['error', 'warning', 'note'] as const;

export function createFindings(format: string): FindingsCollector {
  const kept: Record<FindingLevel, Finding[]> = { error: [], warning: [], note: [] };
  const counts: Record<FindingLevel, number> = { error: 0, warning: 0, note: 0 };
  const remarks = createRemarks();
  return {
    add({ level, rule, file, line, message }) {
      counts[level]++;
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
    measurement(tool) {
      const findings = LEVELS.flatMap((level) => kept[level]).slice(0, KEPT.findings);
      return {
        kind: 'findings',
        format,
        tool: nameText(tool),
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
