// The shape of a parser and the one place where a report that can't be read becomes a measurement. Pure.

import { type Measurement, unreadable } from './measurement.ts';

/** Thrown inside of this folder by whatever can't be read; the message names what was found and what is allowed. */
export class Unreadable extends Error {
  override readonly name = 'Unreadable';
  /** The 1-based line of the file where it was found; null when unknown. */
  readonly line: number | null;

  constructor(message: string, line: number | null = null) {
    super(message);
    this.line = line;
  }
}

/** Runs `read`; what it finds unreadable is said to stand at `line`, unless it says where itself. */
export function atLine(line: () => number, read: () => void): void {
  try {
    read();
  } catch (thrown) {
    if (!(thrown instanceof Unreadable) || thrown.line !== null) throw thrown;
    throw new Unreadable(thrown.message, line());
  }
}

/** Takes a report in pieces, cut anywhere. Neither method throws, whatever comes. */
export interface ReportReader<Result = Measurement> {
  /** False once more bytes can't change the result: the report is unreadable. */
  write(bytes: Uint8Array): boolean;
  end(): Result;
}

/** Reads one format; throws `Unreadable`. */
export interface ReportSource {
  write(bytes: Uint8Array): void;
  end(): Measurement;
}

/** What is known of a report before it is read. */
export interface ReportHead {
  /** Last part of the file's path, in lower case. */
  readonly name: string;
  /** The first 4 KB, decoded, without byte order mark; what follows a cut character is missing. */
  readonly text: string;
}

/** One row of the table of formats. */
export interface ReportFormat {
  readonly name: string;
  /** Whether the content can be of this format; cheap, and no proof. */
  readonly looksLike: (head: ReportHead) => boolean;
  /** Whether a file of this name is taken for this format when no format knows its content. */
  readonly isNamed: (head: ReportHead) => boolean;
  readonly open: () => ReportSource;
}

/** A reader that turns a thrown `Unreadable` into a measurement; other errors are ours and pass. */
export function openReader({ name, open }: Pick<ReportFormat, 'name' | 'open'>): ReportReader {
  const source = open();
  let failure: Measurement | null = null;
  const guarded = <Result>(read: () => Result): Result | null => {
    if (failure !== null) return null;
    try {
      return read();
    } catch (thrown) {
      if (!(thrown instanceof Unreadable)) throw thrown;
      failure = unreadable(name, thrown.message, thrown.line);
      return null;
    }
  };
  return {
    write(bytes) {
      guarded(() => source.write(bytes));
      return failure === null;
    },
    end: () => guarded(() => source.end()) ?? failure ?? unreadable(name, 'the report was ended twice'),
  };
}
