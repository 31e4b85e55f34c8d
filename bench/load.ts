// Sends deliveries over a number of connections, as fast as they are answered or at a given rate, and times the answers.
// Speaks HTTP by hand, so that on a small machine the client takes little from the server. Only bench/ imports it.
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { setTimeout as wait } from 'node:timers/promises';

export interface Load {
  readonly url: string;
  readonly path: string;
  /** Headers of every request; the delivery id is added, a new one each time. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
  readonly connections: number;
  readonly seconds: number;
  /** Requests a second over all connections; null: as many as get answered. */
  readonly rate: number | null;
}

export interface LoadResult {
  readonly accepted: number;
  readonly perSecond: number;
  /** Milliseconds under which 99 of 100 answers came, counted from when the request was due. */
  readonly p99Ms: number;
  /** Answers other than 2xx, by status. */
  readonly refused: Readonly<Record<number, number>>;
}

/** Applies the load; throws when a connection breaks. */
export async function applyLoad(load: Load): Promise<LoadResult> {
  const latencies: number[] = [];
  const refused: Record<number, number> = {};
  const started = performance.now();
  const until = started + load.seconds * 1000;
  const drive = async (index: number) => {
    const socket = await open(load.url);
    const everyMs = load.rate === null ? 0 : (1000 * load.connections) / load.rate;
    let due = started + (everyMs * index) / load.connections;
    while (due < until && performance.now() < until) {
      if (load.rate === null) due = performance.now();
      else await wait(Math.max(0, due - performance.now()));
      const status = await exchange(socket, load);
      if (status >= 200 && status < 300) latencies.push(performance.now() - due);
      else refused[status] = (refused[status] ?? 0) + 1;
      due += everyMs;
    }
    socket.destroy();
  };
  await Promise.all(Array.from({ length: load.connections }, (_, index) => drive(index)));
  const sorted = latencies.toSorted((a, b) => a - b);
  const tookSeconds = (performance.now() - started) / 1000;
  const p99Ms = sorted[Math.floor(sorted.length * 0.99)] ?? Number.NaN;
  return { accepted: sorted.length, perSecond: sorted.length / tookSeconds, p99Ms, refused };
}

async function open(url: string): Promise<Socket> {
  const { hostname, port } = new URL(url);
  const socket = connect({ host: hostname, port: Number(port), noDelay: true });
  await once(socket, 'connect');
  return socket;
}

/** Sends one delivery and resolves to the status of the answer once all of it has come. */
function exchange(socket: Socket, { path, headers, body }: Load): Promise<number> {
  const lines = Object.entries({ ...headers, 'x-github-delivery': randomUUID() }).map(
    ([name, text]) => `${name}: ${text}`,
  );
  const head = [`POST ${path} HTTP/1.1`, 'host: bench', `content-length: ${body.length}`, ...lines, '', ''].join(
    '\r\n',
  );
  return new Promise((resolve, reject) => {
    let heard = '';
    const onData = (chunk: Buffer) => {
      heard += chunk.toString('latin1');
      if (!isWhole(heard)) return;
      socket.off('data', onData).off('error', reject).off('close', onClose);
      resolve(Number(heard.slice(9, 12)));
    };
    const onClose = () => reject(new Error(`the server closed the connection after ${JSON.stringify(heard)}`));
    socket.on('data', onData).once('error', reject).once('close', onClose);
    socket.cork();
    socket.write(head);
    socket.write(body);
    socket.uncork();
  });
}

function isWhole(heard: string): boolean {
  const headEnd = heard.indexOf('\r\n\r\n');
  if (headEnd === -1) return false;
  const length = /^content-length: (\d+)$/im.exec(heard.slice(0, headEnd));
  return length === null ? heard.endsWith('\r\n0\r\n\r\n') : heard.length >= headEnd + 4 + Number(length[1]);
}
