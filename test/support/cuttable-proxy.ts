// A TCP proxy that stands for the way to the database, and that a test can cut, freeze and mend.
import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';

export interface CuttableProxy {
  /** The database's URL by way of the proxy. */
  readonly url: string;
  /** Drops every connection and refuses new ones. */
  cut(): Promise<void>;
  /** Lets nothing through any more, without a word. */
  freeze(): void;
  /** Makes everything as at the beginning. */
  mend(): Promise<void>;
  close(): Promise<void>;
}

/** A proxy on a port of its own before the server that `url` names. */
export async function openProxy(url: string): Promise<CuttableProxy> {
  const target = new URL(url);
  const sockets = new Set<Socket>();
  let frozen = false;
  const server = createServer((near) => {
    const far = connect(Number(target.port), target.hostname);
    for (const [from, to] of [[near, far] as const, [far, near] as const]) {
      sockets.add(from);
      from.on('data', (chunk) => frozen || to.write(chunk));
      from.on('error', () => {});
      from.on('close', () => {
        sockets.delete(from);
        to.destroy();
      });
    }
  });
  const listening = (port: number) => once(server.listen(port, '127.0.0.1'), 'listening');
  await listening(0);
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  const near = new URL(url);
  near.hostname = '127.0.0.1';
  near.port = String(port);

  const cut = async () => {
    const closed = server.listening ? once(server.close(), 'close') : null;
    for (const socket of sockets) socket.destroy();
    await closed;
  };
  return {
    url: near.href,
    cut,
    freeze: () => {
      frozen = true;
    },
    mend: async () => {
      frozen = false;
      for (const socket of sockets) socket.destroy();
      if (!server.listening) await listening(port);
    },
    close: cut,
  };
}
