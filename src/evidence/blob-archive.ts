// The one archive that is opened within an archive: a Playwright blob report. An effect file like archive.ts; artifact.ts uses it.

import { readArchive } from './archive.ts';
import type { ArchiveLimits } from './archive-entry.ts';
import { type Measurement, unreadable } from './measurement.ts';
import { openBlobReport } from './playwright-blob.ts';

/** As Playwright names them: `report.zip`, `report-2.zip`, `report-a1b2c3d-2.zip`. */
const BLOB = /(?:^|\/)report(?:-[0-9a-f]{7,64})?(?:-\d{1,5})?\.zip$/;
const REMEDY = 'upload the merged report, or the JSON report of each shard';

export function isBlobArchive(name: string): boolean {
  return BLOB.test(name);
}

/**
 * What its `report.jsonl` measures; null when it has none, and is somebody else's archive. Nothing but that file is unpacked, in
 * what the limits leave. `refusal`: why its bytes could not be had.
 */
export async function readBlob(
  bytes: Uint8Array,
  limits: ArchiveLimits,
  refusal: string | null,
): Promise<{ readonly measurement: Measurement | null; readonly inflatedBytes: number }> {
  const refused = (reason: string) => ({
    measurement: unreadable('playwright', `the blob report could not be opened: ${reason}; ${REMEDY}`),
    inflatedBytes: 0,
  });
  if (refusal !== null) return refused(refusal);
  let measurement: Measurement | null = null;
  const result = await readArchive({ bytes }, limits, (name) => {
    if (name !== 'report.jsonl') return null;
    const reader = openBlobReport();
    return {
      write: reader.write,
      end(reason) {
        measurement = reason === null ? reader.end() : refused(reason).measurement;
      },
    };
  });
  if (result.state === 'refused') return refused(result.reason);
  return { measurement, inflatedBytes: result.inflatedBytes };
}
