// Ends the process it runs in when that does not come up for air. A thread of its own, because whatever holds the main thread
// up would hold a timer up as well.
import { writeSync } from 'node:fs';
import { isMainThread, Worker, workerData } from 'node:worker_threads';

interface Watched {
  /** Counts the turns of the main thread's event loop. */
  readonly turns: SharedArrayBuffer;
  readonly processorMs: number;
}

const TURN_EVERY_MS = 100;
const LOOK_EVERY_MS = 200;

/** The last words of a process that was ended here, on its standard error stream. */
export const OVERTIME = 'ended: too much processor time without a turn of the event loop\n';

/**
 * Starts to watch the calling thread. When the process uses `processorMs` of processor time (not time: on a busy machine
 * who waits for a turn is not at fault) without its event loop turning, it says `OVERTIME` and ends by SIGKILL, which leaves
 * no core file with the App's key in it.
 */
export function startWatchdog(processorMs: number): void {
  const turns = new SharedArrayBuffer(4);
  const cell = new Int32Array(turns);
  setInterval(() => Atomics.add(cell, 0, 1), TURN_EVERY_MS).unref();
  const watched: Watched = { turns, processorMs };
  new Worker(new URL(import.meta.url), { workerData: watched, execArgv: [], name: 'watchdog' }).unref();
}

function watch({ turns, processorMs }: Watched): void {
  const cell = new Int32Array(turns);
  let seen = -1;
  let since = process.cpuUsage();
  setInterval(() => {
    const turned = Atomics.load(cell, 0);
    if (turned !== seen) {
      seen = turned;
      since = process.cpuUsage();
      return;
    }
    const { user, system } = process.cpuUsage(since);
    if (user + system <= processorMs * 1_000) return;
    writeSync(2, OVERTIME);
    process.kill(process.pid, 'SIGKILL');
  }, LOOK_EVERY_MS);
}

if (!isMainThread && isWatched(workerData)) watch(workerData);

function isWatched(given: unknown): given is Watched {
  return typeof given === 'object' && given !== null && 'turns' in given && 'processorMs' in given;
}
