// `codered work`: does the work that agents are asked for, with a command or a language model of whoever runs it.

import { withoutOurSecrets } from '../config/secret-settings.ts';
import { makeCommandAgent } from '../work/command-agent.ts';
import type { Ending } from '../work/do-work.ts';
import { makeModelAgent } from '../work/model-agent.ts';
import { runWorker, type Tally, type WorkerOptions } from '../work/runner.ts';
import { openWorkApi } from '../work/work-api.ts';
import type { WorkPacket } from '../work/work-packet.ts';
import type { Command, CommandContext } from './terminal/command.ts';
import { printable } from './terminal/printable.ts';
import { type Doer, readWorkOptions } from './work/options.ts';

const help = `codered work [--types TYPE[,TYPE...]] [options] -- COMMAND [ARGUMENT...]
codered work [--types TYPE[,TYPE...]] [options] --model URL [--model-name NAME]

Claims jobs and stages of workflows from a running CodeRed and has them done, one after the other, until Ctrl-C. The command gets each
piece of work as JSON on standard input, and writes its result as JSON to standard output; \`progress 40 some words\` on standard error
is shown in CodeRed. docs/worker.md has all of it, and an agent of twenty lines.

  --types TYPE     what is done: research, wireframe, code, qa, roadmap, pedagogy …, and stage for stages of workflows; all unless told
  --url URL        where CodeRed is reached; CODERED_URL unless told
  --token-file F   where the token lies; CODERED_TOKEN in the environment unless told. Its scope has to hold \`agents\`. The command
                   finds neither the token nor CodeRed's other secrets in its environment
  --project ID     work of this project alone
  --worker NAME    who claims it; the machine's name and the process unless told
  --concurrency N  how much is done at the same time (1 unless told)
  --once           claims once, does that, and ends: with 1 when something of it was not done
  --timeout S      seconds for one try (3600 unless told); then the command is ended, and the work failed
  --attempts N     how often one is let try whose result does not fit; it is told what was wrong (2 unless told)
  --lease S        seconds that the work is held without a word from here (300 unless told); it is kept by itself
  --model URL      asks a language model instead of a command: the address before /chat/completions, as OpenAI's
                   interface has it. Its key stands in CODERED_MODEL_KEY
  --model-name N   which model, where the agent does not say
  --allow-http     allows http to other machines, where the token can be read on the way

On Ctrl-C or SIGTERM nothing more is claimed, what is under way is ended and given back.`;

async function run({ args, env, out, err, stop, glance }: CommandContext): Promise<0 | 1> {
  const { doer, url, token, timeoutMs, ...options } = await readWorkOptions(args, env);
  const say = (packet: WorkPacket, words: string) => out(`${nameOf(packet)}  ${printable(words)}`);
  const deps: WorkerOptions = {
    ...options,
    stop,
    api: openWorkApi({ url, token }),
    agent: agentOf(doer, { env, timeoutMs }),
    onBegin: (packet) => say(packet, 'begins'),
    onEnd: (packet, ending) => say(packet, wordsOf(ending)),
    onProgress: (packet, progress, note) => say(packet, `${progress} %${note === null ? '' : `  ${note}`}`),
    onLine: (packet, line) => err(`${nameOf(packet)}  ${printable(line)}`),
    onWait: (words) => err(printable(words)),
  };
  glance?.(`Waiting for work from ${url} …`);
  const tally = await runWorker(deps);
  err(`${told(tally)}.`);
  return options.once && tally.failed + tally.lost + tally['given back'] > 0 ? 1 : 0;
}

function agentOf(doer: Doer, { env, timeoutMs }: { env: CommandContext['env']; timeoutMs: number }) {
  if (doer.kind === 'model') return makeModelAgent({ ...doer, timeoutMs });
  return makeCommandAgent({ command: doer.command, env: withoutOurSecrets(env), timeoutMs });
}

/** "research 1f0c9a2e". */
function nameOf({ type, work_id }: WorkPacket): string {
  return `${printable(type)} ${printable(work_id.slice(0, 8))}`;
}

function wordsOf(ending: Ending): string {
  switch (ending.kind) {
    case 'completed':
      return 'done';
    case 'asked':
      return 'asks, and comes again once it is answered';
    case 'cancelled':
      return 'ended, as the server says: cancelled, or paused';
    default:
      return `${ending.kind}: ${ending.why}`;
  }
}

/** "2 completed, 1 failed". */
function told(tally: Tally): string {
  const words = Object.entries(tally).flatMap(([kind, count]) => (count === 0 ? [] : [`${count} ${kind}`]));
  return words.length === 0 ? 'There was nothing to do' : words.join(', ');
}

/** See `help`. */
export const command: Command = { help, run, endsInGoodOrder: true };
