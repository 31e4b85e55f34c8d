// Schemas for GitHub's ids, numbers and hashes. Pure.

import { z } from 'zod';

const ID = { error: 'a positive whole number' };
const ORDINAL = { error: 'a whole number from 1 to 2147483647' };
const SHA = { error: 'a commit SHA of 40 or 64 hexadecimal digits' };

/** An id of GitHub: a positive whole number below 2^53, above which numbers in JSON lose digits. */
export const id = z.int(ID).positive(ID);

/** A number that counts from 1, up to 2^31 - 1: attempts, numbers of pull requests and steps. */
export const ordinal = z.int(ORDINAL).min(1, ORDINAL).max(2_147_483_647, ORDINAL);

/** The hash of a commit in hexadecimal: 40 digits (SHA-1), or 64 in a repository that uses SHA-256. */
export const sha = z.string(SHA).regex(/^(?:[0-9a-f]{40}|[0-9a-f]{64})$/, SHA);
