// The event `github_app_authorization`, which comes to every App by itself: a person took its right away. Pure.

import { z } from 'zod';
import type { Normalised } from '../../model/facts.ts';
import { facts, ignored } from '../fields/facts.ts';
import { id } from '../fields/identity.ts';
import { eventName, parsePayload } from '../fields/parse-payload.ts';

const appAuthorization = z.object({ action: z.string(), sender: z.object({ id }) });

/** Reads a `github_app_authorization` event: from now on GitHub answers for that person no longer. docs/github.md#signing-in */
export function normaliseAppAuthorization(payload: unknown): Normalised {
  const { action, sender } = parsePayload('github_app_authorization', appAuthorization, payload);
  if (action !== 'revoked') {
    return ignored(`${eventName('github_app_authorization', payload)}: only that it was revoked is kept`);
  }
  return facts({ revocations: [{ github_id: sender.id }] });
}
