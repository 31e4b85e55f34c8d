// One Postgres server for all test files of a run, started when the first of them wants it: a start takes three seconds of processor
// time, and a migrated database to copy as much again. vitest.config.ts runs it before the tests, postgres-server.ts asks at its port.

import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import type { TestProject } from 'vitest/node';

declare module 'vitest' {
  interface ProvidedContext {
    /** The port that tells the server's URL to whoever connects. */
    readonly postgresReceiver: number;
  }
}

const PROGRAM = fileURLToPath(new URL('shared-postgres-process.ts', import.meta.url));

interface Running {
  readonly process: ChildProcess;
  /** Empty when it did not start. */
  readonly url: Promise<string>;
}

/** Opens the port; what is returned closes it, and stops the server if anybody came. */
export default async function sharePostgres(project: TestProject): Promise<() => Promise<void>> {
  let running: Running | null = null;
  // One that outlives the run: many runs one after the other need no server each.
  const given = process.env.TEST_POSTGRES_URL;
  const server = createServer(async (socket) => {
    if (given !== undefined) {
      socket.end(given);
      return;
    }
    running ??= run();
    socket.end(await running.url);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the server has no port');
  project.provide('postgresReceiver', address.port);
  return async () => {
    server.close();
    if (running === null) return;
    const ended = once(running.process, 'exit');
    running.process.stdin?.end();
    await ended;
  };
}

/** A process of its own: what starts Postgres decides with which code its process ends, and that is to be the tests'. */
function run(): Running {
  const child = spawn(process.execPath, [PROGRAM], { stdio: ['pipe', 'pipe', 'inherit'] });
  const lines = createInterface({ input: child.stdout });
  const url = Promise.race([once(lines, 'line'), once(child, 'exit').then(() => [''])]).then(([line]) => String(line));
  return { process: child, url };
}
