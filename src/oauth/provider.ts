// The authorization server: oidc-provider, told what we allow. https://github.com/panva/node-oidc-provider/tree/main/docs
import type { JWK } from 'jose';
import Provider, { type Configuration, errors, interactionPolicy, type KoaContextWithOIDC } from 'oidc-provider';
import { newToken } from '../brain/tokens.ts';
import { RESOURCE_PATHS, resourceAt, resourceMeant } from '../model/resources.ts';
import { SCOPES } from '../model/scopes.ts';
import { type AdapterDeps, makeAdapter } from './adapter.ts';
import { takenMetadata } from './client-metadata.ts';
import { DOCUMENT_BYTES, makeMetadataFetch } from './metadata-fetch.ts';
import { redirectsProblem } from './redirects.ts';
import { SIGNED_WITH } from './signing-keys.ts';

/** Where its endpoints stand. */
export const OAUTH_PATHS = {
  authorization: '/oauth/authorize',
  token: '/oauth/token',
  registration: '/oauth/register',
  revocation: '/oauth/revoke',
  jwks: '/oauth/jwks',
  consent: '/oauth/consent',
} as const;

export interface ProviderDeps extends AdapterDeps {
  /** Where we are reached, without a slash at the end; the issuer. */
  readonly url: string;
  readonly cookieKeys: readonly string[];
  /** The first signs. */
  readonly signingKeys: readonly JWK[];
  /** Whether there is such a person. */
  readonly isPerson: (userId: string) => Promise<boolean>;
  /** Whether somebody at this address may have a metadata document fetched now. */
  readonly mayFetch: (context: KoaContextWithOIDC) => boolean;
  readonly renderError: NonNullable<Configuration['renderError']>;
  readonly fetchMetadata?: ReturnType<typeof makeMetadataFetch> | undefined;
}

const MINUTE = 60;
const DAY = 86_400;
/** In seconds. A family ends after half a year, and after a month in which its client did not come. */
const TTL = {
  AccessToken: 60 * MINUTE,
  AuthorizationCode: MINUTE,
  Grant: 180 * DAY,
  IdToken: 60 * MINUTE,
  Interaction: 30 * MINUTE,
  RefreshToken: 30 * DAY,
  Session: 30 * MINUTE,
} as const;

/** As oauth_tokens keeps it, less what an address may grow by. */
const LONGEST_CLIENT_ID = 400;

/** What a client may ask for beside our scopes: an id token, and to be let in while the person is away, which a refresh token does anyway. */
const OTHER_SCOPES = ['openid', 'offline_access'];

/** A server for these keys. Throws for settings that can't work. */
export function makeProvider(deps: ProviderDeps): Provider {
  const provider = new Provider(deps.url, configurationOf(deps));
  const { protocol, host } = new URL(deps.url);
  // Where we are reached is a setting, and never what a request says of itself.
  Object.defineProperties(provider.request, {
    protocol: { get: () => protocol.slice(0, -1) },
    host: { get: () => host },
  });
  // Clients are given no secret, also where they do not say that they want none.
  Object.assign(provider.Client, { needsSecret: () => false });
  for (const model of [provider.AccessToken, provider.RefreshToken]) beginOurWay(Object(model.prototype));
  provider.use(async (context, next) => {
    const { resource } = context.query;
    if (typeof resource === 'string') context.query = { ...context.query, resource: spelled(resource, deps.url) };
    await next();
    if (context.oidc?.route === 'discovery')
      Object.assign(Object(context.body), { response_modes_supported: ['query'] });
  });
  return provider;
}

/** What is issued begins as all tokens of ours do, so that scanners for secrets know it. */
function beginOurWay(token: { generateTokenId(): string }): void {
  const usual = token.generateTokenId;
  token.generateTokenId = function generateTokenId() {
    // It also settles the token's format.
    usual.call(this);
    return newToken();
  };
}

function configurationOf(deps: ProviderDeps): Configuration {
  const { cookieKeys, signingKeys, renderError } = deps;
  const { authorization, token, registration, revocation, jwks } = OAUTH_PATHS;
  return {
    adapter: makeAdapter(deps),
    jwks: { keys: signingKeys },
    ...clientRules(),
    ...grantRules(deps),
    scopes: [...SCOPES, ...OTHER_SCOPES],
    pkce: { required: () => true },
    features: featuresOf(deps),
    cookies: {
      names: { session: 'codered_oauth', interaction: 'codered_consent', resume: 'codered_resume' },
      keys: [...cookieKeys],
      long: { httpOnly: true, sameSite: 'lax' },
      short: { httpOnly: true, sameSite: 'lax' },
    },
    routes: { authorization, token, registration, revocation, jwks, end_session: '/oauth/session/end' },
    ttl: TTL,
    // A client that names no scope gets the least.
    extraParams: {
      scope: (context: KoaContextWithOIDC, value: unknown) => {
        if (value === undefined && context.oidc.params !== undefined) context.oidc.params.scope = 'read';
      },
    },
    interactions: { policy: askEachTime(), url: (_, { uid }) => `${OAUTH_PATHS.consent}/${uid}` },
    clientBasedCORS: () => false,
    renderError,
    fetch: async (asked) => fetchOf(deps)(asked instanceof Request ? asked.url : asked),
    fetchResponseBodyLimits: {
      'client_id metadata document': DOCUMENT_BYTES,
      jwks_uri: DOCUMENT_BYTES,
    },
  };
}

