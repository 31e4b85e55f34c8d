// Takes secrets out of a line of the log just before it is written: whatever was logged, by us, by Probot or by Octokit, in a
// message, an error, its causes, or what a logger was bound to. Pure.
import { redact } from '../../text/redact.ts';
import { redactJson } from '../../text/redact-json.ts';

/** The most UTF-16 units that are kept of one text in a line: an error may quote a very long one. */
const MOST_CHARACTERS = 16_384;

/** A line that pino wrote as JSON, without secrets, and with no text longer than 16,384 characters. */
export function safeLogLine(line: string): string {
  try {
    return `${JSON.stringify(redactJson(JSON.parse(line, (_, value: unknown) => cut(value))))}\n`;
  } catch {
    return `${redact(line.slice(0, MOST_CHARACTERS)).trimEnd()}\n`;
  }
}

function cut(value: unknown): unknown {
  if (typeof value !== 'string' || value.length <= MOST_CHARACTERS) return value;
  return `${value.slice(0, MOST_CHARACTERS)}…`;
}
