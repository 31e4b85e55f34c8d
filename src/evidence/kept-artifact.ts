// What the brain keeps of an artifact: its reports as measurements, without what no criterion asks for. Pure; evidence.ts and
// web/evidence-upload.ts make it, gate/ reads it.

import { z } from 'zod';
import { redact } from '../text/redact.ts';
import type { Measurement, UnreadableMeasurement } from './reading/measurement.ts';

/** A row for `record_evidence` or `record_uploaded_evidence`; `content` is the JSON of `KeptContent`. */
export interface KeptArtifact {
  /** Null for one that was uploaded to us. */
  readonly github_artifact_id: number | null;
  readonly kind: 'junit' | 'coverage' | 'playwright' | 'lighthouse' | 'logs' | 'test_report' | 'other';
  readonly name: string;
  readonly url: string | null;
  /** `sha256:<hex>` of the archive, as GitHub has it. */
  readonly ref: string | null;
  readonly content: string;
  readonly summary: string;
}

/** Either the reports of an artifact, or why there are none. */
export type KeptContent =
  | {
      readonly refused: string;
      /** It stands for all artifacts of its run that are not read, whatever they are called. */
      readonly hides_others?: true;
    }
  | { readonly reports: readonly { readonly path: string; readonly measurement: Measurement }[] };

interface ArtifactFile {
  readonly path: string;
  readonly measurement: Measurement;
}

/** What artifact.ts made of it. */
type ReadArtifact =
  | { readonly state: 'read'; readonly files: readonly ArtifactFile[] }
  | { readonly state: 'refused'; readonly measurement: UnreadableMeasurement };

interface Listed {
  readonly id: number | null;
  readonly name: string;
  readonly digest: string | null;
}

/** The most that a row takes: artifacts_content_bytes. */
const MOST_BYTES = 8_388_608;

/** An artifact that was read. One whose measurements are too large to keep is refused like one that can't be read. */
export function keepArtifact(listed: Listed, artifact: ReadArtifact): KeptArtifact {
  if (artifact.state === 'refused') return refuseArtifact(listed, artifact.measurement.reason);
  const kept: KeptContent = {
    reports: artifact.files.map(({ path, measurement }) => ({ path, measurement: slim(measurement) })),
  };
  // Postgres keeps no NUL in a text, and no half of a surrogate pair.
  const content = JSON.stringify(kept).replaceAll('\\u0000', '\\ufffd');
  if (Buffer.byteLength(content) > MOST_BYTES) {
    return refuseArtifact(listed, `its measurements come to more than ${MOST_BYTES} bytes`);
  }
  return { ...rowOf(listed), kind: kindOf(artifact.files), content, summary: summaryOf(artifact.files) };
}

/** An artifact that could not be read, with the reason. */
export function refuseArtifact(listed: Listed, reason: string): KeptArtifact {
  const redacted = redact(reason);
  const refused: KeptContent = { refused: redacted };
  return {
    ...rowOf(listed),
    kind: 'other',
    content: JSON.stringify(refused),
    summary: `not read: ${redacted}`.slice(0, 2_000),
  };
}

/** What stands for the artifacts of a run beyond the first `most`; `first`: one of them, by whose id it is known. */
export function refuseRest(first: Listed, most: number): KeptArtifact {
  const reason = `the run has more than ${most} artifacts, and the rest are not read; put several files into one artifact`;
  const refused: KeptContent = { refused: reason, hides_others: true };
  const row = rowOf({ id: first.id, name: `beyond the first ${most}`, digest: null });
  return { ...row, kind: 'other', content: JSON.stringify(refused), summary: `not read: ${reason}` };
}

/** Why one is refused whose installation has used up what it may keep of artifacts a day. */
export function beyondQuota({ allowed, until }: { readonly allowed: number; readonly until: string }): string {
  return `the quota of ${allowed} bytes a day that the installation's artifacts may take is used up; run it again after ${until}`;
}

function rowOf({ id, name, digest }: Listed) {
  return { github_artifact_id: id, name: redact(name).slice(0, 500), url: null, ref: digest };
}

/** Cases and findings are evidence for people and hold text of strangers; the gate asks for their number alone. */
function slim(measurement: Measurement): Measurement {
  switch (measurement.kind) {
    case 'tests':
      return { ...measurement, cases: [], cases_omitted: measurement.cases_omitted + measurement.cases.length };
    case 'findings':
      return {
        ...measurement,
        findings: [],
        findings_omitted: measurement.findings_omitted + measurement.findings.length,
      };
    default:
      return measurement;
  }
}

function kindOf(files: readonly ArtifactFile[]): KeptArtifact['kind'] {
  const kinds = files.map(({ measurement }) => measurement);
  if (kinds.some(({ kind }) => kind === 'coverage')) return 'coverage';
  if (kinds.some((one) => one.kind === 'tests' && one.format === 'playwright')) return 'playwright';
  if (kinds.some((one) => one.kind === 'tests' && one.format === 'junit')) return 'junit';
  if (kinds.some(({ kind }) => kind === 'tests')) return 'test_report';
  return kinds.some(({ kind }) => kind === 'lighthouse') ? 'lighthouse' : 'other';
}

function summaryOf(files: readonly ArtifactFile[]): string {
  return files
    .slice(0, 20)
    .map(({ measurement }) =>
      measurement.kind === 'unreadable'
        ? `unreadable: ${measurement.reason}`
        : `${measurement.kind} (${measurement.format})`,
    )
    .join(', ')
    .slice(0, 2_000);
}

const kept = z.union([
  z.object({ refused: z.string(), hides_others: z.literal(true).optional() }),
  z.object({ reports: z.array(z.object({ path: z.string(), measurement: z.object({ kind: z.string() }).loose() })) }),
]);

/** What a row's content says; a content that is not ours says that it can't be read. */
export function parseKept(content: string | null): KeptContent {
  try {
    // keepArtifact wrote it, and nobody else may write an artifact of the gate's runs.
    return kept.parse(JSON.parse(content ?? 'null')) as KeptContent;
  } catch {
    return { refused: 'what is kept of it is damaged' };
  }
}
