// A socket in the data directory that is there as long as its process, for who can't see that process: in another container its
// pid means somebody else. The kernel answers for whoever listens, also when it is stopped, and for nobody once it is dead.

import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { closeSync, existsSync, openSync, rmSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { join } from 'node:path';

const fileOf = (id: string) => `lock.${id}.sock`;

/** Of a process that does not take the connection: it lives. */
const ANSWER_MS = 2_000;

/** Listens until `end`; null where there can be no such socket, as on file systems without them. */
export async function giveSignOfLife(directory: string): Promise<{ id: string; end: () => void } | null> {
  if (!existsSync('/proc/self/fd')) return null;
  const id = randomUUID();
  const server = createServer((socket) => socket.on('error', () => {}).destroy());
  try {
    await below(directory, (folder) => once(server.listen(`${folder}/${fileOf(id)}`), 'listening'));
  } catch {
    return null;
  }
  server.unref();
  const end = () => {
    server.close();
    endSignOfLife(directory, id);
  };
  return { id, end };
}

/** Removes the file, which a process that was killed leaves. */
export function endSignOfLife(directory: string, id: string): void {
  rmSync(join(directory, fileOf(id)), { force: true });
}

/** Whether somebody listens there. */
export async function givesSignOfLife(directory: string, id: string): Promise<boolean> {
  return below(directory, async (folder) => {
    const socket = connect(`${folder}/${fileOf(id)}`);
    try {
      await once(socket, 'connect', { signal: AbortSignal.timeout(ANSWER_MS) });
      return true;
    } catch (thrown) {
      const code = thrown instanceof Error && 'code' in thrown ? thrown.code : '';
      return code !== 'ECONNREFUSED' && code !== 'ENOENT';
    } finally {
      socket.destroy();
    }
  });
}

/** By the number of its open folder, as the path of a socket has room for some hundred bytes alone. */
async function below<T>(directory: string, work: (folder: string) => Promise<T>): Promise<T> {
  const folder = openSync(directory, 'r');
  try {
    return await work(`/proc/self/fd/${folder}`);
  } finally {
    closeSync(folder);
  }
}
