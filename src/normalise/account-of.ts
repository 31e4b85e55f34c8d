// Which installation and account a delivery belongs to, by its payload, whatever the event. Pure.
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

/** The installation and account of a payload; null for what it does not name. */
export interface PayloadAccount {
  readonly installation_id: number | null;
  readonly account_id: number | null;
  /** In upper and lower case as GitHub writes it; null when the payload names nobody. */
  readonly account_login: string | null;
  /** True when the payload says that the App was uninstalled. */
  readonly is_leaving: boolean;
}

/**
 * Reads the account of the installation from a payload. When the installation is not given with its account, the account is the
 * owner of the repository, else the organisation. Never the sender: anybody may act on somebody else's repository. Never throws.
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
