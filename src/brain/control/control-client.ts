// Calls functions of the embedded database that another process has, over the control socket of its data directory.

import { once } from 'node:events';
import { connect } from 'node:net';
import { setTimeout as wait } from 'node:timers/promises';
import { Transient } from '../../model/errors.ts';
import { findPlace } from './control-place.ts';
import { ANSWER_BYTES, readAnswer } from './control-protocol.ts';
import { readLine } from './line.ts';

/** A process that has just taken the directory listens when its database has started. */
const START_MS = 3_000;
const LOOK_MS = 100;

/** A busy server answers the first question within this; one that hangs, or was stopped, never does. */
const FIRST_ANSWER_MS = 10_000;

/**
 * Calls the function over there; throws what the call throws, and Transient when nobody listens, or no answer comes within `withinMs`
 * (null: however long it takes).
 */
export async function callThere(
  directory: string,
  name: string,
  args: object,
  withinMs: number | null = null,
): Promise<unknown> {
  const path = findPlace(directory);
  if (path === null) throw new Transient(`no running CodeRed listens in ${directory}`);
  const socket = connect(path);
  try {
    await once(socket, 'connect').catch((cause: unknown) => {
      throw new Transient(`no running CodeRed listens in ${directory}`, { cause });
    });
    socket.write(`${JSON.stringify({ call: name, args })}\n`);
    return readAnswer(await readLine(socket, { bytes: ANSWER_BYTES, withinMs }));
  } finally {
    socket.destroy();
  }
}

/** Whether a process answers there, which may have to start first. */
export async function isServed(
  directory: string,
  { startMs = START_MS, answerMs = FIRST_ANSWER_MS }: { startMs?: number; answerMs?: number } = {},
): Promise<boolean> {
  const deadline = performance.now() + startMs;
  for (;;) {
    const answers = await callThere(directory, 'inbox_status', {}, answerMs).then(
      () => true,
      () => false,
    );
    if (answers || performance.now() > deadline) return answers;
    await wait(LOOK_MS);
  }
}
