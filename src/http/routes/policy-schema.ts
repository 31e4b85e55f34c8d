// GET /schema/codered.json: the JSON Schema of .github/codered.yml, for editors. server.ts makes it.
import { policyJsonSchema } from '../../policy/schema/policy.ts';
import type { Handler } from '../listen.ts';

const PATH = '/schema/codered.json';

/** A handler that resolves to false when the request is for another path. */
export function makeSchema(): Handler {
  const schema = `${JSON.stringify(policyJsonSchema(), null, 2)}\n`;
  return async (request, response) => {
    if (request.url?.split('?', 1)[0] !== PATH) return false;
    const { method } = request;
    const isRead = method === 'GET' || method === 'HEAD';
    response.writeHead(isRead ? 200 : 405, {
      'content-type': `application/${isRead ? 'schema+json' : 'json'}; charset=utf-8`,
      // It changes with the version that serves it, and is no secret: editors in a browser read it too.
      ...(isRead ? { 'cache-control': 'public, max-age=3600', 'access-control-allow-origin': '*' } : { allow: 'GET' }),
    });
    const text = isRead ? schema : `${JSON.stringify({ error: `${PATH} is read with GET` })}\n`;
    response.end(method === 'HEAD' ? undefined : text);
    return true;
  };
}
