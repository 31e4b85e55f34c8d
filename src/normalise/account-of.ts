// Whose a delivery is: the installation and the account that its payload names, whatever the event. Pure.
import { z } from 'zod';
import { account } from './fields/account.ts';
import { id } from './fields/identity.ts';

const owner = account.nullish().catch(null);
const payloadSchema = z.object({
  action: z.string().nullish().catch(null),
  installation: z.object({ id, account: owner }).nullish().catch(null),
  repository: z.object({ owner }).nullish().catch(null),
  organization: owner,
  /** The event `installation_target` names the account beside the installation. */
  account: owner,
});

export interface PayloadAccount {
  readonly installation_id: number | null;
  readonly account_id: number | null;
  /** As GitHub writes it; null when the payload names nobody. */
  readonly account_login: string | null;
  /** The App was uninstalled. */
  readonly is_leaving: boolean;
}

/**
 * The account of the installation; of a payload that names none whose account is told, the owner of its repository, else its
 * organisation. Never the sender: anybody may act on somebody else's repository.
 */
export function accountOf(event: string, payload: unknown): PayloadAccount {
  const { data } = payloadSchema.safeParse(payload);
  const found =
    data?.installation?.account ??
    (event === 'installation_target' ? data?.account : null) ??
    data?.repository?.owner ??
    data?.organization ??
    null;
  return {
    installation_id: data?.installation?.id ?? null,
    account_id: found?.id ?? null,
    account_login: found?.name ?? null,
    is_leaving: event === 'installation' && data?.action === 'deleted',
  };
}
