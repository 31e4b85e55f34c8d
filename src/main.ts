#!/usr/bin/env node
// Start here: the command line. Loads `.env`, finds the command, gives it the environment and the signals, and ends the
// process with what it says. The only file, beside app.ts, that reads process.env, and the only one that exits.
import { existsSync, readFileSync } from 'node:fs';
import process from 'node:process';
import type { Command, CommandContext, ExitCode } from './cli/terminal/command.ts';
import { misuseWords } from './cli/terminal/misuse.ts';
import { printable } from './cli/terminal/printable.ts';
import { progressLine, wantsPlain } from './cli/terminal/progress-line.ts';
import { asError } from './model/errors.ts';
import { closestName } from './text/closest-name.ts';

interface Entry {
  readonly summary: string;
  /** Loads the module only when the command is named, so that `codered --help` needs no database driver. */
  readonly load: () => Promise<{ readonly command: Command }>;
}

const COMMANDS: Readonly<Record<string, Entry>> = {
  serve: { summary: 'receive webhooks and work on them', load: () => import('./cli/serve.ts') },
  demo: {
    summary: 'play three pull requests through a running CodeRed, without account or network',
    load: () => import('./cli/demo.ts'),
  },
  doctor: {
    summary: 'check settings, database and GitHub App, and say what to fix',
    load: () => import('./cli/doctor.ts'),
  },
  migrate: { summary: 'bring the database up to date', load: () => import('./cli/migrate.ts') },
  replay: {
    summary: 'put deliveries that failed back into the queue',
    load: () => import('./cli/deliveries/replay.ts'),
  },
  backfill: {
    summary: 'ask GitHub for the runs, pull requests and deployments of the past',
    load: () => import('./cli/deliveries/backfill.ts'),
  },
  prune: {
    summary: 'delete what the retention policies let go, and archive old months',
    load: () => import('./cli/prune.ts'),
  },
  erase: {
    summary: 'erase what is kept of a repository or an organisation, but the audit',
    load: () => import('./cli/erase.ts'),
  },
  classify: { summary: 'say what broke in a log file', load: () => import('./cli/classify.ts') },
  fingerprint: { summary: 'print one fingerprint per line of a file', load: () => import('./cli/fingerprint.ts') },
  patterns: {
    summary: 'check pattern files, and list which patterns matched',
    load: () => import('./cli/patterns.ts'),
  },
  policy: {
    summary: 'check .github/codered.yml, and print its JSON Schema',
    load: () => import('./cli/policy.ts'),
  },
  gate: {
    summary: 'say what a policy would say of a pull request, writing nothing',
    load: () => import('./cli/gate.ts'),
  },
  evidence: {
    summary: 'say what is read in reports, and what a policy would say of them',
    load: () => import('./cli/evidence.ts'),
  },
  failures: {
    summary: 'say what failed on a pull request, why, and what fixes it',
    load: () => import('./cli/failures.ts'),
  },
  verdict: { summary: 'say why a failure is called new, flaky or not yours', load: () => import('./cli/verdict.ts') },
  work: {
    summary: 'do the work that agents are asked for, with a command or a model of yours',
    load: () => import('./cli/work.ts'),
  },
  agents: { summary: 'write the agents of YAML files into the database', load: () => import('./cli/agents.ts') },
  member: { summary: 'say who belongs to an organisation', load: () => import('./cli/people/member.ts') },
  mcp: {
    summary: 'speak MCP on standard input and output for a running CodeRed',
    load: () => import('./cli/mcp.ts'),
  },
  token: { summary: 'make, list and take back tokens for scripts', load: () => import('./cli/people/token.ts') },
};

function overview(): string {
  const lines = Object.entries(COMMANDS).map(([name, { summary }]) => `  ${name.padEnd(12)} ${summary}`);
  return [
    'codered <command> [options]',
    '',
    ...lines,
    '',
    '`codered <command> --help` tells more, `codered --version` which one this is.',
    'Each ends with 0 when it is done and nothing is wrong, with 1 when it failed or found something wrong, with 2 when',
    'its arguments make no sense.',
  ].join('\n');
}

