// The Supabase CLI, as a user runs it, on a database of one's own. Tests and scripts import it.

import { spawn } from 'node:child_process';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';

/** What the CLI ended with. It talks on both ways out; `output` has what it said, `stdout` what it made. */
export interface CliRun {
  readonly code: number | null;
  readonly stdout: string;
  readonly output: string;
}

const program = fileURLToPath(new URL('../../node_modules/supabase/dist/supabase.js', import.meta.url));

/** Runs `supabase <args>`; it asks nobody, tells nobody of it, and looks for no newer version. */
export async function runSupabase(...args: string[]): Promise<CliRun> {
  const child = spawn(process.execPath, [program, ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: {
      ...process.env,
      SUPABASE_TELEMETRY_DISABLED: '1',
      DO_NOT_TRACK: '1',
      SUPABASE_NO_UPDATE_NOTIFIER: '1',
      NO_COLOR: '1',
    },
  });
  const ended = new Promise<number | null>((resolve, reject) => child.on('close', resolve).on('error', reject));
  const [stdout, stderr, code] = await Promise.all([text(child.stdout), text(child.stderr), ended]);
  return { code, stdout, output: `${stdout}${stderr}` };
}
