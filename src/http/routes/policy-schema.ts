// GET /schema/codered.json: the JSON Schema of .github/codered.yml, for editors.
import { policyJsonSchema } from '../../policy/schema/policy.ts';
import { addPage, makeRoutes, type Routes } from '../routing.ts';

/** It changes with the version that serves it, and is no secret: editors in a browser read it too. */
const HEADERS = {
  'content-type': 'application/schema+json; charset=utf-8',
  'cache-control': 'public, max-age=3600',
  'access-control-allow-origin': '*',
};

/** The page of the schema. */
export function makeSchema(): Routes {
  const schema = `${JSON.stringify(policyJsonSchema(), null, 2)}\n`;
  const routes = makeRoutes();
  addPage(routes, '/schema/codered.json', (context) => context.body(schema, 200, HEADERS));
  return routes;
}
