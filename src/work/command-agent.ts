// An agent that is a command: packet at standard input, result at standard output, progress at standard error.

import { outcomeOf, readJsonBytes } from './json-result.ts';
import { type CommandEnd, MOST_STDOUT_BYTES, runCommand } from './run-command.ts';
import { addUsage, readSaid } from './said-lines.ts';
import type { Agent, Outcome, Usage } from './work-packet.ts';

/** The command, what it finds in its environment, and how long it may take for one piece of work. */
export interface CommandAgentOptions {
  readonly command: readonly [string, ...string[]];
  readonly env: Readonly<Record<string, string>>;
  readonly timeoutMs: number;
  readonly graceMs?: number;
}

/** More lines for people, and more of progress, are not shown of one try; a command may write for ever. */
const MOST_LINES = 2_000;
/** After that many, progress is told no oftener than this. */
const LEAST_BETWEEN_MS = 1_000;
const SHOWN_UNITS = 500;
/** So much of the end of what it said stands in the reason of a failure, in UTF-16 units. */
const TAIL_UNITS = 3_500;

/** Throws Misconfigured when the command can't be started. */
export function makeCommandAgent(options: CommandAgentOptions): Agent {
  return async (packet, { problems, stop, onProgress, onLine }) => {
    let usage: Usage = {};
    let lines = 0;
    const isTold = makePace();
    let tail = '';
    const run = await runCommand({
      ...options,
      input: `${JSON.stringify(problems.length === 0 ? packet : { ...packet, problems })}\n`,
      stop,
      onLine: (line) => {
        const said = readSaid(line);
        if (said.kind === 'progress') {
          if (isTold()) onProgress(said.progress, said.note);
        } else if (said.kind === 'usage') usage = addUsage(usage, said.usage);
        else {
          tail = `${tail}${line}\n`.slice(-TAIL_UNITS);
          if (++lines <= MOST_LINES) onLine(line.slice(0, SHOWN_UNITS));
          if (lines === MOST_LINES + 1) onLine('(more lines are not shown)');
        }
      },
    });
    const failed = (error: string): Outcome => ({ kind: 'failed', error, isFinal: false, mayTryAgain: false, usage });
    const why = whyNot(run.end, options.timeoutMs);
    if (why !== null) return failed(withTail(why, tail));
    const read = readJsonBytes(run.stdout);
    if ('why' in read) return failed(withTail(`The command ended with 0, and no result: ${read.why}`, tail));
    return outcomeOf(read.json, usage);
  };
}

/** Whether another word of progress is told; each is searched for secrets and printed. */
function makePace(): () => boolean {
  let told = 0;
  let last = 0;
  return () => {
    const now = performance.now();
    if (told >= MOST_LINES && now - last < LEAST_BETWEEN_MS) return false;
    told += 1;
    last = now;
    return true;
  };
}

/** Null when it ended well. */
function whyNot(end: CommandEnd, timeoutMs: number): string | null {
  switch (end.kind) {
    case 'exited':
      return end.code === 0 ? null : `The command ended with ${end.code}`;
    case 'killed':
      return `The command was ended by ${end.signal}`;
    case 'stopped':
      return 'The command was stopped';
    case 'timed out':
      return `The command was ended after ${timeoutMs / 1000} s, its time`;
    case 'flooded':
      return `The command was ended as it wrote more than ${MOST_STDOUT_BYTES / 1024 / 1024} MB to standard output`;
    default:
      return end satisfies never;
  }
}

function withTail(why: string, tail: string): string {
  const said = tail.trim();
  return said === '' ? `${why}.` : `${why}. The end of what it said:\n${said}`;
}