/** What is given when, and what ends with what. */
function grantRules({ isPerson, url }: ProviderDeps): Configuration {
  return {
    // A grant is of one consent: none that was given before is found again.
    loadExistingGrant: async ({ oidc }) => {
      const { grantId } = oidc.result?.consent ?? {};
      return grantId === undefined ? undefined : oidc.provider.Grant.find(grantId);
    },
    findAccount: async (context, sub) => {
      // At the token endpoint nothing of ours is asked before.
      const { params } = context.oidc;
      if (params?.resource !== undefined) params.resource = spelled(params.resource, url);
      if (!(await isPerson(sub))) return undefined;
      return { accountId: sub, claims: async () => ({ sub }) };
    },
    issueRefreshToken: async (_, client) => client.grantTypeAllowed('refresh_token'),
    expiresWithSession: async () => false,
    rotateRefreshToken: ({ oidc: { params, entities } }) => {
      // Before it is used up, so that a mistake costs nobody their family.
      const granted = entities.RefreshToken?.resourceIndicators ?? new Set();
      const asked: unknown[] = [params?.resource ?? []].flat();
      const isGranted = (resource: unknown) => typeof resource === 'string' && granted.has(resource);
      if (!asked.every(isGranted)) throw new errors.InvalidTarget();
      return true;
    },
    revokeGrantPolicy: () => true,
    allowOmittingSingleRegisteredRedirectUri: false,
  };
}

/** Clients spell a resource in their own ways; behind this it has the name that tokens carry. */
function spelled<Asked>(asked: Asked, url: string): Asked | string {
  return (typeof asked === 'string' ? resourceMeant(url, asked) : null) ?? asked;
}

function fetchOf({ fetchMetadata = makeMetadataFetch() }: ProviderDeps) {
  return fetchMetadata;
}

/** Clients are given no secret: what they could prove with it, PKCE proves. */
function clientRules(): Configuration {
  return {
    clientAuthMethods: ['none'],
    // Everybody has one id here for all clients, so nobody's list is asked for: it would be, at any host and each time that a client comes.
    sectorIdentifierUriValidate: () => false,
    responseTypes: ['code'],
    enabledJWA: { idTokenSigningAlgValues: [SIGNED_WITH] },
    clientDefaults: {
      token_endpoint_auth_method: 'none',
      grant_types: ['authorization_code', 'refresh_token'],
      response_types: ['code'],
      id_token_signed_response_alg: SIGNED_WITH,
    },
    extraClientMetadata: {
      properties: ['redirect_uris'],
      validator: (_context, _key, value, client) => {
        Object.assign(client, takenMetadata(client));
        const problem = redirectsProblem(value);
        if (problem !== null) throw new errors.InvalidClientMetadata(problem);
        // What is said of redirects holds for all clients: any port of loopback, and none but the query for answers.
        client.application_type = 'native';
        client.response_modes = ['query'];
      },
    },
  };
}

function featuresOf({ url, mayFetch }: ProviderDeps): Configuration['features'] {
  const resources = Object.keys(RESOURCE_PATHS).map((name) => resourceAt(url, name === 'mcp' ? 'mcp' : 'api'));
  return {
    devInteractions: { enabled: false },
    dPoP: { enabled: false },
    pushedAuthorizationRequests: { enabled: false },
    rpInitiatedLogout: { enabled: false },
    userinfo: { enabled: false },
    // Whoever else brings a token is answered as if there were none.
    revocation: { enabled: true, allowedPolicy: async (_, client, token) => token.clientId === client.clientId },
    registration: { enabled: true, issueRegistrationAccessToken: false },
    clientIdMetadataDocument: {
      enabled: true,
      ack: 'draft-02',
      allowFetch: async (context, id) => id.length <= LONGEST_CLIENT_ID && mayFetch(context),
      cacheDuration: { min: 5 * MINUTE, max: DAY },
    },
    resourceIndicators: {
      enabled: true,
      // Whoever names none is a client of MCP that does not know of it.
      defaultResource: async (_context, _client, oneOf) => oneOf ?? resourceAt(url, 'mcp'),
      getResourceServerInfo: async (_context, resource) => {
        if (!resources.includes(resource)) {
          throw new errors.InvalidTarget(`there are the resources ${resources.join(' and ')}`);
        }
        return {
          scope: SCOPES.join(' '),
          audience: resource,
          accessTokenTTL: TTL.AccessToken,
          accessTokenFormat: 'opaque',
        };
      },
    },
  };
}

/** A person is asked at each authorization, by one page that also knows who they are. */
function askEachTime() {
  const policy = interactionPolicy.base();
  const login = policy.get('login');
  login?.checks.clear();
  login?.checks.add(
    new interactionPolicy.Check('person', 'a person has to say yes', 'login_required', (context) =>
      context.oidc.result?.login === undefined
        ? interactionPolicy.Check.REQUEST_PROMPT
        : interactionPolicy.Check.NO_NEED_TO_PROMPT,
    ),
  );
  return policy;
}
