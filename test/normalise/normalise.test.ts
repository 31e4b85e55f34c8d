import fc from 'fast-check';
import { describe, expect, expectTypeOf, it } from 'vitest';
import { Rejected } from '../../src/model/errors.ts';
import type { Facts, Normalised } from '../../src/model/facts.ts';
import { normalise, normalisers } from '../../src/normalise/normalise.ts';
import { EDITIONS, examplePayload, examplesOf, type JsonObject } from '../support/example-payload.ts';
import { factsOf, ignoredBecause, OUR_APP_ID } from './normalised-facts.ts';

const context = { appId: OUR_APP_ID };
const ours = examplesOf().filter(({ event }) => Object.hasOwn(normalisers, event));
const others = examplesOf().filter(({ event }) => !Object.hasOwn(normalisers, event));

function inShort(normalised: Normalised): string {
  if (normalised.kind === 'ignored') return `ignored, ${normalised.reason}`;
  const counts = Object.entries(normalised.facts).filter(([, rows]) => rows.length > 0);
  return counts.map(([name, rows]) => `${rows.length} ${name}`).join(', ');
}

describe('what every example payload of GitHub comes to', () => {
  const found = ours.map((example) => {
    const normalised = normalise(example, context);
    const action = typeof example.payload.action === 'string' ? `.${example.payload.action}` : '';
    return { ...example, normalised, title: `${example.event}${action} ${example.index}: ${inShort(normalised)}` };
  });

  it.each(found)('$title', ({ event, normalised }) => {
    if (normalised.kind === 'ignored') {
      expect(normalised.reason).toMatch(new RegExp(`^${event}(\\.[a-z_]+)?: .`));
      expect(['check_run', 'check_suite', 'issue_comment', 'organization', 'push', 'team']).toContain(event);
      return;
    }
    const rows = Object.values(normalised.facts).flat();
    expect(rows.length).toBeGreaterThan(0);
    if (!/^(github_app_authorization|installation|membership|organization|team)/.test(event))
      expect(normalised.facts.repositories).toHaveLength(1);
  });

  it('covers every event that has a normaliser, but two of which there is no example', () => {
    const covered = new Set(ours.map(({ event }) => event));
    expect(Object.keys(normalisers).filter((event) => !covered.has(event))).toEqual([
      'deployment_protection_rule',
      'installation_target',
    ]);
  });

  it('is ignored, with a reason that names the event, for every event without a normaliser', () => {
    expect(others.length).toBeGreaterThan(150);
    for (const { event, payload } of others)
      expect(ignoredBecause(event, payload)).toBe(`${event}: nothing of this event is kept`);
  });

  it.each(EDITIONS.slice(1))('is never an error for the examples of $edition', ({ events }) => {
    const payloads = events.flatMap(({ name, examples }) => examples.map((payload) => ({ event: name, payload })));
    expect(payloads.length).toBeGreaterThan(40);
    for (const delivery of payloads) expect(normalise(delivery, context).kind).toMatch(/^(facts|ignored)$/);
  });
});

describe("events that are not GitHub's", () => {
  it.each(['', 'constructor', '__proto__', 'toString', 'no_such_event'])('ignores "%s"', (event) => {
    expect(ignoredBecause(event, { action: 'created' })).toBe(`${event}: nothing of this event is kept`);
  });

  it('cuts an endless event name in the reason', () => {
    expect(ignoredBecause('x'.repeat(1_000_000), null).length).toBeLessThan(200);
  });
});

describe('a payload of any shape', () => {
  it.each([undefined, null, 7, 'text', true, [], {}])('is refused by name when it is %j', (payload) => {
    for (const event of ['workflow_run', 'push', 'installation', 'repository']) {
      expect(() => normalise({ event, payload }, context)).toThrow(Rejected);
      expect(() => normalise({ event, payload }, context)).toThrow(new RegExp(`^${event}: `));
    }
  });

  it('gives facts, a reason or Rejected when values are taken away or replaced at random, and never another error', () => {
    const seen = { facts: 0, ignored: 0, rejected: 0 };
    fc.assert(
      fc.property(
        fc.constantFrom(...ours),
        fc.array(damage(), { minLength: 1, maxLength: 4 }),
        ({ event, payload }, damages) => {
          const damaged = damages.reduce(applyDamage, structuredClone(payload));
          try {
            const normalised = normalise({ event, payload: damaged }, context);
            seen[normalised.kind] += 1;
            expectStorable(normalised);
          } catch (error) {
            seen.rejected += 1;
            if (!(error instanceof Rejected)) throw error;
            expect(error.message.length).toBeLessThan(5_000);
          }
        },
      ),
      { numRuns: 3_000 },
    );
    expect(Math.min(...Object.values(seen))).toBeGreaterThan(10);
  });

  it('gives equal facts for equal payloads, leaves the payload as it was, and the facts survive JSON', () => {
    for (const { event, payload } of ours) {
      const before = structuredClone(payload);
      const first = normalise({ event, payload }, context);
      expect(payload).toEqual(before);
      expect(normalise({ event, payload: before }, context)).toEqual(first);
      expect(JSON.parse(JSON.stringify(first))).toEqual(first);
    }
  });
});

