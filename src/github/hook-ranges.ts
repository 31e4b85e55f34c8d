// Asks GitHub where its webhooks come from. Only web/hook-addresses.ts imports it.
import { z } from 'zod';
import { Transient } from '../model.ts';

const ASK_MS = 10_000;
const MOST_BYTES = 4 * 1024 * 1024;
const meta = z.object({ hooks: z.array(z.string().max(50)).min(1).max(500) });

/**
 * The ranges (CIDR) that `GET /meta` publishes as `hooks`, asked without signing in. Throws Transient for any other answer;
 * an Enterprise Server has none. https://docs.github.com/en/rest/meta/meta#get-github-meta-information
 */
export async function readHookRanges(githubApiUrl: string): Promise<readonly string[]> {
  const response = await fetch(`${githubApiUrl}/meta`, {
    headers: { accept: 'application/vnd.github+json', 'user-agent': 'codered' },
    redirect: 'error',
    signal: AbortSignal.timeout(ASK_MS),
  });
  const text = await boundedText(response);
  if (!response.ok) throw new Transient(`GET /meta was answered ${response.status}`);
  return meta.parse(JSON.parse(text)).hooks;
}

async function boundedText(response: Response): Promise<string> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of response.body ?? []) {
    bytes += chunk.length;
    if (bytes > MOST_BYTES) throw new Transient(`GET /meta sends more than ${MOST_BYTES} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}
