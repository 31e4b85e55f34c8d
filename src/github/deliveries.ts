// Reads GitHub's list of the App's webhook deliveries, and asks for one to be delivered again; signed in as the App.
import type { ProbotOctokit } from 'probot';
import { z } from 'zod';
import { Transient } from '../model/errors.ts';
import { asking } from './github-error.ts';

const attempt = z.object({
  /** Text, as it may be more than a number of JavaScript holds. */
  id: z.string().regex(/^\d{1,20}$/),
  guid: z.string().regex(/^[\w-]{1,100}$/),
  /** By GitHub's clock. */
  delivered_at: z.iso.datetime({ offset: true }),
  /** What we answered; a 5xx or 0 when nobody did. */
  status_code: z.int(),
  event: z.string().min(1).max(100),
  action: z.string().max(100).nullish().default(null),
  installation_id: z.int().positive().nullish().catch(null).default(null),
  repository_id: z.int().positive().nullish().catch(null).default(null),
});

/** One attempt to deliver, as GitHub lists it. Those of one delivery share its guid. */
export type DeliveryAttempt = z.output<typeof attempt>;

/** One page of the list, newest first. */
export interface DeliveryPage {
  readonly attempts: readonly DeliveryAttempt[];
  /** Where the next page begins; null at the end of the list. */
  readonly next: string | null;
  /** GitHub's time of the answer, in milliseconds since 1970: ours may be wrong. */
  readonly now: number;
}

/** A hundred entries of some hundred bytes. */
const MOST_BYTES = 1024 * 1024;

/**
 * Reads one page, from the newest (null) or from where a page before it ended. Throws what `githubError` returns: `Rejected` with code
 * 400 or 422 for a cursor that has expired; `Transient` for a list that can't be read, since an entry that is left out would be lost.
 * docs/github.md#delivery-of-webhooks
 */
export async function listDeliveries(octokit: ProbotOctokit, cursor: string | null): Promise<DeliveryPage> {
  const asked = "list the App's deliveries";
  return asking(asked, async () => {
    const answer = await octokit.request('GET /app/hook/deliveries', {
      per_page: 100,
      ...(cursor === null ? {} : { cursor }),
      request: { parseSuccessResponseBody: false },
    });
    const list = z
      .array(attempt)
      .max(100)
      .safeParse(parseExactly(await readText(answer.data, asked), asked));
    if (!list.success) throw new Transient(`${asked}: the answer is not the list that GitHub describes`);
    const now = Date.parse(String(answer.headers.date)) || Date.now();
    return { attempts: list.data, next: nextCursor(answer.headers.link), now };
  });
}

/** Asks GitHub to deliver an attempt, by its id, once more. Throws what `githubError` returns: `Rejected` with code 404 or 422 when the body is gone. */
export async function askForDelivery(octokit: ProbotOctokit, delivery_id: string): Promise<void> {
  await asking(`ask for delivery ${delivery_id} again`, () =>
    octokit.request(`POST /app/hook/deliveries/${delivery_id}/attempts`),
  );
}

async function readText(body: unknown, asked: string): Promise<string> {
  if (!(body instanceof ReadableStream)) throw new Transient(`${asked}: the answer has no body`);
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of body) {
    bytes += chunk.byteLength;
    if (bytes > MOST_BYTES) throw new Transient(`${asked}: the answer is longer than ${MOST_BYTES} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

/** JSON with the ids of deliveries as the text that stands there. */
function parseExactly(text: string, asked: string): unknown {
  const keepId = (key: string, value: unknown, context?: { readonly source?: string }) =>
    key === 'id' && typeof value === 'number' ? (context?.source ?? String(value)) : value;
  try {
    return JSON.parse(text, keepId);
  } catch (cause) {
    throw new Transient(`${asked}: the answer is no JSON`, { cause });
  }
}

/** The `cursor` of the link `rel="next"`; null when there is none. */
function nextCursor(link: string | undefined): string | null {
  for (const part of (link ?? '').split(',')) {
    const [target = '', ...parameters] = part.split(';').map((piece) => piece.trim());
    if (!parameters.includes('rel="next"') || !target.startsWith('<') || !target.endsWith('>')) continue;
    const url = URL.parse(target.slice(1, -1), 'https://api.github.com');
    const cursor = url?.searchParams.get('cursor') ?? '';
    if (cursor !== '' && cursor.length <= 1000) return cursor;
  }
  return null;
}
