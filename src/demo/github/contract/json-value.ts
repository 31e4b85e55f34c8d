// JSON values as GitHub's examples hold them: their type, reading, deep merging and rewording.
// Pure.

/** A JSON value; a key that holds undefined is absent. */
export type Json = string | number | boolean | null | Json[] | JsonObject;

/** A JSON object. A key that holds undefined is one that is absent: writing it as text leaves it out. */
export type JsonObject = { [key: string]: Json | undefined };

/** Whether the value is an object, that is neither an array nor null. */
export function isJsonObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Returns the object under a path of keys. Throws `TypeError` when there is something else. */
export function objectAt(json: Json | undefined, ...path: string[]): JsonObject {
  const found = path.reduce((at, key) => (isJsonObject(at) ? at[key] : undefined), json);
  if (!isJsonObject(found))
    throw new TypeError(`expected an object at ${path.join('.') || 'the top'}, found ${typeof found}`);
  return found;
}

/** The string under a key, or undefined when the key is absent or holds something else. */
export function textAt(json: JsonObject, key: string): string | undefined {
  const found = json[key];
  return typeof found === 'string' ? found : undefined;
}

/** The number under a key, or undefined when the key is absent or holds something else. */
export function numberAt(json: JsonObject, key: string): number | undefined {
  const found = json[key];
  return typeof found === 'number' ? found : undefined;
}

/** A copy of the first with the second laid over it: objects merge key by key, everything else (arrays too) is replaced. */
export function merge(base: JsonObject, over: JsonObject): JsonObject {
  const merged: JsonObject = { ...base };
  for (const [key, value] of Object.entries(over)) {
    const below = base[key];
    merged[key] = isJsonObject(below) && isJsonObject(value) ? merge(below, value) : value;
  }
  return merged;
}

/** A deep copy in which every string went through `change`. */
function mapStrings(value: Json, change: (text: string) => string): Json {
  if (typeof value === 'string') return change(value);
  if (Array.isArray(value)) return value.map((item) => mapStrings(item, change));
  return isJsonObject(value) ? mapObjectStrings(value, change) : value;
}

/** `mapStrings` for an object, which stays one. */
export function mapObjectStrings(value: JsonObject, change: (text: string) => string): JsonObject {
  return mapValues(value, (item) => mapStrings(item, change));
}

/** A copy of the object in which every value that is there went through `change`. */
export function mapValues(value: JsonObject, change: (item: Json, key: string) => Json): JsonObject {
  const mapped: JsonObject = {};
  for (const [key, item] of Object.entries(value)) if (item !== undefined) mapped[key] = change(item, key);
  return mapped;
}
