// What a command of `codered` is: the shape that every command exports as `command`.

/** 0: done, and nothing is wrong; 1: it failed, or what it looked at is not as it should be; 2: the arguments make no sense. */
export type ExitCode = 0 | 1 | 2;

/** All that a command may touch of the process it runs in. */
export interface CommandContext {
  /** What follows the command's name on the command line. */
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Writes one line to standard output: the command's result, and nothing else. */
  readonly out: (line: string) => void;
  /** Writes one line to standard error: progress and complaints. */
  readonly err: (line: string) => void;
  /** Shows progress; may be called often, a terminal overwrites the last line. Left out when nobody watches. */
  readonly progress?: (line: string) => void;
  /** The same for what only a person who watches wants to know: nothing is written where standard error is no terminal. */
  readonly glance?: (line: string) => void;
  /** Asks the person at the terminal, and gives the line that they answer; null when nobody is there. */
  readonly ask?: (question: string) => Promise<string | null>;
  /** Aborted by the first SIGINT or SIGTERM; a command that runs on until then ends in good order. */
  readonly stop: AbortSignal;
}

/** A command of `codered`. */
export interface Command {
  /** The whole text of `codered <command> --help`, beginning with the usage line. */
  readonly help: string;
  /**
   * Does the work. Throws `Misused` (or lets `util.parseArgs` throw) when the arguments make no sense, `Misconfigured`
   * when the environment does not; anything else that it throws is reported as a failure.
   */
  readonly run: (context: CommandContext) => Promise<ExitCode>;
  /** True for a command that ends in good order when `stop` is aborted. Any other is ended at once by the first signal. */
  readonly endsInGoodOrder?: true;
  /** True for a command that tells itself what is wrong with all that it reads: it starts without the words for that. */
  readonly findsOwnWords?: true;
}

/** The arguments make no sense; the message says which and what is accepted. Ends the process with 2. */
export class Misused extends Error {
  override readonly name = 'Misused';
}
