// GET /.well-known/oauth-protected-resource and the same with a resource's path behind it: who gives tokens for it, and for what.
// https://www.rfc-editor.org/rfc/rfc9728
import { addPage, type Routes, reply } from '../http/routing.ts';
import { RESOURCE_METADATA_PATH, RESOURCE_PATHS, type ResourceName, resourceAt } from '../model/resources.ts';
import { SCOPES, type Scope } from '../model/scopes.ts';

/** What a client asks for when it knows no better; who needs more is told so when it is refused. */
const USUAL_SCOPES: Readonly<Record<ResourceName, readonly Scope[]>> = {
  mcp: ['read', 'tasks', 'agents'],
  api: SCOPES,
};
const NAMES: Readonly<Record<ResourceName, string>> = { mcp: 'CodeRed over MCP', api: 'CodeRed over REST' };

/** Adds the pages to `routes`; the one without a path is of MCP, whose clients ask there. */
export function addResourceMetadata(routes: Routes, url: string): void {
  const pages: readonly (readonly [string, ResourceName])[] = [
    [RESOURCE_METADATA_PATH, 'mcp'],
    [`${RESOURCE_METADATA_PATH}${RESOURCE_PATHS.mcp}`, 'mcp'],
    [`${RESOURCE_METADATA_PATH}${RESOURCE_PATHS.api}`, 'api'],
  ];
  for (const [path, name] of pages) {
    const body = {
      resource: resourceAt(url, name),
      authorization_servers: [url],
      scopes_supported: USUAL_SCOPES[name],
      bearer_methods_supported: ['header'],
      resource_name: NAMES[name],
    };
    // Anybody may read it, pages of other origins too.
    const headers = { 'access-control-allow-origin': '*', 'cache-control': 'public, max-age=300' };
    addPage(routes, path, (context) => reply(context, { status: 200, body, headers }));
  }
}
