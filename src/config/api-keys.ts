// The setting CODERED_API_KEYS: names with the SHA-256 of their keys. Pure.

/** A key of the API: who has it, and its SHA-256 in hexadecimal. */
export interface ApiKey {
  readonly name: string;
  readonly sha256: string;
}

export const API_KEYS = /^[\w-]{1,50}:[0-9a-f]{64}(?:\s*,\s*[\w-]{1,50}:[0-9a-f]{64})*$/i;

/** Of a text that `API_KEYS` matches. */
export function parseApiKeys(text: string): ApiKey[] {
  return text.split(/\s*,\s*/).map((pair) => {
    const [name = '', sha256 = ''] = pair.split(':');
    return { name, sha256: sha256.toLowerCase() };
  });
}
