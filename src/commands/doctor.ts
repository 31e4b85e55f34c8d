// `codered doctor`: checks everything that can be wrong before the first delivery. Only main.ts loads it.
import { parseArgs } from 'node:util';
import { type Config, type Environment, readBrainSettings, readConfig } from '../config.ts';
import { asError } from '../model.ts';
import type { Command, CommandContext } from './command.ts';
import { checkApp } from './doctor/check-app.ts';
import { checkBrain } from './doctor/check-brain.ts';
import { type Finding, failed, ok } from './doctor/finding.ts';

const help = `codered doctor [--json]

Checks the settings, the database and its schema, the vector extension, what is due by the retention policies, whose
installations CODERED_ALLOWED_ACCOUNTS keeps out, and how the App is registered at GitHub (credentials, permissions and events against app.yml, webhook URL). Says what is wrong and what to do. Changes nothing,
but that an embedded database is brought up to date when it is opened. That one serves one process at a time, so
\`codered serve\` has to be stopped first.

  --json   print one JSON object a line: { "check", "state": "ok" | "warning" | "failed", "found", "fix" }

Exits with 1 when something has failed.`;

const SIGNS = { ok: '✅ ok', warning: '⚠️ warning', failed: '❌ failed' } as const;

async function run({ args, env, out }: CommandContext): Promise<0 | 1> {
  const { values } = parseArgs({ args: [...args], options: { json: { type: 'boolean', default: false } } });
  const findings = await examine(env);
  for (const finding of findings) out(values.json ? JSON.stringify(finding) : sentence(finding));
  return findings.some(({ state }) => state === 'failed') ? 1 : 0;
}

async function examine(env: Environment): Promise<Finding[]> {
  const settings = tryRead(() => readConfig(env));
  const home = tryRead(() => readBrainSettings(env));
  return [
    ...settingFindings(settings),
    ...('value' in home
      ? await checkBrain(home.value, 'value' in settings ? settings.value.allowedAccounts : null)
      : []),
    ...('value' in settings ? await checkApp(settings.value) : []),
  ];
}

type Read<T> = { readonly value: T } | { readonly problems: readonly string[] };

function tryRead<T>(read: () => T): Read<T> {
  try {
    return { value: read() };
  } catch (thrown) {
    return { problems: asError(thrown).message.split('\n') };
  }
}

function settingFindings(settings: Read<Config>): Finding[] {
  if ('value' in settings) return [ok('settings', 'complete')];
  return settings.problems.map((problem) => failed('settings', problem, 'Set it in the environment or in .env.'));
}

function sentence({ check, state, found, fix }: Finding): string {
  return `${SIGNS[state]}  ${check}: ${found}${fix === null ? '' : `\n   ${fix}`}`;
}

/** See `help`. */
export const command: Command = { help, run };
