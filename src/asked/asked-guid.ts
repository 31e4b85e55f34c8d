// The guids of deliveries that we made ourselves, out of what GitHub answered. Pure.
import { createHash } from 'node:crypto';

/**
 * No webhook's guid holds a colon (`GUID` in inbox/delivery-row.ts), so nobody can send one of these; and a full stop goes before every
 * digit and letter, so that of two sources with one time the webhook counts, which knows more (`codered.is_asked` in the schema).
 */
const NAMESPACE = '.asked:';

/**
 * The guid of what GitHub answered about a subject, such as `['run', 5, 1]`: the same answer has the same guid, another state of the
 * subject another one. At most 100 characters.
 */
export function askedGuid(subject: readonly (string | number)[], told: unknown): string {
  const digest = createHash('sha256').update(JSON.stringify(told)).digest('hex').slice(0, 32);
  return `${NAMESPACE}${subject.join(':').slice(0, 60)}:${digest}`;
}

/** Whether a delivery is one that we made, so that no webhook of GitHub's brought it. */
export function isAsked(guid: string): boolean {
  return guid.startsWith(NAMESPACE);
}
