// Reads what `gh run view --log` and `--log-failed` print: the logs of a run's jobs one after the other, and before each line the
// names of job and step with a tab behind each. Pure.
import { readStamp } from '../../diagnose/log/clean-log.ts';

const NEWLINE = 0x0a;
const TAB = 0x09;
/** No names of a job and a step are longer, in bytes. */
const LONGEST_NAMES = 1_000;
/** So much of a line without an end is kept before it is handed on. */
const MOST_KEPT = 256 * 1024;

/** Takes a log's bytes, in chunks cut anywhere. */
export interface LogBytes {
  write(chunk: Uint8Array): void;
  /** Hands on what is left. */
  end(): void;
}

/** Is told which job the bytes are of, and how many lines were there before the first of them; null: the log is of one job and does not say of which. */
export type JobBytes = (chunk: Uint8Array, job: string | null, linesBefore: number) => void;

/** Hands a log on without the two columns, where it has them; any other log as it is. */
export function withoutColumns(onBytes: JobBytes): LogBytes {
  let hasColumns: boolean | null = null;
  let kept = Buffer.alloc(0);
  let isMidLine = false;
  let job = '';
  let lines = 0;
  const readLine = (line: Buffer) => {
    const columns = isMidLine ? null : columnsOf(line);
    if (columns !== null) job = columns.job;
    onBytes(line.subarray(columns?.end ?? 0), job, lines);
    isMidLine = line.at(-1) !== NEWLINE;
    if (!isMidLine) lines++;
  };
  const readAll = (isLast: boolean) => {
    let start = 0;
    for (let end = kept.indexOf(NEWLINE); end >= 0; end = kept.indexOf(NEWLINE, start)) {
      readLine(kept.subarray(start, end + 1));
      start = end + 1;
    }
    const rest = kept.subarray(start);
    const isDue = rest.length > 0 && (isLast || isMidLine || rest.length > MOST_KEPT);
    if (isDue) readLine(rest);
    kept = isDue ? Buffer.alloc(0) : rest;
  };
  return {
    write(chunk) {
      hasColumns ??= isOfGh(Buffer.from(chunk));
      if (!hasColumns) {
        onBytes(chunk, null, 0);
        return;
      }
      kept = Buffer.concat([kept, chunk]);
      readAll(false);
    },
    end: () => readAll(true),
  };
}

/** A line of a log begins with GitHub's time, which nothing but these columns stands before. */
function isOfGh(beginning: Buffer): boolean {
  const columns = columnsOf(beginning);
  return columns !== null && readStamp(beginning, columns.end) !== null;
}

function columnsOf(line: Buffer): { readonly job: string; readonly end: number } | null {
  const step = line.indexOf(TAB) + 1;
  const text = step === 0 ? 0 : line.indexOf(TAB, step) + 1;
  if (text === 0 || text > LONGEST_NAMES || line.subarray(0, text).includes(NEWLINE)) return null;
  return { job: line.toString('utf8', 0, step - 1), end: text };
}
