// The tools of MCP, made of the operations: what each is called, takes, gives and may do.
import { z } from 'zod';
import type { Scope } from '../model/scopes.ts';
import type { Operation } from '../operations/declared/operation.ts';
import { OPERATIONS } from '../operations/operations.ts';
import { inputSchemaOf, outputSchemaOf, type Schema, wholeSchemaOf } from './tool-schemas.ts';
import { TOOL_LINES, TOOL_SETS, type ToolSet } from './tool-sets.ts';

/** How a tool stands in the list: https://modelcontextprotocol.io/specification/2026-07-28/server/tools */
export interface ListedTool {
  readonly name: string;
  readonly description: string;
  readonly inputSchema: Schema & { readonly type: 'object' };
  readonly outputSchema?: Schema & { readonly type: 'object' };
  readonly annotations: {
    readonly readOnlyHint: boolean;
    readonly destructiveHint: boolean;
    readonly idempotentHint: boolean;
    readonly openWorldHint: boolean;
  };
}

/** A tool that does an operation. */
export interface OperationTool {
  readonly name: string;
  readonly sets: readonly ToolSet[];
  readonly operation: Operation;
  /** The shape of what the operation gives, in full. */
  readonly whole: Schema;
  readonly listed: ListedTool;
}

/** Reads on in an answer for which there was no room. It does no operation of its own. */
export const READ_REST = 'read_rest';

/** What `read_rest` takes. */
export const restAsked = z.strictObject({
  tool: z.string().max(100).describe('The tool whose answer it was'),
  arguments: z.record(z.string(), z.unknown()).default({}).describe('As that tool was called'),
  field: z
    .string()
    .max(1_000)
    .regex(/^(?:\/[^/]*)+$/, 'should begin with /')
    .describe('`field` of `left_out`'),
  from: z.int().min(0).default(0).describe('Characters or entries to pass over'),
});

const READ_REST_LISTED: ListedTool = {
  name: READ_REST,
  description: 'Reads on in a field that an answer says it left out.',
  inputSchema: {
    type: 'object',
    properties: {
      tool: { type: 'string', description: 'Whose answer it was' },
      arguments: { type: 'object', description: 'As it was called' },
      field: { type: 'string', description: '`field` of `left_out`' },
      from: { type: 'integer', description: '`shown` of `left_out`, then `next_from`' },
    },
    required: ['tool', 'arguments', 'field'],
  },
  annotations: { readOnlyHint: true, destructiveHint: false, idempotentHint: true, openWorldHint: false },
};

/** Which tools a client has: what it chose, and what its token is good for. */
export interface Selection {
  readonly sets: readonly ToolSet[];
  readonly readOnly: boolean;
  readonly scopes: readonly Scope[];
}

/** All of them, in the order of the list. */
export const TOOLS: readonly OperationTool[] = TOOL_LINES.map(({ name, operation: named, sets }) => {
  const operation = OPERATIONS.find((one) => one.name === named);
  if (operation === undefined) throw new Error(`There is no operation ${named} for the tool ${name}`);
  return { name, sets, operation, whole: wholeSchemaOf(operation), listed: listedTool(name, operation) };
});

const BY_NAME = new Map(TOOLS.map((tool) => [tool.name, tool]));

/** Null for a name that no tool has. */
export function toolNamed(name: string): OperationTool | null {
  return BY_NAME.get(name) ?? null;
}

/** Why a client may not call the tool, in words that say what to do; null when it may, as far as its choice goes. */
export function notSelected({ name, sets, operation }: OperationTool, selection: Selection): string | null {
  if (!sets.some((set) => selection.sets.includes(set))) {
    return `${name} is in the set ${sets.join(', ')}, and this client asked for ${selection.sets.join(', ')}: connect with ?toolset=${[...selection.sets, sets[0]].join(',')}`;
  }
  if (selection.readOnly && !operation.hints.readOnly) {
    return `${name} changes something, and this client asked to read only: connect without read-only`;
  }
  return null;
}

/** The list for a client: what it may call, and no more. */
export function listTools(selection: Selection): ListedTool[] {
  const own = TOOLS.filter((tool) => notSelected(tool, selection) === null)
    .filter(({ operation }) => selection.scopes.includes(operation.scope))
    .map(({ listed }) => listed);
  return own.length === 0 ? [] : [...own, READ_REST_LISTED];
}

function listedTool(name: string, operation: Operation): ListedTool {
  const { readOnly, destructive, idempotent } = operation.hints;
  return {
    name,
    description: operation.summary,
    inputSchema: inputSchemaOf(operation),
    ...(readOnly
      ? { outputSchema: { type: 'object', properties: { answer: outputSchemaOf(operation) }, required: ['answer'] } }
      : {}),
    // What is done here is done here: nothing reaches beyond what this CodeRed keeps.
    annotations: {
      readOnlyHint: readOnly,
      destructiveHint: destructive,
      idempotentHint: idempotent,
      openWorldHint: false,
    },
  };
}

/** Whether a word is the name of a set. */
export function isToolSet(word: string): word is ToolSet {
  return TOOL_SETS.some((set) => set === word);
}
