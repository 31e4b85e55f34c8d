// How much of a report is read and kept. Pure.

const MIB = 1024 * 1024;

/** Past these a report is unreadable; none of them is met by what a tool writes for a repository that GitHub would host. */
export const REPORT_LIMITS = {
  /** Lines and XML are read in pieces; this bounds the time. */
  streamedBytes: 64 * MIB,
  /** JSON is parsed whole, at about six times its size in memory. */
  jsonBytes: 32 * MIB,
  lineBytes: MIB,
  xmlDepth: 100,
  suiteDepth: 100,
  /** Of a source file; also the most lines that one report may speak of. */
  lineNumber: 10_000_000,
  files: 200_000,
} as const;

/** What is kept of what was read; the rest is counted. */
export const KEPT = {
  cases: 1_000,
  results: 50_000,
  resultCharacters: 8_000_000,
  findings: 1_000,
  tools: 1_000,
  remarks: 20,
  doubts: 5,
} as const;

/** How much of a report decides what it is. */
export const HEAD_BYTES = 4_096;
