// What is made is listed: each list with what makes its rows, page by page, while others make more.

import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { OPERATIONS, type Outcome, runOperation } from '../../src/operations/operations.ts';
import { openTestBrain, type TestBrain, testBackends } from '../support/brain.ts';
import { makeOrg, makeProject, signUp } from '../support/people.ts';
import { runs } from '../support/runs.ts';

type Row = Readonly<Record<string, unknown>>;

/** By the list's name: what makes a row of it, with what it needs beside the project; where the list is one task's, `task_id`. */
const PAIRS: readonly { list: string; make: string; given: object; of?: 'task_id'; more?: object }[] = [
  { list: 'list_tasks', make: 'create_task', given: { title: 'One' } },
  { list: 'list_milestones', make: 'create_milestone', given: { name: 'One' } },
  { list: 'list_decisions', make: 'record_decision', given: { title: 'One' } },
  { list: 'list_lessons', make: 'record_lesson', given: { title: 'One' }, more: { query: 'one' } },
  { list: 'list_ux_snippets', make: 'record_ux_snippet', given: { name: 'One', code_sample: 'x' } },
  { list: 'list_checkpoints', make: 'create_checkpoint', given: { label: 'One' } },
  { list: 'list_agent_sessions', make: 'start_agent_session', given: {} },
  { list: 'list_errors', make: 'report_error', given: { message: 'It broke' } },
  { list: 'list_task_runs', make: 'start_task_run', given: { phase: 'code' }, of: 'task_id' },
  {
    list: 'list_task_overrides',
    make: 'create_override',
    given: { target_type: 'task', override_type: 'cynic_reject', reason: 'x' },
    of: 'task_id',
  },
  { list: 'list_projects', make: 'create_project', given: { name: 'One' } },
];

describe.each(testBackends)('pages (%s)', (backend) => {
  let brain: TestBrain;
  let people: readonly string[] = [];
  let org = '';
  let made = 0;
  beforeAll(async () => {
    brain = await openTestBrain(backend);
    people = [await signUp(brain), await signUp(brain)];
    org = await makeOrg(brain, Object.fromEntries(people.map((person) => [person, 'maintainer'])));
  });
  afterAll(() => brain.close());

  function operationOf(name: string) {
    const operation = OPERATIONS.find((one) => one.name === name);
    if (operation === undefined) throw new Error(`there is no ${name}`);
    return operation;
  }
  async function perform(name: string, given: object, userId = people[0] ?? ''): Promise<Outcome> {
    const operation = operationOf(name);
    return runOperation(brain, operation, { userId, by: 'person', input: operation.input.parse(given) });
  }

  /** A place of its own for the rows of a run, and what names it to the list and to what makes them. */
  async function placeOf({ of, list, make }: (typeof PAIRS)[number]): Promise<{ listed: object; making: object }> {
    if (list === 'list_projects') return { listed: {}, making: {} };
    const project_id = await makeProject(brain, { org });
    if (of === undefined) return { listed: { project_id }, making: { project_id } };
    const { output } = await perform('create_task', { project_id, title: 'Of it' });
    const task_id = (output as Row).id;
    const making = make === 'create_override' ? { project_id, target_id: task_id } : { task_id };
    return { listed: { task_id }, making };
  }

  it.each(PAIRS)('$list gives what $make made once, in order, while others make more', async (pair) => {
    const sizes = fc.array(fc.integer({ min: 1, max: 4 }), { minLength: 1, maxLength: 4 });
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 0, max: 6 }), sizes, async (count, batches) => {
        const { listed, making } = await placeOf(pair);
        const make = async (person?: string) => {
          // A kind of its own for each error: the same one is counted.
          const own =
            pair.make === 'report_error'
              ? { kind: `Kind${String.fromCharCode(65 + (made % 26)).repeat(1 + (made++ % 19))}` }
              : {};
          const { output } = await perform(pair.make, { ...pair.given, ...own, ...making }, person);
          return typeof output === 'string' ? output : (output as Row).id;
        };
        const before: unknown[] = [];
        for (let n = 0; n < count; n += 1) before.push(await make());
        const seen: unknown[] = [];
        let after: object | null = {};
        for (let page = 0; after !== null && page < 500; page += 1) {
          const batch = pair.list === 'list_projects' ? 100 : (batches[page % batches.length] ?? 1);
          const asked: object = { ...listed, ...pair.more, batch, ...after };
          const [outcome] = await Promise.all([
            perform(pair.list, asked),
            // Lists that go forward meet what is made behind their place: that ends too.
            page < 3 ? make(people[pair.list === 'list_agent_sessions' ? 0 : 1]) : null,
          ]);
          seen.push(...(outcome.output as readonly Row[]).map(({ id }) => id));
          after = outcome.next;
        }
        expect(new Set(seen).size).toBe(seen.length);
        expect(seen).toEqual(expect.arrayContaining(before));
        const { output } = await perform(pair.list, { ...listed, ...pair.more, batch: 200 });
        const whole = (output as readonly Row[]).map(({ id }) => id);
        // Where there are more than one list holds, what it holds of them.
        expect(whole.filter((id) => seen.includes(id))).toEqual(seen.filter((id) => whole.includes(id)));
      }),
      runs(3, 6),
    );
  });

  it.each(['newest', 'oldest'])('list_events gives what was made once, in order, %s first', async (direction) => {
    const project_id = await makeProject(brain, { org });
    for (let n = 0; n < 9; n += 1) await perform('create_milestone', { project_id, name: `No. ${n}` });
    const seen: Row[] = [];
    for (let after: object | null = {}; after !== null; ) {
      const asked: object = { project_id, direction, batch: 1 + (seen.length % 3), ...after };
      const [outcome] = await Promise.all([
        perform('list_events', asked),
        seen.length < 4 ? perform('create_milestone', { project_id, name: 'Late' }, people[1]) : null,
      ]);
      seen.push(...(outcome.output as readonly Row[]));
      after = outcome.next;
    }
    const ids = seen.map(({ id }) => Number(id));
    expect(ids).toEqual([...new Set(ids)].sort((a, b) => (direction === 'newest' ? b - a : a - b)));
    const names = seen.map(({ payload }) => (payload as Row).name).filter((name) => String(name).startsWith('No.'));
    expect(names.toSorted()).toEqual(Array.from({ length: 9 }, (_, n) => `No. ${n}`));
  });
});