const progress = progressLine(process.stderr, { isPlain: wantsPlain(process.env) });
const out = (line: string) => {
  progress.end();
  process.stdout.write(`${line}\n`);
};
const err = (line: string) => {
  progress.end();
  process.stderr.write(`${line}\n`);
};
// `codered … | head` reads no further: what is under way is finished all the same, and the rest goes nowhere.
for (const stream of [process.stdout, process.stderr]) {
  stream.on('error', (error) => {
    if (!('code' in error) || error.code !== 'EPIPE') throw error;
  });
}

/** Aborts at the first signal; the second one means it, as does the first for a command that does not look. */
function stopSignal({ endsInGoodOrder }: Command): AbortSignal {
  const stop = new AbortController();
  const onSignal = () => {
    if (stop.signal.aborted || endsInGoodOrder !== true) {
      progress.end();
      process.exit(1);
    }
    stop.abort();
  };
  process.on('SIGINT', onSignal);
  process.on('SIGTERM', onSignal);
  return stop.signal;
}

/** By package.json, with the Node that runs it. */
function version(): string {
  const text = readFileSync(new URL('../package.json', import.meta.url), 'utf8');
  const { version: number }: { version?: unknown } = JSON.parse(text);
  return `codered ${number} (Node ${process.versions.node})`;
}

async function main(argv: readonly string[]): Promise<ExitCode> {
  const asksFor = argv[0] === 'help' && argv[1] !== undefined && argv[1] !== 'help' ? [argv[1], '--help'] : argv;
  const [name, ...args] = asksFor;
  if (name === undefined || name === '--help' || name === '-h' || name === 'help') {
    out(overview());
    return name === undefined ? 2 : 0;
  }
  if (name === '--version' || name === '-v' || name === '-V' || name === 'version') {
    out(version());
    return 0;
  }
  const entry = Object.hasOwn(COMMANDS, name) ? COMMANDS[name] : undefined;
  if (entry === undefined) {
    const meant = closestName(name, Object.keys(COMMANDS));
    const advice = meant === null ? '' : ` Did you mean ${meant}?`;
    err(`codered has no command "${printable(name)}".${advice}\n\n${overview()}`);
    return 2;
  }
  const { command } = await entry.load();
  if (asksForHelp(args)) {
    out(command.help);
    return 0;
  }
  const stop = stopSignal(command);
  const ask = async (question: string) => {
    const { askLine } = await import('./cli/terminal/ask-line.ts');
    return askLine(question, { input: process.stdin, output: process.stderr, stop });
  };
  const { show, glance } = progress;
  return runCommand(name, command, { args, env: process.env, out, err, progress: show, glance, ask, stop });
}

function asksForHelp(args: readonly string[]): boolean {
  const end = args.indexOf('--');
  const options = end === -1 ? args : args.slice(0, end);
  return options.includes('--help') || options.includes('-h');
}

async function runCommand(name: string, command: Command, context: CommandContext): Promise<ExitCode> {
  // Takes a few times as long to load as this process to start.
  const loadWords = () => import('./cli/terminal/explain.ts');
  if (command.findsOwnWords !== true) (await loadWords()).speakPlainly();
  try {
    return await command.run(context);
  } catch (thrown) {
    const error = asError(thrown);
    const misuse = misuseWords(error, command.help);
    if (misuse !== null) {
      err(`${misuse}\n\`codered ${name} --help\` says what is accepted.`);
      return 2;
    }
    // A stack tells a person who runs CodeRed nothing about settings, a database that is down, or what it refuses.
    const { explained } = await loadWords();
    err(explained(error) ?? error.stack ?? error.message);
    return 1;
  }
}

/** Waits until a pipe has taken everything that was written to it. */
function flushed(stream: NodeJS.WriteStream): Promise<void> {
  return new Promise((resolve) => (stream.writable ? stream.write('', () => resolve()) : resolve()));
}

/** What is set already wins over the file, so that one setting can be changed for one start. False: it can't be read, which was said. */
function loadSettings(): boolean {
  try {
    if (existsSync('.env')) process.loadEnvFile('.env');
    return true;
  } catch (thrown) {
    err(
      `The file .env in this folder can't be read: ${asError(thrown).message}. Mend or remove it, or start elsewhere.`,
    );
    return false;
  }
}

const exitCode = loadSettings() ? await main(process.argv.slice(2)) : 1;
progress.end();
await Promise.all([flushed(process.stdout), flushed(process.stderr)]);
process.exit(exitCode);
