// Measures every report in one artifact. An effect file (the disk), but with no knowledge of GitHub or the brain.

import { type ArchiveSource, type EntrySink, readArchive } from './archive.ts';
import { ARCHIVE_LIMITS, type ArchiveLimits } from './archive-entry.ts';
import { blobReader, isBlobArchive } from './blob-archive.ts';
import { openReport } from './formats.ts';
import { type Measurement, type UnreadableMeasurement, unreadable } from './reading/measurement.ts';
import { createRemarks, repositoryPath } from './reading/report-values.ts';
import { type FileSource, readFiles } from './report-files.ts';

/** One report of an artifact; a file that is no report is not among them. */
export interface ArtifactFile {
  readonly path: string;
  readonly measurement: Measurement;
}

/** A refused artifact has only the reason. */
export type Artifact =
  | {
      readonly state: 'read';
      readonly files: readonly ArtifactFile[];
      /** Files that are no report, at most 100. */
      readonly others: readonly string[];
      readonly remarks: readonly string[];
    }
  | { readonly state: 'refused'; readonly measurement: UnreadableMeasurement };

/** Names that a report may have; others (pages, pictures, videos, traces) are not unpacked. */
const MAY_BE_REPORT = /\.(?:xml|jsonl?|info|lcov|out|sarif|txt|log|cov|coverprofile|dat)$|(?:^|\/)[^/.]+$/i;
const ARCHIVE = /\.(?:zip|tar|t?gz|tgz|bz2|xz|zst|7z|rar|jar|war|whl)$/i;

const MOST_OTHERS = 100;

/** Throws when the file can't be opened, never for its content. */
export async function readArtifact(
  source: ArchiveSource | FileSource,
  limits: ArchiveLimits = ARCHIVE_LIMITS,
): Promise<Artifact> {
  const files: ArtifactFile[] = [];
  const others: string[] = [];
  const remarks = createRemarks();
  const noReport = (name: string): void => {
    if (others.length < MOST_OTHERS) others.push(repositoryPath(name));
  };
  const asArchive = (name: string) => remarks.add(`${name} is an archive within the archive, and was not opened`);
  const blobs = blobReader(limits, (name, measurement) => {
    if (measurement === null) {
      asArchive(name);
      noReport(name);
    } else files.push({ path: repositoryPath(name), measurement });
  });
  const open = (name: string): EntrySink | null => {
    if (isBlobArchive(name)) return blobs(name);
    if (ARCHIVE.test(name)) asArchive(name);
    if (!MAY_BE_REPORT.test(name)) {
      noReport(name);
      return null;
    }
    const reader = openReport(name);
    return {
      write: reader.write,
      end(refusal) {
        const measurement = refusal === null ? reader.end() : unreadable(null, refusal);
        if (measurement === null) noReport(name);
        else files.push({ path: repositoryPath(name), measurement });
      },
    };
  };
  const onDisk = 'folder' in source || 'file' in source;
  const result = onDisk ? await readFiles(source, limits, open) : await readArchive(source, limits, open);
  if (result.state === 'refused') return { state: 'refused', measurement: unreadable(null, result.reason) };
  return { state: 'read', files, others, remarks: remarks.all() };
}

/** What each report measures; nothing of a refused artifact. */
export function reportsOf(artifact: Artifact): readonly Measurement[] {
  return artifact.state === 'read' ? artifact.files.map(({ measurement }) => measurement) : [];
}
