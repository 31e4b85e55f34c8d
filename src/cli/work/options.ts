// What `codered work` is told on its command line and in its environment.

import { hostname } from 'node:os';
import { parseArgs } from 'node:util';
import { z } from 'zod';
import type { Environment } from '../../config/settings.ts';
import { Misconfigured } from '../../model/errors.ts';
import { Misused } from '../terminal/command.ts';
import { readTextFile } from '../terminal/text-file.ts';

/** Who does the work. */
export type Doer =
  | { readonly kind: 'command'; readonly command: readonly [string, ...string[]] }
  | { readonly kind: 'model'; readonly url: string; readonly model: string | null; readonly key: string | null };

/** All of it, checked. */
export interface WorkOptions {
  /** Without a slash at the end. */
  readonly url: string;
  readonly token: string;
  readonly doer: Doer;
  readonly claim: {
    readonly worker: string;
    readonly types: readonly string[];
    readonly projectId: string | null;
    readonly leaseSeconds: number;
  };
  readonly concurrency: number;
  readonly attempts: number;
  readonly timeoutMs: number;
  readonly once: boolean;
}

const OPTIONS = {
  types: { type: 'string' },
  url: { type: 'string' },
  'token-file': { type: 'string' },
  project: { type: 'string' },
  worker: { type: 'string' },
  lease: { type: 'string' },
  concurrency: { type: 'string' },
  attempts: { type: 'string' },
  timeout: { type: 'string' },
  once: { type: 'boolean', default: false },
  model: { type: 'string' },
  'model-name': { type: 'string' },
  'allow-http': { type: 'boolean', default: false },
} as const;

const MOST_TYPES = 20;
const LONGEST_NAME = 100;
const LOOPBACK: readonly string[] = ['localhost', '127.0.0.1', '[::1]'];

/** Throws Misused for arguments that make no sense, Misconfigured where the environment or the file of the token does not. */
export async function readWorkOptions(args: readonly string[], env: Environment): Promise<WorkOptions> {
  const end = args.indexOf('--');
  const { values } = parseArgs({ args: args.slice(0, end === -1 ? undefined : end), options: OPTIONS });
  const allowHttp = values['allow-http'];
  const [program, ...rest] = end === -1 ? [] : args.slice(end + 1);
  const doer = doerOf(program === undefined ? null : [program, ...rest], { ...values, allowHttp }, env);
  const url = values.url ?? env.CODERED_URL ?? '';
  if (url === '') throw new Misused('--url is needed, or CODERED_URL in the environment: where CodeRed is reached.');
  const projectId = z.guid().optional().safeParse(values.project);
  if (!projectId.success) throw new Misused('--project wants the id of a project, as `GET /api/v1/projects` has it.');
  return {
    url: addressIn(url, { called: '--url', allowHttp }),
    doer,
    claim: {
      worker: nameIn('--worker', values.worker ?? `${hostname()}-${process.pid}`),
      types: typesIn(values.types),
      projectId: projectId.data ?? null,
      leaseSeconds: numberIn('--lease', values.lease ?? '300', { least: 10, most: 3_600 }),
    },
    concurrency: numberIn('--concurrency', values.concurrency ?? '1', { least: 1, most: 100 }),
    attempts: numberIn('--attempts', values.attempts ?? '2', { least: 1, most: 10 }),
    timeoutMs: numberIn('--timeout', values.timeout ?? '3600', { least: 1, most: 86_400 }) * 1000,
    once: values.once,
    token: await tokenIn(values['token-file'], env),
  };
}

function doerOf(
  command: readonly [string, ...string[]] | null,
  given: {
    readonly model?: string | undefined;
    readonly 'model-name'?: string | undefined;
    readonly allowHttp: boolean;
  },
  env: Environment,
): Doer {
  const { model: url, 'model-name': model, allowHttp } = given;
  if ((command === null) === (url === undefined)) {
    throw new Misused(
      'Say who does the work: a command after --, or --model with the address of a model; one of them.',
    );
  }
  if (command !== null && model !== undefined) throw new Misused('--model-name says nothing to a command.');
  if (command !== null) return { kind: 'command', command };
  const key = env.CODERED_MODEL_KEY ?? '';
  return {
    kind: 'model',
    url: addressIn(url ?? '', { called: '--model', allowHttp }),
    model: model === undefined ? null : nameIn('--model-name', model),
    key: key === '' ? null : key,
  };
}

/** A token goes there with every request. */
function addressIn(
  text: string,
  { called, allowHttp }: { readonly called: string; readonly allowHttp: boolean },
): string {
  const url = URL.parse(text);
  if (url === null || !['http:', 'https:'].includes(url.protocol))
    throw new Misused(`${called} wants an https address.`);
  if (url.username !== '' || url.password !== '' || url.search !== '' || url.hash !== '') {
    throw new Misused(`${called} wants an address without user, password, query and fragment.`);
  }
  if (url.protocol === 'http:' && !allowHttp && !LOOPBACK.includes(url.hostname)) {
    throw new Misused(`${called} wants https: over http everybody on the way reads the token. --allow-http allows it.`);
  }
  let plain = url.href;
  while (plain.endsWith('/')) plain = plain.slice(0, -1);
  return plain;
}

function typesIn(text: string | undefined): readonly string[] {
  const types = (text ?? '').split(',').map((one) => one.trim());
  if (text === undefined) return [];
  if (types.length > MOST_TYPES || types.some((type) => type === '' || type.length > LONGEST_NAME)) {
    throw new Misused(`--types wants 1 to ${MOST_TYPES} types with commas between: research, code, stage and so on.`);
  }
  return [...new Set(types)];
}

function nameIn(option: string, text: string): string {
  const name = text.trim();
  if (name === '' || name.length > LONGEST_NAME) throw new Misused(`${option} wants 1 to ${LONGEST_NAME} characters.`);
  return name;
}

function numberIn(
  option: string,
  text: string,
  { least, most }: { readonly least: number; readonly most: number },
): number {
  const number = text.trim() === '' ? Number.NaN : Number(text);
  if (!Number.isInteger(number) || number < least || number > most) {
    throw new Misused(`${option} wants a whole number from ${least} to ${most}.`);
  }
  return number;
}

async function tokenIn(file: string | undefined, env: Environment): Promise<string> {
  const token = (file === undefined ? (env.CODERED_TOKEN ?? '') : await readTokenFile(file)).trim();
  const where = file === undefined ? 'CODERED_TOKEN' : file;
  if (token === '') {
    throw new Misconfigured(
      'A token is needed, in CODERED_TOKEN or in the file that --token-file names: `codered token create --scope agents …` makes one.',
    );
  }
  // What stands in a header: a line of ASCII without spaces.
  const isToken = token.length <= 4_096 && Array.from(token).every((sign) => sign > ' ' && sign <= '~');
  if (!isToken) throw new Misconfigured(`What stands in ${where} is no token.`);
  return token;
}

async function readTokenFile(path: string): Promise<string> {
  try {
    return await readTextFile(path);
  } catch (error) {
    throw new Misconfigured(`The file of the token, ${path}, can't be read.`, { cause: error });
  }
}
