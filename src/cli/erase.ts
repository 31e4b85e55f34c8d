// `codered erase`: takes away what is kept of a repository or an organisation.
import { parseArgs } from 'node:util';
import { type Brain, type BrainLog, openBrain } from '../brain/client.ts';
import {
  countErasure,
  type ErasureCount,
  type ErasureScope,
  erase,
  scopeOfOrganisation,
  scopeOfRepository,
} from '../brain/retention/erasure.ts';
import { readBrainSettings } from '../config/settings.ts';
import { type Command, type CommandContext, Misused } from './terminal/command.ts';

const help = `codered erase --repo OWNER/NAME | --org LOGIN [--dry-run] [--json] [--yes]

Erases what is kept of a repository, or of an organisation or user with all that is theirs: payloads, CI runs with their
excerpts, artifacts, what should stand on GitHub, queued work, specs, documents, and of projects that have nothing else
their tasks too. It can't be undone. The audit stays: events, overrides and decisions, and the names that say whose they are.
GitHub is not touched.

  --repo OWNER/NAME  this repository, by the name it had last
  --org LOGIN        everything of this organisation or user
  --dry-run          say what would go and change nothing
  --json             print one JSON object a line: { "table_name", "rows" }, for --dry-run those that would go
  --yes              do not ask

Where CodeRed is still installed, what GitHub tells from now on is kept again: uninstall it there first. What was deleted
at GitHub, or taken from CodeRed, is erased after the time of the policy "repositories" by itself:
update codered.retention_policies set keep = '30 days' where table_name = 'repositories'; null means never.

SIGINT and SIGTERM end it between two batches, with 1; run it again to go on. Where \`codered serve\` has the
embedded database, that one does the work.`;

interface Wanted {
  readonly what: string;
  readonly find: (brain: Brain) => Promise<ErasureScope | null>;
  readonly dryRun: boolean;
  readonly json: boolean;
  readonly yes: boolean;
}

async function run(context: CommandContext): Promise<0 | 1> {
  const wanted = readWanted(context.args);
  const log: BrainLog = { info: () => {}, warn: (_, message) => context.err(message) };
  const brain = await openBrain(readBrainSettings(context.env), { log, mayShare: true });
  try {
    const scope = await wanted.find(brain);
    if (scope === null) {
      context.err(
        `The database knows no ${wanted.what}. See that the name is the one it had last, as GitHub writes it.`,
      );
      return 1;
    }
    return await eraseScope(brain, scope, wanted, context);
  } finally {
    await brain.close();
  }
}

function readWanted(args: readonly string[]): Wanted {
  const { values } = parseArgs({
    args: [...args],
    options: {
      repo: { type: 'string' },
      org: { type: 'string' },
      'dry-run': { type: 'boolean', default: false },
      json: { type: 'boolean', default: false },
      yes: { type: 'boolean', default: false },
    },
  });
  const { repo, org, 'dry-run': dryRun, json, yes } = values;
  const how = { dryRun, json, yes };
  if ((repo === undefined) === (org === undefined)) {
    throw new Misused('Say what to erase: --repo OWNER/NAME or --org LOGIN, one of them.');
  }
  if (repo !== undefined) {
    if (!/^[^/\s]+\/[^/\s]+$/.test(repo)) throw new Misused('--repo wants OWNER/NAME.');
    return { ...how, what: `repository ${repo}`, find: (brain) => scopeOfRepository(brain, repo) };
  }
  const login = org ?? '';
  if (!/^[^/\s]+$/.test(login)) throw new Misused('--org wants the login of an organisation or user.');
  return { ...how, what: `organisation ${login}`, find: (brain) => scopeOfOrganisation(brain, login) };
}

async function eraseScope(
  brain: Brain,
  scope: ErasureScope,
  { what, dryRun, json, yes }: Wanted,
  context: CommandContext,
): Promise<0 | 1> {
  const { out, err, stop, progress = () => {} } = context;
  const counts = await countErasure(brain, scope);
  const tell = (line: string) => (json ? err(line) : out(line));
  if (dryRun || !yes) announce(counts, { json: json && dryRun, what, scope, tell: dryRun ? out : err });
  if (scope.is_installed) tell(`CodeRed is still installed: what GitHub tells of ${what} from now on is kept again.`);
  if (dryRun) return 0;
  if (!yes && !(await isConfirmed(what, context))) {
    err('Nothing was erased.');
    return 1;
  }
  const erased = await erase(brain, scope, {
    stop,
    pauseMs: 0,
    onBatch: ({ table_name, rows }) => progress(`${table_name}: ${count(rows)} rows erased`),
  });
  for (const [table_name, rows] of Object.entries(erased.rows)) {
    out(json ? JSON.stringify({ table_name, rows }) : `${table_name}: ${count(rows)} rows erased`);
  }
  if (erased.objects > 0) tell(`storage: ${count(erased.objects)} files removed`);
  if (!erased.is_done) {
    err('stopped before all was done; run `codered erase` again to go on');
    return 1;
  }
  tell(`Of ${what} nothing is kept but the audit.`);
  progress('making room');
  await brain.vacuum(Object.keys(erased.rows));
  return 0;
}

function announce(
  counts: readonly ErasureCount[],
  { json, what, scope, tell }: { json: boolean; what: string; scope: ErasureScope; tell: (line: string) => void },
): void {
  if (json) {
    for (const { table_name, rows } of counts) tell(JSON.stringify({ table_name, rows }));
    return;
  }
  const repositories = scope.names.length === 0 ? '' : ` (${scope.names.join(', ')})`;
  tell(`Of ${what}${repositories} would be erased:`);
  for (const { table_name, rows } of counts)
    tell(`  ${table_name.padEnd(22)} ${count(rows)} ${rows === 1 ? 'row' : 'rows'}`);
  if (counts.length === 0) tell('  nothing: there is only the audit');
}

async function isConfirmed(what: string, { ask = async () => null }: CommandContext): Promise<boolean> {
  const answer = await ask(`Erase all this of ${what}? It can't be undone. Type yes: `);
  if (answer === null) throw new Misused('Nobody answered; to erase without being asked, add --yes.');
  return ['y', 'yes'].includes(answer.trim().toLowerCase());
}

function count(rows: number): string {
  return rows.toLocaleString('en');
}

/** See `help`. */
export const command: Command = { help, run, endsInGoodOrder: true };
