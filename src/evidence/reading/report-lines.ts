// Reads a report line by line, in pieces and bounded memory. Pure.

import { createDecoder } from './decode-report.ts';
import type { Measurement } from './measurement.ts';
import { REPORT_LIMITS } from './report-limits.ts';
import { atLine, type ReportSource, Unreadable } from './report-reader.ts';
import { refuseMore } from './report-values.ts';

/** Called with each line, without its line end. */
export function readLines(onLine: (line: string) => void, end: () => Measurement): ReportSource {
  const decoder = createDecoder();
  let rest = '';
  let byteCount = 0;
  let ended = 0;
  const lineNumber = () => ended + 1;

  function take(text: string): void {
    let start = 0;
    for (let newline = text.indexOf('\n'); newline !== -1; newline = text.indexOf('\n', start)) {
      const line = rest + text.slice(start, text.charCodeAt(newline - 1) === 13 ? newline - 1 : newline);
      rest = '';
      start = newline + 1;
      onLine(line.endsWith('\r') ? line.slice(0, -1) : line);
      ended++;
    }
    rest += text.slice(start);
    if (rest.length > REPORT_LIMITS.lineBytes) {
      throw new Unreadable(`a line is longer than the ${REPORT_LIMITS.lineBytes} characters that are read`);
    }
  }

  return {
    write(bytes) {
      byteCount = refuseMore(byteCount + bytes.length, REPORT_LIMITS.streamedBytes);
      atLine(lineNumber, () => take(decoder.decode(bytes)));
    },
    end() {
      atLine(lineNumber, () => {
        take(decoder.end());
        if (rest !== '') onLine(rest.endsWith('\r') ? rest.slice(0, -1) : rest);
      });
      return end();
    },
  };
}
