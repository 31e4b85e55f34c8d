// A line on the terminal that shows the progress of a command.

/** `show` overwrites the last line of a terminal; elsewhere it writes a line every few seconds. `end` goes to a new line for other output. */
export interface ProgressLine {
  readonly show: (line: string) => void;
  readonly end: () => void;
}

/** Makes a progress line on a stream, of which only `write` and `isTTY` are used. `clock` returns milliseconds. */
export function progressLine(
  stream: { readonly isTTY?: boolean; write(text: string): unknown },
  clock: () => number = () => performance.now(),
): ProgressLine {
  let shown = false;
  let lastMs = Number.NEGATIVE_INFINITY;
  return {
    show: (line) => {
      if (stream.isTTY) {
        stream.write(`\r\x1b[K${line}`);
        shown = true;
        return;
      }
      if (clock() - lastMs < PAUSE_MS) return;
      lastMs = clock();
      stream.write(`${line}\n`);
    },
    end: () => {
      if (shown) stream.write('\r\x1b[K');
      shown = false;
    },
  };
}

const PAUSE_MS = 5_000;
