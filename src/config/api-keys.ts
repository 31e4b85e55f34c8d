// The setting CODERED_API_KEYS: names with the SHA-256 of their keys. Pure.

/** A key of the API: who has it, and its SHA-256 in hexadecimal. */
export interface ApiKey {
  readonly name: string;
  readonly sha256: string;
}

/** The form of the setting: `name:sha256` with commas between. */
export const API_KEYS = /^[\w-]{1,50}:[0-9a-f]{64}(?:\s*,\s*[\w-]{1,50}:[0-9a-f]{64})*$/i;

/** Reads the setting; the text must match `API_KEYS`. */
export function parseApiKeys(text: string): ApiKey[] {
  return text.split(/\s*,\s*/).map((pair) => {
    const [name = '', sha256 = ''] = pair.split(':');
    return { name, sha256: sha256.toLowerCase() };
  });
}
