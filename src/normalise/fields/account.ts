// Schemas for a user, organisation, enterprise or bot of a payload. Pure.

import { z } from 'zod';
import { optionalText, TEXT_LIMITS } from '../../text/storable-text.ts';
import { id } from './identity.ts';

/**
 * The account that owns an installation or a repository. `login` is its name in addresses: for an enterprise that is its slug.
 */
export const account = z
  .object({
    login: optionalText(TEXT_LIMITS.word),
    slug: optionalText(TEXT_LIMITS.word),
    id: id.nullish().transform((known) => known ?? null),
    type: optionalText(TEXT_LIMITS.word),
  })
  .transform((raw, context) => {
    const name = raw.login ?? raw.slug;
    if (name !== null) return { name, id: raw.id, type: raw.type };
    context.issues.push({ code: 'custom', message: 'a string', path: ['login'], input: undefined });
    return z.NEVER;
  });

/** The login of a user; null when GitHub gives no user, as for what a deleted account left behind. */
export const optionalLogin = z
  .object({ login: optionalText(TEXT_LIMITS.word) })
  .nullish()
  .transform((somebody) => somebody?.login ?? null);
