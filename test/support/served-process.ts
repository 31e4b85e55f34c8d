// CodeRed in a process of its own, to be killed. For the tests of kills.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';

const ENTRIES = {
  /** What `npm start` runs. */
  command: ['src/main.ts', 'serve'],
  unpaced: ['test/support/serve-unpaced.ts'],
} as const;

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const listening = z.object({ msg: z.literal('CodeRed is listening'), webhooks: z.url() });

/** A process that listens. */
export interface ServedProcess {
  /** Where webhooks go. */
  readonly webhooks: string;
  readonly pid: number;
  /** SIGKILL; resolves when the process is gone. Twice is fine. */
  readonly kill: () => Promise<void>;
  /** SIGTERM; resolves to the exit code. */
  readonly end: () => Promise<number | null>;
}

/** Starts one with nothing but this environment and resolves when it listens; rejects with what it said when it ends before. */
export async function startServing(
  entry: keyof typeof ENTRIES,
  env: Readonly<Record<string, string>>,
): Promise<ServedProcess> {
  const child = spawn(process.execPath, ENTRIES[entry], {
    cwd: ROOT,
    env: { PORT: '0', HOST: '127.0.0.1', LOG_FORMAT: 'json', LOG_LEVEL: 'info', TZ: 'UTC', ...env },
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  const gone = once(child, 'exit');
  const said: string[] = [];
  child.stderr.on('data', (chunk) => said.push(String(chunk)));
  const { promise: webhooks, resolve, reject } = Promise.withResolvers<string>();
  createInterface({ input: child.stdout }).on('line', (line) => {
    if (said.length < 1_000) said.push(line);
    const found = listening.safeParse(parsed(line));
    if (found.success) resolve(found.data.webhooks);
  });
  void gone.then(([code]) => reject(new Error(`ended with ${code} before it listened:\n${said.join('\n')}`)));
  return {
    webhooks: await webhooks,
    pid: child.pid ?? 0,
    kill: async () => {
      child.kill('SIGKILL');
      await gone;
    },
    end: async () => {
      child.kill('SIGTERM');
      await gone;
      return child.exitCode;
    },
  };
}

function parsed(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return null;
  }
}
