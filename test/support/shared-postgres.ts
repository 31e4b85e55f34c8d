// One Postgres server for all test files of a run, started when the first of them wants it: a start takes three seconds of processor
// time, and a migrated database to copy as much again. vitest.config.ts runs it before the tests, postgres-server.ts asks at its door.

import { once } from 'node:events';
import { createServer } from 'node:net';
import type { TestProject } from 'vitest/node';
import { type Server, startServer } from './postgres-server.ts';

declare module 'vitest' {
  interface ProvidedContext {
    /** The port that tells the server's URL to whoever connects. */
    readonly postgresDoor: number;
  }
}

/** Opens the door; what is returned closes it, and stops the server if anybody came. */
export default async function sharePostgres(project: TestProject): Promise<() => Promise<void>> {
  let server: Promise<Server> | null = null;
  const door = createServer(async (socket) => {
    server ??= startServer(18);
    const opened = await server.catch(() => null);
    socket.end(opened === null ? '' : opened.urlOf('postgres'));
  });
  door.listen(0, '127.0.0.1');
  await once(door, 'listening');
  const address = door.address();
  if (address === null || typeof address === 'string') throw new Error('the door has no port');
  project.provide('postgresDoor', address.port);
  return async () => {
    door.close();
    await (await server)?.stop();
  };
}
