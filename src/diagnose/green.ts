// Remembers what the log of a job that passed said, as hashes: what a failed run of it also says is no news. Pure.
import { createHash } from 'node:crypto';
import { redact } from '../text/redact.ts';
import { createLineCleaner } from './log/clean-log.ts';
import { errorWeight } from './log/error-words.ts';
import { normaliseMessage } from './normalise-message.ts';
import type { GreenLog } from './patterns/match.ts';

/** So many lines of a log are remembered; of what comes after them, those that sound like an error. */
const MOST_LINES = 100_000;
const MOST_HASHES = 200_000;
/** More such lines are not looked at: a log of nothing but errors would take half a minute. */
const MOST_READ = 300_000;
/** Lines are redacted together: a key is told by its lines. */
const LINES_AT_ONCE = 500;

/** What is read of a green log. */
export interface GreenReader {
  write(chunk: Uint8Array): void;
  end(): ReadonlySet<bigint>;
}

/** 64 bits of what the line says without its details, with a salt: whoever has the hashes alone learns nothing of the log. */
function hashOf(redacted: string, salt: string): bigint {
  return createHash('sha256').update(salt).update('\0').update(normaliseMessage(redacted)).digest().readBigUInt64BE();
}

/** Begins to read the log of a run that passed. */
export function createGreenReader(salt: string): GreenReader {
  const hashes = new Set<bigint>();
  let waiting: string[] = [];
  let lines = 0;
  let read = 0;
  const take = () => {
    for (const line of redact(waiting.join('\n')).split('\n')) {
      if (hashes.size < MOST_HASHES) hashes.add(hashOf(line, salt));
    }
    waiting = [];
  };
  const cleaner = createLineCleaner(({ text }) => {
    if (read === MOST_READ || text.trim() === '' || (++lines > MOST_LINES && errorWeight(text) === 0)) return;
    read++;
    waiting.push(text);
    if (waiting.length === LINES_AT_ONCE) take();
  });
  return {
    write: cleaner.write,
    end() {
      cleaner.end();
      if (waiting.length > 0) take();
      return hashes;
    },
  };
}

/** What the hashes, made with the same salt, know of lines. */
export function greenLog(hashes: ReadonlySet<bigint>, salt: string): GreenLog {
  const known = new Map<string, boolean>();
  return {
    has(text) {
      const answer = known.get(text) ?? hashes.has(hashOf(redact(text), salt));
      if (known.size < LINES_AT_ONCE) known.set(text, answer);
      return answer;
    },
  };
}
