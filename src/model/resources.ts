// What tokens of OAuth are given for (RFC 8707), and where each says who gives them (RFC 9728).

/** Where each resource stands under the address of the deployment. */
export const RESOURCE_PATHS = { mcp: '/mcp', api: '/api/v1' } as const;

/** One of them. */
export type ResourceName = keyof typeof RESOURCE_PATHS;

/** The word that a token for it has as its audience. `url` is where the deployment is reached, without a slash at the end. */
export function resourceAt(url: string, name: ResourceName): string {
  return `${url}${RESOURCE_PATHS[name]}`;
}

/** Where the metadata of resources stand. https://www.rfc-editor.org/rfc/rfc9728#section-3.1 */
export const RESOURCE_METADATA_PATH = '/.well-known/oauth-protected-resource';

/** The address of a resource's metadata. */
export function resourceMetadataAt(resource: string): string {
  const { origin, pathname } = new URL(resource);
  return `${origin}${RESOURCE_METADATA_PATH}${pathname}`;
}
