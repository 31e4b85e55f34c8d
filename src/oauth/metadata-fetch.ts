// Gets the metadata document of a client whose id is an https address (draft-ietf-oauth-client-id-metadata-document). The address is a
// stranger's: only public hosts are asked, at the address that was checked, without redirects, for a short time and little content.
import type { ClientRequest, IncomingMessage } from 'node:http';
import { request as httpsRequest, type RequestOptions } from 'node:https';
import { isPublicAddress } from './public-addresses.ts';
import { type Address, makePublicNames } from './public-names.ts';

/** The draft says 5 KB. */
export const DOCUMENT_BYTES = 5 * 1024;
const FETCH_MS = 3_000;

/** What a test replaces: names that resolve to what it says, and a server without a certificate. */
export interface FetchDeps {
  readonly resolve?: (host: string, signal: AbortSignal) => Promise<readonly Address[]>;
  readonly isAllowed?: (address: string) => boolean;
  readonly request?: (options: RequestOptions, onResponse: (response: IncomingMessage) => void) => ClientRequest;
  readonly withinMs?: number;
}

/**
 * A `fetch` for such documents alone. Throws for an address that is not https on its usual port, for a host one of whose addresses is not
 * public, for what is slower than 3 s or longer than 5 KB. A redirect is an answer as any other.
 */
export function makeMetadataFetch(deps: FetchDeps = {}): (url: string | URL) => Promise<Response> {
  const { resolve = makePublicNames(), isAllowed = isPublicAddress } = deps;
  const { request = httpsRequest, withinMs = FETCH_MS } = deps;
  return async (asked) => {
    const url = new URL(asked);
    if (url.protocol !== 'https:' || url.port !== '') throw new Error('is not https on port 443');
    const signal = AbortSignal.timeout(withinMs);
    const host = url.hostname.startsWith('[') ? url.hostname.slice(1, -1) : url.hostname;
    const addresses = await Promise.race([resolve(host, signal), rejectedBy(signal)]);
    const [first] = addresses;
    // One of them private is a trap: whoever answers chooses which is used.
    if (first === undefined || !addresses.every(({ address }) => isAllowed(address))) {
      throw new Error('does not resolve to public addresses alone');
    }
    return answerOf({ url, host, at: first, signal, request });
  };
}

function rejectedBy(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    signal.addEventListener('abort', () => reject(new Error('takes too long')), { once: true });
  });
}

interface Asked {
  readonly url: URL;
  readonly host: string;
  readonly at: Address;
  readonly signal: AbortSignal;
  readonly request: NonNullable<FetchDeps['request']>;
}

function answerOf({ url, host, at, signal, request }: Asked): Promise<Response> {
  const { promise, resolve, reject } = Promise.withResolvers<Response>();
  const options: RequestOptions = {
    host,
    path: `${url.pathname}${url.search}`,
    method: 'GET',
    headers: { host: url.host, accept: 'application/json', 'accept-encoding': 'identity', 'user-agent': 'CodeRed' },
    servername: host,
    agent: false,
    signal,
    // The name is not resolved again: a second answer could be another.
    lookup: (_host, { all }, callback) => {
      if (all) callback(null, [{ address: at.address, family: at.family }]);
      else callback(null, at.address, at.family);
    },
  };
  const sent = request(options, (response) => {
    readBody(response).then(
      (body) =>
        resolve(
          new Response(new Uint8Array(body), { status: response.statusCode ?? 500, headers: cachingOf(response) }),
        ),
      (thrown: unknown) => {
        sent.destroy();
        reject(thrown);
      },
    );
  });
  sent.on('error', reject);
  sent.end();
  return promise;
}

async function readBody(response: IncomingMessage): Promise<Buffer> {
  const status = response.statusCode ?? 0;
  if (status !== 200) {
    response.destroy();
    throw new Error(`answers ${status}, where only 200 will do`);
  }
  const pieces: Buffer[] = [];
  let bytes = 0;
  for await (const piece of response) {
    const part = Buffer.from(piece);
    bytes += part.length;
    if (bytes > DOCUMENT_BYTES) throw new Error(`is longer than ${DOCUMENT_BYTES} bytes`);
    pieces.push(part);
  }
  return Buffer.concat(pieces);
}

/** How long it may be kept is all that its headers are asked. */
function cachingOf({ headers }: IncomingMessage): Record<string, string> {
  const kept = headers['cache-control'];
  return kept === undefined ? {} : { 'cache-control': kept };
}
