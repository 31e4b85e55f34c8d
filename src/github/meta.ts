// Asks GitHub where its webhooks come from. Only web/hook-addresses.ts imports it.
import { z } from 'zod';
import { Transient } from '../model/errors.ts';
import { askPlainly } from './plain-request.ts';

const meta = z.object({ hooks: z.array(z.string().max(50)).min(1).max(500) });

/**
 * The ranges (CIDR) that `GET /meta` publishes as `hooks`. Throws for any other answer; an Enterprise Server has none.
 * docs/github.md#delivery-of-webhooks
 */
export async function readHookRanges(githubApiUrl: string): Promise<readonly string[]> {
  const { status, body } = await askPlainly(`${githubApiUrl}/meta`, 'GET');
  if (status !== 200) throw new Transient(`GET /meta was answered ${status}`);
  return meta.parse(body).hooks;
}
