// A small S3-compatible service: puts, gets and deletes, and refuses what is not signed as AWS says. Tests of brain/ import it.

import { createHash, createHmac } from 'node:crypto';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface S3StandIn {
  readonly endpoint: string;
  readonly objects: Map<string, Buffer>;
  /** What the next requests are answered instead. */
  readonly failures: number[];
  readonly requests: string[];
  readonly close: () => Promise<void>;
}

export const S3_KEYS = { accessKeyId: 'AKIATEST', secretAccessKey: 'not-a-real-secret', region: 'eu-central-1' };
const BUCKET = 'documents';

/** Has the bucket `documents`. */
export async function startS3(): Promise<S3StandIn> {
  const objects = new Map<string, Buffer>();
  const failures: number[] = [];
  const requests: string[] = [];
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk);
    const body = Buffer.concat(chunks);
    const { method = '', url = '' } = request;
    requests.push(`${method} ${url}`);
    const refuse = (status: number, code: string) =>
      response.writeHead(status).end(`<Error><Code>${code}</Code></Error>`);
    const failure = failures.shift();
    if (failure !== undefined) return refuse(failure, 'InternalError');
    if (!isSigned(request, body)) return refuse(403, 'SignatureDoesNotMatch');
    const [bucket, ...path] = url.slice(1).split('/');
    if (bucket !== BUCKET) return refuse(404, 'NoSuchBucket');
    const key = path.join('/');
    if (method === 'PUT') objects.set(key, body);
    if (method === 'DELETE') objects.delete(key);
    if (method !== 'GET') return response.writeHead(method === 'DELETE' ? 204 : 200).end();
    const found = objects.get(key);
    return found === undefined ? refuse(404, 'NoSuchKey') : response.writeHead(200).end(found);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const close = () => new Promise<void>((resolve) => server.close(() => resolve()));
  return { endpoint: `http://127.0.0.1:${port}`, objects, failures, requests, close };
}

/** https://docs.aws.amazon.com/AmazonS3/latest/API/sig-v4-header-based-auth.html */
function isSigned({ method, url, headers }: IncomingMessage, body: Buffer): boolean {
  const result = /^AWS4-HMAC-SHA256 Credential=([^,]+), SignedHeaders=([^,]+), Signature=([0-9a-f]{64})$/.exec(
    headers.authorization ?? '',
  );
  if (result === null) return false;
  const [, credential = '', signedHeaders = '', signature] = result;
  const [id, ...scope] = credential.split('/');
  const hash = createHash('sha256').update(body).digest('hex');
  const time = String(headers['x-amz-date']);
  if (id !== S3_KEYS.accessKeyId || headers['x-amz-content-sha256'] !== hash || !time.startsWith(scope[0] ?? '?'))
    return false;
  const lines = signedHeaders.split(';').map((name) => `${name}:${String(headers[name]).trim()}\n`);
  const canonical = [method, url, '', lines.join(''), signedHeaders, hash].join('\n');
  const wanted = ['AWS4-HMAC-SHA256', time, scope.join('/'), createHash('sha256').update(canonical).digest('hex')].join(
    '\n',
  );
  const hmac = (key: string | Buffer, text: string) => createHmac('sha256', key).update(text).digest();
  const key = [scope[0] ?? '', S3_KEYS.region, 's3', 'aws4_request'].reduce<string | Buffer>(
    hmac,
    `AWS4${S3_KEYS.secretAccessKey}`,
  );
  return hmac(key, wanted).toString('hex') === signature;
}
