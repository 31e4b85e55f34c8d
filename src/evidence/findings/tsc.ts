// What `tsc` and `vue-tsc` print, with `--pretty` and without. Pure; src/evidence/ only.
// Format: formatDiagnostic and formatDiagnosticsWithColorAndContext in https://github.com/microsoft/TypeScript/blob/main/src/compiler/program.ts
//
// tsc prints nothing when all is well, and so does a step that was cut off: "Found 0 errors" proves that nothing was found, and so
// do the figures of --diagnostics and --extendedDiagnostics, which are the last that it prints, once it has checked types.

import { TEXT_LIMITS } from '../../text/storable-text.ts';
import type { Finding, FindingLevel } from '../reading/measurement.ts';
import { readLines } from '../reading/report-lines.ts';
import { type ReportFormat, type ReportSource, Unreadable } from '../reading/report-reader.ts';
import { countOf } from '../reading/report-values.ts';
import { createFindings } from './findings-report.ts';

// `file(line,col): error TS1: text`, `file:line:col - error TS1: text`, `error TS1: text`. The file before and the text behind are
// cut out in code: whoever looks for all three at once looks through the line once for every place that fits.
const PLACED = /(?:\((\d{1,9}),\d{1,9}\): |:(\d{1,9}):\d{1,9} - )(error|warning|message|suggestion) (TS\d{1,6}): /;
const UNPLACED = /^(error|warning|message|suggestion) (TS\d{1,6}): /;
/** A path, a place and a code: where a diagnostic begins has to be known by then. */
const LONGEST_BEGIN = TEXT_LIMITS.path + 100;
const FOUND = /Found (\d{1,15}) errors?\b/;
const LEVELS: Readonly<Record<string, FindingLevel>> = { error: 'error', warning: 'warning' };

const SILENT =
  'tsc says neither an error nor "Found 0 errors": that proves nothing; write it with ' +
  '`npx tsc --noEmit > tsc.log && echo "Found 0 errors." >> tsc.log`, or with --diagnostics';

/** What tsc prints of itself with --diagnostics: `Files: 83` to `Total time: 0.344s`; of each project, with --build, and of all of them. */
function readFigures() {
  let [files, checked, last, builds, hasAggregate] = [0, false, '', false, false];
  return {
    read(line: string): void {
      const text = line.slice(0, LONGEST_FIGURE).trim();
      if (text === '') return;
      const colon = text.indexOf(':');
      const [name, value] = colon === -1 ? ['', ''] : [text.slice(0, colon), text.slice(colon + 1).trim()];
      last = name;
      if (name === 'Files') files = Number(value);
      // With --noCheck nothing is checked, and that takes no time.
      if (name === 'Check time') checked = value.endsWith('s') && Number(value.slice(0, -1)) > 0;
      if (name === 'Config time') builds = true;
      if (name === 'Projects in scope') hasAggregate = true;
    },
    areWhole: () =>
      files > 0 && checked && (hasAggregate ? last === 'Aggregate Total time' : !builds && last === 'Total time'),
  };
}

const LONGEST_FIGURE = 200;

function openTsc(): ReportSource {
  const findings = createFindings('tsc');
  const figures = readFigures();
  let claimed: number | null = null;
  return readLines(
    (raw) => {
      const line = raw.includes('\x1b') ? raw.replace(/\x1b\[[\d;]*m/g, '') : raw;
      const count = FOUND.exec(line)?.[1];
      if (count !== undefined) claimed = countOf(count, 'the number of errors');
      figures.read(line);
      const diagnostic = diagnosticIn(line);
      if (diagnostic !== null) findings.add(diagnostic);
    },
    () => {
      const errors = findings.countOf('error');
      if (claimed === null && errors === 0 && !figures.areWhole()) throw new Unreadable(SILENT);
      if (claimed !== null && claimed > errors) {
        findings.remark(`tsc says ${claimed} errors, ${errors} are listed`);
        if (errors === 0)
          findings.add({ level: 'error', rule: null, file: null, line: null, message: `Found ${claimed} errors` });
      }
      return findings.measurement('tsc');
    },
  );
}

function diagnosticIn(line: string): Finding | null {
  const begin = line.slice(0, LONGEST_BEGIN);
  if (!/ TS\d/.test(begin)) return null;
  const placed = PLACED.exec(begin);
  if (placed !== null && placed.index > 0 && /^\S/.test(begin)) {
    const [all, plainLine, prettyLine, level = '', rule = ''] = placed;
    const message = line.slice(placed.index + all.length);
    const file = line.slice(0, placed.index);
    return { level: LEVELS[level] ?? 'note', rule, file, line: Number(plainLine ?? prettyLine), message };
  }
  const [all, level = '', rule = ''] = UNPLACED.exec(begin) ?? [];
  if (all === undefined) return null;
  return { level: LEVELS[level] ?? 'note', rule, file: null, line: null, message: line.slice(all.length) };
}

export const tsc: ReportFormat = {
  name: 'tsc',
  // "Found 3 errors" says Ruff too, and any server's log: the codes are TypeScript's, and that there is none.
  looksLike: ({ text }) =>
    !/^\s*(?:[{<]|\[\s*[{["])/.test(text) &&
    /(?:^|[:-] )(?:\x1b\[[\d;]*m)*error(?:\x1b\[[\d;]*m)* (?:\x1b\[[\d;]*m)*TS\d{1,6}: |Found 0 errors\b/m.test(text),
  isNamed: ({ name }) => /^(?:vue-)?tsc\b.*\.(?:txt|log|out)$|^type-?check.*\.(?:txt|log)$/.test(name),
  open: openTsc,
};
