// Measures every report in one artifact. An effect file (the disk), but with no knowledge of GitHub or the brain; the step
// src/evidence/evidence.ts and commands use it.

import { type ArchiveSource, type EntrySink, readArchive } from './archive.ts';
import { ARCHIVE_LIMITS, type ArchiveLimits } from './archive-entry.ts';
import { isBlobArchive, readBlob } from './blob-archive.ts';
import { openReport } from './formats.ts';
import { type Measurement, type UnreadableMeasurement, unreadable } from './measurement.ts';
import { createRemarks, repositoryPath } from './report-values.ts';

/** One report of an artifact; a file that is no report is not among them. */
export interface ArtifactFile {
  readonly path: string;
  readonly measurement: Measurement;
}

/** Of a refused artifact nothing is told but why. */
export type Artifact =
  | { readonly state: 'read'; readonly files: readonly ArtifactFile[]; readonly remarks: readonly string[] }
  | { readonly state: 'refused'; readonly measurement: UnreadableMeasurement };

/** Names that a report may have; others (pages, pictures, videos, traces) are not unpacked. */
const MAY_BE_REPORT = /\.(?:xml|json|info|lcov|out|sarif|txt|log|cov|coverprofile|dat)$|(?:^|\/)[^/.]+$/i;
const ARCHIVE = /\.(?:zip|tar|t?gz|tgz|bz2|xz|zst|7z|rar|jar|war|whl)$/i;

/** Throws when the file can't be opened, never for its content. */
export async function readArtifact(source: ArchiveSource, limits: ArchiveLimits = ARCHIVE_LIMITS): Promise<Artifact> {
  const files: ArtifactFile[] = [];
  const remarks = createRemarks();
  let inBlobs = 0;
  const openBlob = (name: string): EntrySink => {
    const pieces: Buffer[] = [];
    return {
      write: (bytes) => pieces.push(Buffer.from(bytes)) > 0,
      async end(refusal) {
        const left = { ...limits, totalBytes: limits.totalBytes - inBlobs };
        const { measurement, inflatedBytes } = await readBlob(Buffer.concat(pieces.splice(0)), left, refusal);
        inBlobs += inflatedBytes;
        if (measurement !== null) files.push({ path: repositoryPath(name), measurement });
        else remarks.add(`${name} is an archive within the archive, and was not opened`);
      },
    };
  };
  const result = await readArchive(source, limits, (name) => {
    if (isBlobArchive(name)) return openBlob(name);
    if (ARCHIVE.test(name)) remarks.add(`${name} is an archive within the archive, and was not opened`);
    if (!MAY_BE_REPORT.test(name)) return null;
    const reader = openReport(name);
    return {
      write: reader.write,
      end(refusal) {
        const measurement = refusal === null ? reader.end() : unreadable(null, refusal);
        if (measurement !== null) files.push({ path: repositoryPath(name), measurement });
      },
    };
  });
  if (result.state === 'refused') return { state: 'refused', measurement: unreadable(null, result.reason) };
  return { state: 'read', files, remarks: remarks.all() };
}
