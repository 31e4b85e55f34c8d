// Asks for the addresses of a stranger's name beside the threads of the process: the usual look-up takes one of few, which a name server
// that never answers would hold, and with it every other name that is asked for.
import { Resolver } from 'node:dns/promises';
import { isIP } from 'node:net';

export interface Address {
  readonly address: string;
  readonly family: number;
}

/** Of two; whoever waits gives up before that. */
const QUESTION_MS = 1_500;

/** Who asks; aborted, nothing more is asked, and none are found. */
type AddressesOf = (host: string, signal: AbortSignal) => Promise<readonly Address[]>;

/**
 * Returns what gives all addresses of a host, none where no name server knows one; an address is its own. `servers` are those of this
 * machine, unless named (`address:port`). Files such as /etc/hosts are not read: what stands there is no public host.
 */
export function makePublicNames(servers?: readonly string[]): AddressesOf {
  return async (host, signal) => {
    const family = isIP(host);
    if (family !== 0) return [{ address: host, family }];
    const resolver = new Resolver({ timeout: QUESTION_MS, tries: 2 });
    signal.addEventListener('abort', () => resolver.cancel(), { once: true });
    if (servers !== undefined) resolver.setServers(servers);
    const found = await Promise.allSettled([resolver.resolve4(host), resolver.resolve6(host)]);
    return found.flatMap((one, at) =>
      one.status === 'fulfilled' ? one.value.map((address) => ({ address, family: at === 0 ? 4 : 6 })) : [],
    );
  };
}
