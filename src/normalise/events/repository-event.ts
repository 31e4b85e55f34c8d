// The `repository` event: created, renamed, transferred, deleted, archived and the like. Pure.

import { z } from 'zod';
import type { Normalised } from '../../model/facts.ts';
import { facts } from '../fields/facts.ts';
import { parsePayload, rejectMissing } from '../fields/parse-payload.ts';
import { originFacts, originFields } from '../fields/repository.ts';

/** The actions that say whether the repository exists. */
const PRESENCE = new Set(['created', 'transferred', 'deleted']);

const repositoryEvent = z.object({ action: z.string(), ...originFields });

/**
 * Reads a `repository` event. Every action gives the row as it now is; a renamed or transferred repository keeps its id. A deleted
 * one keeps its installation, and its `deleted_at` is the newest time in the payload, because GitHub gives no time of the deletion.
 */
export function normaliseRepositoryEvent(payload: unknown): Normalised {
  const event = parsePayload('repository', repositoryEvent, payload);
  const origin = originFacts(event);
  const tells_presence = PRESENCE.has(event.action);
  if (event.action !== 'deleted') {
    return facts({ ...origin, repositories: origin.repositories.map((row) => ({ ...row, tells_presence })) });
  }
  return facts({
    ...origin,
    repositories: origin.repositories.map((row) => ({
      ...row,
      tells_presence,
      deleted_at: row.source_updated_at ?? rejectMissing('repository.deleted', 'repository.updated_at', 'a timestamp'),
    })),
  });
}
