// What in an answer others wrote, and where it comes from: text from logs, from GitHub, from documents and from people stands beside
// what CodeRed itself says, and an agent has to know which is which. Whatever can hold words and is not known to be ours counts.
import { visibleText } from '../text/outside-text.ts';
import { defsOf, isObject, type Schema } from './tool-schemas.ts';

/** Where text comes from. `people`: people and agents who work on the project; `pattern`: who wrote the pattern of a failure. */
type Origin = 'log' | 'github' | 'document' | 'pattern' | 'people';

/** The fields that hold it, by origin: `failures[].what` is the field of each of a list. */
export type Untrusted = Readonly<Partial<Record<Origin, readonly string[]>>>;

/** By the name of a field; what stands in it has the same origin unless it is named itself. */
const ORIGIN: Readonly<Record<string, Origin>> = {
  ...named('log', [
    'excerpt',
    'evidence',
    'line_text',
    'what',
    'message',
    'details',
    'stack',
    'error',
    'words',
    'sentence',
    'verdict_reason',
  ]),
  ...named('github', [
    ...[
      'repository',
      'workflow',
      'workflow_name',
      'job',
      'job_name',
      'step',
      'step_name',
      'branch',
      'ref',
      'pull_request',
    ],
    ...['file', 'file_path', 'url', 'html_url', 'author', 'login', 'full_name', 'sources', 'fork'],
  ]),
  ...named('document', ['content', 'body', 'input', 'result', 'output', 'intent', 'artifacts', 'document', 'problems']),
  ...named('pattern', ['cause', 'root_cause', 'recommended_fix', 'docs_url']),
};
/** Numbers, times, ids and hashes say nothing in words. */
const NO_WORDS = /^[0-9a-fA-FTZ:.+-]{0,64}$/;
/** What `z` calls our times and ids. */
const CLOSED_NAMES = ['#/$defs/Time', '#/$defs/Id'];
/** The path of the answer itself. */
const WHOLE = 'answer';
const CLOSED_FORMATS = ['uuid', 'date-time', 'date'];

function named(origin: Origin, names: readonly string[]): Record<string, Origin> {
  return Object.fromEntries(names.map((name) => [name, origin]));
}

/** The origin of what stands at a path of names. */
export function originOf(names: readonly string[]): Origin {
  const known = names.findLast((name) => Object.hasOwn(ORIGIN, name));
  return (known === undefined ? undefined : ORIGIN[known]) ?? 'people';
}

/** The fields of `answer`, whose shape is `schema`, that hold text of others. */
export function untrustedIn(answer: unknown, schema: Schema): Untrusted {
  const found = new Map<Origin, Set<string>>();
  const note = ({ path, names }: Place) => {
    const origin = originOf(names);
    found.set(origin, (found.get(origin) ?? new Set()).add(path));
  };
  walk(answer, { schemas: [schema], defs: defsOf(schema), note, place: { path: WHOLE, names: [] } });
  return Object.fromEntries([...found].map(([origin, paths]) => [origin, [...paths]]));
}

interface Place {
  readonly path: string;
  readonly names: readonly string[];
}

interface Walk {
  /** What the value may be. */
  readonly schemas: readonly Schema[];
  readonly defs: Readonly<Record<string, unknown>>;
  readonly note: (place: Place) => void;
  readonly place: Place;
}

function walk(value: unknown, walking: Walk): void {
  const { defs, note, place } = walking;
  const schemas = walking.schemas.flatMap((schema) => choices(schema, defs));
  if (typeof value === 'string') {
    const texts = schemas.filter(mayBeText);
    // What is no text by its shape, and one all the same, is anybody's.
    const isOurs = texts.length > 0 && texts.every(isClosed);
    if (!isOurs && !NO_WORDS.test(value)) note(place);
  } else if (Array.isArray(value)) {
    const items = schemas.map(({ items }) => items).filter(isObject);
    for (const item of value) walk(item, { ...walking, schemas: items, place: { ...place, path: `${place.path}[]` } });
  } else if (isObject(value)) {
    const fields = schemas.map(({ properties }) => properties).filter(isObject);
    // Names too are others' where none are known.
    if (fields.length === 0) {
      if (Object.keys(value).length > 0) note(place);
      return;
    }
    for (const [name, entry] of Object.entries(value)) {
      const path = place.path === WHOLE ? name : `${place.path}.${name}`;
      const of = fields.map((known) => known[name]).filter(isObject);
      walk(entry, { ...walking, schemas: of, place: { path, names: [...place.names, name] } });
    }
  }
}

/** What a schema lets stand there, without pointers and choices. */
function choices(schema: Schema, defs: Walk['defs']): Schema[] {
  const { $ref, anyOf, oneOf, allOf } = schema;
  if (typeof $ref === 'string') {
    if (CLOSED_NAMES.includes($ref)) return [{ type: 'string', format: 'uuid' }];
    const target = defs[$ref.replace('#/$defs/', '')];
    return isObject(target) ? choices(target, defs) : [];
  }
  const parts = [anyOf, oneOf, allOf].filter(Array.isArray).flat().filter(isObject);
  return parts.length === 0 ? [schema] : parts.flatMap((part) => choices(part, defs));
}

function mayBeText({ type, enum: words, const: word }: Schema): boolean {
  if (words !== undefined || word !== undefined || type === undefined) return true;
  return Array.isArray(type) ? type.includes('string') : type === 'string';
}

/** Whether nothing can stand there but words of ours. */
function isClosed({ enum: words, const: word, format }: Schema): boolean {
  return words !== undefined || word !== undefined || CLOSED_FORMATS.some((closed) => closed === format);
}

/** The same without characters that a person does not see, and with those that turn the direction shown by number; in names of fields too. */
export function visibleAnswer(value: unknown): unknown {
  if (typeof value === 'string') return visibleText(value);
  if (Array.isArray(value)) return value.map(visibleAnswer);
  if (!isObject(value)) return value;
  const shown = new Map<string, unknown>();
  for (const [name, entry] of Object.entries(value)) {
    let key = visibleText(name);
    // Two names that look the same are two all the same.
    if (shown.has(key)) key = `${key}~${shown.size}`;
    while (shown.has(key)) key += '~';
    shown.set(key, visibleAnswer(entry));
  }
  return Object.fromEntries(shown);
}
