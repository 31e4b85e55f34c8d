// The table of report formats, and which of them a file is in: its content decides, then its name. Pure.

import { clover } from './coverage/clover.ts';
import { cobertura } from './coverage/cobertura.ts';
import { coveragePy } from './coverage/coverage-py.ts';
import { goCover } from './coverage/go-cover.ts';
import { istanbulFinal, istanbulSummary } from './coverage/istanbul.ts';
import { jacoco } from './coverage/jacoco.ts';
import { lcov } from './coverage/lcov.ts';
import { summary } from './coverage/summary.ts';
import { eslint } from './findings/eslint.ts';
import { lighthouse, lighthouseManifest } from './findings/lighthouse.ts';
import { sarif } from './findings/sarif.ts';
import { tsc } from './findings/tsc.ts';
import { isNoReport, unseenIn } from './no-report.ts';
import { utf16Of } from './reading/decode-report.ts';
import { type Measurement, unreadable } from './reading/measurement.ts';
import { HEAD_BYTES } from './reading/report-limits.ts';
import { openReader, type ReportFormat, type ReportHead, type ReportReader } from './reading/report-reader.ts';
import { ctrf } from './tests/ctrf.ts';
import { junit } from './tests/junit.ts';
import { mochawesome } from './tests/mochawesome.ts';
import { playwright } from './tests/playwright.ts';
import { playwrightBlob } from './tests/playwright-blob.ts';

/** A new format is a file of this folder and a row here. */
export const FORMATS: readonly ReportFormat[] = [
  junit,
  lcov,
  cobertura,
  jacoco,
  clover,
  istanbulSummary,
  istanbulFinal,
  goCover,
  coveragePy,
  playwright,
  playwrightBlob,
  mochawesome,
  ctrf,
  lighthouse,
  lighthouseManifest,
  sarif,
  eslint,
  tsc,
  summary,
];

/** The format of a file; unknown when it cannot be recognised; or none, for a file that is no report. */
export type Detection =
  | { readonly state: 'found'; readonly format: ReportFormat }
  | { readonly state: 'ambiguous'; readonly reason: string }
  | { readonly state: 'none' };

/** `head` is the first 4 KB, or the whole of a shorter file. */
function detectFormat(path: string, head: Uint8Array): Detection {
  const known = headOf(path, head);
  const byContent = FORMATS.filter((format) => format.looksLike(known));
  if (byContent.length === 0 && isNoReport(known, head.length)) return { state: 'none' };
  const candidates = byContent.length > 0 ? byContent : FORMATS.filter((format) => format.isNamed(known));
  const [format, ...others] = candidates;
  if (format === undefined) {
    const reason = unseenIn(known, head.length);
    return reason === null ? { state: 'none' } : { state: 'ambiguous', reason };
  }
  if (others.length === 0) return { state: 'found', format };
  const named = candidates.filter((candidate) => candidate.isNamed(known));
  const [chosen] = named;
  if (chosen !== undefined && named.length === 1) return { state: 'found', format: chosen };
  return {
    state: 'ambiguous',
    reason: `the file may be ${candidates.map(({ name }) => name).join(' or ')}; its name decides neither`,
  };
}

function headOf(path: string, head: Uint8Array): ReportHead {
  const bytes = head.subarray(0, HEAD_BYTES);
  const name = path.slice(path.lastIndexOf('/') + 1).toLowerCase();
  return { name, text: new TextDecoder(utf16Of(bytes) ?? 'utf-8').decode(bytes) };
}

/**
 * Reads a file of any format in pieces; its result is null when the file is no report, which is known after the first 4 KB:
 * then `write` answers false.
 */
export function openReport(path: string): ReportReader<Measurement | null> {
  const head: Uint8Array[] = [];
  let headBytes = 0;
  let opened: ReportReader<Measurement | null> | null = null;
  const open = (): ReportReader<Measurement | null> => {
    const bytes = Buffer.concat(head.splice(0));
    const reader = readerOf(detectFormat(path, bytes));
    reader.write(bytes);
    return reader;
  };
  return {
    write(bytes) {
      if (opened !== null) return opened.write(bytes);
      head.push(Uint8Array.from(bytes));
      headBytes += bytes.length;
      if (headBytes < HEAD_BYTES) return true;
      opened = open();
      return opened.write(new Uint8Array());
    },
    end: () => (opened ?? open()).end(),
  };
}

function readerOf(detection: Detection): ReportReader<Measurement | null> {
  if (detection.state === 'found') return openReader(detection.format);
  const result = detection.state === 'none' ? null : unreadable(null, detection.reason);
  return { write: () => false, end: () => result };
}
