// Asks GitHub where its webhooks come from.
import { z } from 'zod';
import { Transient } from '../../model/errors.ts';
import { askPlainly } from './plain-request.ts';

const meta = z.object({ hooks: z.array(z.string().max(50)).min(1).max(500) });

/**
 * Returns the address ranges (CIDR) from which GitHub sends webhooks. Throws `Transient` or a `ZodError` for any other answer;
 * GitHub Enterprise Server publishes none.
 * docs/github.md#delivery-of-webhooks
 */
export async function readHookRanges(githubApiUrl: string): Promise<readonly string[]> {
  const { status, body } = await askPlainly(`${githubApiUrl}/meta`, 'GET');
  if (status !== 200) throw new Transient(`GET /meta was answered ${status}`);
  return meta.parse(body).hooks;
}
