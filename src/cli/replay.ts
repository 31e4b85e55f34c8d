// `codered replay`: puts deliveries and follow-ups back into their queue.
import { parseArgs } from 'node:util';
import { z } from 'zod';
import { type BrainLog, openBrain } from '../brain/client.ts';
import { readBrainSettings } from '../config/settings.ts';
import { type Command, type CommandContext, Misused } from './terminal/command.ts';

const help = `codered replay [--dead] [--failed] [--follow-ups] [--follow-up ID]... [--json] [GUID...]

Puts deliveries back into the queue, as if they had just come, and follow-ups (the app's own work) that were given up;
\`codered serve\` takes them from there: one that is running on the Postgres of DATABASE_URL, or the one that has the
embedded database in CODERED_DATA_DIR.

  --dead          all deliveries that were given up
  --failed        all deliveries that wait for their next try
  GUID            the one with this delivery id (X-GitHub-Delivery), whatever became of it
  --follow-ups    all follow-ups that were given up and not done since
  --follow-up ID  the one with this id, as \`codered doctor\` shows it

  --json          print { "replayed": <number> } instead of a sentence: both together`;

const OPTIONS = {
  dead: { type: 'boolean', default: false },
  failed: { type: 'boolean', default: false },
  'follow-ups': { type: 'boolean', default: false },
  'follow-up': { type: 'string', multiple: true },
  json: { type: 'boolean', default: false },
} as const;

async function run({ args, env, out, err }: CommandContext): Promise<0 | 1> {
  const { values, positionals: guids } = parseArgs({ args: [...args], allowPositionals: true, options: OPTIONS });
  const statuses = (['dead', 'failed'] as const).filter((status) => values[status]);
  const { 'follow-ups': is_all, 'follow-up': ids = [] } = values;
  const wantsDeliveries = statuses.length + guids.length > 0;
  const wantsFollowUps = is_all || ids.length > 0;
  if (!wantsDeliveries && !wantsFollowUps)
    throw new Misused('Say which: --dead, --failed or the ids of deliveries; --follow-ups, --follow-up ID.');
  const odd = ids.find((id) => !z.guid().safeParse(id).success);
  if (odd !== undefined) throw new Misused(`"${odd}" is no id of a follow-up; \`codered doctor\` shows them.`);

  const log: BrainLog = { info: () => {}, warn: (_, message) => err(message) };
  const brain = await openBrain(readBrainSettings(env), { log, mayShare: true });
  try {
    const deliveries = wantsDeliveries ? await brain.call('replay_deliveries', { statuses, guids }) : 0;
    const followUps = wantsFollowUps ? await brain.call('replay_follow_ups', { ids, is_all }) : 0;
    const replayed = deliveries + followUps;
    out(values.json ? JSON.stringify({ replayed }) : `put back into the queue: ${replayed}`);
    const missing = [
      ...(deliveries < guids.length ? [NO_DELIVERY] : []),
      ...(followUps < ids.length ? [NO_FOLLOW_UP] : []),
    ];
    for (const line of missing) err(line);
    return missing.length === 0 ? 0 : 1;
  } finally {
    await brain.close();
  }
}

const NO_DELIVERY =
  'Not every delivery that was named is known: see its id under Recent Deliveries of the App at GitHub (Advanced).';
const NO_FOLLOW_UP =
  'Not every follow-up that was named was given up: an equal one may wait, run or be done already; `codered doctor` shows those that are left.';

/** See `help`. */
export const command: Command = { help, run };
