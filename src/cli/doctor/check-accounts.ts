// Checks whose installations CODERED_ALLOWED_ACCOUNTS keeps out.
import { readKeptOut } from '../../brain/admission.ts';
import type { Brain } from '../../brain/client.ts';
import { type Finding, ok, oneLine, warning } from './finding.ts';

const SHOWN = 10;

/** Returns one finding about the accounts that are kept out; `allowed` are logins in lower case. Throws what `brain.call` throws. */
export async function checkAccounts(brain: Pick<Brain, 'call'>, allowed: readonly string[]): Promise<Finding> {
  const keptOut = await readKeptOut(brain, allowed);
  if (keptOut.length === 0) return ok('accounts', `${allowed.join(', ')}; nobody else has installed the App`);
  const lines = keptOut
    .slice(0, SHOWN)
    .map(({ id, account_login, reason }) => oneLine(`${account_login ?? 'an unknown account'} (${id}): ${reason}`));
  const more = keptOut.length > SHOWN ? [`and ${keptOut.length - SHOWN} more`] : [];
  const installations = keptOut.length === 1 ? 'installation is' : 'installations are';
  const found = [`${keptOut.length} ${installations} kept out`, ...lines, ...more].join('\n   ');
  const fix =
    'Add the account to CODERED_ALLOWED_ACCOUNTS to let it in, or make the App private at GitHub so that nobody else finds it. ' +
    'A login that has gone to another account: `delete from codered.allowed_accounts where login = …` has it settled anew.';
  return warning('accounts', found, fix);
}
