// The two checks of a result, that of the operation and that of the database: what one takes the other takes, of every type.

import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { RESULT_SCHEMAS, resultSchemaOf, WORK_TYPES } from '../../src/model/agent-results.ts';
import { FITTING } from '../support/agent-work.ts';
import { openTestBrain, type TestBrain, testBackends } from '../support/brain.ts';

const TYPES = Object.keys(FITTING) as (keyof typeof FITTING)[];

/** What stands in the place of a field, or beside it. */
const STRANGE: readonly unknown[] = [
  ...[
    null,
    true,
    0,
    -1,
    0.5,
    100,
    100.5,
    501,
    '',
    ' ',
    'x'.repeat(20),
    'é'.repeat(101),
    '👩‍🚀'.repeat(70),
    'x'.repeat(501),
  ],
  ...[[], {}, [1], [''], ['a'], [{}], 'beginner', 'must-have', 'critical', { coverage_min: 1.5 }, { constructor: 1 }],
];
/** Where something is changed: a way through keys and places, as far as it goes. */
const change = fc.record({
  way: fc.array(fc.nat({ max: 6 }), { minLength: 1, maxLength: 5 }),
  strange: fc.constantFrom('gone', 'more', ...STRANGE),
});

function changed(value: unknown, way: readonly number[], strange: unknown): unknown {
  const [step, ...further] = way;
  if (step === undefined || typeof value !== 'object' || value === null) return strange === 'gone' ? null : strange;
  if (Array.isArray(value)) {
    if (value.length === 0) return strange === 'gone' ? [] : [strange];
    const at = step % value.length;
    return value.map((one, n) => (n === at ? changed(one, further, strange) : one));
  }
  const entries = Object.entries(value);
  const [key] = entries[step % Math.max(entries.length, 1)] ?? [];
  if (strange === 'more' || key === undefined) return { ...value, constructor: 1 };
  if (further.length === 0 && strange === 'gone') return Object.fromEntries(entries.filter(([name]) => name !== key));
  return { ...value, [key]: changed((value as Record<string, unknown>)[key], further, strange) };
}

describe.each(testBackends)('results (%s)', (backend) => {
  let brain: TestBrain;
  beforeAll(async () => {
    brain = await openTestBrain(backend);
  });
  afterAll(() => brain.close());

  /** One question for many, as each would cost a round trip. */
  const tellInSql = async (asked: readonly { type: string; result: unknown }[]) => {
    return brain.session(async (session) => {
      await session.script(`create or replace function pg_temp.fits(agent_type text, result jsonb) returns boolean language plpgsql as $$
        begin return codered.accept_job_result(agent_type, result); exception when sqlstate 'CR002' then return false; end $$`);
      const rows = await session.query(
        `select pg_temp.fits(e ->> 'type', e -> 'result')::text as fits from jsonb_array_elements($1::jsonb) with ordinality as a (e, n) order by n`,
        [JSON.stringify(asked)],
      );
      return rows.map(({ fits }) => fits === 'true');
    });
  };

  it('are taken by both or by none', async () => {
    const asked = fc
      .sample(fc.tuple(fc.constantFrom(...TYPES), fc.array(change, { maxLength: 2 })), 1_500)
      .map(([type, changes]) => ({
        type,
        result: changes.reduce<unknown>((made, { way, strange }) => changed(made, way, strange), FITTING[type]),
      }));
    const inZod = asked.map(({ type, result }) => RESULT_SCHEMAS[type].safeParse(result).success);
    const inSql = await tellInSql(asked);
    const apart = asked.flatMap((one, n) => (inZod[n] === inSql[n] ? [] : [{ ...one, zod: inZod[n], sql: inSql[n] }]));
    expect(apart).toEqual([]);
    expect([inZod.filter(Boolean).length > 100, inZod.filter((fits) => !fits).length > 500]).toEqual([true, true]);
  });

  it('that fit are taken, and every field that its schema needs is needed', async () => {
    expect(await tellInSql(TYPES.map((type) => ({ type, result: FITTING[type] })))).toEqual(TYPES.map(() => true));
    expect(await tellInSql([{ type: 'embed', result: {} }])).toEqual([false]);
  });
});

describe('the JSON Schemas', () => {
  it('are there for every type, refuse other fields and tell lengths', () => {
    for (const type of WORK_TYPES)
      expect(resultSchemaOf(type)).toMatchObject({ type: 'object', additionalProperties: false });
    expect(resultSchemaOf('research')).toMatchObject({
      properties: {
        elevator_pitch: { type: 'string', minLength: 20, maxLength: 500 },
        core_features: { items: { properties: { priority: { enum: ['must-have', 'should-have', 'nice-to-have'] } } } },
      },
      required: expect.arrayContaining(['app_name', 'elevator_pitch', 'target_audience', 'core_features']),
    });
    expect(resultSchemaOf('roadmap')).toMatchObject({
      properties: { total_estimated_hours: { exclusiveMinimum: 0, maximum: 500 }, modules: { minItems: 1 } },
    });
  });

  it('refuse text that no row can hold', () => {
    for (const summary of ['a\u0000b', '\ud800']) {
      expect(RESULT_SCHEMAS.qa.safeParse({ passed: true, issues: [], summary }).success).toBe(false);
    }
  });
});