describe('hostile text', () => {
  const HOSTILE = `\u0000\ud800 </details>@everyone \udc00${'😀'.repeat(500_000)}`;

  it('is cut and made storable wherever it stands', () => {
    let kept = 0;
    for (const { event, payload } of ours) {
      const hostile = withEveryText(payload, HOSTILE);
      const normalised = normalise({ event, payload: hostile }, context);
      expectStorable(normalised);
      const json = JSON.stringify(normalised);
      if (json.includes('</details>@everyone')) kept += 1;
      expect(json.length).toBeLessThan(200_000);
    }
    expect(kept).toBeGreaterThan(50);
  });

  it('stays what it is in a branch name', () => {
    const branch = '`</details>@everyone`';
    const payload = examplePayload('workflow_run', 1, { 'workflow_run.head_branch': branch });
    expect(factsOf('workflow_run', payload).ci_events[0]?.branch).toBe(branch);
  });

  it('never gets into the message of a refusal', () => {
    const payload = examplePayload('workflow_run', 1, {
      action: 'SECRET action',
      'workflow_run.head_sha': 'SECRET sha',
      'workflow_run.id': { SECRET: 'SECRET' },
    });
    expect(() => normalise({ event: 'workflow_run', payload }, context)).toThrow(
      new Rejected(
        'workflow_run: workflow_run.id: expected a positive whole number, found an object; ' +
          'workflow_run: workflow_run.head_sha: expected a commit SHA of 40 or 64 hexadecimal digits, found a string',
      ),
    );
  });
});

describe('the shape of facts', () => {
  it('has snake_case keys only, by type and in fact', () => {
    expectTypeOf<CamelCaseKeys<Facts>>().toEqualTypeOf<never>();
    expectTypeOf<CamelCaseKeys<{ headSha: string }>>().toEqualTypeOf<'headSha'>();
    for (const { event, payload } of ours) {
      const normalised = normalise({ event, payload }, context);
      if (normalised.kind === 'ignored') continue;
      const tables = Object.keys(normalised.facts);
      const columns = Object.values(normalised.facts).flatMap((rows) => rows.flatMap(Object.keys));
      for (const key of [...tables, ...columns]) expect(key).toMatch(/^[a-z]+(_[a-z]+)*$/);
    }
  });

  it('writes every time in UTC with milliseconds', () => {
    for (const { event, payload } of ours) {
      const normalised = normalise({ event, payload }, context);
      if (normalised.kind === 'ignored') continue;
      const times = Object.values<object[]>({ ...normalised.facts }).flatMap((rows) =>
        rows.flatMap((row) => Object.entries(row).filter(([key]) => /(_at|_time)$/.test(key))),
      );
      for (const [, time] of times) if (time !== null) expect(time).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
    }
  });
});

/** The keys of facts and of their rows that hold a capital. */
type CamelCaseKeys<Value> = Value extends (infer Row)[]
  ? CamelCaseKeys<Row>
  : Value extends object
    ? {
        [Key in keyof Value & string]:
          | (string extends Key ? never : Key extends Lowercase<Key> ? never : Key)
          | CamelCaseKeys<Value[Key]>;
      }[keyof Value & string]
    : never;

function expectStorable(normalised: Normalised): void {
  const check = (value: unknown): void => {
    if (typeof value === 'string') {
      if (!value.isWellFormed() || value.includes('\u0000'))
        throw new Error(`not storable: ${JSON.stringify(value.slice(0, 80))}`);
      return;
    }
    if (typeof value === 'object' && value !== null) {
      Object.keys(value).forEach(check);
      Object.values(value).forEach(check);
    }
  };
  check(normalised);
}

/** Every text but those that have a form of their own: hashes, times, addresses and words that decide what is read. */
function withEveryText(value: unknown, text: string, key = ''): unknown {
  if (Array.isArray(value)) return value.map((item) => withEveryText(item, text, key));
  if (typeof value === 'object' && value !== null) {
    return Object.fromEntries(Object.entries(value).map(([name, item]) => [name, withEveryText(item, text, name)]));
  }
  const formed =
    /(^|_)(sha|at|id|url|action|timestamp|after|before)$/.test(key) || (key === 'state' && value !== 'success');
  return typeof value === 'string' && !formed ? text : value;
}

type Damage = { readonly at: number; readonly value: unknown };

function damage(): fc.Arbitrary<Damage> {
  const value = fc.oneof(
    fc.constant(undefined),
    fc.constantFrom(null, '', 0, -1, 1.5, 2 ** 60, 1e300, true, [], {}, [null], { id: 'x' }, '\u0000\ud800'),
    fc.string({ unit: 'binary', maxLength: 50 }),
    fc.jsonValue(),
  );
  return fc.record({ at: fc.nat(), value });
}

function applyDamage(payload: JsonObject, { at, value }: Damage): JsonObject {
  const places = placesIn(payload);
  const place = places[at % places.length];
  if (place) {
    if (value === undefined) delete place.holder[place.key];
    else place.holder[place.key] = value;
  }
  return payload;
}

function placesIn(holder: JsonObject, depth = 0): { holder: JsonObject; key: string }[] {
  const read = Object.entries(holder).filter(([key]) => !/_url$|node_id|^url$/.test(key) || key === 'html_url');
  return read.flatMap(([key, value]) => {
    const inner =
      typeof value === 'object' && value !== null && depth < 5 ? placesIn(value as JsonObject, depth + 1) : [];
    return [{ holder, key }, ...inner];
  });
}
