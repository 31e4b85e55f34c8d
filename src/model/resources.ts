// What tokens of OAuth are given for (RFC 8707), and where each says who gives them (RFC 9728).

/** Where each resource stands under the address of the deployment. */
export const RESOURCE_PATHS = { mcp: '/mcp', api: '/api/v1' } as const;

/** One of them. */
export type ResourceName = keyof typeof RESOURCE_PATHS;

/** The word that a token for it has as its audience. `url` is where the deployment is reached, without a slash at the end. */
export function resourceAt(url: string, name: ResourceName): string {
  return `${url}${RESOURCE_PATHS[name]}`;
}

/**
 * The resource that a client means by `asked`; null when it is none of ours. Clients add a slash or the query of the address that they
 * were given (`?toolset=ci`), and some name the origin alone, which is MCP.
 */
export function resourceMeant(url: string, asked: string): string | null {
  const parsed = URL.parse(asked);
  if (parsed === null || asked.includes('#')) return null;
  const { origin, pathname } = parsed;
  const address = `${origin}${pathname.endsWith('/') ? pathname.slice(0, -1) : pathname}`;
  if (address === url) return resourceAt(url, 'mcp');
  return Object.values(RESOURCE_PATHS).some((path) => address === `${url}${path}`) ? address : null;
}

/** Where the metadata of resources stand. https://www.rfc-editor.org/rfc/rfc9728#section-3.1 */
export const RESOURCE_METADATA_PATH = '/.well-known/oauth-protected-resource';

/** The address of a resource's metadata. */
export function resourceMetadataAt(resource: string): string {
  const { origin, pathname } = new URL(resource);
  return `${origin}${RESOURCE_METADATA_PATH}${pathname}`;
}
