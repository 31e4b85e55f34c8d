// The line that asks for an operation from a shell.
import type { Described } from '../rest/describe.ts';
import { fullPath } from '../rest/paths.ts';

/** With the address and the token out of the environment, and ids in capitals to be filled in. */
export function curlOf({
  place,
  parameters,
  body,
  isStream,
}: Pick<Described, 'place' | 'parameters' | 'body'> & Partial<Pick<Described, 'isStream'>>): string {
  const filled = fullPath(place)
    .split('/')
    .map((word) => (word.startsWith('{') ? `$${word.slice(1, -1).toUpperCase()}` : word))
    .join('/');
  const query = parameters
    .filter((one) => one.in === 'query' && one.required)
    .map(({ name, example }) => `${name}=${encodeURIComponent(String(example ?? '…'))}`)
    .join('&');
  const method = place.method === 'get' ? '' : ` -X ${place.method.toUpperCase()}`;
  const lines = [
    `curl${isStream ? ' --no-buffer' : ''}${method} "$CODERED_URL${filled}${query === '' ? '' : `?${query}`}"`,
    `-H "Authorization: Bearer $CODERED_TOKEN"`,
    ...(body === null || (!body.required && body.example === undefined) ? [] : bodyLines(body)),
  ];
  return lines.join(' \\\n  ');
}

function bodyLines({ example }: NonNullable<Described['body']>): string[] {
  const json = JSON.stringify(example ?? {}).replaceAll("'", `'\\''`);
  return [`-H 'Content-Type: application/json'`, `-d '${json}'`];
}
