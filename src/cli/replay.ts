// `codered replay`: puts deliveries back into the queue.
import { parseArgs } from 'node:util';
import { type BrainLog, openBrain } from '../brain/client.ts';
import { readBrainSettings } from '../config/settings.ts';
import { type Command, type CommandContext, Misused } from './terminal/command.ts';

const help = `codered replay [--dead] [--failed] [--json] [GUID...]

Puts deliveries back into the queue, as if they had just come; \`codered serve\` takes them from there: one that
is running on the Postgres of DATABASE_URL, or the one that has the embedded database in CODERED_DATA_DIR.

  --dead      all that were given up
  --failed    all that wait for their next try
  GUID        the one with this delivery id (X-GitHub-Delivery), whatever became of it

  --json      print { "replayed": <number> } instead of a sentence`;

async function run({ args, env, out, err }: CommandContext): Promise<0 | 1> {
  const { values, positionals: guids } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      dead: { type: 'boolean', default: false },
      failed: { type: 'boolean', default: false },
      json: { type: 'boolean', default: false },
    },
  });
  const statuses = (['dead', 'failed'] as const).filter((status) => values[status]);
  if (statuses.length + guids.length === 0) throw new Misused('Say which deliveries: --dead, --failed or their ids.');

  const log: BrainLog = { info: () => {}, warn: (_, message) => err(message) };
  const brain = await openBrain(readBrainSettings(env), { log, mayShare: true });
  try {
    const replayed = await brain.call('replay_deliveries', { statuses, guids });
    out(values.json ? JSON.stringify({ replayed }) : `put back into the queue: ${replayed}`);
    if (replayed >= guids.length) return 0;
    err(
      'Not every delivery that was named is known: see its id under Recent Deliveries of the App at GitHub (Advanced).',
    );
    return 1;
  } finally {
    await brain.close();
  }
}

/** See `help`. */
export const command: Command = { help, run };
