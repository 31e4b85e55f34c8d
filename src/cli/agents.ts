// `codered agents`: writes the agents of YAML files into the brain.
import { readdir, stat } from 'node:fs/promises';
import { join, normalize } from 'node:path';
import { parseArgs } from 'node:util';
import { z } from 'zod';
import { type Agent, type AgentProblem, findDuplicates, parseAgentFile } from '../agents/agent-file.ts';
import { type BrainLog, openBrain } from '../brain/client.ts';
import { readBrainSettings } from '../config/settings.ts';
import { type Command, type CommandContext, Misused } from './terminal/command.ts';
import { fileProblem } from './terminal/file-problem.ts';
import { readTextFile } from './terminal/text-file.ts';

const help = `codered agents sync [--check] [--json] FOLDER|FILE...

Writes the agents of YAML files into the database, by slug; of a folder all that end in .yml or .yaml. One agent a file:

  name: ArchitectAgent            slug: architect                 role: architect
  and where wanted                description, allowed_zones ([green] else), default_model, max_tokens, temperature,
                                  cost_ceiling_usd, long_horizon_allowed

If anything is wrong with any file, all of it is told, nothing is written, and it ends with 1. Agents that no file names stay.
Where a running \`codered serve\` has the embedded database, that one writes them.

  --check  only read the files; needs no database
  --json   print { "agents", "inserted", "updated", "unchanged", "problems": [{ "file", "field", "reason" }] }`;

const counts = z.object({ inserted: z.number(), updated: z.number(), unchanged: z.number() });

interface AgentFiles {
  readonly agents: readonly Agent[];
  readonly problems: readonly AgentProblem[];
}

async function run({ args, env, out, err }: CommandContext): Promise<0 | 1> {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: { check: { type: 'boolean', default: false }, json: { type: 'boolean', default: false } },
  });
  const [verb, ...paths] = positionals;
  if (verb === undefined) throw new Misused('`codered agents` wants to be told what to do: sync FOLDER|FILE...');
  if (verb !== 'sync') throw new Misused(`\`codered agents\` knows \`sync\`, not ${JSON.stringify(verb)}.`);
  if (paths.length === 0) throw new Misused('Name at least one folder or file.');

  const { agents, problems } = await readAgents(paths);
  for (const { file, field, reason } of values.json ? [] : problems) {
    err(`${file}${field === null ? '' : `: ${field}`}: ${reason}`);
  }
  const written = values.check || problems.length > 0 ? null : await write(agents, env, err);
  if (values.json) out(JSON.stringify({ agents: agents.length, ...written, problems }));
  else out(summary(agents, problems, written));
  return problems.length > 0 ? 1 : 0;
}

function summary(agents: AgentFiles['agents'], problems: AgentFiles['problems'], written: Written | null): string {
  if (written) return `agents: ${written.inserted} new, ${written.updated} changed, ${written.unchanged} as they were`;
  const count = `agents: ${agents.length} can be written, ${problems.length} problems`;
  return problems.length > 0 ? `${count}; nothing was written` : count;
}

async function readAgents(paths: readonly string[]): Promise<AgentFiles> {
  const files = await Promise.all(paths.map(readPath));
  const agents = files.flatMap((file) => file.agents);
  return { agents, problems: [...files.flatMap((file) => file.problems), ...findDuplicates(agents)] };
}

/** A folder gives all of its files in the order of their names; one without any is a problem, as is what can't be read. */
async function readPath(path: string): Promise<AgentFiles> {
  try {
    if (!(await stat(path)).isDirectory()) return await readAgent(path);
    const names = (await readdir(path)).filter((name) => /\.ya?ml$/.test(name)).sort();
    if (names.length === 0) return failed(path, 'has no file that ends in .yml or .yaml');
    const files = await Promise.all(names.map((name) => readAgent(join(path, name))));
    return { agents: files.flatMap((file) => file.agents), problems: files.flatMap((file) => file.problems) };
  } catch (thrown) {
    return failed(path, fileProblem(thrown));
  }
}

async function readAgent(path: string): Promise<AgentFiles> {
  const { agent, problems } = parseAgentFile(normalize(path), await readTextFile(path));
  return { agents: agent === null ? [] : [agent], problems };
}

function failed(file: string, reason: string): AgentFiles {
  return { agents: [], problems: [{ file, field: null, reason }] };
}

type Written = z.infer<typeof counts>;

async function write(
  agents: readonly Agent[],
  env: CommandContext['env'],
  err: CommandContext['err'],
): Promise<Written> {
  const log: BrainLog = { info: () => {}, warn: (_, message) => err(message) };
  const brain = await openBrain(readBrainSettings(env), { log, mayShare: true });
  try {
    return counts.parse(await brain.call('upsert_agents', { agents: [...agents] }));
  } finally {
    await brain.close();
  }
}

/** See `help`. */
export const command: Command = { help, run };
