// Does a call of a tool as the person: checks that this client may, runs the operation, and gives its answer in the room that there is.
import { ApiError, malformed } from '../http/api-error.ts';
import { requireScope } from '../http/person-door/bearer.ts';
import { bodyOf, type PersonDoor } from '../http/person-door/person-door.ts';
import { cursorOf } from '../http/rest/cursor.ts';
import { inputOfObject } from '../http/rest/read-input.ts';
import { plainWords } from '../text/shape-problems.ts';
import { type Cut, firstCharacters, fits, fitted, pointerNames, valueAt } from './answer-room.ts';
import { HOW_OF_CHANGE, HOW_OF_LIST, howOfRead, refusedResult, resultOf, type ToolResult } from './tool-result.ts';
import { notSelected, type OperationTool, READ_REST, restAsked, type Selection, toolNamed } from './tools.ts';
import { originOf, visibleAnswer } from './untrusted.ts';

/** Whoever calls, and which tools they have. */
export interface Caller {
  readonly userId: string;
  /** The client whose token it is; null: the person's own. */
  readonly clientId: string | null;
  readonly selection: Selection;
}

export interface Call {
  readonly name: string;
  readonly given: unknown;
}

/** How often a list is asked for with fewer entries until it fits. */
const MOST_TRIES = 4;
/** About as many characters of a list fit. */
const PAGE_CHARACTERS = 15_000;

/** The result of a call, a refusal too. Throws for a name that no tool has. */
export async function callTool(door: PersonDoor, caller: Caller, { name, given }: Call): Promise<ToolResult | null> {
  const tool = name === READ_REST ? null : toolNamed(name);
  if (tool === null && name !== READ_REST) return null;
  try {
    return await (tool === null ? readRest(door, caller, given) : doTool(door, caller, tool, given));
  } catch (thrown) {
    return refusedResult(door.refusalOf(thrown, name));
  }
}

async function doTool(door: PersonDoor, caller: Caller, tool: OperationTool, given: unknown): Promise<ToolResult> {
  const { operation, whole: schema, name } = tool;
  const ask = allowed(door, caller, tool, given);
  let { body, items, size } = await ask(null);
  const all = items ?? 0;
  let before: Cut[] = [];
  for (let tries = 0; items !== null && operation.page !== null && tries < MOST_TRIES; tries += 1) {
    const made = resultOf({ value: body, left_out: [], more_left_out: 0 }, { schema, how: HOW_OF_LIST, before });
    if (await fits(made)) return made;
    if (items <= 1) break;
    // A list is cut by asking for less of it, so that its cursor goes on where it ends.
    const fewer = Math.max(1, Math.min(items - 1, Math.floor((items * PAGE_CHARACTERS) / size)));
    ({ body, items, size } = await ask(fewer));
    before = [{ field: '/items', shown: items ?? 0, of: all }];
  }
  const howOfFields = operation.hints.readOnly ? howOfRead(name) : HOW_OF_CHANGE;
  const how = before.length === 0 ? howOfFields : `${HOW_OF_LIST}. Of a field: ${howOfFields}`;
  const result = await fitted(body, (value) => resultOf(value, { schema, how, before }));
  return result ?? refuse('answer_too_large', `The answer is too large in every part: ${how}, one after the other`);
}

/** Throws what refuses a call before anything is done. What it gives does the operation, with fewer entries of a list where told. */
function allowed(door: PersonDoor, { userId, clientId, selection }: Caller, tool: OperationTool, given: unknown) {
  const { operation } = tool;
  const reason = notSelected(tool, selection);
  if (reason !== null) throw new ApiError(403, 'tool_not_selected', reason);
  requireScope(selection, operation.scope);
  const { filters, input } = inputOfObject(operation, given ?? {});
  return async (fewer: number | null) => {
    const asked = fewer === null ? input : { ...input, batch: fewer };
    const outcome = await door.run(operation, { userId, by: 'agent', through: 'mcp', clientId, input: asked });
    const { output, next } = outcome;
    const body = visibleAnswer(
      bodyOf(outcome, next === null ? null : cursorOf({ operation: operation.name, filters }, next)),
    );
    return { body, items: Array.isArray(output) ? output.length : null, size: JSON.stringify(body).length };
  };
}

/** Reads on where an answer had no room: asks again for the whole, so that the right to it is asked for again too. */
async function readRest(door: PersonDoor, caller: Caller, given: unknown): Promise<ToolResult> {
  const parsed = restAsked.safeParse(given ?? {}, { error: plainWords });
  if (!parsed.success) throw malformed(parsed.error, 'The call');
  const { tool: name, arguments: asked, field, from } = parsed.data;
  const tool = toolNamed(name);
  if (tool === null || !tool.operation.hints.readOnly) {
    throw new ApiError(400, 'malformed', `${READ_REST} goes on with what a tool that reads gave, and ${name} is none`);
  }
  const { body } = await allowed(door, caller, tool, asked)(null);
  const names = pointerNames(field);
  const value = valueAt(body, names);
  if (value === undefined) throw new ApiError(404, 'no_such_field', `There is nothing at ${field} of this answer`);
  const untrusted = { [originOf(names)]: ['value'] };
  const how = howOfRead(name);
  if (typeof value !== 'string' && !Array.isArray(value)) {
    const made = { schema: {}, untrusted, how };
    const whole = await fitted({ field, value }, (some) => resultOf(some, made));
    return whole ?? refuse('answer_too_large', 'This field is too large as a whole: ask for what is in it');
  }
  for (let most = Math.max(1, value.length - from); ; most = Math.floor(most / 2)) {
    const part = typeof value === 'string' ? firstCharacters(value.slice(from), most) : value.slice(from, from + most);
    const next = from + part.length;
    const answer = { field, value: part, from, of: value.length, next_from: next < value.length ? next : null };
    const made = { schema: {}, untrusted, how };
    if (most <= 1) {
      const last = await fitted(answer, (some) => resultOf(some, made));
      return last ?? refuse('answer_too_large', 'This entry is too large as a whole: ask for what is in it');
    }
    const result = resultOf({ value: answer, left_out: [], more_left_out: 0 }, made);
    if (await fits(result)) return result;
  }
}

function refuse(code: string, message: string): ToolResult {
  return refusedResult(new ApiError(413, code, message));
}
