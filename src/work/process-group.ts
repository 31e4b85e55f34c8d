// Starts a command as the head of a process group of its own, so that it ends with all that it started.

import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import process from 'node:process';

/** A command under way. */
export interface ProcessGroup {
  readonly child: ChildProcessWithoutNullStreams;
  /** Sends the signal to all of the group that is left. A process that made a group of its own is not of it any more. */
  readonly signal: (signal: 'SIGTERM' | 'SIGKILL') => void;
}

/** Those that run, so that none is left when this process ends without having waited for them. */
const running = new Set<ProcessGroup>();
let isWatching = false;

/** Starts it with its three streams as pipes. `child` emits `error` when there is no such command. */
export function startGroup(
  command: string,
  args: readonly string[],
  env: Readonly<Record<string, string>>,
): ProcessGroup {
  // Windows has no process groups: there the command alone is ended.
  const hasGroup = process.platform !== 'win32';
  const child = spawn(command, args, { env, stdio: 'pipe', detached: hasGroup, windowsHide: true });
  const signal = (name: 'SIGTERM' | 'SIGKILL') => {
    if (child.pid === undefined) return;
    try {
      if (hasGroup) process.kill(-child.pid, name);
      else child.kill(name);
    } catch {
      // Nobody of it is left.
    }
  };
  const group = { child, signal };
  running.add(group);
  child.once('exit', () => running.delete(group));
  child.once('error', () => running.delete(group));
  if (!isWatching) process.on('exit', () => running.forEach(({ signal: end }) => void end('SIGKILL')));
  isWatching = true;
  return group;
}
