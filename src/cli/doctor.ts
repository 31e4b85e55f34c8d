// `codered doctor`: checks everything that can be wrong before the first delivery.
import { parseArgs } from 'node:util';
import { type Config, type Environment, readBrainSettings, readConfig } from '../config/settings.ts';
import { asError } from '../model/errors.ts';
import { checkApp } from './doctor/check-app.ts';
import { checkBrain } from './doctor/check-brain.ts';
import { checkGate } from './doctor/check-gate.ts';
import { checkSignIn } from './doctor/check-sign-in.ts';
import { type Finding, failed, ok } from './doctor/finding.ts';
import type { Command, CommandContext } from './terminal/command.ts';

const help = `codered doctor [--gate] [--json]

Checks the settings, the database and its schema, the vector extension, what waits or was given up in the queues, what is due by the retention policies, whose
installations CODERED_ALLOWED_ACCOUNTS keeps out, and how the App is registered at GitHub (credentials, permissions and events against app.yml, webhook URL). Says what is wrong and what to do. Changes nothing,
but that an embedded database is brought up to date when it is opened; where a running \`codered serve\` has it,
that one is asked.

  --gate   say instead what holds gates up: check runs that wait past their deadline, what can't be written to GitHub, work that
           was given up or that nobody does, deliveries that wait, installations that are paused; needs the database alone
  --json   print one JSON object a line: { "check", "state": "ok" | "warning" | "failed", "found", "fix" }

Exits with 1 when something has failed.`;

const SIGNS = { ok: '✅ ok', warning: '⚠️ warning', failed: '❌ failed' } as const;

async function run({ args, env, out }: CommandContext): Promise<0 | 1> {
  const options = { json: { type: 'boolean', default: false }, gate: { type: 'boolean', default: false } } as const;
  const { values } = parseArgs({ args: [...args], options });
  const findings = await (values.gate ? examineGate(env) : examine(env));
  for (const finding of findings) out(values.json ? JSON.stringify(finding) : sentence(finding));
  return findings.some(({ state }) => state === 'failed') ? 1 : 0;
}

async function examine(env: Environment): Promise<Finding[]> {
  const settings = tryRead(() => readConfig(env));
  const backend = tryRead(() => readBrainSettings(env));
  const allowed = 'value' in settings ? settings.value.allowedAccounts : null;
  const [brain, app] = await Promise.all([
    'value' in backend ? checkBrain(backend.value, allowed) : [],
    'value' in settings ? checkApp(settings.value) : [],
  ]);
  const signIn = 'value' in settings ? [checkSignIn(settings.value)] : [];
  return [...settingFindings(settings), ...signIn, ...brain, ...app];
}

async function examineGate(env: Environment): Promise<Finding[]> {
  const backend = tryRead(() => readBrainSettings(env));
  return 'value' in backend ? checkGate(backend.value) : backend.problems.map(settingFinding);
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
  return settings.problems.map(settingFinding);
}

function settingFinding(problem: string): Finding {
  return failed('settings', problem, 'Set it in the environment or in .env.');
}

function sentence({ check, state, found, fix }: Finding): string {
  return `${SIGNS[state]}  ${check}: ${found}${fix === null ? '' : `\n   ${fix}`}`;
}

/** See `help`. */
export const command: Command = { help, run };
