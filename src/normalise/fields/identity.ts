// Numbers and hashes by which GitHub knows things. Pure.

import { z } from 'zod';

const ID = { error: 'a positive whole number' };
const ORDINAL = { error: 'a whole number from 1 to 2147483647' };
const SHA = { error: 'a commit SHA of 40 or 64 hexadecimal digits' };

/** An id of GitHub; up to 2^53, beyond which JSON's numbers lose digits. */
export const id = z.int(ID).positive(ID);

/** A number that counts from 1 and that the brain keeps in four bytes: attempts, numbers of pull requests and steps. */
export const ordinal = z.int(ORDINAL).min(1, ORDINAL).max(2_147_483_647, ORDINAL);

/** The name of a commit: SHA-1, or SHA-256 where a repository has moved to it. */
export const sha = z.string(SHA).regex(/^(?:[0-9a-f]{40}|[0-9a-f]{64})$/, SHA);
