// What a sprint's Definition of Done adds to the policy of a file. Pure.

import { issueWords } from '../text/issue-words.ts';
import { redact } from '../text/redact.ts';
import { strictestDod } from './merge-dod.ts';
import type { ParsedPolicy } from './parse-policy.ts';
import type { PolicySubject } from './policy-subject.ts';
import { policySchema } from './schema/policy.ts';

type Found = ParsedPolicy & { readonly from: string; readonly blob_sha: string | null };

/**
 * Adds the sprint's Definition of Done to the policy: of each criterion the stricter counts. A broken policy stays broken. A sprint
 * that cannot be read makes the whole broken, because nobody knows what it asks for. Returns null when there is neither.
 */
export function withSprint(found: Found | null, sprint: PolicySubject['sprint']): Found | null {
  if (sprint === null || (found !== null && 'problems' in found)) return found;
  const asked = policySchema.safeParse({ dod: sprint.dod_json }, { error: issueWords, reportInput: true });
  const from = `sprint ${sprint.label}`;
  if (!asked.success) {
    const [{ path, message } = { path: [], message: 'is no Definition of Done' }] = asked.error.issues;
    const said = `what ${from} asks for can't be read (${path.map(String).join('.')}: ${message}); mend its spec`;
    return {
      problems: [{ line: 1, column: 1, path: '', message: redact(said) }],
      from,
      blob_sha: found?.blob_sha ?? null,
    };
  }
  if (found === null) return { policy: asked.data, from, blob_sha: null };
  const policy = { ...found.policy, dod: strictestDod(found.policy.dod, asked.data.dod) };
  return { ...found, policy, from: `${found.from} and ${from}` };
}
