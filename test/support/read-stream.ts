// Reads a stream of events as a client does, one event after the other.
import { z } from 'zod';

const refusal = z.object({ code: z.string(), detail: z.string() });

/** One event as it came; `data` is JSON that was read. */
export interface StreamedEvent {
  readonly event: string;
  readonly id: string | null;
  readonly data: unknown;
}

/** A stream that is open, or the refusal in its place. */
export type OpenedStream = Awaited<ReturnType<typeof openStream>>;

/** Asks for a stream; `next` gives its next event, null when it has ended. */
export async function openStream(url: string, token: string, headers: Record<string, string> = {}) {
  const giveUp = new AbortController();
  const response = await fetch(url, {
    headers: { authorization: `Bearer ${token}`, ...headers },
    signal: giveUp.signal,
  });
  const isStream = response.headers.get('content-type')?.startsWith('text/event-stream') === true;
  if (!isStream) {
    const problem = refusal.parse(JSON.parse(await response.text()));
    return { status: response.status, headers: response.headers, problem };
  }
  const lines = linesOf(response);
  /** The place that a client would name when it comes again, and all that was no event. */
  const seen = { place: '', comments: [] as string[], retry: 0 };
  const next = async (): Promise<StreamedEvent | null> => {
    let [event, data] = ['message', ''];
    let id: string | null = null;
    for (;;) {
      const { value: line } = await lines.next();
      if (line === undefined) return null;
      if (line.startsWith(':')) seen.comments.push(line.slice(1).trim());
      if (line.startsWith('retry: ')) seen.retry = Number(line.slice(7));
      if (line.startsWith('event: ')) event = line.slice(7);
      if (line.startsWith('data: ')) data += line.slice(6);
      if (line.startsWith('id: ')) id = line.slice(4);
      if (line !== '') continue;
      seen.place = id ?? seen.place;
      if (data !== '') return { event, id, data: JSON.parse(data) };
    }
  };
  return {
    status: response.status,
    headers: response.headers,
    problem: null,
    seen,
    next,
    /** All that comes until it ends. */
    rest: async () => {
      const events: StreamedEvent[] = [];
      for (let event = await next(); event !== null; event = await next()) events.push(event);
      return events;
    },
    close: () => giveUp.abort(),
  };
}

async function* linesOf(response: Response): AsyncGenerator<string, undefined> {
  let left = '';
  const decoder = new TextDecoder();
  try {
    for await (const chunk of response.body ?? []) {
      const lines = (left + decoder.decode(chunk, { stream: true })).split('\n');
      left = lines.pop() ?? '';
      yield* lines;
    }
  } catch {
    // It was cut off: nothing more comes.
  }
}
