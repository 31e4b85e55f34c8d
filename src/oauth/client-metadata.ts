// What a client says of itself, as it is taken: what we do not do is left away, as RFC 7591 has it (3.2.1), since clients name all that
// they can do anywhere. Pure.
import { z } from 'zod';

/** What we do. */
const GRANTS = ['authorization_code', 'refresh_token'];
/** Whoever has no secret from us can't prove one; the answer says `none`. */
const BY_SECRET = ['client_secret_basic', 'client_secret_post'];

const metadata = z.object({
  grant_types: z.array(z.unknown()).optional().catch(undefined),
  token_endpoint_auth_method: z.string().optional().catch(undefined),
});

/**
 * What has to be put in the place of what `client` says: of its grants those that there are, where signing in is one (VS Code names the
 * device's too), no secret where it wants to have one (claude.ai does), and no scopes: clients ask for others later than those they
 * register, or for those of any server (`profile`), and what one gets is what a person ticks.
 */
export function takenMetadata(client: unknown): {
  readonly grant_types?: string[];
  readonly token_endpoint_auth_method?: 'none';
  readonly scope: undefined;
} {
  const { grant_types: named = [], token_endpoint_auth_method: method = '' } = metadata.parse(client);
  const grants = GRANTS.filter((grant) => named.includes(grant));
  return {
    ...(grants.includes('authorization_code') ? { grant_types: grants } : {}),
    ...(BY_SECRET.includes(method) ? { token_endpoint_auth_method: 'none' as const } : {}),
    scope: undefined,
  };
}
