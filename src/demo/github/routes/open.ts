// The stand-in's routes that anybody may ask, without a token.

import { merge } from '../contract/json-value.ts';
import { type Answer, type Call, notFound } from './route.ts';

/** Routes by the operation's name in GitHub's description. */
export const openRoutes: Record<string, (call: Call) => Answer> = {
  'GET /meta': ({ contract }) => ({ status: 200, body: contract.example('api-overview') }),
  // A code is good for one exchange.
  'POST /app-manifests/{code}/conversions': ({ contract, parameters, state }) => {
    const code = String(parameters.code);
    const made = state.madeApps.get(code);
    if (made === undefined) return notFound();
    state.madeApps.delete(code);
    const { id, slug, pem, webhookSecret, clientId, clientSecret } = made;
    const about = { id, slug, name: slug, html_url: `https://github.com/apps/${slug}` };
    return {
      status: 201,
      body: merge(contract.example('integration-from-manifest'), {
        ...about,
        ...(clientId === undefined ? {} : { client_id: clientId }),
        ...(clientSecret === undefined ? {} : { client_secret: clientSecret }),
        pem,
        webhook_secret: webhookSecret,
      }),
    };
  },
};
