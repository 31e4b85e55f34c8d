// One answer that stays open and tells events (text/event-stream): https://html.spec.whatwg.org/multipage/server-sent-events.html
import type { ServerResponse } from 'node:http';
import { STAYS } from '../connections.ts';
import type { UnsentBytes } from './unsent-bytes.ts';

/** How long a client waits before it comes again, spread so that those of one process do not come all at once. */
const RETRY_MS = { least: 1_000, spread: 4_000 };

const HEADERS = {
  'content-type': 'text/event-stream; charset=utf-8',
  'cache-control': 'no-store',
  // nginx holds answers back until they fill its buffer: https://nginx.org/en/docs/http/ngx_http_proxy_module.html#proxy_buffering
  'x-accel-buffering': 'no',
  'x-content-type-options': 'nosniff',
  // A stream ends with its connection, so that a thousand that end at once leave no idle sockets.
  connection: 'close',
};

interface SentEvent {
  /** Left out: `message`, as clients call what has no name. */
  readonly event?: string;
  /** The place that a client sends as Last-Event-ID. */
  readonly id?: string | number;
  readonly data: unknown;
}

/** One event as it goes over the wire. JSON has no bare line end, so that it is one line. */
export function eventBytes({ event, id, data }: SentEvent): Buffer {
  const lines = [event === undefined ? [] : `event: ${event}`, id === undefined ? [] : `id: ${id}`].flat();
  return Buffer.from([...lines, `data: ${JSON.stringify(data)}`, '', ''].join('\n'));
}

/** Tells a client that it is at this place, without an event. */
export function placeBytes(place: string | number): Buffer {
  return Buffer.from(`id: ${place}\n\n`);
}

/** A comment, which clients pass over: it shows that the stream is there. */
export const HEARTBEAT = Buffer.from(': still here\n\n');

/** Sends events to one reader, and cuts off one who does not read. */
export class EventStream {
  readonly #response: ServerResponse;
  readonly #unsent: UnsentBytes;
  readonly #unreadMs: number;
  #isGone = false;
  #tellGone = () => {};
  #goOn = () => {};

  constructor(response: ServerResponse, { unsent, unreadMs }: { unsent: UnsentBytes; unreadMs: number }) {
    this.#response = response;
    this.#unsent = unsent;
    this.#unreadMs = unreadMs;
    response.once('close', () => this.#leave());
  }

  /** Whether nobody reads it any more, or it was ended. */
  get isGone(): boolean {
    return this.#isGone;
  }

  /** Calls this then. */
  onGone(call: () => void): void {
    this.#tellGone = call;
    if (this.#isGone) call();
  }

  /** Sends the head, and how long to wait before coming again. */
  open(): void {
    this.#response.emit(STAYS);
    this.#response.writeHead(200, HEADERS);
    this.#response.write(retryLine());
  }

  /**
   * Sends these and resolves when the socket has taken them, or the reader is gone: one that takes nothing for too long is cut off, and
   * comes again with the last place that it had. So no more than these is held for it.
   */
  async send(events: readonly Buffer[]): Promise<void> {
    for (const [at, event] of events.entries()) {
      if (this.#isGone) return;
      if (!this.#response.write(event)) await this.#drained(events.slice(at));
    }
  }

  /** Sends a last event, if there is one, and ends. */
  end(last: Buffer | null = null): void {
    if (this.#isGone) return;
    this.#response.end(last ?? retryLine());
    this.#leave();
  }

  /** Cuts the reader off. */
  drop(): void {
    this.#response.destroy();
    this.#leave();
  }

  /** Resolves when the socket has taken what was written; `held` is what is kept in memory until then. */
  async #drained(held: readonly Buffer[]): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    const release = this.#unsent.hold(held, () => this.drop());
    const timer = setTimeout(() => this.drop(), this.#unreadMs);
    this.#goOn = resolve;
    this.#response.once('drain', resolve);
    await promise;
    this.#response.off('drain', resolve);
    clearTimeout(timer);
    release();
  }

  #leave(): void {
    if (this.#isGone) return;
    this.#isGone = true;
    this.#goOn();
    this.#tellGone();
  }
}

function retryLine(): Buffer {
  return Buffer.from(`retry: ${RETRY_MS.least + Math.floor(Math.random() * RETRY_MS.spread)}\n\n`);
}
