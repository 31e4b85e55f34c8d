// Deliveries of GitHub's that were given up: for the operator, and for the admins of an organisation as far as they are its own.
import { z } from 'zod';
import { batch, CHANGES, type Operation, operation, place, READS, time } from '../declared/operation.ts';

const guid = z.string().min(1).max(100).describe('X-GitHub-Delivery');

/** All of them. */
export const DEAD_DELIVERY_OPERATIONS: readonly Operation[] = [
  operation({
    name: 'list_dead_deliveries',
    summary: 'Lists the webhook deliveries that were given up, newest first, with the reason.',
    scope: 'admin',
    hints: READS,
    input: z.strictObject({ batch, before_received_at: place.optional(), before_guid: guid.optional() }),
    output: z.array(
      z.object({
        guid,
        event: z.string(),
        action: z.string().nullable(),
        repository: z.string().nullable().describe('owner/name; null when none is known'),
        received_at: time,
        attempts: z.int(),
        error: z.string().nullable().describe('Why the last try failed'),
      }),
    ),
    run: 'list_dead_deliveries',
    page: { after: { before_received_at: 'received_at', before_guid: 'guid' }, more: 'extra' },
  }),
  operation({
    name: 'replay_delivery',
    summary: 'Has a delivery that was given up done again.',
    scope: 'admin',
    hints: CHANGES,
    input: z.strictObject({ guid }),
    output: z.object({ guid, status: z.string() }),
    run: 'replay_dead_delivery',
  }),
];
