// `codered demo`: the main job on a machine with nothing but Node, played through the real webhook receiver.

import { once } from 'node:events';
import { parseArgs, styleText } from 'node:util';
import { openBrain } from '../brain/client.ts';
import { type ApiScene, playApi } from '../demo/story/api-story.ts';
import { type Outcome, outcomesOf, playStory, setStage } from '../demo/story/play-story.ts';
import { tellStory } from '../demo/story/story.ts';
import type { Command } from './terminal/command.ts';

const help = `codered demo [--api] [--keep]

Starts CodeRed on an embedded database in memory and a stand-in for GitHub beside it, plays the story of three pull
requests with signed webhooks over a socket, and prints what then stands on each. Needs no account, key or network.

  --api    plays afterwards what a person does over REST with a token: reads what failed, makes a task, takes it up
  --keep   leaves both running until Ctrl-C, to look around with curl; with --api the token too
  --help   says this`;

/** See `help`. */
export const command: Command = {
  help,
  endsInGoodOrder: true,
  async run({ args, out, err, stop }) {
    const { values } = parseArgs({
      args: [...args],
      options: { keep: { type: 'boolean', default: false }, api: { type: 'boolean', default: false } },
    });
    err('Starting CodeRed on an embedded database, and a stand-in for GitHub …');
    const startedAt = performance.now();
    const log = { info: () => {}, warn: (_: object, message: string) => err(message) };
    const brain = values.api ? await openBrain({ kind: 'embedded', directory: null }, { log }) : undefined;
    const stage = await setStage(brain === undefined ? {} : { brain });
    try {
      out(`CodeRed listens on ${stage.codered.url}, the stand-in for GitHub on ${stage.github.url}.\n`);
      const life = await playStory(stage, tellStory(), ({ says }, { deliveries, writes, tookMs }) => {
        const wrote = writes.length === 0 ? '' : ` → CodeRed ${counted(writes)}`;
        out(`${styleText('green', '●')} ${says}`);
        out(styleText('dim', `    ${deliveries} ${deliveries === 1 ? 'webhook' : 'webhooks'}${wrote} (${tookMs} ms)`));
      });
      for (const outcome of outcomesOf(stage, life)) show(outcome, out);
      if (brain !== undefined) {
        out(`\n${styleText('bold', '━━ Over REST, as octocat with a token of codered token create')}`);
        const org = life.repository.owner.login;
        const token = await playApi({ url: stage.codered.url, brain, org }, (scene) => showApi(scene, out));
        if (values.keep)
          out(`\nTo go on where octocat has stopped, for an hour:\n${styleText('cyan', `$ export TOKEN=${token}`)}`);
      }
      const problems = [...stage.github.violations, ...stage.github.refused];
      if (problems.length > 0) {
        err(`GitHub's description forbids what was sent or answered:\n${JSON.stringify(problems, null, 2)}`);
        return 1;
      }
      out(`\nPlayed in ${((performance.now() - startedAt) / 1000).toFixed(1)} s. Where to look further:`);
      for (const line of further(stage.codered.url, stage.github.url, values.keep)) out(`  ${line}`);
      if (values.keep && !stop.aborted) await once(stop, 'abort');
      return 0;
    } finally {
      await stage.close().finally(() => brain?.close());
    }
  },
};

/** So much of an answer is shown. */
const SHOWN_LINES = 24;

function showApi({ says, curl, status, answer }: ApiScene, out: (line: string) => void): void {
  const lines = JSON.stringify(answer, null, 2).split('\n');
  out(`\n${styleText('green', '●')} ${says}\n${styleText('cyan', `$ ${curl}`)}`);
  out(styleText('dim', `HTTP ${status}`));
  for (const line of lines.slice(0, SHOWN_LINES)) out(line.length > 160 ? `${line.slice(0, 160)}…` : line);
  if (lines.length > SHOWN_LINES) out(styleText('dim', `… ${lines.length - SHOWN_LINES} more lines`));
}

/** "makes a check run, edits the check run twice, makes a comment". */
function counted(writes: readonly string[]): string {
  const times = Map.groupBy(writes, (write) => write);
  return [...times].map(([write, all]) => (all.length === 1 ? write : `${write} ×${all.length}`)).join(', ');
}

function show({ pull, title, comments, checkRuns }: Outcome, out: (line: string) => void): void {
  out(`\n${styleText('bold', `━━ Pull request ${pull}: ${title}`)}`);
  if (comments.length === 0) out(styleText('dim', '(no comment: nothing ever failed)'));
  for (const { body } of comments) out(body);
  const newest = checkRuns.at(-1);
  if (newest === undefined) return;
  const { name, status, conclusion, output } = newest;
  out(styleText('cyan', `\nCheck run "${name}": ${conclusion ?? status} – ${output?.title ?? ''}`));
}

function further(codered: string, github: string, keeps: boolean): string[] {
  const files = [
    'README.md            what else it does, and how to run it for your own organisation',
    'src/pipeline.ts      the story of a delivery on one screen',
    'supabase/patterns/   what CodeRed knows about failing builds; add your own',
    'npm start            the set-up page that makes the GitHub App',
  ];
  const keep = [
    `curl ${codered}/readyz`,
    `curl ${codered}/metrics`,
    `the stand-in answers as api.github.com would, at ${github}; Ctrl-C ends both`,
  ];
  return keeps ? [...keep, ...files] : [...files, 'npm run demo -- --keep   leaves both running to look around'];
}
