// The one archive that is opened within an archive: a Playwright blob report. An effect file like archive.ts.

import { type EntrySink, readArchive } from './archive.ts';
import type { ArchiveLimits } from './archive-entry.ts';
import { type Measurement, unreadable } from './reading/measurement.ts';
import { holdsBefore } from './reading/report-names.ts';
import { openReader } from './reading/report-reader.ts';
import { playwrightBlob } from './tests/playwright-blob.ts';

/** As Playwright names them by default: `report.zip`, `report-2.zip`, `report-a1b2c3d-2.zip`. */
const BLOB = /(?:^|\/)report(?:-[0-9a-f]{7,64})?(?:-\d{1,5})?\.zip$/;
const REMEDY = 'upload the merged report, or the JSON report of each shard';

/** Those of the option `fileName` too (`report-linux.zip`), though then it may be anybody's. */
export function isBlobArchive(path: string): boolean {
  return holdsBefore(path.slice(path.lastIndexOf('/') + 1), 'report', '.zip');
}

interface ReadBlob {
  readonly measurement: Measurement | null;
  readonly inflatedBytes: number;
  /** It holds what a blob report holds. */
  readonly isBlob: boolean;
}

/** Returns a sink for each blob report, and gives what it measures to `tell`; one limit of bytes holds for all together. */
export function blobReader(
  limits: ArchiveLimits,
  tell: (name: string, measurement: Measurement | null) => void,
): (name: string) => EntrySink {
  let left = limits.totalBytes;
  return (name) => {
    const pieces: Buffer[] = [];
    return {
      write: (bytes) => pieces.push(Buffer.from(bytes)) > 0,
      async end(refusal) {
        const bytes = Buffer.concat(pieces.splice(0));
        const { measurement, inflatedBytes, isBlob } = await readBlob(bytes, { ...limits, totalBytes: left }, refusal);
        left -= inflatedBytes;
        // One that can't be opened is a report only where its name is Playwright's own.
        tell(name, isBlob || BLOB.test(name) ? measurement : null);
      },
    };
  };
}

/**
 * What its `report.jsonl` measures; null when it has none, and is somebody else's archive. Nothing but that file is unpacked, in
 * what the limits leave. `refusal`: why its bytes could not be had.
 */
async function readBlob(bytes: Uint8Array, limits: ArchiveLimits, refusal: string | null): Promise<ReadBlob> {
  let isBlob = false;
  let inflatedBytes = 0;
  const refused = (reason: string) => ({
    measurement: unreadable('playwright', `the blob report could not be opened: ${reason}; ${REMEDY}`),
    // What was unpacked for nothing has cost as much.
    inflatedBytes,
    isBlob,
  });
  if (refusal !== null) return refused(refusal);
  let measurement: Measurement | null = null;
  const result = await readArchive({ bytes }, limits, (name) => {
    if (name !== 'report.jsonl') return null;
    isBlob = true;
    const reader = openReader(playwrightBlob);
    return {
      write(piece) {
        inflatedBytes += piece.length;
        return reader.write(piece);
      },
      end(reason) {
        measurement = reason === null ? reader.end() : refused(reason).measurement;
      },
    };
  });
  if (result.state === 'refused') return refused(result.reason);
  return { measurement, inflatedBytes, isBlob };
}
