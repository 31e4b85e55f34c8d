// The streams of events over HTTP: who asks, what they follow, where they go on, and how it ends.
import type { Logger } from 'pino';
import type { Brain } from '../../brain/client.ts';
import { LIMITS } from '../../config/limits.ts';
import { asError } from '../../model/errors.ts';
import { type ApiError, problemOf } from '../api-error.ts';
import { type AddressOf, nobodysAddress } from '../client-address.ts';
import { bearerOf, requireScope } from '../person-door/bearer.ts';
import { FailedTokens } from '../person-door/failed-tokens.ts';
import { FreshAccess, type RefreshAccess } from '../person-door/fresh-access.ts';
import { refusalOfOperation } from '../person-door/problem.ts';
import { Turns } from '../person-door/turns.ts';
import { fullPath, routeOf } from '../rest/paths.ts';
import { STREAMED, type Streamed } from '../rest/placed.ts';
import { makeReadInput } from '../rest/read-input.ts';
import {
  addOtherMethods,
  makeRoutes,
  queryOf,
  type RequestContext,
  type Routes,
  reply,
  sentByItself,
} from '../routing.ts';
import { EventStream, eventBytes } from './event-stream.ts';
import { Alarm, type Found, follow } from './follow.ts';
import { type EventsPage, lookAfter, placeIn } from './followed-events.ts';
import { type JobState, lookAtJob } from './followed-job.ts';
import { JointReads } from './joint-reads.ts';
import { News } from './news.ts';
import { OpenStreams } from './open-streams.ts';
import { UnsentBytes } from './unsent-bytes.ts';

export interface StreamDeps {
  readonly brain: Pick<Brain, 'call' | 'callAs'>;
  readonly log: Pick<Logger, 'error'>;
  readonly addressOf?: AddressOf;
  readonly refreshAccess?: RefreshAccess | undefined;
  readonly signInUrl?: string | undefined;
  /** What tokens of OAuth for this interface were given for; left out or null: there is no OAuth. */
  readonly audience?: string | null;
  /** How long the one reader waits before it asks again whether there is something new. */
  readonly pollMs: number;
  /** Instead of those of config/limits.ts. */
  readonly limits?: Partial<StreamLimits>;
}

interface StreamLimits {
  readonly together: number;
  readonly ofOne: number;
  readonly unsentBytes: number;
  readonly heartbeatMs: number;
  readonly unreadMs: number;
}

export interface Streams {
  readonly routes: Routes;
  /** Ends all streams, each with a hint when to come again, and resolves when nothing of them is under way. Twice is fine. */
  readonly close: () => Promise<void>;
}

/** What all streams of a process share. */
class Hub {
  readonly deps: StreamDeps;
  readonly limits: StreamLimits;
  readonly readInput = makeReadInput();
  readonly fresh: FreshAccess;
  readonly failed = new FailedTokens(LIMITS.failedTokens);
  readonly open: OpenStreams;
  readonly unsent: UnsentBytes;
  readonly news: News;
  readonly events: JointReads<EventsPage>;
  readonly jobs: JointReads<JobState>;
  readonly tokens: JointReads<void>;

  constructor(deps: StreamDeps) {
    this.deps = deps;
    const { streams, streamHeartbeatMs: heartbeatMs, streamUnreadMs: unreadMs } = LIMITS;
    this.limits = { ...streams, heartbeatMs, unreadMs, ...deps.limits };
    this.open = new OpenStreams(this.limits);
    this.unsent = new UnsentBytes(this.limits.unsentBytes);
    const onFault = (thrown: unknown) =>
      deps.log.error({ err: asError(thrown) }, 'streams can not learn what is new; they try on');
    this.news = new News({ brain: deps.brain, everyMs: deps.pollMs, onFault });
    this.fresh = new FreshAccess(deps.refreshAccess, (err) =>
      deps.log.error({ err }, 'GitHub could not be asked what a person may see'),
    );
    const turns = new Turns(streams.turns);
    this.events = new JointReads(turns);
    this.jobs = new JointReads(turns);
    this.tokens = new JointReads(turns);
  }

