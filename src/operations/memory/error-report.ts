// What an application says of an error of its own, and what is kept of it: without secrets, bounded, with the fingerprint that the
// same failure has in a log. Pure.
import { z } from 'zod';
import { fingerprintLine } from '../../diagnose/fingerprint.ts';
import { byteLength, cutBytes } from '../../text/outside-text.ts';
import { redact } from '../../text/redact.ts';
import { redactJson } from '../../text/redact-json.ts';
import { saidText, storableText } from '../../text/storable-text.ts';
import { bounded, id } from '../declared/operation.ts';

/** How long the JSON of a report is at the most, in bytes of UTF-8. */
const REPORT_BYTES = 65_536;
/** What the column for excerpts holds, and for messages. */
const EXCERPT_BYTES = 4_096;
const MESSAGE_CHARACTERS = 4_096;
const WORD_CHARACTERS = 200;

const word = z.string().min(1).max(WORD_CHARACTERS);
const severity = z.enum(['info', 'warning', 'error', 'critical']);

/** What is taken. */
export const errorReport = z
  .strictObject({
    project_id: id,
    message: z.string().min(1).max(16_384).describe('Kept without secrets, at most 4,096 characters'),
    stack: z.string().max(49_152).optional().describe('Kept without secrets, its first 4 KB'),
    kind: word.optional().describe('Its class or code: TypeError, ECONNRESET, 23505'),
    severity: severity
      .optional()
      .describe('Left out: critical for what ends a process, warning for what calls itself one, else error'),
    environment: word.optional().describe('Where it happened, in your own word'),
    release: word.optional().describe('Which release of yours'),
    commit_sha: z
      .string()
      .regex(/^(?:[0-9a-f]{40}|[0-9a-f]{64})$/)
      .optional(),
    occurred_at: z.iso.datetime({ offset: true }).optional().describe('Left out, or in the future: now'),
    count: z.int().min(1).max(1_000_000).default(1).describe('How often it happened since you told of it last'),
    context: bounded(16_384).optional().describe('Whatever helps; kept without secrets'),
  })
  .refine((report) => byteLength(JSON.stringify(report)) <= REPORT_BYTES, { error: `at most ${REPORT_BYTES} bytes` });
type ErrorReport = z.output<typeof errorReport>;

/** Words of what no process outlives. */
const ENDS_A_PROCESS = [
  'fatal',
  'panic',
  'out of memory',
  'outofmemory',
  'segmentation fault',
  'stack overflow',
  'core dumped',
];

/** What the database is told of a report. The fingerprint is made of what is kept, so that a secret never is a part of it. */
export function keptReport(report: ErrorReport) {
  const { project_id, stack, context, occurred_at, count, commit_sha } = report;
  const said = (text: string | undefined) => (text === undefined ? null : saidText(text, WORD_CHARACTERS));
  const message = saidText(report.message, MESSAGE_CHARACTERS);
  const kind = said(report.kind);
  const lines = stack === undefined ? message : storableText(redact(stack), REPORT_BYTES);
  return {
    project_id,
    report: {
      fingerprint: fingerprintLine(lineOf(kind, message)),
      message,
      kind,
      severity: report.severity ?? severityOf(kind, message),
      excerpt: cutBytes(lines, EXCERPT_BYTES),
      environment: said(report.environment),
      release: said(report.release),
      commit_sha: commit_sha ?? null,
      occurred_at: occurred_at ?? null,
      count,
      context: context === undefined ? null : redactJson(context),
    },
  };
}

/** The line as a log would have it: `TypeError: x is not a function`. */
function lineOf(kind: string | null, message: string): string {
  const [first = ''] = message.trimStart().split('\n', 1);
  return kind === null || first.startsWith(kind) ? first : `${kind}: ${first}`;
}

function severityOf(kind: string | null, message: string): z.output<typeof severity> {
  const words = `${kind ?? ''} ${message}`.toLowerCase();
  if (ENDS_A_PROCESS.some((one) => words.includes(one))) return 'critical';
  return kind?.toLowerCase().endsWith('warning') ? 'warning' : 'error';
}
