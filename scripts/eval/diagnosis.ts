// What the engine says of one log, in the few words that the evaluation needs.
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { classifyLog } from '../../src/diagnose/classify.ts';
import { createGreenReader, greenLog } from '../../src/diagnose/green.ts';
import { parsePatternFile } from '../../src/diagnose/pattern-files/pattern-file.ts';
import { compilePatterns, type GreenLog, type LogMatch, type Matcher } from '../../src/diagnose/patterns/match.ts';
import type { Statement } from './score.ts';

export interface Diagnosis {
  readonly match: LogMatch;
  readonly statement: Statement | null;
  /** The line that is quoted; null for an empty log. */
  readonly line: number | null;
}

const PATTERNS = path.resolve(import.meta.dirname, '../../supabase/patterns');

/** The starter library, compiled. */
export function starterMatcher(): Matcher {
  const files = readdirSync(PATTERNS)
    .sort()
    .map((name) => parsePatternFile(name, readFileSync(path.join(PATTERNS, name), 'utf8')));
  return compilePatterns(
    files.flatMap(({ patterns }) => patterns),
    {
      ignore: files.flatMap(({ ignore }) => ignore),
      ignore_between: files.flatMap(({ ignore_between }) => ignore_between),
    },
  );
}

function readGreen(log: Uint8Array): GreenLog {
  const reader = createGreenReader('');
  reader.write(log);
  return greenLog(reader.end(), '');
}

/** The log's diagnosis, by itself or beside the log of a run that passed. */
export function diagnose(matcher: Matcher, log: Uint8Array, passed?: Uint8Array): Diagnosis {
  const matching = matcher.start();
  matching.write(log);
  const match = matching.end(passed && readGreen(passed));
  const line = match.anchor === null ? null : classifyLog(match, [], 'job').line_number;
  const pattern = match.primary?.pattern;
  return { match, statement: pattern ?? null, line };
}
