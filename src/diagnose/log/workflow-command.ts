// Reads the commands that tools print for the runner: `::error file=a.ts,line=1::text`. Pure.
// docs/github.md#job-logs

const COMMANDS = ['::error', '::warning', '::notice', '::debug'];
/** Of a longer message the first lines count. */
const MOST_LINES = 64;

/** The lines of the message, decoded; null for what is no such command. */
export function decodeCommand(text: string): string[] | null {
  const command = COMMANDS.find((one) => text.startsWith(one));
  if (command === undefined) return null;
  const next = text[command.length];
  if (next !== ':' && next !== ' ') return null;
  const end = text.indexOf('::', command.length);
  if (end < 0) return null;
  const message = text.slice(end + 2);
  if (!message.includes('%')) return [message];
  // Percent comes last, as the runner does it: `%250A` is the text `%0A`.
  const lines = message.replaceAll('%0D', '\r').replaceAll('%0A', '\n').replaceAll('%3A', ':').replaceAll('%2C', ',');
  return lines
    .replaceAll('%25', '%')
    .split(/\r?\n/, MOST_LINES)
    .map((line) => line.replaceAll('\r', ' '));
}
