// Reads what should stand on GitHub back from the brain's JSON. Pure.
import { z } from 'zod';
import { Rejected } from '../model/errors.ts';
import type { RequestedPublication } from '../model/publication.ts';
import { plainWords, shapeSentence } from '../text/shape-problems.ts';

const line = z.int().min(1);

const comment = z.object({
  kind: z.literal('comment'),
  pull_request_number: z.int().min(1),
  head_sha: z.string().min(1),
  body: z.string().min(1),
  may_create: z.boolean(),
  as_of: z.string().nullable(),
});

const annotation = z.object({
  path: z.string().min(1),
  start_line: line,
  end_line: line,
  annotation_level: z.enum(['notice', 'warning', 'failure']),
  title: z.string(),
  message: z.string(),
});

const checkRun = z.object({
  kind: z.literal('check_run'),
  name: z.string().min(1),
  head_sha: z.string().min(1),
  status: z.enum(['queued', 'in_progress', 'completed']),
  conclusion: z.enum(['success', 'failure', 'neutral', 'action_required']).nullable(),
  title: z.string(),
  summary: z.string(),
  annotations: z.array(annotation),
  as_of: z.string().nullable(),
});

const requested = z
  .discriminatedUnion('kind', [comment, checkRun])
  .refine((it) => it.kind === 'comment' || (it.status === 'completed') === (it.conclusion !== null), {
    path: ['conclusion'],
    message: 'has to be there when the status is completed, and only then',
  });

/** Throws `Rejected` with the fields that are wrong. */
export function parseRequested(json: unknown): RequestedPublication {
  const parsed = requested.safeParse(json, { error: plainWords });
  if (parsed.success) return parsed.data;
  throw new Rejected(`the requested state cannot be read: ${shapeSentence(parsed.error)}`, { code: 'desired' });
}
