// Fetches for a person: an answer that is too long, too late or a redirect is none.

const ASK_MS = 10_000;
const MOST_BYTES = 8 * 1024 * 1024;

/** Like `fetch`, with an answer that has come whole. Rejects after 10 s, beyond 8 MiB, and for a redirect, which could lead a token astray. */
export async function boundedFetch(url: string | URL | Request, init: RequestInit = {}): Promise<Response> {
  const late = AbortSignal.timeout(ASK_MS);
  const signal = init.signal == null ? late : AbortSignal.any([init.signal, late]);
  const response = await fetch(url, { ...init, redirect: 'error', signal });
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of response.body ?? []) {
    bytes += chunk.length;
    if (bytes > MOST_BYTES)
      throw new TypeError('the answer is too long', { cause: new RangeError(`more than ${MOST_BYTES} bytes`) });
    chunks.push(chunk);
  }
  const { status, statusText } = response;
  const isEmpty = [204, 205, 304].includes(status);
  const whole = new Response(isEmpty ? null : Buffer.concat(chunks), {
    status,
    statusText,
    headers: plain(response.headers),
  });
  Object.defineProperty(whole, 'url', { value: response.url });
  return whole;
}

/** What says how the body travelled is no longer so. */
function plain(headers: Headers): Headers {
  const kept = new Headers(headers);
  for (const name of ['content-encoding', 'content-length', 'transfer-encoding']) kept.delete(name);
  return kept;
}
