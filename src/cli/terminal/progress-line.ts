// A line on the terminal that shows the progress of a command.

/** `show` overwrites the last line of a terminal; elsewhere it writes a line every few seconds. `end` goes to a new line for other output. */
export interface ProgressLine {
  readonly show: (line: string) => void;
  /** Shows it on a terminal alone: for what nobody wants to find in a log. */
  readonly glance: (line: string) => void;
  readonly end: () => void;
}

/** Of a stream only these are used. */
export interface ProgressStream {
  readonly isTTY?: boolean;
  /** How wide the terminal is. */
  readonly columns?: number;
  write(text: string): unknown;
}

const PAUSE_MS = 5_000;
const UNKNOWN_COLUMNS = 80;

/** `isPlain`: no escape sequences, as NO_COLOR and TERM=dumb ask for. `clock` in ms. */
export function progressLine(
  stream: ProgressStream,
  { isPlain = false, clock = () => performance.now() }: { isPlain?: boolean; clock?: () => number } = {},
): ProgressLine {
  let shownLength = 0;
  let lastMs = Number.NEGATIVE_INFINITY;
  const overwrite = (line: string) => {
    const blank = isPlain ? `\r${' '.repeat(shownLength)}\r` : '\r\x1b[K';
    stream.write(`${blank}${line}`);
    shownLength = line.length;
  };
  // A line that wraps could not be written over.
  const glance = (line: string) => {
    if (stream.isTTY) overwrite(line.slice(0, (stream.columns ?? UNKNOWN_COLUMNS) - 1));
  };
  return {
    glance,
    show: (line) => {
      if (stream.isTTY) return glance(line);
      if (clock() - lastMs < PAUSE_MS) return;
      lastMs = clock();
      stream.write(`${line}\n`);
    },
    end: () => {
      if (shownLength > 0) overwrite('');
    },
  };
}

/** Whether the environment asks for output without escape sequences: https://no-color.org */
export function wantsPlain({ NO_COLOR, TERM }: Readonly<Record<string, string | undefined>>): boolean {
  return (NO_COLOR ?? '') !== '' || TERM === 'dumb';
}
