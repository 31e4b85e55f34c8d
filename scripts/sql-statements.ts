// Splits SQL text into its statements. Pure; knows what our own files use: line comments, quoted text, E'' and dollar quotes.

/** One statement of a file. */
export interface SqlStatement {
  /** The comment lines directly before it, without the line break at their end; empty when there are none. */
  readonly comment: string;
  /** The statement itself with its semicolon, no space around it. */
  readonly text: string;
}

/** The statements in their order. Throws when a quote is never closed or something stands after the last semicolon. */
export function splitStatements(sql: string): readonly SqlStatement[] {
  const statements: SqlStatement[] = [];
  let from = 0;
  let at = 0;
  while (at < sql.length) {
    if (sql[at] === ';') {
      statements.push(statementOf(sql.slice(from, at + 1)));
      from = at + 1;
    }
    at = endOfToken(sql, at);
  }
  const rest = withoutComments(sql.slice(from));
  if (rest !== '') throw new Error(`no semicolon ends: ${rest.slice(0, 80)}`);
  return statements;
}

/** Where the comment, the quoted text or the single character that begins at `at` ends. */
function endOfToken(sql: string, at: number): number {
  if (sql.startsWith('--', at)) return indexAfter(sql, '\n', at, sql.length);
  if (sql[at] === "'") return /[eE]/.test(sql[at - 1] ?? '') ? endOfEscaped(sql, at) : indexAfter(sql, "'", at + 1);
  if (sql[at] === '"') return indexAfter(sql, '"', at + 1);
  const tag = sql[at] === '$' ? /^\$\w*\$/.exec(sql.slice(at, at + 64))?.[0] : undefined;
  return tag === undefined ? at + 1 : indexAfter(sql, tag, at + tag.length);
}

function indexAfter(sql: string, mark: string, from: number, otherwise?: number): number {
  const found = sql.indexOf(mark, from);
  if (found >= 0) return found + mark.length;
  if (otherwise !== undefined) return otherwise;
  throw new Error(`never closed: ${sql.slice(Math.max(0, from - 40), from + 40)}`);
}

function endOfEscaped(sql: string, at: number): number {
  let end = at + 1;
  while (end < sql.length && sql[end] !== "'") end += sql[end] === '\\' ? 2 : 1;
  return end + 1;
}

function statementOf(text: string): SqlStatement {
  const lines = text.split('\n');
  const first = lines.findIndex((line) => line.trim() !== '' && !line.startsWith('--'));
  const before = lines.slice(0, first);
  const comment = before.slice(before.findLastIndex((line) => line.trim() === '') + 1);
  return { comment: comment.join('\n'), text: lines.slice(first).join('\n').trim() };
}

function withoutComments(text: string): string {
  return text
    .split('\n')
    .filter((line) => !line.startsWith('--'))
    .join('\n')
    .trim();
}
