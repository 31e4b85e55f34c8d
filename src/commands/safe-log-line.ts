// Takes secrets out of a line of the log just before it is written: whatever was logged, by us, by Probot or by Octokit, in
// a message, an error, its causes, or what a logger was bound to. Pure; serve.ts uses it.
import { redact } from '../diagnose/redact.ts';
import { redactJson } from '../diagnose/redact-json.ts';

/** The line, which pino has written as JSON, without secrets. */
export function safeLogLine(line: string): string {
  try {
    return `${JSON.stringify(redactJson(JSON.parse(line)))}\n`;
  } catch {
    return redact(line);
  }
}
