// GitHub's published OpenAPI description as a contract: finds an operation, checks requests, answers and webhooks.

import type { Ajv, ErrorObject, ValidateFunction } from 'ajv';
import { isJsonObject, type Json, type JsonObject, objectAt, textAt } from './json-value.ts';
import { referredSchemas, schemaAddress, toJsonSchema } from './openapi-schema.ts';
import { missingDependency, readPublishedJson } from './published-json.ts';

/** One operation of the description, such as `GET /repos/{owner}/{repo}/pulls/{pull_number}`. */
export interface Operation {
  name: string;
  description: JsonObject;
}

/** Path and query parameters; strings from the URL become numbers and booleans where the description says so. */
export type Parameters = JsonObject;

/** GitHub's description, asked about one request, answer or webhook at a time. Problems are sentences; none means it fits. */
export interface GithubContract {
  /** The operation of that name; null when GitHub's description has none. */
  operation(name: string): Operation | null;
  /** Coerces the parameters in place and fills in defaults; returns the problems found in them and in the body. */
  requestProblems(operation: Operation, request: { parameters: Parameters; body: Json | undefined }): string[];
  /** The problems of an answer. Redirects and errors are seldom declared in full: an undeclared one must be a `basic-error`. */
  answerProblems(operation: Operation, answer: { status: number; body?: Json | undefined }): string[];
  /** The problems of a webhook's payload; null when the description has no schema for that event and action. */
  webhookProblems(event: string, payload: JsonObject): string[] | null;
  /** The example GitHub publishes under that name in the description's components, of a list its first item. */
  example(name: string): JsonObject;
}

const DESCRIPTION = '@octokit/openapi/generated/api.github.com.json';
const BASIC_ERROR = { $ref: '#/components/schemas/basic-error' };

let loading: Promise<GithubContract> | undefined;

/** Reads the description (0.2 s, once per process) and compiles the schema of an operation when it is first used. */
export function loadGithubContract(): Promise<GithubContract> {
  loading ??= load();
  return loading;
}

async function load(): Promise<GithubContract> {
  const document = objectAt(readPublishedJson(DESCRIPTION));
  const strict = await createAjv({});
  const coercing = await createAjv({ coerceTypes: 'array', useDefaults: true });
  const compile = schemaCompiler(document);
  const resolve = (json: Json | undefined): JsonObject => followReference(document, json);
  /** Checks `value` against a schema of the description, which is compiled under that name when it is first used. */
  const check = (name: string, schema: Json, value: Json): string[] => {
    return problems(
      compile(strict, name, () => toJsonSchema(schema)),
      value,
    );
  };
  return {
    operation: (name) => findOperation(document, name),
    requestProblems({ name, description }, { parameters, body }) {
      const declared = Array.isArray(description.parameters) ? description.parameters.map(resolve) : [];
      const checkParameters = compile(coercing, `${name} parameters`, () => parametersSchema(declared));
      const found = problems(checkParameters, parameters);
      const described = resolve(description.requestBody ?? {});
      const media = mediaSchema(described);
      const needed = body !== undefined || described.required === true;
      return needed && media !== null ? found.concat(check(`${name} body`, media, body ?? null)) : found;
    },
    answerProblems({ name, description }, { status, body }) {
      const declared = objectAt(description.responses)[String(status)];
      if (declared === undefined && status < 300) return [`${name} does not answer ${status}`];
      const media = declared === undefined ? BASIC_ERROR : mediaSchema(resolve(declared));
      if (media === null) return body === undefined ? [] : [`${name} answers ${status} without a body`];
      return check(`${name} ${status}`, media, body ?? null);
    },
    webhookProblems(event, payload) {
      const name = [event, textAt(payload, 'action') ?? []].flat().join('-').replaceAll('_', '-');
      const hook = objectAt(document['x-webhooks'])[name];
      const media = hook === undefined ? null : mediaSchema(objectAt(hook, 'post', 'requestBody'));
      return media === null ? null : check(`webhook ${name}`, media, payload);
    },
    example(name) {
      const { value } = objectAt(document, 'components', 'examples', name);
      return structuredClone(objectAt(Array.isArray(value) ? value[0] : value));
    },
  };
}

async function createAjv(options: { coerceTypes?: 'array'; useDefaults?: boolean }): Promise<Ajv> {
  const [ajv, formats] = await Promise.all([import('ajv'), import('ajv-formats')]).catch((cause) => {
    throw missingDependency(cause);
  });
  const checker = new ajv.Ajv({ strict: false, allErrors: true, inlineRefs: false, unicodeRegExp: false, ...options });
  formats.default.default(checker);
  // Two names that no standard knows; GitHub uses each once, for a repository's full name and a Unix time.
  for (const format of ['repo.nwo', 'timestamp']) checker.addFormat(format, true);
  return checker;
}

/** Compiles a schema once per name, after adding to ajv the component schemas it refers to, directly or not. */
function schemaCompiler(document: JsonObject) {
  const components = objectAt(document, 'components', 'schemas');
  const compiled = new Map<string, ValidateFunction>();
  function addReferred(ajv: Ajv, schema: JsonObject): void {
    for (const name of referredSchemas(schema)) {
      if (ajv.schemas[schemaAddress(name)] !== undefined) continue;
      const component = toJsonSchema(components[name]);
      ajv.addSchema(component, schemaAddress(name));
      addReferred(ajv, component);
    }
  }
  return (ajv: Ajv, name: string, schemaOf: () => JsonObject): ValidateFunction => {
    const known = compiled.get(name);
    if (known) return known;
    const schema = schemaOf();
    addReferred(ajv, schema);
    const check = ajv.compile(schema);
    compiled.set(name, check);
    return check;
  };
}

function followReference(document: JsonObject, json: Json | undefined): JsonObject {
  const object = objectAt(json);
  const { $ref: reference } = object;
  return typeof reference === 'string' ? objectAt(document, ...reference.split('/').slice(1)) : object;
}

function findOperation(document: JsonObject, name: string): Operation | null {
  const [method = '', path = ''] = name.split(' ', 2);
  const methods = objectAt(document.paths)[path];
  const description = isJsonObject(methods) ? methods[method.toLowerCase()] : undefined;
  return isJsonObject(description) ? { name, description } : null;
}

function parametersSchema(declared: JsonObject[]): JsonObject {
  const required = declared.flatMap(({ required, name }) =>
    required === true && typeof name === 'string' ? [name] : [],
  );
  // Described as a time, and in words as a span of times (`2026-01-01T00:00:00Z..*`), which is what GitHub takes.
  const schemaOf = (name: string, schema: Json | undefined) =>
    name === 'created' ? { type: 'string' } : toJsonSchema(schema);
  const entries = declared.map(({ name, schema }) => [String(name), schemaOf(String(name), schema)] as const);
  return { type: 'object', properties: Object.fromEntries(entries), required };
}

/** The JSON schema of a request body or a response; null when it has no content that is JSON. */
function mediaSchema({ content }: JsonObject): Json | null {
  if (!isJsonObject(content)) return null;
  const json = content['application/json'];
  return isJsonObject(json) ? (json.schema ?? null) : null;
}

function problems(check: ValidateFunction, value: unknown): string[] {
  return check(value) ? [] : (check.errors ?? []).map(describe);
}

function describe({ instancePath, message, params }: ErrorObject): string {
  const allowed = 'allowedValues' in params ? `: ${JSON.stringify(params.allowedValues)}` : '';
  return `${instancePath || '(top)'} ${message}${allowed}`;
}
