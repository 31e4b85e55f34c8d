// `codered fingerprint`: prints one fingerprint per line of a file.
import { parseArgs } from 'node:util';
import { fingerprintLine } from '../diagnose/fingerprint.ts';
import { createLineCleaner } from '../diagnose/log/clean-log.ts';
import { normaliseMessage } from '../diagnose/normalise-message.ts';
import { type Command, type CommandContext, Misused } from './terminal/command.ts';
import { readLog } from './terminal/log-input.ts';

const help = `codered fingerprint [--json] FILE

Prints one fingerprint per line of FILE (- for standard input): equal for lines that are the same message with other
numbers, paths, hashes, addresses, durations or quoted names.

  --json   print one object a line instead: { "line", "fingerprint", "message" }, message being what was compared`;

async function run({ args, out, err }: CommandContext): Promise<0 | 1> {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: { json: { type: 'boolean', default: false } },
  });
  const [file, ...others] = positionals;
  if (file === undefined || others.length > 0) throw new Misused('Name one file, or - for standard input.');

  const cleaner = createLineCleaner(({ line, text }) => {
    const fingerprint = fingerprintLine(text);
    out(values.json ? JSON.stringify({ line, fingerprint, message: normaliseMessage(text) }) : fingerprint);
  });
  const problem = await readLog(file, cleaner.write);
  if (problem === null) cleaner.end();
  else err(problem);
  return problem === null ? 0 : 1;
}

/** See `help`. */
export const command: Command = { help, run };
