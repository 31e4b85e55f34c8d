// `codered work` as somebody starts it at a second terminal.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import process from 'node:process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

const MAIN = fileURLToPath(new URL('../../../main.ts', import.meta.url));
const AGENT = fileURLToPath(new URL('../../../../docs/example-agent.mjs', import.meta.url));

/** What is typed at that terminal; the token stands in its environment. */
export const WORKER_TYPED = 'codered work --types qa,stage -- node docs/example-agent.mjs';

/** A worker that runs. */
export interface WorkerProcess {
  /** Ctrl-C; resolves to its exit code, null when a signal ended it. */
  readonly interrupt: () => Promise<number | null>;
  /** Whatever it does; it may have ended already. */
  readonly kill: () => Promise<void>;
}

/** Starts it with the example agent for the CodeRed at `url`; `onLine` gets what it writes. */
export function startWorker({
  url,
  token,
  onLine,
}: {
  readonly url: string;
  readonly token: string;
  readonly onLine: (line: string) => void;
}): WorkerProcess {
  const args = [MAIN, 'work', '--worker', 'demo', '--types', 'qa,stage', '--', process.execPath, AGENT];
  const child = spawn(process.execPath, args, {
    env: { CODERED_URL: url, CODERED_TOKEN: token, NO_COLOR: '1' },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const exited = once(child, 'exit');
  for (const stream of [child.stdout, child.stderr]) createInterface({ input: stream }).on('line', onLine);
  return {
    interrupt: async () => {
      child.kill('SIGINT');
      await exited;
      return child.exitCode;
    },
    kill: async () => {
      child.kill('SIGKILL');
      await exited;
    },
  };
}
