// `codered demo`: the main job on a machine with nothing but Node, played through the real webhook receiver.

import { once } from 'node:events';
import { parseArgs, styleText } from 'node:util';
import { AGENTS_WORKFLOW, playAgents } from '../demo/story/agents-story.ts';
import { playApi } from '../demo/story/api-story.ts';
import type { Line } from '../demo/story/curl.ts';
import { setPeopleStage } from '../demo/story/people-stage.ts';
import { type Outcome, outcomesOf, playStory, type Stage, setStage } from '../demo/story/play-story.ts';
import { tellBeginning, tellStory } from '../demo/story/story.ts';
import { type Command, Misused } from './terminal/command.ts';

const help = `codered demo [--api | --agents] [--keep]

Starts CodeRed on an embedded database in memory and a stand-in for GitHub beside it, plays the story of three pull
requests with signed webhooks over a socket, and prints what then stands on each. Needs no account, key or network.

  --api    shows instead what a person does once CI has failed, in some sixty lines: signs in at GitHub, makes a token, and goes on over
           REST from what failed to the end of their right to see it
  --agents shows instead what agents do: one takes a task over MCP, a worker's asks a question and is answered, and walks through the
           stages of a workflow
  --keep   leaves both running until Ctrl-C, to look around with curl, or after --agents with a client of yours
  --help   says this`;

/** See `help`. */
export const command: Command = {
  help,
  endsInGoodOrder: true,
  async run({ args, out, err, stop }) {
    const { values } = parseArgs({
      args: [...args],
      options: {
        keep: { type: 'boolean', default: false },
        api: { type: 'boolean', default: false },
        agents: { type: 'boolean', default: false },
      },
    });
    if (values.api && values.agents) throw new Misused('Say --api or --agents, one of them.');
    const { set, play } = playOf(values);
    err('Starting CodeRed on an embedded database, and a stand-in for GitHub …');
    const startedAt = performance.now();
    const stage = await set();
    try {
      out(`CodeRed listens on ${stage.codered.url}, the stand-in for GitHub on ${stage.github.url}.\n`);
      const token = await play(stage, out);
      const problems = [...stage.github.violations, ...stage.github.refused];
      if (problems.length > 0) {
        err(`GitHub's description forbids what was sent or answered:\n${JSON.stringify(problems, null, 2)}`);
        return 1;
      }
      const ends = (values.api || values.agents) && !values.keep ? [] : further(stage, { keeps: values.keep, token });
      const tookSeconds = ((performance.now() - startedAt) / 1000).toFixed(1);
      out(`\nPlayed in ${tookSeconds} s.${ends.length === 0 ? '' : ' Where to look further:'}`);
      for (const line of ends) out(`  ${line}`);
      if (values.keep && !stop.aborted) await once(stop, 'abort');
      return 0;
    } finally {
      await stage.close();
    }
  },
};

type Out = (line: string) => void;

/** The stage and what is played on it. */
interface Play {
  readonly set: () => Promise<Stage>;
  /** Gives a token that lets in afterwards; null where there is none. */
  readonly play: (stage: Stage, out: Out) => Promise<string | null>;
}

function playOf({ api, agents }: { readonly api: boolean; readonly agents: boolean }): Play {
  if (agents) return { set: () => setPeopleStage({ workflow: AGENTS_WORKFLOW }), play: playWork };
  return api ? { set: () => setPeopleStage(), play: playPeople } : { set: () => setStage(), play: playPulls };
}

async function playPulls(stage: Stage, out: Out): Promise<null> {
  const life = await playStory(stage, tellStory(), ({ says }, { deliveries, writes, tookMs }) => {
    const wrote = writes.length === 0 ? '' : ` → CodeRed ${counted(writes)}`;
    out(`${styleText('green', '●')} ${says}`);
    out(styleText('dim', `    ${deliveries} ${deliveries === 1 ? 'webhook' : 'webhooks'}${wrote} (${tookMs} ms)`));
  });
  for (const outcome of outcomesOf(stage, life)) show(outcome, out);
  return null;
}

async function playPeople(stage: Stage, out: Out): Promise<null> {
  const life = await playStory(stage, tellBeginning(), ({ says }) => out(`${styleText('green', '●')} ${says}`));
  out('API=$URL/api/v1; api() { curl -s -H "Authorization: Bearer $TOKEN" "$@"; }');
  await playApi(stage, life, (line) => showLine(line, out));
  return null;
}

async function playWork(stage: Stage, out: Out): Promise<string> {
  const life = await playStory(stage, tellBeginning(), ({ says }) => out(`${styleText('green', '●')} ${says}`));
  out('API=$URL/api/v1; api() { curl -s -H "Authorization: Bearer $TOKEN" "$@"; }');
  const onWorker = (line: string) => out(`    ${styleText('magenta', '│')} ${line}`);
  return playAgents(stage, life, { onLine: (line) => showLine(line, out), onWorker });
}

function showLine({ says, typed, status, answer }: Line, out: Out): void {
  out(`${styleText('cyan', `$ ${typed}`)}${styleText('dim', `  # ${says}`)}`);
  out(`  ${styleText(status < 400 ? 'green' : 'yellow', String(status))} ${answer}`);
}

/** "makes a check run, edits the check run twice, makes a comment". */
function counted(writes: readonly string[]): string {
  const times = Map.groupBy(writes, (write) => write);
  return [...times].map(([write, all]) => (all.length === 1 ? write : `${write} ×${all.length}`)).join(', ');
}

function show({ pull, title, comments, checkRuns }: Outcome, out: Out): void {
  out(`\n${styleText('bold', `━━ Pull request ${pull}: ${title}`)}`);
  if (comments.length === 0) out(styleText('dim', '(no comment: nothing ever failed)'));
  for (const { body } of comments) out(body);
  const newest = checkRuns.at(-1);
  if (newest === undefined) return;
  const { name, status, conclusion, output } = newest;
  out(styleText('cyan', `\nCheck run "${name}": ${conclusion ?? status} – ${output?.title ?? ''}`));
}

function further({ codered, github }: Stage, { keeps, token }: { keeps: boolean; token: string | null }): string[] {
  const files = [
    'README.md            what else it does, and how to run it for your own organisation',
    'src/pipeline.ts      the story of a delivery on one screen',
    'supabase/patterns/   what CodeRed knows about failing builds; add your own',
    'npm start            the set-up page that makes the GitHub App',
  ];
  // It opens nothing but what is played here.
  const agents = [
    `export CODERED_URL=${codered.url} CODERED_TOKEN=${token}   # then, as docs/agents.md and docs/worker.md have it:`,
    'claude mcp add --transport http codered $CODERED_URL/mcp --header "Authorization: Bearer $CODERED_TOKEN"',
    'npm run -s codered -- work --types qa,stage -- node docs/example-agent.mjs',
  ];
  const keep = [
    ...(token === null ? [] : agents),
    `curl ${codered.url}/readyz`,
    `curl ${codered.url}/metrics`,
    `the stand-in answers as api.github.com would, at ${github.url}; Ctrl-C ends both`,
  ];
  return keeps ? [...keep, ...files] : [...files, 'npm run demo -- --keep   leaves both running to look around'];
}
