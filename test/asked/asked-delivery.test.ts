// What GitHub answers comes to the same rows as its webhooks, or to less: never to others.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  type AskedPlace,
  deploymentDelivery,
  deploymentStatusDelivery,
  jobDelivery,
  pullRequestDelivery,
  pushDelivery,
  runDelivery,
} from '../../src/asked/asked-delivery.ts';
import { isAsked } from '../../src/asked/asked-guid.ts';
import { type DeliveryRow, GUID } from '../../src/inbox/delivery-row.ts';
import type { Facts } from '../../src/model/facts.ts';
import { factsOf } from '../normalise/normalised-facts.ts';
import { examplePayload, examplesOf, type JsonObject } from '../support/example-payload.ts';

/** What GitHub's examples say, in the types of its answers: both have the same fields. */
// biome-ignore lint/suspicious/noExplicitAny: an example is read as whatever the maker of its delivery takes
type Told = any;

const place = (payload: JsonObject): AskedPlace => ({
  app_id: 4242,
  installation_id: (payload.installation as Told)?.id ?? 7,
  repository: payload.repository as Told,
});

/** The facts of what was asked for, read from the text as the inbox keeps it. */
const askedFacts = ({ event, payload }: DeliveryRow): Facts => factsOf(event, JSON.parse(payload));

/** With the installation that an App's webhooks have. */
const example = (event: string, index: number): Told => examplePayload(event, index, { installation: { id: 7 } });

const MAKERS: Readonly<Record<string, (payload: Told) => DeliveryRow>> = {
  // Some examples name workflow and path beside the run alone; an answer names them in the run.
  workflow_run: (told) => {
    const { name, path } = { ...told.workflow, ...defined(told.workflow_run) };
    return runDelivery(place(told), { ...told.workflow_run, name, path });
  },
  workflow_job: (told) => jobDelivery(place(told), told.workflow_job),
  deployment: (told) => deploymentDelivery(place(told), told.deployment),
  deployment_status: (told) => deploymentStatusDelivery(place(told), told.deployment, told.deployment_status),
  pull_request: (told) => pullRequestDelivery(place(told), told.pull_request),
};

/** What an answer can not know: which run made a deployment, and by which event a pull request came to be as it is. */
const UNKNOWN = ['run_id', 'run_attempt', 'head_arrival', 'former_head_sha', 'based_at'];

function known(facts: Facts): unknown {
  const deployments = facts.deployments.map((row) => without(row, UNKNOWN));
  const pull_requests = facts.pull_requests.map((row) => without(row, UNKNOWN));
  return { ...facts, deployments, pull_requests };
}

const without = (row: object, keys: readonly string[]) =>
  Object.fromEntries(Object.entries(row).filter(([key]) => !keys.includes(key)));

const defined = (from: object): Told => Object.fromEntries(Object.entries(from).filter(([, value]) => value));

const cases = Object.keys(MAKERS).flatMap((event) => examplesOf(event).map(({ index }) => ({ event, index })));

describe('a delivery that was asked for', () => {
  it.each(cases)('tells of $event $index what the webhook tells, column by column', ({ event, index }) => {
    const payload = example(event, index);
    const row = MAKERS[event]?.(payload);
    expect(row).toMatchObject({ event, installation_id: 7, repository_id: payload.repository.id });
    expect(row && known(askedFacts(row))).toEqual(known(factsOf(event, payload)));
  });

  it('has a guid that no webhook can have, the same for the same answer and another for another', () => {
    const text = fc.string({ maxLength: 300 });
    fc.assert(
      fc.property(fc.nat(), text, text, fc.constantFrom('queued', 'completed'), (id, name, other, status) => {
        const guidOf = (label: string, state: string) =>
          runDelivery(place(example('workflow_run', 0)), {
            ...example('workflow_run', 0).workflow_run,
            ...{ id, name: label, status: state },
          }).guid;
        const guid = guidOf(name, status);
        expect(guid).not.toMatch(GUID);
        expect(isAsked(guid)).toBe(true);
        expect(guid.length).toBeLessThanOrEqual(100);
        expect(guid < '0').toBe(true);
        expect(guidOf(name, status)).toBe(guid);
        expect(guidOf(other, status) === guid).toBe(other === name);
        expect(guidOf(name, 'in_progress')).not.toBe(guid);
      }),
      { numRuns: 20 },
    );
  });

  it('leaves out who merged, and the files of commits, where a list does not say', () => {
    const pull = example('pull_request', 0);
    const { merged_by: _, ...listed } = { ...pull.pull_request, merged_at: '2026-01-02T03:04:05Z' };
    expect(askedFacts(pullRequestDelivery(place(pull), listed)).pull_requests).toMatchObject([
      { state: 'merged', merged_by: null },
    ]);
    const commit: Told = {
      sha: 'a'.repeat(40),
      commit: { message: 'Fix', author: { name: 'Mona', date: '2026-01-02T03:04:05Z' } },
      author: { login: 'mona' },
    };
    expect(askedFacts(pushDelivery(place(pull), 'main', [commit])).commits).toMatchObject([
      { ref: 'refs/heads/main', author: 'mona', pushed_at: null, files: [], is_ref_reset: false },
    ]);
  });
});