  /** The refusal that something thrown stands for. */
  refusal(thrown: unknown, { name }: Streamed['operation']): ApiError {
    const onFault = (err: Error) => this.deps.log.error({ err, operation: name }, 'a stream could not go on');
    return refusalOfOperation(thrown, onFault, this.deps.signInUrl);
  }
}

/** The routes of all streams. */
export function makeStreams(deps: StreamDeps): Streams {
  const hub = new Hub(deps);
  const routes = makeRoutes();
  for (const streamed of STREAMED) {
    const path = routeOf(fullPath(streamed.place));
    routes.get(path, async (context) => {
      try {
        return await serve(hub, streamed, context);
      } catch (thrown) {
        return reply(context, problemOf(hub.refusal(thrown, streamed.operation)));
      }
    });
    addOtherMethods(routes, path, ['GET']);
  }
  return {
    routes,
    close: async () => {
      await hub.open.close();
      await hub.news.close();
    },
  };
}

/** Opens a stream and resolves when it is over. Throws what refuses it before it is open. */
async function serve(hub: Hub, streamed: Streamed, context: RequestContext): Promise<Response> {
  const { incoming, outgoing } = context.env;
  const { operation, place } = streamed;
  const query = queryOf(context);
  const { authorization } = incoming.headers;
  const { audience = null } = hub.deps;
  const bearer = (of: URLSearchParams) => bearerOf(hub.deps.brain, { authorization, query: of }, audience);
  const person = await bearer(query).catch((thrown: unknown) => {
    throw hub.failed.note(thrown, (hub.deps.addressOf ?? nobodysAddress)(incoming));
  });
  requireScope(person, operation.scope, audience);
  const { input } = await hub.readInput(operation, place, { incoming, query, inPath: context.req.param() });
  const lastEventId = lastIdOf(incoming.headers['last-event-id'], input.last_event_id);
  const id = String(input.project_id ?? input.job_id);
  const release = hub.open.take(person.userId);
  const alarm = new Alarm();
  // Before anything is read, so that what comes meanwhile is told.
  const unfollow = hub.news.follow({ kind: streamed.kind, id }, alarm.ring);
  try {
    const look = lookOf(hub, streamed, { userId: person.userId, id, lastEventId });
    const first = await look();
    if (outgoing.destroyed) return sentByItself();
    const { unsent, limits } = hub;
    const stream = new EventStream(outgoing, { unsent, unreadMs: limits.unreadMs });
    stream.open();
    if (incoming.method === 'HEAD') stream.end();
    const checkToken = () =>
      hub.tokens.take({ person: person.userId, name: String(authorization) }, async () => {
        requireScope(await bearer(new URLSearchParams()), operation.scope, audience);
      });
    const refusal = (thrown: unknown) => lastWords(hub.refusal(thrown, operation));
    const followed = { stream, look, checkToken, refusal, heartbeatMs: limits.heartbeatMs, rhythm: person.userId };
    const over = follow(followed, { alarm, first });
    hub.open.keep(stream, over);
    await over;
    return sentByItself();
  } finally {
    unfollow();
    release();
  }
}

interface Followed {
  readonly userId: string;
  readonly id: string;
  readonly lastEventId: string | null;
}

function lookOf(hub: Hub, { kind }: Streamed, { userId, id, lastEventId }: Followed): () => Promise<Found> {
  const { brain } = hub.deps;
  const freshly = <T>(work: () => Promise<T>) => hub.fresh.run(userId, work);
  if (kind === 'job') return lookAtJob(lastEventId, { brain, userId, jobId: id, reads: hub.jobs, freshly });
  const now = () => hub.news.place();
  return lookAfter(placeIn(lastEventId), { brain, userId, projectId: id, reads: hub.events, freshly, now });
}

/** The header goes first: a client that comes again by itself keeps the query that it began with. */
function lastIdOf(header: string | string[] | undefined, query: unknown): string | null {
  if (typeof header === 'string' && header !== '') return header.slice(0, 100);
  return typeof query === 'string' ? query : null;
}

/** Why a stream ends, and what to do: `reset` where nothing can be gone on from. */
function lastWords({ code, message }: ApiError): Buffer {
  return eventBytes({ event: code === 'CR015' ? 'reset' : 'error', data: { error: message, code } });
}
