// Holds every answer of the REST interface against its own description: what an operation does not describe it must not answer.

import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';
import formats from 'ajv-formats';
import { z } from 'zod';
import { openapiDocument } from '../../src/http/rest/openapi.ts';

/** One exchange, as it went over the wire. */
export interface Exchange {
  readonly method: string;
  /** Whole, or from the first slash. */
  readonly url: string;
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
}

const content = z.record(z.string(), z.object({ schema: z.unknown(), example: z.unknown() }));
const pointer = z.object({ $ref: z.string() });
const described = z.object({
  content: content.default({}),
  headers: z.record(z.string(), z.unknown()).default({}),
});
const header = z.object({ required: z.boolean().default(false), schema: z.unknown() });
const operation = z.object({
  operationId: z.string(),
  requestBody: z.object({ content }).optional(),
  responses: z.record(z.string(), z.unknown()),
});
const paths = z.object({ paths: z.record(z.string(), z.record(z.string(), operation)) });

/** As it is served. */
export const DOCUMENT: unknown = JSON.parse(JSON.stringify(openapiDocument()));
const PATHS = Object.entries(paths.parse(DOCUMENT).paths).map(
  ([path, methods]) => [new RegExp(`^${path.replaceAll(/\{\w+\}/g, '[^/]+')}$`), methods] as const,
);

const ajv = new Ajv2020({ strict: false, allErrors: false });
formats.default(ajv);
ajv.addSchema({ $id: 'codered:', ...z.object({ components: z.unknown() }).parse(DOCUMENT) });
const compiled = new Map<unknown, ValidateFunction>();

/** What is wrong with a value by a schema of the document; null: nothing. */
export function problemWith(schema: unknown, value: unknown): string | null {
  const validate = compiled.get(schema) ?? ajv.compile(rebased({ of: schema }));
  compiled.set(schema, validate);
  return validate(value) ? null : ajv.errorsText(validate.errors);
}

/** The same schema where it can be told from where its pointers lead. */
function rebased({ of }: { of: unknown }): { [key: string]: unknown } {
  const text = JSON.stringify(of).replaceAll('"$ref":"#/', '"$ref":"codered:#/');
  return z.record(z.string(), z.unknown()).parse(JSON.parse(text));
}

/** Throws what the answer has that its operation does not describe. Paths that are no operation's are left alone. */
export function expectDescribed({ method, url, status, headers, text }: Exchange): void {
  // Every path has these by HTTP itself: the answer to GET without its body, and which methods there are.
  if (method === 'HEAD' || method === 'OPTIONS') return;
  const [path = ''] = url.replace(/^https?:\/\/[^/]+/, '').split('?');
  const methods = PATHS.filter(([form]) => form.test(path)).map(([, found]) => found);
  if (methods.length === 0) return;
  const asked = methods.map((found) => found[method.toLowerCase()]).find((found) => found !== undefined);
  if (asked === undefined) {
    if (status !== 405) throw new Error(`${method} ${path} is described nowhere, and was answered ${status}: ${text}`);
    return;
  }
  // Said before it is known what is asked for: docs/api.md#limits.
  if (status === 431 && text === '') return;
  const what = `${asked.operationId} (${method} ${path}) answered ${status}`;
  const found = asked.responses[status];
  if (found === undefined) throw new Error(`${what}, which it does not describe: ${text}`);
  const answer = described.parse(resolved(found));
  const missing = Object.entries(answer.headers).flatMap(([name, of]) => headerProblems(name, of, headers.get(name)));
  if (missing.length > 0) throw new Error(`${what} with headers that it does not describe: ${missing.join('; ')}`);
  const problem = contentProblem(answer.content, headers.get('content-type'), text);
  if (problem !== null) throw new Error(`${what}: ${problem}: ${text.slice(0, 2_000)}`);
}

function headerProblems(name: string, of: unknown, value: string | null): readonly string[] {
  const { required, schema } = header.parse(resolved(of));
  if (value === null) return required ? [`${name} is missing`] : [];
  const isNumber = z.object({ type: z.literal('integer') }).safeParse(schema).success;
  const problem = problemWith(schema, isNumber ? Number(value) : value);
  return problem === null ? [] : [`${name}: ${problem}`];
}

function contentProblem(of: z.output<typeof content>, type: string | null, text: string): string | null {
  const [media = ''] = (type ?? '').split(';');
  const [named] = Object.keys(of);
  if (named === undefined) return text === '' ? null : 'there is a body';
  if (media !== named) return `the type is ${media}, not ${named}`;
  return problemWith(of[named]?.schema, JSON.parse(text));
}

/** What a pointer of the document points at. */
export function resolved(value: unknown): unknown {
  const found = pointer.safeParse(value);
  if (!found.success) return value;
  const keys = found.data.$ref.replace('#/', '').split('/');
  return keys.reduce<unknown>((at, key) => z.record(z.string(), z.unknown()).parse(at)[key], DOCUMENT);
}
