// Objects in a bucket of an S3-compatible service. The only file that imports aws4fetch.
import { createHash } from 'node:crypto';
import { AwsClient } from 'aws4fetch';
import { asError, Misconfigured, Transient } from '../../model/errors.ts';
import { isObjectPath, type ObjectStore, type S3Settings } from './object-store.ts';

/** Long enough for 5 MB over a slow line. */
const REQUEST_MS = 60_000;
const RETRIES = 2;

type Send = (method: 'PUT' | 'GET' | 'DELETE', path: string, body?: Uint8Array) => Promise<Response | null>;

/**
 * The bucket has to be there. It is not listed: every object has a row that names it before it is put.
 * https://docs.aws.amazon.com/AmazonS3/latest/API/API_Operations_Amazon_Simple_Storage_Service.html
 */
export function s3Objects(settings: S3Settings): ObjectStore {
  const send = makeSend(settings);
  return {
    put: async (path, bytes) => {
      if (!isObjectPath(path)) throw new Misconfigured(`${JSON.stringify(path)} is no path of ours`);
      const answer = await send('PUT', path, bytes);
      await answer?.body?.cancel();
    },
    read: async (path) => {
      const answer = isObjectPath(path) ? await send('GET', path) : null;
      return answer === null ? null : new Uint8Array(await answer.arrayBuffer());
    },
    remove: async (paths) => {
      let removed = 0;
      for (const path of paths.filter(isObjectPath)) {
        const answer = await send('DELETE', path);
        await answer?.body?.cancel();
        if (answer !== null) removed += 1;
      }
      return removed;
    },
    removeFolder: async () => 0,
  };
}

/** Null: there is no such object. */
function makeSend({ endpoint, bucket, region, accessKeyId, secretAccessKey }: S3Settings): Send {
  const aws = new AwsClient({ accessKeyId, secretAccessKey, region, service: 's3', retries: RETRIES });
  const place = `the bucket ${bucket} at ${new URL(endpoint).host}`;
  return async (method, path, body) => {
    // Signed with the content: what is changed on the way is refused.
    const headers = {
      'x-amz-content-sha256': createHash('sha256')
        .update(body ?? '')
        .digest('hex'),
    };
    const sent = body === undefined ? {} : { body: new Uint8Array(body) };
    const request = { method, headers, signal: AbortSignal.timeout(REQUEST_MS), ...sent };
    const answer = await aws.fetch(`${endpoint}/${bucket}/${path}`, request).catch((thrown: unknown) => {
      throw new Transient(`${place} can't be reached: ${asError(thrown).message}`, { cause: thrown });
    });
    if (answer.ok) return answer;
    const { status } = answer;
    const said = codeOf(await answer.text().catch(() => ''));
    if (status === 404 && said !== 'NoSuchBucket' && method !== 'PUT') return null;
    if (status >= 500 || status === 429) throw new Transient(`${place} failed with ${status} ${said}`);
    throw new Misconfigured(
      `${place} refused ${method} with ${status} ${said}. See that CODERED_S3_ENDPOINT, CODERED_S3_BUCKET, CODERED_S3_REGION ` +
        'and the keys are right, and that they may put, get and delete objects.',
    );
  };
}

/** The code in the XML of a refusal. */
function codeOf(xml: string): string {
  const begin = xml.indexOf('<Code>');
  const end = xml.indexOf('</Code>', begin);
  return begin === -1 || end === -1 ? '' : xml.slice(begin + 6, Math.min(end, begin + 80));
}
