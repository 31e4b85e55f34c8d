// The events of a project as a stream: in the order of their places, each once, none left out.
import { z } from 'zod';
import type { Brain } from '../../brain/client.ts';
import { Rejected } from '../../model/errors.ts';
import { EVENT_OPERATIONS } from '../../operations/memory/events.ts';
import { runOperation } from '../../operations/operations.ts';
import { ApiError } from '../api-error.ts';
import { eventBytes, placeBytes } from './event-stream.ts';
import type { Found } from './follow.ts';
import type { JointReads } from './joint-reads.ts';
import type { PlaceOfNow } from './news.ts';

/** One page: the events as they are sent, the place of the last, and whether there are more. */
export interface EventsPage {
  readonly bytes: readonly Buffer[];
  readonly last: number;
  readonly hasMore: boolean;
}

interface Asked {
  readonly brain: Pick<Brain, 'callAs'>;
  readonly userId: string;
  readonly projectId: string;
  readonly reads: JointReads<EventsPage>;
  /** Asks GitHub where that is needed, and does it again. */
  readonly freshly: <T>(work: () => Promise<T>) => Promise<T>;
}

/** Events may be large: few at a time, so that a reader who is slow holds little. */
const PAGE = 20;

const listed = z.array(z.looseObject({ id: z.int() }));

/** The place that a client names. Throws `ApiError` 400 for what is none. */
export function placeIn(lastEventId: string | null): number | null {
  if (lastEventId === null) return null;
  const place = Number(lastEventId);
  if (/^\d{1,16}$/.test(lastEventId) && Number.isSafeInteger(place)) return place;
  const message =
    'Last-Event-ID is no place in the events of a project: send the `id` of the last event that you had, or none';
  throw new ApiError(400, 'malformed', message, {
    details: { fields: [{ field: 'last_event_id', message: 'should be the id of an event' }] },
  });
}

/** Looks for what comes after a place. `now` tells where the history is, for who has none: asked after the stream is followed. */
export function lookAfter(
  place: number | null,
  { now, ...asked }: Asked & { readonly now: () => Promise<PlaceOfNow> },
): () => Promise<Found> {
  let after = place;
  let isFirst = true;
  return async () => {
    after ??= (await now()).settled;
    const page = await readPage(asked, after);
    if (isFirst && place !== null && page.bytes.length === 0) refuseUnlessGiven(place, await now());
    after = page.last;
    // So that who is cut off before the first event comes again to where they began.
    const events = isFirst && page.bytes.length === 0 ? [placeBytes(after)] : page.bytes;
    isFirst = false;
    return { state: page.hasMore ? 'more' : 'quiet', events };
  };
}

/** What would come before a place that is not there yet would never be told: it is of another history, such as one before a restore. */
function refuseUnlessGiven(place: number, { given, settled }: PlaceOfNow): void {
  if (place <= given) return;
  const message = `No event has come to the place ${place} yet, so it is none of this history: begin anew, after event ${settled}, or without a place.`;
  throw new Rejected(message, { code: 'CR015' });
}

async function readPage({ brain, userId, projectId, reads, freshly }: Asked, after: number): Promise<EventsPage> {
  const [list] = EVENT_OPERATIONS;
  if (list === undefined) throw new Error('There is no operation that lists events');
  const input = list.input.parse({ project_id: projectId, direction: 'oldest', after_event: after, batch: PAGE });
  return freshly(() =>
    reads.take({ person: userId, name: `${projectId} ${after}` }, async () => {
      const { output, next } = await runOperation(brain, list, { userId, input });
      const events = listed.parse(output);
      return {
        bytes: events.map((event) => eventBytes({ id: event.id, data: event })),
        last: events.at(-1)?.id ?? after,
        hasMore: next !== null,
      };
    }),
  );
}
