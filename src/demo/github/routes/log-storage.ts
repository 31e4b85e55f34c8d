// The blob storage that GitHub redirects log downloads to: short-lived addresses that need no token and refuse one.

import { randomUUID } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { JobLog } from '../state/records.ts';

/** A log that is there. */
type KeptLog = Exclude<JobLog, string>;

/** GitHub says that the address holds for one minute. */
const ADDRESS_LIFE_MS = 60_000;
const PREFIX = '/blob-storage/actions-results/';

/** Where logs are downloaded from. */
export interface LogStorage {
  /** An address at which the log can be read for a minute. */
  publish(origin: string, log: KeptLog): string;
  /** Answers a request below the storage's path and returns true; false for every other path. */
  serve(request: IncomingMessage, response: ServerResponse): Promise<boolean>;
}

/** Storage for one stand-in. */
export function createLogStorage(): LogStorage {
  const published = new Map<string, { log: KeptLog; untilMs: number }>();
  return {
    publish(origin, log) {
      const path = `${PREFIX}${randomUUID()}/job.txt`;
      published.set(path, { log, untilMs: Date.now() + ADDRESS_LIFE_MS });
      return `${origin}${path}?sig=${randomUUID()}`;
    },
    async serve(request, response) {
      const [path = ''] = (request.url ?? '').split('?', 1);
      if (!path.startsWith(PREFIX)) return false;
      const found = published.get(path);
      if (request.headers.authorization !== undefined) return refuseBlob(response, 400, 'InvalidAuthenticationInfo');
      if (!found) return refuseBlob(response, 404, 'BlobNotFound');
      if (found.untilMs < Date.now()) return refuseBlob(response, 403, 'AuthenticationFailed');
      response.writeHead(200, { 'content-type': 'text/plain' });
      await sendLog(found.log, response);
      return true;
    },
  };
}

/** A reader may stop early, as one that caps the size does; that is no fault of the stand-in's. */
async function sendLog({ kept }: KeptLog, response: ServerResponse): Promise<void> {
  if (typeof kept !== 'function') {
    response.end(kept);
    return;
  }
  await pipeline(Readable.from(kept()), response).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'ERR_STREAM_PREMATURE_CLOSE') throw error;
  });
}

function refuseBlob(response: ServerResponse, status: number, code: string): true {
  response.writeHead(status, { 'content-type': 'application/xml', 'x-ms-error-code': code });
  response.end(`<?xml version="1.0" encoding="utf-8"?><Error><Code>${code}</Code></Error>`);
  return true;
}
