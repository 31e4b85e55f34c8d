// Reads SQL as a row of tokens with their positions and depth of brackets. Knows what our own files use.

/** A word (lower case), number, quoted text, operator or bracket. */
export interface SqlToken {
  readonly text: string;
  readonly from: number;
  readonly to: number;
  readonly kind: 'word' | 'number' | 'string' | 'sign';
  /** How many brackets are open around it. */
  readonly depth: number;
}

const TOKEN =
  /(--[^\n]*)|([eE]?'(?:[^']|'')*')|("[^"]*")|(\$\w*\$)|([A-Za-z_]\w*)|(\d+(?:\.\d+)?)|(<=|>=|<>|!=|:=|=>|::|->>|->|#>>|#>|@>|<@|\|\||\?\||\?&)|([^\s])/g;

/** The tokens of `sql`; `offset` is added to their positions. Comments and dollar quotes are left out, what dollar quotes hold is not. */
export function sqlTokens(sql: string, offset = 0): readonly SqlToken[] {
  const tokens: SqlToken[] = [];
  let depth = 0;
  for (const found of sql.matchAll(TOKEN)) {
    const [text, comment, quoted, name, dollar, word, number] = found;
    if (comment !== undefined || dollar !== undefined) continue;
    if (text === ')') depth--;
    const kind =
      quoted !== undefined
        ? 'string'
        : number !== undefined
          ? 'number'
          : (word ?? name) !== undefined
            ? 'word'
            : 'sign';
    const from = found.index + offset;
    tokens.push({ text: kind === 'word' ? text.toLowerCase() : text, from, to: from + text.length, kind, depth });
    if (text === '(') depth++;
  }
  return tokens;
}
