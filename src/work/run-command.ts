// Runs a command once: its input at standard input, its output bounded, its time bounded, and nothing left running behind it.

import { once } from 'node:events';
import { asError, Misconfigured, Transient } from '../model/errors.ts';
import { boundedLines } from './bounded-lines.ts';
import { startGroup } from './process-group.ts';

/** How a command ended. */
export type CommandEnd =
  | { readonly kind: 'exited'; readonly code: number }
  | { readonly kind: 'killed'; readonly signal: string }
  /** By us: `stop` was aborted, its time was over, or it wrote more than may be. */
  | { readonly kind: 'stopped' | 'timed out' | 'flooded' };

/** What is left of it. */
export interface CommandRun {
  readonly end: CommandEnd;
  /** All of standard output; its beginning where it flooded. */
  readonly stdout: Buffer;
}

/** What is run, and within which bounds. */
export interface CommandOrder {
  /** The program and its arguments; no shell reads them. */
  readonly command: readonly [string, ...string[]];
  readonly env: Readonly<Record<string, string>>;
  readonly input: string;
  readonly timeoutMs: number;
  readonly stop: AbortSignal;
  /** Gets each line of standard error; a long one is cut. */
  readonly onLine: (line: string) => void;
  /** Between SIGTERM and SIGKILL. */
  readonly graceMs?: number;
  readonly mostBytes?: number;
}

/** More on standard output is no result. */
export const MOST_STDOUT_BYTES = 10 * 1024 * 1024;
const GRACE_MS = 5_000;
/** What a command wrote before it ended is read within this; a process that got away may hold the pipe for ever. */
const DRAIN_MS = 1_000;
const LINE_UNITS = 8_192;

/** Resolves when the command has ended, and with it its group. Throws Misconfigured when it can't be started at all. */
export async function runCommand(order: CommandOrder): Promise<CommandRun> {
  const { command, env, input, onLine, graceMs = GRACE_MS, mostBytes = MOST_STDOUT_BYTES } = order;
  const [program, ...args] = command;
  const group = startGroup(program, args, env);
  const { child } = group;
  const exited = once(child, 'exit');
  exited.catch(() => {});
  const closed = once(child, 'close').catch(() => {});
  const forced = Promise.withResolvers<'stopped' | 'timed out' | 'flooded'>();
  const stdout = collect(child.stdout, mostBytes, () => forced.resolve('flooded'));
  const lines = boundedLines({ mostUnits: LINE_UNITS, onLine });
  child.stderr.on('data', lines.take);
  // A command that does not read its input, or is gone: what it says of itself is what counts.
  for (const stream of Object.values([child.stdin, child.stdout, child.stderr])) stream.on('error', () => {});
  child.stdin.end(input);
  const timer = setTimeout(() => forced.resolve('timed out'), order.timeoutMs);
  const onStop = () => forced.resolve('stopped');
  order.stop.addEventListener('abort', onStop, { once: true });
  if (order.stop.aborted) onStop();
  try {
    const end = await endOf(exited, forced.promise, program);
    if (typeof end === 'string') await endGroup(group.signal, exited, end === 'flooded' ? 0 : graceMs);
    // Whatever it left behind in its group has nothing to work for any more.
    group.signal('SIGKILL');
    await Promise.race([closed, new Promise((resolve) => setTimeout(resolve, DRAIN_MS))]);
    lines.end();
    return { end: typeof end === 'string' ? { kind: end } : end, stdout: stdout() };
  } finally {
    clearTimeout(timer);
    order.stop.removeEventListener('abort', onStop);
    for (const stream of [child.stdin, child.stdout, child.stderr]) stream.destroy();
  }
}

async function endOf<Forced>(
  exited: Promise<unknown[]>,
  forced: Promise<Forced>,
  program: string,
): Promise<Forced | { kind: 'exited'; code: number } | { kind: 'killed'; signal: string }> {
  const ended = exited.then(
    ([code, signal]) =>
      typeof code === 'number'
        ? { kind: 'exited' as const, code }
        : { kind: 'killed' as const, signal: String(signal) },
    (thrown: unknown) => {
      throw unstarted(program, thrown);
    },
  );
  return await Promise.race([ended, forced]);
}

/** https://nodejs.org/api/errors.html#common-system-errors */
function unstarted(program: string, thrown: unknown): Error {
  const error = asError(thrown);
  const code = 'code' in error ? String(error.code) : '';
  if (['EAGAIN', 'EMFILE', 'ENFILE', 'ENOMEM'].includes(code)) {
    return new Transient(`${program} can't be started now (${code})`, { cause: error });
  }
  const why = code === 'ENOENT' ? 'there is no such program' : code === 'EACCES' ? 'it may not be run' : error.message;
  return new Misconfigured(`The command ${JSON.stringify(program)} can't be started: ${why}.`, { cause: error });
}

async function endGroup(
  signal: (name: 'SIGTERM' | 'SIGKILL') => void,
  exited: Promise<unknown>,
  graceMs: number,
): Promise<void> {
  if (graceMs > 0) signal('SIGTERM');
  const timer = setTimeout(() => signal('SIGKILL'), graceMs);
  await exited;
  clearTimeout(timer);
}

/** Keeps up to `mostBytes`; gives what there is. Reads on after that, so that nobody waits at a full pipe, and keeps nothing of it. */
function collect(stream: NodeJS.ReadableStream, mostBytes: number, onFlood: () => void): () => Buffer {
  const chunks: Buffer[] = [];
  let bytes = 0;
  stream.on('data', (chunk: Buffer) => {
    bytes += chunk.length;
    if (bytes <= mostBytes) chunks.push(chunk);
    else onFlood();
  });
  return () => Buffer.concat(chunks);
}
