// How many sockets there are at once, and which of them goes when there are too many.
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';

/** A sender that does not wait for answers has so many of them under way at the most. */
const PIPELINED = 16;

/**
 * Emitted on an answer that goes on for as long as its reader stays, such as a stream of events: from then on its socket is counted by
 * whoever emits it, and takes nobody's place here.
 */
export const STAYS = 'stays';

/** A request that is being answered. */
interface Exchange {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
}

/**
 * Bounds the sockets of a server. One too many takes the place of the socket that has been waited for longest, so that
 * strangers who hold sockets keep nobody out: first those that owe a request (they never sent one, or their
 * last one brought nothing in), then those that owe the rest of a body or do not read their answer, then those that once
 * brought something in. A request that is whole is never cut off while its answer is made.
 */
export class Connections {
  readonly #most: number;
  readonly #waiting = new Set<Socket>();
  readonly #trusted = new Set<Socket>();
  readonly #busy = new Map<Socket, Exchange>();
  readonly #queued = new Map<Socket, number>();
  readonly #last = new Map<Socket, Promise<void>>();

  constructor(server: Server, most: number) {
    this.#most = most;
    server.on('connection', (socket: Socket) => this.#admit(socket));
  }

  /** Works on the requests of one socket one after the other; destroys a socket that sends too many ahead. */
  inTurn(exchange: Exchange, work: () => Promise<{ readonly broughtIn: boolean }>): Promise<void> {
    const { socket } = exchange.request;
    const queued = (this.#queued.get(socket) ?? 0) + 1;
    if (queued > PIPELINED) {
      socket.destroy();
      return Promise.resolve();
    }
    this.#queued.set(socket, queued);
    const before = this.#last.get(socket) ?? Promise.resolve();
    const turn = before.then(() => this.#turn(exchange, work));
    this.#last.set(socket, turn);
    return turn;
  }

  async #turn(exchange: Exchange, work: () => Promise<{ readonly broughtIn: boolean }>): Promise<void> {
    const { socket } = exchange.request;
    if (socket.destroyed) return;
    const wasTrusted = this.#trusted.delete(socket);
    this.#waiting.delete(socket);
    this.#busy.set(socket, exchange);
    exchange.response.once(STAYS, () => this.#busy.delete(socket));
    const { broughtIn } = await work();
    this.#busy.delete(socket);
    if (socket.destroyed) return;
    this.#queued.set(socket, (this.#queued.get(socket) ?? 1) - 1);
    (wasTrusted || broughtIn ? this.#trusted : this.#waiting).add(socket);
  }

  #admit(socket: Socket): void {
    this.#waiting.add(socket);
    socket.once('close', () => {
      for (const kept of [this.#waiting, this.#trusted, this.#busy, this.#queued, this.#last]) kept.delete(socket);
    });
    if (this.#waiting.size + this.#trusted.size + this.#busy.size <= this.#most) return;
    const [longest] = this.#waiting;
    const victim = (longest === socket ? null : longest) ?? this.#slowestBusy() ?? [...this.#trusted][0] ?? socket;
    this.#waiting.delete(victim);
    this.#trusted.delete(victim);
    victim.destroy();
  }

  #slowestBusy(): Socket | null {
    for (const [socket, { request, response }] of this.#busy) {
      if (!request.complete || response.writableEnded) return socket;
    }
    return null;
  }
}
