// The real logger, writing into an array.
import { type Logger, pino } from 'pino';
import { z } from 'zod';

const line = z.looseObject({ level: z.int(), msg: z.string().optional() });
export type LogLine = z.output<typeof line>;

/** A logger and everything it has logged; 40 is a warning, 50 an error. */
export function makeLogLines(): { log: Logger; lines: LogLine[] } {
  const lines: LogLine[] = [];
  const log = pino({ level: 'debug' }, { write: (text) => void lines.push(line.parse(JSON.parse(text))) });
  return { log, lines };
}
