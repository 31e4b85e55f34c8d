// The calls of a worker to a running CodeRed, over REST. Restarts and refusals for now are ridden out; the rest is told apart by what is to
// be done about it.

import { z } from 'zod';
import { Misconfigured, Rejected, Transient } from '../model/errors.ts';
import { type Patience, patiently } from './patience.ts';
import { type Posted, postJson } from './post-json.ts';
import { claimed, closed, kept, type Question, type WorkPacket } from './work-packet.ts';

/** The server refuses what was sent, whoever sends it: a result that does not fit, and the like. The worker may send another. */
export class Unfit extends Rejected {
  /** Field by field where the server says so. */
  readonly problems: readonly string[];
  constructor(message: string, options: { code: string | null; problems: readonly string[] }) {
    super(message, options);
    this.problems = options.problems;
  }
}

/** What is asked for. */
export interface Claim {
  readonly worker: string;
  readonly types: readonly string[];
  readonly projectId: string | null;
  readonly batch: number;
  readonly leaseSeconds: number;
}

/** Every call throws Misconfigured when the token or the address is wrong, Rejected when the work is not this worker's any more, Unfit for what may be sent better. */
export interface WorkApi {
  readonly claim: (claim: Claim, patience: Patience) => Promise<readonly WorkPacket[]>;
  /** One try: whoever keeps a lease comes again anyway. `told` is the newest progress. */
  readonly keep: (packet: WorkPacket, told: Told | null, stop: AbortSignal) => Promise<{ readonly stop: boolean }>;
  readonly ask: (packet: WorkPacket, questions: readonly Question[], patience: Patience) => Promise<Closed>;
  readonly complete: (packet: WorkPacket, done: object, patience: Patience) => Promise<Closed>;
  readonly fail: (packet: WorkPacket, failure: object, patience: Patience) => Promise<Closed>;
  /** Somebody else may take it at once, and no attempt is spent. */
  readonly release: (packet: WorkPacket, spent: object, patience: Patience) => Promise<Closed>;
}

/** Progress, 0 to 100. */
export interface Told {
  readonly progress: number;
  readonly note: string | null;
}

type Closed = z.output<typeof closed>;

const NEVER = new AbortController().signal;
const CALL_MS = 60_000;
const MOST_ANSWER_BYTES = 64 * 1024 * 1024;

/** `url` is where CodeRed is reached, without a slash at the end. Throws nothing itself. */
export function openWorkApi({ url, token }: { readonly url: string; readonly token: string }): WorkApi {
  async function once<Schema extends z.ZodType>(path: string, body: object, answer: Schema, stop: AbortSignal) {
    const bounds = { timeoutMs: CALL_MS, stop, mostBytes: MOST_ANSWER_BYTES };
    const posted = await postJson({ url: `${url}/api/v1/work${path}`, token, body, ...bounds });
    if (posted.status !== 200 && posted.status !== 201) throw refusalOf(posted, { url, path });
    const read = answer.safeParse(posted.json);
    if (read.success) return read.data;
    throw strange();
  }
  const strange = () =>
    new Misconfigured(`${url} answers as no CodeRed of this version does. See that the address is right.`);
  const close = (path: string) => (packet: WorkPacket, body: object, patience: Patience) =>
    patiently(() => once(pathOf(packet, path), { claim: packet.claim, ...body }, closed, patience.stop), patience);
  const ask = close('questions');
  return {
    claim: async ({ worker, types, projectId, batch, leaseSeconds }, patience) => {
      const body = {
        worker,
        batch,
        lease_seconds: leaseSeconds,
        ...(types.length === 0 ? {} : { types }),
        ...(projectId === null ? {} : { project_id: projectId }),
      };
      // A claim that is under way is waited for: what it brings would lie here unseen until its lease ends.
      const { work } = await patiently(() => once('/claims', body, claimed, NEVER), patience);
      // A command would be started for each.
      if (work.length > batch) throw strange();
      return work;
    },
    keep: (packet, told, stop) => {
      const lease = { claim: packet.claim, lease_seconds: packet.lease_seconds };
      if (told === null) return once(pathOf(packet, 'keep'), lease, kept, stop);
      const note = told.note === null ? {} : { note: told.note };
      return once(pathOf(packet, 'progress'), { ...lease, progress: told.progress, ...note }, kept, stop);
    },
    ask: (packet, questions, patience) => ask(packet, { questions }, patience),
    complete: close('complete'),
    fail: close('fail'),
    release: close('release'),
  };
}

const pathOf = ({ work_id }: WorkPacket, verb: string) => `/${encodeURIComponent(work_id)}/${verb}`;

const problem = z.object({
  code: z.string(),
  detail: z.string(),
  details: z.object({ fields: z.array(z.object({ field: z.string(), message: z.string() })).optional() }).optional(),
});

/** These say that it can't be done now; all others that it can't be done. */
const FOR_NOW: readonly number[] = [408, 425, 429, 500, 502, 503, 504];

function refusalOf({ status, json, retryAfterMs }: Posted, { url, path }: { url: string; path: string }): Error {
  const read = problem.safeParse(json);
  const words = read.success ? read.data.detail : `It answers ${status}`;
  const code = read.success ? read.data.code : null;
  if (FOR_NOW.includes(status)) return new Transient(`${url} can't do this now: ${words}`, { retryAfterMs });
  if (status === 401) return new Misconfigured(`${url} does not know the token, or no longer. ${words}`);
  const isClaim = path === '/claims';
  if ((status === 403 && isClaim) || (status === 404 && !read.success) || (status >= 300 && status < 400)) {
    return new Misconfigured(`${url} lets this token do no work: ${words}. See the address and the token's scopes.`);
  }
  // A stage asks nobody: the server says so with the state's code, and the worker may answer otherwise.
  const isUnaskable = code === 'CR003' && path.endsWith('/questions');
  if ([400, 403, 413, 422].includes(status) || isUnaskable) {
    const fields = read.data?.details?.fields ?? [];
    const problems = fields.map(({ field, message }) => `${field}: ${message}`);
    if (problems.length === 0) return new Unfit(words, { code, problems: [words] });
    return new Unfit(`${words}: ${problems.join('; ')}`, { code, problems });
  }
  return new Rejected(words, { code });
}
