// A request to GitHub without signing in, before there is an App to sign in as.

const ASK_MS = 10_000;
const MOST_BYTES = 4 * 1024 * 1024;

/**
 * Sends a request without a token. Returns the status and the body as JSON; the body is undefined when it is not JSON. Rejects
 * when there is no answer within 10 s, when the answer is a redirect, and when it has more than 4 MiB.
 */
export async function askPlainly(url: string, method: 'GET' | 'POST'): Promise<{ status: number; body: unknown }> {
  const response = await fetch(url, {
    method,
    headers: { accept: 'application/vnd.github+json', 'user-agent': 'codered' },
    redirect: 'error',
    signal: AbortSignal.timeout(ASK_MS),
  });
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of response.body ?? []) {
    bytes += chunk.length;
    if (bytes > MOST_BYTES) throw new RangeError(`it sends more than ${MOST_BYTES} bytes`);
    chunks.push(chunk);
  }
  return { status: response.status, body: jsonIn(Buffer.concat(chunks).toString('utf8')) };
}

function jsonIn(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
