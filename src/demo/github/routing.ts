// Finds the operation a request asks for among those the stand-in answers. Pure.

/** An operation that was asked for. */
export interface Match {
  /** Such as `GET /repos/{owner}/{repo}/pulls/{pull_number}`. */
  operation: string;
  /** The decoded parts of the path. */
  parameters: Record<string, string>;
}

/** A function that finds, for a method and a path, the operation among `names`; null when none fits. */
export function createRouter(names: readonly string[]): (method: string, path: string) => Match | null {
  const known = names.map((name) => ({ name, ...compile(name) }));
  return (method, path) => {
    for (const { name, method: wanted, pattern } of known) {
      const found = wanted === method ? pattern.exec(path) : null;
      if (found) return { operation: name, parameters: decodeAll(found.groups ?? {}) };
    }
    return null;
  };
}

/** `{path}` of the contents API is the one parameter that may hold slashes. */
function compile(name: string): { method: string; pattern: RegExp } {
  const [method = '', template = ''] = name.split(' ', 2);
  const source = template
    .replaceAll('.', '\\.')
    .replaceAll('{path}', '(?<path>.+)')
    .replaceAll(/\{(\w+)\}/g, '(?<$1>[^/]+)');
  return { method, pattern: new RegExp(`^${source}$`) };
}

function decodeAll(groups: Record<string, string>): Record<string, string> {
  return Object.fromEntries(Object.entries(groups).map(([key, value]) => [key, decodeURIComponent(value)]));
}
