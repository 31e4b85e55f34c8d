// The line that asks for an operation from a shell.
import type { Described } from '../rest/describe.ts';
import { REST_PREFIX } from '../rest/paths.ts';

/** With the address and the token out of the environment, and ids in capitals to be filled in. */
export function curlOf({ place, parameters, body }: Pick<Described, 'place' | 'parameters' | 'body'>): string {
  const path = place.path.replaceAll('{', '$').replaceAll('}', '').toUpperCase();
  const filled = place.path
    .split('/')
    .map((word, at) => (word.startsWith('{') ? path.split('/')[at] : word))
    .join('/');
  const query = parameters
    .filter((one) => one.in === 'query' && one.required)
    .map(({ name, example }) => `${name}=${encodeURIComponent(String(example ?? '…'))}`)
    .join('&');
  const method = place.method === 'get' ? '' : ` -X ${place.method.toUpperCase()}`;
  const lines = [
    `curl${method} "$CODERED_URL${REST_PREFIX}${filled}${query === '' ? '' : `?${query}`}"`,
    `-H "Authorization: Bearer $CODERED_TOKEN"`,
    ...(body === null || (!body.required && body.example === undefined) ? [] : bodyLines(body)),
  ];
  return lines.join(' \\\n  ');
}

function bodyLines({ example }: NonNullable<Described['body']>): string[] {
  const json = JSON.stringify(example ?? {}).replaceAll("'", `'\\''`);
  return [`-H 'Content-Type: application/json'`, `-d '${json}'`];
}
