// What the beginning of a JSON file shows of the value that it holds, whatever comes after. Pure.

/** As much as the head of the file tells. */
export interface SkimmedJson {
  readonly outermost: 'object' | 'list' | null;
  /** Of the outermost object, or of the first object in the outermost list. */
  readonly keys: ReadonlySet<string>;
  /** The head ends inside of a text that stands where such a key or its value does: what comes after it is not seen. */
  readonly endsInText: boolean;
}

/** Comments are skipped, as configurations have them. Each character is looked at a few times at most. */
export function skimJson(text: string): SkimmedJson {
  const keys = new Set<string>();
  let outermost: SkimmedJson['outermost'] = null;
  let depth = 0;
  let isPast = false;
  for (let at = 0; at < text.length; at++) {
    const keysAt = outermost === 'list' ? 2 : 1;
    const sign = text[at];
    if (sign === '"') {
      const end = endOfText(text, at);
      if (end === -1) return { outermost, keys, endsInText: depth <= keysAt };
      if (depth === keysAt && !isPast && isKey(text, end + 1)) keys.add(text.slice(at + 1, end));
      at = end;
    } else if (sign === '/') {
      const end = endOfComment(text, at);
      if (end === -1) break;
      at = end;
    } else if (sign === '{' || sign === '[') {
      outermost ??= sign === '{' ? 'object' : 'list';
      depth++;
    } else if (sign === '}' || sign === ']') {
      depth--;
      if (depth < keysAt) isPast = true;
    }
  }
  return { outermost, keys, endsInText: false };
}

/** Where its closing sign is; -1 when there is none. */
function endOfText(text: string, start: number): number {
  for (let at = start + 1; at < text.length; at++) {
    if (text[at] === '\\') at++;
    else if (text[at] === '"') return at;
  }
  return -1;
}

function isKey(text: string, start: number): boolean {
  let at = start;
  while (text[at] === ' ' || text[at] === '\n' || text[at] === '\r' || text[at] === '\t') at++;
  return text[at] === ':';
}

/** Where its last sign is; the sign itself when it begins none, -1 when it goes on past the head. */
function endOfComment(text: string, at: number): number {
  const isLine = text[at + 1] === '/';
  if (!isLine && text[at + 1] !== '*') return at;
  const end = text.indexOf(isLine ? '\n' : '*/', at + 2);
  return end === -1 || isLine ? end : end + 1;
}
