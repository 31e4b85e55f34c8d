// A user, organisation, enterprise or bot of a payload. Pure.

import { z } from 'zod';
import { optionalText, TEXT_LIMITS } from '../../text/storable-text.ts';
import { id } from './identity.ts';

/**
 * Who owns an installation or a repository, with the one name it goes by: an enterprise has a slug in place of a
 * login.
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

/** The login of somebody who may be gone: GitHub writes null for the author of what a deleted user left. */
export const optionalLogin = z
  .object({ login: optionalText(TEXT_LIMITS.word) })
  .nullish()
  .transform((somebody) => somebody?.login ?? null);
