// Takes secrets out of text before it leaves: into the brain, onto GitHub. Pure; everybody may import it.
import { redactAssigned } from './assigned-secrets.ts';
import { redactKeyBlocks } from './redact-key-blocks.ts';
import { SECRET_SHAPES } from './secret-shapes.ts';

/**
 * The text with every secret it is known to hold replaced by `[redacted:<kind>]`. Keeps the number of lines, takes time
 * linear in the text's length, and changes nothing when applied again. A net with holes: a secret without a form of its
 * own, in a place that does not tell, stays.
 */
export function redact(text: string): string {
  let safe = redactKeyBlocks(text);
  for (const { kind, shape } of SECRET_SHAPES) {
    safe = safe.replace(
      shape,
      (_whole: string, before: unknown) => `${typeof before === 'string' ? before : ''}[redacted:${kind}]`,
    );
  }
  return redactAssigned(safe);
}
