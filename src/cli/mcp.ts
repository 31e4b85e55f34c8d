// `codered mcp --stdio`: lets a client that wants a command use the MCP of a running CodeRed.
import { readFile } from 'node:fs/promises';
import process from 'node:process';
import { parseArgs } from 'node:util';
import { serveStdio } from '@modelcontextprotocol/server/stdio';
import { DEFAULT_SET, TOOL_SETS } from '../mcp/tool-sets.ts';
import { Misconfigured } from '../model/errors.ts';
import { makeForwarder } from './mcp/forward.ts';
import { makeForwardingServer } from './mcp/forwarding-server.ts';
import { type Command, type CommandContext, Misused } from './terminal/command.ts';

const help = `codered mcp --stdio [--url ADDRESS] [--token-file FILE] [--toolset SET[,SET...]] [--read-only]

Speaks MCP on standard input and output for a client that starts a command, and passes lists and calls of tools on to a running
CodeRed. Clients that speak HTTP need no command: they connect to ADDRESS/mcp. It ends when its input does.

  --url ADDRESS      where CodeRed is reached (CODERED_URL unless told, http://localhost:3000 without it)
  --token-file FILE  a file that holds the token, of \`codered token create\` (CODERED_TOKEN unless told)
  --toolset SET      which tools: ${TOOL_SETS.join(', ')} (${DEFAULT_SET} unless told)
  --read-only        only tools that change nothing`;

async function run({ args, env, err, stop }: CommandContext): Promise<0> {
  const { url, token, query } = await readWanted(args, env);
  const { href, protocol, hostname } = url;
  if (protocol === 'http:' && !['localhost', '127.0.0.1', '[::1]'].includes(hostname)) {
    err(`The token goes to ${hostname} unencrypted: where that is not a network of your own, use https.`);
  }
  const forward = makeForwarder({ url: `${href.replace(/\/$/, '')}/mcp${query}`, token });
  // What can't work is said at once, not at the first call.
  const { instructions } = await forward.discover(stop);
  const ended = new Promise<void>((resolve) => {
    process.stdin.once('end', resolve).once('close', resolve);
    stop.addEventListener('abort', () => resolve(), { once: true });
  });
  const served = serveStdio(() => makeForwardingServer(forward, instructions), {
    maxSubscriptions: 0,
    onerror: (error) => err(`A message was no MCP: ${error.message.slice(0, 300)}`),
  });
  await ended;
  await served.close();
  return 0;
}

async function readWanted(args: readonly string[], env: CommandContext['env']) {
  const { values } = parseArgs({
    args: [...args],
    options: {
      stdio: { type: 'boolean', default: false },
      url: { type: 'string' },
      'token-file': { type: 'string' },
      toolset: { type: 'string' },
      'read-only': { type: 'boolean', default: false },
    },
  });
  if (!values.stdio)
    throw new Misused('`codered mcp` wants --stdio; over HTTP a running `codered serve` has MCP at /mcp.');
  const url = URL.parse(values.url ?? env.CODERED_URL ?? 'http://localhost:3000');
  if (url === null || !['http:', 'https:'].includes(url.protocol) || url.search !== '' || url.username !== '') {
    throw new Misused('--url wants the address of a CodeRed, such as https://codered.example.');
  }
  const sets = values.toolset?.split(',').map((word) => word.trim());
  const unknown = sets?.find((word) => !TOOL_SETS.some((set) => set === word));
  if (unknown !== undefined)
    throw new Misused(`--toolset knows ${TOOL_SETS.join(', ')}, not ${JSON.stringify(unknown)}.`);
  const query = new URLSearchParams({
    ...(sets === undefined ? {} : { toolset: sets.join(',') }),
    ...(values['read-only'] ? { 'read-only': 'true' } : {}),
  });
  return { url, token: await readToken(values['token-file'], env), query: query.size === 0 ? '' : `?${query}` };
}

/** It stands in no argument, which every other program of the machine can read. */
async function readToken(file: string | undefined, env: CommandContext['env']): Promise<string> {
  const token = (file === undefined ? (env.CODERED_TOKEN ?? '') : await readFile(file, 'utf8')).trim();
  if (token !== '' && !/[^\x21-\x7e]/.test(token)) return token;
  throw new Misconfigured(
    'There is no token: set CODERED_TOKEN, or name a file with --token-file. `codered token create` makes one.',
  );
}

/** See `help`. */
export const command: Command = { help, run, endsInGoodOrder: true };
