// What clients are told of tools: little, in one order, and true.
import { readFileSync } from 'node:fs';
import { countTokens } from 'gpt-tokenizer/encoding/o200k_base';
import { describe, expect, it } from 'vitest';
import { readSelection } from '../../src/mcp/selection.ts';
import { TOOL_LINES, TOOL_SETS } from '../../src/mcp/tool-sets.ts';
import { listTools, READ_REST, type Selection, TOOLS } from '../../src/mcp/tools.ts';
import { SCOPES, type Scope } from '../../src/model/scopes.ts';
import { OPERATIONS } from '../../src/operations/operations.ts';

const all: Selection = { sets: TOOL_SETS, readOnly: false, scopes: SCOPES };
const selection = (query: string, headers = {}, scopes: readonly Scope[] = SCOPES) =>
  readSelection(new URLSearchParams(query), headers, scopes);
const namesOf = (some: Selection) => listTools(some).map(({ name }) => name);

describe('the list of tools', () => {
  it.each([
    ['ci', 3_000],
    ['tasks', 5_000],
    ['agents', 5_000],
    ['knowledge', 5_000],
  ] as const)('of the set %s has at most %i tokens of o200k_base', (set, most) => {
    expect(countTokens(JSON.stringify({ tools: listTools({ ...all, sets: [set] }) }))).toBeLessThanOrEqual(most);
  });

  it('has each name once, of an operation that there is, and always in one order', () => {
    const names = namesOf(all);
    expect(new Set(names).size).toBe(names.length);
    expect(names).toEqual([...TOOL_LINES.map(({ name }) => name), READ_REST]);
    expect(namesOf({ ...all, sets: ['knowledge', 'ci'] })).toEqual(namesOf({ ...all, sets: ['ci', 'knowledge'] }));
    expect(TOOLS.every(({ operation }) => OPERATIONS.includes(operation))).toBe(true);
  });

  it('is the one that docs/agents.md has', () => {
    const page = readFileSync(new URL('../../docs/agents.md', import.meta.url), 'utf8');
    for (const set of TOOL_SETS) {
      const [, tools = ''] =
        page
          .split('\n')
          .find((line) => line.startsWith(`| \`${set}\``))
          ?.split('|')
          .slice(1) ?? [];
      const told = ['list_projects', ...[...tools.matchAll(/`(\w+)`/g)].map(([, name = '']) => name), READ_REST];
      expect(told, set).toEqual(namesOf({ ...all, sets: [set] }));
    }
  });

  it('says of each what it may do, and of reads alone what they give', () => {
    for (const { name, operation, listed } of TOOLS) {
      const { readOnly, destructive, idempotent } = operation.hints;
      expect(listed.annotations, name).toEqual({
        readOnlyHint: readOnly,
        destructiveHint: destructive,
        idempotentHint: idempotent,
        openWorldHint: false,
      });
      expect(listed.outputSchema !== undefined, name).toBe(readOnly);
      expect(listed.inputSchema.type).toBe('object');
    }
  });

  it('takes what all providers of models take, and says of each field what it is', () => {
    const words = (of: unknown): string[] =>
      typeof of !== 'object' || of === null ? [] : Object.entries(of).flatMap(([key, value]) => [key, ...words(value)]);
    for (const { name, inputSchema } of listTools(all)) {
      expect(name, name).toMatch(/^[a-z_]{1,40}$/);
      const refused = ['$ref', '$schema', '$defs', 'propertyNames', 'patternProperties', 'allOf', 'oneOf', 'not', 'if'];
      expect(
        words(inputSchema).filter((word) => refused.includes(word)),
        name,
      ).toEqual([]);
      expect('anyOf' in inputSchema, name).toBe(false);
      for (const [field, schema] of Object.entries(inputSchema.properties ?? {})) {
        expect(schema, `${name}.${field}`).toHaveProperty('type');
        expect(Object(schema).type !== 'array' || 'items' in Object(schema), `${name}.${field}`).toBe(true);
      }
    }
  });

  it('holds what the token is good for and the client asked for, and no more', () => {
    expect(namesOf(selection(''))).toEqual(namesOf(selection('toolset=ci')));
    expect(namesOf(selection('toolset=ci'))).not.toContain('list_tasks');
    expect(namesOf(selection('toolset=ci,tasks'))).toEqual(expect.arrayContaining(['search_failures', 'create_task']));
    expect(namesOf(selection('toolset=tasks&read-only'))).not.toContain('create_task');
    expect(namesOf(selection('toolset=tasks', { 'x-mcp-read-only': 'true' }))).not.toContain('create_task');
    expect(namesOf(selection('toolset=tasks', {}, ['read']))).not.toContain('create_task');
    expect(listTools({ ...all, scopes: [] })).toEqual([]);
  });
});

describe('what a client asks for', () => {
  it('is what both address and header allow', () => {
    expect(selection('toolset=ci,tasks', { 'x-mcp-toolset': 'tasks,agents' }).sets).toEqual(['tasks']);
    expect(selection('', { 'x-mcp-toolset': 'agents' }).sets).toEqual(['agents']);
    expect(selection('read-only', { 'x-mcp-read-only': 'false' }).readOnly).toBe(true);
    expect(selection('read-only=false').readOnly).toBe(false);
  });

  it('may be written as for the server of GitHub', () => {
    const { sets, readOnly } = selection('', { 'x-mcp-toolsets': 'ci, tasks', 'x-mcp-readonly': 'true' });
    expect([sets, readOnly]).toEqual([['ci', 'tasks'], true]);
  });

  it('never widens a token', () => {
    expect(selection('', { 'x-mcp-scopes': 'read,admin' }, ['read', 'tasks']).scopes).toEqual(['read']);
    expect(selection('', { 'x-mcp-scopes': 'admin' }, ['read']).scopes).toEqual([]);
  });

  it.each([
    ['readonly', {}],
    ['toolset=everything', {}],
    ['toolset=', {}],
    ['read-only=perhaps', {}],
    ['toolset=ci', { 'x-mcp-toolset': 'tasks' }],
    ['', { 'x-mcp-scopes': 'read,root' }],
    ['session=1', {}],
    ['', { 'x-mcp-tools': 'explain_gate' }],
  ])('is refused when it can not be meant: "%s" %o', (query, headers) => {
    expect(() => selection(query, headers)).toThrow(expect.objectContaining({ status: 400 }));
  });
});
