// Knows which addresses are GitHub's own, from which webhooks come: no share is counted for them.
import type { Logger } from 'pino';
import { among, type IsAmong } from '../config/address-ranges.ts';
import { RECEIVER_LIMITS } from '../config/receiver-settings.ts';
import { readHookRanges } from '../github/unsigned/meta.ts';
import { asError } from '../model/errors.ts';

/** `hooks` of https://api.github.com/meta in November 2026, for as long as it can't be asked. */
const KNOWN_OF_GITHUB_COM = [
  '192.30.252.0/22',
  '185.199.108.0/22',
  '140.82.112.0/20',
  '143.55.64.0/20',
  '2a0a:a440::/29',
  '2606:50c0::/32',
];

export interface HookAddresses {
  readonly isAmong: IsAmong;
  readonly stop: () => void;
}

/**
 * `fixed`: the setting, which nobody is asked beside. Without it GitHub is asked now and once a day, sooner after a failure;
 * until it has answered, what was known last counts.
 */
export function startHookAddresses({
  githubApiUrl,
  fixed,
  log,
}: {
  readonly githubApiUrl: string;
  readonly fixed: readonly string[] | null;
  readonly log: Pick<Logger, 'info' | 'warn'>;
}): HookAddresses {
  const isGithubCom = new URL(githubApiUrl).hostname === 'api.github.com';
  let current = among(fixed ?? (isGithubCom ? KNOWN_OF_GITHUB_COM : []));
  let next: NodeJS.Timeout | undefined;
  let isStopped = fixed !== null;
  const ask = async (): Promise<number> => {
    try {
      const ranges = await readHookRanges(githubApiUrl);
      current = among(ranges);
      log.info({ ranges: ranges.length }, 'GitHub said where its webhooks come from');
      return RECEIVER_LIMITS.hookRangesEveryMs;
    } catch (thrown) {
      const err = asError(thrown);
      log.warn({ err }, 'GitHub did not tell where its webhooks come from; CODERED_GITHUB_HOOKS can name the ranges');
      return RECEIVER_LIMITS.hookRangesAgainMs;
    }
  };
  const askNow = async (): Promise<void> => {
    const waitMs = await ask();
    if (!isStopped) next = setTimeout(askNow, waitMs).unref();
  };
  if (!isStopped) void askNow();
  const stop = () => {
    isStopped = true;
    clearTimeout(next);
  };
  return { isAmong: (address) => current(address), stop };
}
