// A webhook request as the row that the inbox keeps. Pure.
import { z } from 'zod';

/** One delivery as `deliveryArguments` hands it over. */
export interface DeliveryRow {
  readonly app_id: number;
  readonly guid: string;
  readonly event: string;
  readonly action: string | null;
  readonly installation_id: number | null;
  readonly repository_id: number | null;
  /** The body's text, a JSON object. */
  readonly payload: string;
}

/** Stands between two payloads; a JSON text holds control characters in escaped form only. https://www.rfc-editor.org/rfc/rfc8259#section-7 */
const RECORD_SEPARATOR = '\x1e';

/** The arguments of `receive_deliveries`: payloads as one text, because in JSON they would all be escaped and parsed again. */
export function deliveryArguments(rows: readonly DeliveryRow[]) {
  return {
    heads: rows.map(({ payload: _, ...head }) => head),
    payloads: rows.map(({ payload }) => payload).join(RECORD_SEPARATOR),
  };
}

/** `stored` new, `requeued` known but not done and so queued again, `known` done: nothing changes. */
export const SAVE_OUTCOMES = ['stored', 'requeued', 'known'] as const;
export type SaveOutcome = (typeof SAVE_OUTCOMES)[number];

/** GitHub sends a GUID; other senders of the same shape (GitHub Enterprise, tests, smee) are let in too. */
export const GUID = /^[\w-]{1,100}$/;
/** https://docs.github.com/en/webhooks/webhook-events-and-payloads: lower-case words joined by underscores. */
export const EVENT_NAME = /^[a-z][a-z0-9_]{0,63}$/;

const id = z.int().positive().nullable().catch(null);
const described = z.object({
  action: z.string().max(100).nullable().catch(null),
  installation: z.object({ id }).nullable().catch(null),
  repository: z.object({ id }).nullable().catch(null),
});

/** The row of a payload that is a JSON object; the columns beside it are null where the payload does not hold them. */
export function deliveryRow(
  head: Pick<DeliveryRow, 'app_id' | 'guid' | 'event'>,
  body: { readonly text: string; readonly value: unknown },
): DeliveryRow {
  const { action, installation, repository } = described.parse(body.value);
  return {
    ...head,
    action,
    installation_id: installation?.id ?? null,
    repository_id: repository?.id ?? null,
    payload: body.text,
  };
}
