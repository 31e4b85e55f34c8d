// Opens the authorization server over the brain, and anew when another key signs.
import { createHmac } from 'node:crypto';
import type Provider from 'oidc-provider';
import type { KoaContextWithOIDC } from 'oidc-provider';
import type { Logger } from 'pino';
import type { Brain } from '../brain/client.ts';
import type { SignInSettings } from '../config/sign-in-settings.ts';
import type { AddressOf } from '../http/client-address.ts';
import { asError, Misconfigured } from '../model/errors.ts';
import { pageHeaders } from '../pages/page.ts';
import { deriveKey, makeSealer } from '../sign-in/sealing.ts';
import { AddressPace, FETCHES } from './address-pace.ts';
import type { makeMetadataFetch } from './metadata-fetch.ts';
import { oauthErrorPage } from './oauth-words.ts';
import { makeProvider, type ProviderDeps } from './provider.ts';
import { readSigningKeys } from './signing-keys.ts';

export interface OpenDeps {
  readonly settings: SignInSettings;
  readonly brain: Pick<Brain, 'call'>;
  readonly addressOf: AddressOf;
  readonly log: Pick<Logger, 'info' | 'warn' | 'error'>;
  /** Counts what happens, by a word of ours. */
  readonly observe?: (event: string) => void;
  /** Of another kind than the internet's, for tests. */
  readonly fetchMetadata?: ReturnType<typeof makeMetadataFetch>;
}

/** How long nobody asks whether another key signs. */
const KEYS_MS = 3_600_000;

/** Gives the server as it is now. Rejects while the keys can't be read for the first time. */
export function openProvider(deps: OpenDeps): () => Promise<Provider> {
  const { settings, brain, log } = deps;
  const sealer = makeSealer(settings.keys, 'oauth signing key');
  const pace = new AddressPace(FETCHES);
  let opened: { readonly provider: Provider; readonly kid: string; readonly until: number } | null = null;
  const open = async () => {
    const signingKeys = await readSigningKeys({ brain, sealer, log });
    const until = performance.now() + KEYS_MS;
    const kid = signingKeys[0]?.kid;
    if (kid === undefined)
      throw new Misconfigured('CODERED_SECRET_KEY opens no signing key of OAuth, and no new one could be kept');
    if (opened?.kid === kid) opened = { ...opened, until };
    else {
      const provider = makeProvider({ ...depsOf(deps, pace), signingKeys });
      tellOf(provider, deps);
      opened = { provider, kid, until };
    }
    return opened.provider;
  };
  let opening: Promise<Provider> | null = null;
  return async () => {
    if (opened !== null && performance.now() < opened.until) return opened.provider;
    opening ??= open().finally(() => {
      opening = null;
    });
    if (opened === null) return opening;
    const { provider } = opened;
    return opening.catch((thrown: unknown) => {
      log.warn(
        { err: asError(thrown) },
        'the signing keys of OAuth could not be read again; those that are known go on',
      );
      return provider;
    });
  };
}

function depsOf(
  { settings, brain, addressOf, fetchMetadata }: OpenDeps,
  pace: AddressPace,
): Omit<ProviderDeps, 'signingKeys'> {
  const { url, keys } = settings;
  const [first = Buffer.alloc(0)] = keys;
  const addressKey = deriveKey(first, 'oauth addresses');
  return {
    url,
    brain,
    addressOf,
    fetchMetadata,
    cookieKeys: keys.map((key) => deriveKey(key, 'oauth cookies').toString('base64url')),
    hashOfAddress: (address) => createHmac('sha256', addressKey).update(address).digest('hex'),
    isPerson: async (user_id) => brain.call('is_person', { user_id }),
    mayFetch: ({ req }) => pace.take(addressOf(req)),
    renderError: (context, { error, error_description }, thrown) => {
      context.set(pageHeaders("'self'"));
      context.body = oauthErrorPage(thrown, error, error_description);
    },
  };
}

/** Says in the log and the metrics what happened: never a code, a token or what an address held. */
function tellOf(provider: Provider, { log, observe = () => {} }: OpenDeps): void {
  const clientOf = (context: KoaContextWithOIDC) => context.oidc?.client?.clientId.slice(0, 200) ?? null;
  const refused =
    (event: string) =>
    (context: KoaContextWithOIDC, { error }: { error: string }) => {
      observe(`${event} refused`);
      log.info({ client: clientOf(context), code: error }, `OAuth: ${event} was refused`);
    };
  provider.on('authorization.error', refused('authorization'));
  provider.on('grant.error', refused('token'));
  provider.on('registration_create.error', refused('registration'));
  provider.on('revocation.error', refused('revocation'));
  provider.on('authorization.success', () => observe('authorization'));
  provider.on('grant.success', () => observe('token'));
  provider.on('registration_create.success', () => observe('registration'));
  provider.on('grant.revoked', (context) => {
    observe('grant revoked');
    log.info({ client: clientOf(context) }, 'OAuth: a grant ended with all its tokens');
  });
  provider.on('server_error', (context, err) => {
    observe('fault');
    log.error({ err: asError(err), path: context.path.slice(0, 80) }, 'OAuth: a request could not be answered');
  });
  // Without a listener Koa would print it.
  const koa: NodeJS.EventEmitter = provider;
  koa.on('error', (err: unknown) => log.error({ err: asError(err) }, 'OAuth: a request could not be answered'));
}
