// A client made of openapi.json, as users of the interface make one: its types, and a program that asks for every operation with
// them. Nothing of it is kept.

import { execFile } from 'node:child_process';
import { mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { Described } from '../../src/http/rest/describe.ts';
import { REST_PREFIX } from '../../src/http/rest/paths.ts';
import { repository } from './source-tree.ts';

const run = promisify(execFile);

/** What came of a program: its exit code, and all that it printed. */
interface Ran {
  readonly code: number;
  readonly output: string;
}

/** A folder with `paths.ts`, made of the document, beside `program.ts`. `remove` takes it away. */
export async function makeClient(document: unknown, program: string) {
  const folder = await mkdtemp(join(tmpdir(), 'codered-client-'));
  const put = (name: string, text: string) => writeFile(join(folder, name), text);
  await symlink(join(repository, 'node_modules'), join(folder, 'node_modules'));
  await put('openapi.json', JSON.stringify(document));
  await put('package.json', '{"type": "module"}');
  await put('program.ts', program);
  await put('generate.mjs', GENERATE);
  const config = { extends: join(repository, 'tsconfig.json'), include: ['*.ts'] };
  await put('tsconfig.json', JSON.stringify(config));
  const start = (...words: readonly string[]) => outcomeOf(words, folder);
  return {
    generate: () => start('generate.mjs'),
    /** By the repository's own rules; the types that were made too. */
    checkTypes: () => start(join(repository, 'node_modules/typescript/lib/tsc.js'), '--project', '.'),
    start: (...words: readonly string[]) => start('program.ts', ...words),
    remove: () => rm(folder, { recursive: true }),
  };
}

/** `openapi-typescript` writes with the compiler's own interface, which version 7 has not. */
const GENERATE = `
import { readFile, writeFile } from 'node:fs/promises';
import { registerHooks } from 'node:module';
registerHooks({ resolve: (name, context, next) => next(name === 'typescript' ? 'typescript-5' : name, context) });
const { astToString, default: openapi } = await import('openapi-typescript');
await writeFile('paths.ts', astToString(await openapi(JSON.parse(await readFile('openapi.json', 'utf8')))));
`;

async function outcomeOf(words: readonly string[], cwd: string): Promise<Ran> {
  try {
    const { stdout } = await run(process.execPath, words, { cwd, maxBuffer: 64 * 1024 * 1024 });
    return { code: 0, output: stdout };
  } catch (thrown) {
    const { code, stdout, stderr } = thrown as { code?: number; stdout?: string; stderr?: string };
    return { code: code ?? 1, output: `${stdout}${stderr}` };
  }
}

/** A program that asks for each operation once with what `exampleFor` has for a name, and prints its answers by operation; `more` stands before. */
export function programOf(
  described: readonly Described[],
  { exampleFor, more }: { exampleFor: (name: string, example: unknown) => unknown; more: string },
): string {
  const calls = described.map(({ operation, place, parameters, body }) => {
    const taken = (where: 'path' | 'query') =>
      Object.fromEntries(
        parameters
          .filter((one) => one.in === where && one.required)
          .map(({ name, example }) => [name, exampleFor(name, example)]),
      );
    const options = {
      params: Object.fromEntries(
        (['path', 'query'] as const)
          .map((where) => [where, taken(where)])
          .filter(([, some]) => Object.keys(Object(some)).length > 0),
      ),
      ...(body === null ? {} : { body: body.example ?? {} }),
    };
    const path = JSON.stringify(REST_PREFIX + place.path);
    return `await ask(${JSON.stringify(operation.name)}, client.${place.method.toUpperCase()}(${path}, ${JSON.stringify(options)}));`;
  });
  return `${HEAD}${more}\n${calls.join('\n')}\nconsole.log(JSON.stringify(told));\n`;
}

const HEAD = `
import createClient from 'openapi-fetch';
import type { paths } from './paths.ts';
const [, , baseUrl = '', token = ''] = process.argv;
const client = createClient<paths>({ baseUrl, headers: { authorization: \`Bearer \${token}\` } });
const told: Record<string, { status: number; data: unknown; code: string | undefined }> = {};
/** An answer is one or the other: what is refused has a code. */
async function ask(name: string, asked: Promise<{ data?: unknown; error?: { code: string }; response: Response }>) {
  const { data, error, response } = await asked;
  told[name] = { status: response.status, data, code: error?.code };
}
`;
