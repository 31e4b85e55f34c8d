// Which tools a client asks for, in the address that it connects to or in headers. Both only narrow.
import type { IncomingHttpHeaders } from 'node:http';
import { ApiError } from '../http/api-error.ts';
import { readScopes, SCOPES, type Scope } from '../model/scopes.ts';
import { DEFAULT_SET, TOOL_SETS, type ToolSet } from './tool-sets.ts';
import { isToolSet, type Selection } from './tools.ts';

/** What may stand in the query. Anything else is refused: `readonly` would silently let everything be changed. */
const QUERY = ['toolset', 'read-only'];
/** Each with the spelling of GitHub's own server, which many have in their configuration. */
const SETS = ['x-mcp-toolset', 'x-mcp-toolsets'];
const READ_ONLY = ['x-mcp-read-only', 'x-mcp-readonly'];
/** They narrow there what we do not narrow. */
const NOT_HERE = ['x-mcp-tools', 'x-mcp-exclude-tools'];
const YES = ['', 'true', '1'];
const NO = ['false', '0'];

/**
 * Of what a token is good for, what the client asks for: `?toolset=ci,tasks` and `?read-only`, or the headers X-MCP-Toolset,
 * X-MCP-Read-Only and X-MCP-Scopes, the first two also as GitHub writes them. Where query and header both say something, what both allow is left. Throws `ApiError` 400.
 */
export function readSelection(
  query: URLSearchParams,
  headers: IncomingHttpHeaders,
  scopes: readonly Scope[],
): Selection {
  const unknown = [...query.keys()].find((name) => !QUERY.includes(name));
  if (unknown !== undefined) {
    throw new ApiError(400, 'malformed', `The address takes ${QUERY.join(' and ')}, not ${unknown.slice(0, 100)}`);
  }
  const notHere = NOT_HERE.find((name) => headers[name] !== undefined);
  if (notHere !== undefined) {
    throw new ApiError(400, 'malformed', `There is no header ${notHere} here: choose sets with X-MCP-Toolset`);
  }
  const asked = [setsOf(query.getAll('toolset')), ...SETS.map((name) => setsOf(wordsOf(headers[name])))];
  const given = asked.filter((sets) => sets !== null);
  const sets = TOOL_SETS.filter((set) => given.every((some) => some.includes(set)));
  if (sets.length === 0)
    throw new ApiError(400, 'malformed', 'Address and header ask for tool sets that have none in common');
  const readOnly = [...query.getAll('read-only'), ...READ_ONLY.flatMap((name) => wordsOf(headers[name]))].some(isYes);
  const only = wordsOf(headers['x-mcp-scopes']);
  return { sets: given.length === 0 ? [DEFAULT_SET] : sets, readOnly, scopes: narrowed(scopes, only) };
}

function wordsOf(header: string | string[] | undefined): string[] {
  if (header === undefined) return [];
  return Array.isArray(header) ? header : [header];
}

/** Null where none are named. */
function setsOf(given: readonly string[]): readonly ToolSet[] | null {
  if (given.length === 0) return null;
  const words = given.flatMap((text) => text.split(',')).map((word) => word.trim());
  const unknown = words.find((word) => !isToolSet(word));
  if (unknown !== undefined) {
    throw new ApiError(400, 'malformed', `The tool sets are ${TOOL_SETS.join(', ')}, not "${unknown.slice(0, 100)}"`);
  }
  return words.filter(isToolSet);
}

function isYes(word: string): boolean {
  const said = word.trim().toLowerCase();
  if (YES.includes(said)) return true;
  if (NO.includes(said)) return false;
  throw new ApiError(400, 'malformed', 'read-only is true or false');
}

/** A header takes scopes from a token and gives it none. */
function narrowed(scopes: readonly Scope[], given: readonly string[]): readonly Scope[] {
  if (given.length === 0) return scopes;
  const { scopes: kept, unknown } = readScopes(given.join(' '));
  if (unknown[0] !== undefined) {
    throw new ApiError(400, 'malformed', `The scopes are ${SCOPES.join(', ')}, not "${unknown[0].slice(0, 100)}"`);
  }
  return scopes.filter((scope) => kept.includes(scope));
}
