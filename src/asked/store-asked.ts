// Puts deliveries that were made out of GitHub's answers into the inbox, by the function that stores webhooks.
import type { Brain } from '../brain/client.ts';
import { LIMITS } from '../config/limits.ts';
import { type DeliveryRow, deliveryArguments } from '../inbox/delivery-row.ts';

/**
 * Stores the deliveries, some at a time, and returns how many are new: one that the inbox holds already changes nothing. Throws what
 * `brain.call` throws; what was stored until then stays, and may be stored again.
 */
export async function storeAsked(brain: Pick<Brain, 'call'>, deliveries: readonly DeliveryRow[]): Promise<number> {
  let stored = 0;
  for (let from = 0; from < deliveries.length; from += LIMITS.batchRows) {
    const batch = deliveries.slice(from, from + LIMITS.batchRows);
    const outcomes = await brain.call('receive_deliveries', deliveryArguments(batch));
    stored += outcomes.filter(({ outcome }) => outcome === 'stored').length;
  }
  return stored;
}
