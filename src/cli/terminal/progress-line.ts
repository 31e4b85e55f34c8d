// The line that says how far a command is.

/** `show` writes over the last line on a terminal; elsewhere it adds a line every few seconds. `end` makes room for other lines. */
export interface ProgressLine {
  readonly show: (line: string) => void;
  readonly end: () => void;
}

/** `clock` in ms; of `stream` only `write` and `isTTY` are used. */
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
