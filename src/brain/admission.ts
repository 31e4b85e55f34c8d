// Whose deliveries, uploads and specs are let in, by CODERED_ALLOWED_ACCOUNTS.
import { z } from 'zod';
import { Rejected } from '../model/errors.ts';
import type { Brain, BrainLog } from './client.ts';

/** What `Rejected.code` says of what is kept out. */
const KEPT_OUT = 'kept_out';

/** An account and an installation as a payload tells them. */
export interface AccountToAdmit {
  readonly installation_id: number | null;
  readonly account_id: number | null;
  readonly account_login: string | null;
  readonly is_leaving: boolean;
}

/** By which of them an installation is found: its own id, or a repository of it. */
export type AdmissionSubject =
  | { readonly installation_id: number }
  | { readonly full_name: string }
  /** `owner_*`: whose the repository is by its own word. */
  | { readonly repository_id: number; readonly owner_id?: number; readonly owner_login?: string };

export interface Admission {
  /** Null when what comes from there is let in, else the reason. Tells the log of each installation once. */
  readonly reasonToKeepOut: (account: AccountToAdmit) => Promise<string | null>;
  /** Whether a known installation is let in; one that is not known is not, unless everybody is. */
  readonly isAllowed: (subject: AdmissionSubject) => Promise<boolean>;
  /** Throws `Rejected` with the code `KEPT_OUT` for an installation that is not let in. */
  readonly check: (installationId: number) => Promise<void>;
}

const admitted = z.object({
  is_allowed: z.boolean(),
  is_news: z.boolean(),
  account_login: z.string().nullable(),
  reason: z.string().nullable(),
});
const known = z.object({ is_allowed: z.boolean() }).nullable();
const keptOut = z.array(z.object({ id: z.int(), account_login: z.string().nullable(), reason: z.string() }));

/** `allowed`: logins in lower case; null lets everybody in and asks nothing. Throws what `brain.call` throws, as all of it does. */
export function makeAdmission(
  brain: Pick<Brain, 'call'>,
  allowed: readonly string[] | null,
  log: Pick<BrainLog, 'info'>,
): Admission {
  if (allowed === null)
    return { reasonToKeepOut: async () => null, isAllowed: async () => true, check: async () => {} };
  const logins = [...allowed];
  const isAllowed = async (subject: AdmissionSubject) => {
    const found = known.parse(await brain.call('read_admission', { allowed: logins, ...subject }));
    return found?.is_allowed === true;
  };
  return {
    isAllowed,
    reasonToKeepOut: async ({ installation_id, account_id, account_login, is_leaving }) => {
      const answer = admitted.parse(
        await brain.call('admit_account', {
          allowed: logins,
          is_leaving,
          ...(installation_id === null ? {} : { installation_id }),
          ...(account_id === null ? {} : { account_id }),
          ...(account_login === null ? {} : { account_login }),
        }),
      );
      if (answer.is_news) tell(log, { installation_id, ...answer });
      return answer.is_allowed ? null : answer.reason;
    },
    check: async (installation_id) => {
      if (await isAllowed({ installation_id })) return;
      throw new Rejected(`CODERED_ALLOWED_ACCOUNTS keeps installation ${installation_id} out`, { code: KEPT_OUT });
    },
  };
}

/** The installations that are kept out, for `codered doctor`. */
export async function readKeptOut(brain: Pick<Brain, 'call'>, allowed: readonly string[]) {
  return keptOut.parse(await brain.call('kept_out_installations_now', { allowed: [...allowed] }));
}

function tell(
  log: Pick<BrainLog, 'info'>,
  answer: z.output<typeof admitted> & { installation_id: number | null },
): void {
  const { is_allowed, installation_id, account_login, reason } = answer;
  if (is_allowed) {
    log.info({ installation_id, account: account_login }, 'an installation that was kept out is let in from now on');
    return;
  }
  log.info(
    { installation_id, account: account_login, reason },
    'thank you for the interest, but this CodeRed serves other accounts: what this installation sends is not kept. ' +
      'To let it in, add its account to CODERED_ALLOWED_ACCOUNTS',
  );
}
