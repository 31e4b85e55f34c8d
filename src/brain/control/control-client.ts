// Calls functions of the embedded database that another process has, over the control socket of its data directory.

import { once } from 'node:events';
import { connect } from 'node:net';
import { resolve } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { Misconfigured, Transient } from '../../model/errors.ts';
import { holderOf } from '../backends/directory-lock.ts';
import { findPlace } from './control-place.ts';
import { ANSWER_BYTES, readAnswer } from './control-protocol.ts';
import { NoLine, readLine } from './line.ts';

/** A process that has just taken the directory listens when its database has started. */
const START_MS = 3_000;
const LOOK_MS = 100;

/** A busy server answers the first question within this; one that hangs, or was stopped, never does. */
const FIRST_ANSWER_MS = 10_000;

/** The system connects at once, or not at all. */
const CONNECT_MS = 10_000;

/** A server that works on a call gives a sign of life every two seconds. */
const SILENT_MS = 30_000;

/** Commands ask for one batch at a time, so that whatever takes longer is none that goes on. */
const MOST_MS = 15 * 60_000;

/** How long an answer is waited for: without a sign of life, and in all. */
export interface Patience {
  readonly silentMs?: number;
  readonly mostMs?: number;
}

/** No answer came: nobody listens, or the process there is silent, takes too long or ended. */
class Unanswered extends Transient {
  readonly reason: NoLine['reason'] | 'absent';
  constructor(reason: Unanswered['reason'], message: string) {
    super(message);
    this.reason = reason;
  }
}

/** Calls the function over there; throws what the call throws, and Transient, with what to do, when no answer comes. */
export async function callThere(
  directory: string,
  name: string,
  args: object,
  { silentMs = SILENT_MS, mostMs = MOST_MS }: Patience = {},
): Promise<unknown> {
  const path = findPlace(directory);
  if (path === null) throw absent(directory);
  const socket = connect(path);
  try {
    await once(socket, 'connect', { signal: AbortSignal.timeout(CONNECT_MS) }).catch(() => {
      throw absent(directory);
    });
    socket.write(`${JSON.stringify({ call: name, args })}\n`);
    const line = await readLine(socket, { bytes: ANSWER_BYTES, withinMs: mostMs, silentMs }).catch(
      (thrown: unknown) => {
        if (!(thrown instanceof NoLine)) throw thrown;
        throw new Unanswered(thrown.reason, `${whoHas(directory)} ${WORDS[thrown.reason](name, { silentMs, mostMs })}`);
      },
    );
    return readAnswer(line);
  } finally {
    socket.destroy();
  }
}

/**
 * Returns when a process answers there, which may have to start first. Throws Misconfigured, with what to do, when the one that
 * has the directory does not.
 */
export async function expectServed(
  directory: string,
  { startMs = START_MS, answerMs = FIRST_ANSWER_MS }: { startMs?: number; answerMs?: number } = {},
): Promise<void> {
  const deadline = performance.now() + startMs;
  for (;;) {
    const refusal = await callThere(directory, 'inbox_status', {}, { silentMs: answerMs, mostMs: answerMs }).then(
      () => null,
      // What the call itself throws over there is an answer, too, and the command's own call will say so.
      (thrown: unknown) => (thrown instanceof Unanswered ? thrown : null),
    );
    if (refusal === null) return;
    const isThere = refusal.reason === 'silent' || refusal.reason === 'late';
    if (isThere) throw new Misconfigured(`${whoHas(directory)} gave no answer within ${seconds(answerMs)}. ${RESTART}`);
    if (performance.now() > deadline) throw new Misconfigured(`${whoHas(directory)} takes no commands. ${NO_COMMANDS}`);
    await wait(LOOK_MS);
  }
}

const RESTART =
  'It hangs, or was stopped: see its log, end it and start it again, which loses nothing that was stored; then run the command again.';

const NO_COMMANDS =
  process.platform === 'win32'
    ? 'On Windows commands do not work beside it: stop it while you run them.'
    : 'It may still be starting, so try again in a minute. `codered serve` takes commands of the user that it runs as, no ' +
      "other's, and says in its log when it can take none.";

const seconds = (ms: number) => `${ms / 1_000} s`;

const WORDS: Readonly<Record<NoLine['reason'], (name: string, waited: Required<Patience>) => string>> = {
  silent: (name, { silentMs }) => `was asked for ${name} and gave no sign of life for ${seconds(silentMs)}. ${RESTART}`,
  late: (name, { mostMs }) =>
    `has worked on ${name} for ${seconds(mostMs)} and is not done. See its log; the command may be run again at any time, as what is done stays done.`,
  'too large': (name) =>
    `gave a longer answer to ${name} than is read. Run commands of the version that it is, or stop it first.`,
  ended: (name) =>
    `ended before it had answered ${name}. Run the command again: what is done stays done, and it needs no running CodeRed.`,
};

function absent(directory: string): Unanswered {
  return new Unanswered(
    'absent',
    `No running CodeRed listens in ${resolve(directory)} any more. Run the command again: what is done stays done, and it needs none.`,
  );
}

function whoHas(directory: string): string {
  const pid = holderOf(directory);
  return `${pid === null ? 'The process' : `Process ${pid}`}, which has the data directory ${resolve(directory)},`;
}
