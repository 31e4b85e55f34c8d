// The table of operations, and how one is done as a person.
import { z } from 'zod';
import type { Brain } from '../brain/client.ts';
import { Rejected } from '../model/errors.ts';
import { asJson } from '../model/json.ts';
import { AGENT_OPERATIONS, MODEL_OPERATIONS } from './agents/agents.ts';
import { JOB_OPERATIONS } from './agents/jobs.ts';
import { DAILY_SESSION_OPERATIONS, ROADMAP_OPERATIONS } from './agents/learning.ts';
import { CORPUS_OPERATIONS, FILE_OPERATIONS } from './agents/project-files.ts';
import { REPORTED_RUN_OPERATIONS } from './agents/reported-runs.ts';
import { WORK_OPERATIONS } from './agents/work.ts';
import { type Completeness, completeness, READ_COMPLETENESS } from './ci/completeness.ts';
import { DEAD_DELIVERY_OPERATIONS } from './ci/dead-deliveries.ts';
import { FAILURE_OPERATIONS } from './ci/failures.ts';
import { GATE_OPERATIONS } from './ci/gate.ts';
import { PATTERN_OPERATIONS } from './ci/patterns.ts';
import { LOG_OPERATIONS } from './ci/read-log.ts';
import { DELIVERY_OPERATIONS } from './ci/tests-and-deployments.ts';
import { VERDICT_OPERATIONS } from './ci/verdict.ts';
import { type Asker, type AskGithub, GITHUB_UNAVAILABLE } from './declared/ask-github.ts';
import type { ContentLinks } from './declared/content-link.ts';
import type { ExportToGithub } from './declared/github-export.ts';
import type { Finishing, Operation } from './declared/operation.ts';
import { DECISION_OPERATIONS } from './memory/decisions.ts';
import { ERROR_OPERATIONS } from './memory/error-reports.ts';
import { EVENT_OPERATIONS } from './memory/events.ts';
import { LESSON_OPERATIONS } from './memory/lessons.ts';
import { MILESTONE_OPERATIONS } from './memory/milestones.ts';
import { PROJECT_SETTINGS_OPERATIONS } from './memory/project-settings.ts';
import { PROJECT_OPERATIONS } from './memory/projects.ts';
import { SESSION_OPERATIONS } from './memory/sessions.ts';
import { TASK_RUN_OPERATIONS } from './memory/task-runs.ts';
import { TASK_OPERATIONS } from './memory/tasks.ts';
import { ARTIFACT_OPERATIONS } from './workflows/artifacts.ts';
import { RUN_OPERATIONS } from './workflows/runs.ts';
import { SPEC_OPERATIONS } from './workflows/specs.ts';
import { WORKFLOW_OPERATIONS } from './workflows/workflows.ts';

/** All operations, in the order in which they are listed. */
export const OPERATIONS: readonly Operation[] = [
  ...FAILURE_OPERATIONS,
  ...VERDICT_OPERATIONS,
  READ_COMPLETENESS,
  ...LOG_OPERATIONS,
  ...GATE_OPERATIONS,
  ...DELIVERY_OPERATIONS,
  ...PATTERN_OPERATIONS,
  ...ERROR_OPERATIONS,
  ...PROJECT_OPERATIONS,
  ...PROJECT_SETTINGS_OPERATIONS,
  ...EVENT_OPERATIONS,
  ...TASK_OPERATIONS,
  ...TASK_RUN_OPERATIONS,
  ...MILESTONE_OPERATIONS,
  ...DECISION_OPERATIONS,
  ...LESSON_OPERATIONS,
  ...SESSION_OPERATIONS,
  ...JOB_OPERATIONS,
  ...WORK_OPERATIONS,
  ...AGENT_OPERATIONS,
  ...REPORTED_RUN_OPERATIONS,
  ...MODEL_OPERATIONS,
  ...FILE_OPERATIONS,
  ...CORPUS_OPERATIONS,
  ...ROADMAP_OPERATIONS,
  ...DAILY_SESSION_OPERATIONS,
  ...RUN_OPERATIONS,
  ...ARTIFACT_OPERATIONS,
  ...SPEC_OPERATIONS,
  ...WORKFLOW_OPERATIONS,
  ...DEAD_DELIVERY_OPERATIONS,
];

/** What an operation gave; `next` the arguments of its `page.after` for what follows, null at the end and where it is no list. */
export interface Outcome {
  readonly output: unknown;
  readonly next: Readonly<Record<string, unknown>> | null;
  /** Of what rests on history: how much of that is known, null where nobody counted; left out of everything else. */
  readonly completeness?: Completeness;
  /** It was done before, and this is what was answered then. */
  readonly isReplay: boolean;
}

export interface Asked extends Partial<Omit<Asker, 'userId'>> {
  readonly userId: string;
  /** Left out: an agent, which may less. */
  readonly by?: Asker['by'];
  /** Has passed the operation's schema. */
  readonly input: Readonly<Record<string, unknown>>;
  /** Done once for this key: SHA-256 of the key that the caller chose and of all that makes the request the same. */
  readonly once?: { readonly keyHash: string; readonly requestHash: string } | undefined;
  /** Left out: none are made. */
  readonly links?: ContentLinks | undefined;
  /** Left out: GitHub can't be asked, and what has to be asked there is refused. */
  readonly github?: AskGithub | undefined;
  /** Left out: nothing is pushed to GitHub. */
  readonly exportToGithub?: ExportToGithub | undefined;
}

const unasked = async (): Promise<never> => {
  throw new Rejected('GitHub can not be asked by this CodeRed now, and nothing is done without.', {
    code: GITHUB_UNAVAILABLE,
  });
};
const NOBODY_ASKS: AskGithub = { rightToOverride: unasked, readLog: unasked, tryPolicy: unasked };

/**
 * Does an operation as a person. Throws what `Brain.callAs` throws (a refusal as Rejected with its code), and a ZodError when the
 * database answers in another shape than the operation says.
 */
export async function runOperation(
  brain: Pick<Brain, 'callAs'>,
  { run, isForPeople, before, first, argumentsOf, finish, output, page, restsOnHistory }: Operation,
  asked: Asked,
): Promise<Outcome> {
  const { userId, input, once } = asked;
  const at = hand(asked);
  if (isForPeople && at.by !== 'person') throw notForAgents();
  const finished = async (answer: unknown) =>
    output.parse(finish === null ? answer : await finish(answer, input as never, at));
  const allowed = before === null ? {} : await before(input as never, at);
  const known =
    first === null
      ? undefined
      : (await brain.callAs({ userId, name: first.run, arguments: asJson(first.argumentsOf(input as never)) })).answer;
  const given = { ...argumentsOf(input as never, known), ...allowed };
  const { answer, isReplay } = await brain.callAs({ userId, name: run, arguments: asJson(given), once });
  if (once !== undefined || page === null) return { output: await finished(answer), next: null, isReplay };
  const rows = z.array(z.record(z.string(), z.unknown())).parse(answer);
  const size = Number(input.batch);
  const kept = page.more === 'ties' ? rows : rows.slice(0, size);
  const hasMore = page.more === 'ties' ? rows.length >= size : rows.length > size;
  const last = hasMore ? kept.at(-1) : undefined;
  const next =
    last && Object.fromEntries(Object.entries(page.after).map(([argument, field]) => [argument, last[field]]));
  const told = { output: output.parse(kept), next: next ?? null, isReplay: false };
  return restsOnHistory
    ? { ...told, completeness: await completenessOf(brain, { userId, project_id: input.project_id }) }
    : told;
}

/** Of the days that GitHub was asked about, of the last that history is asked for. */
async function completenessOf(
  brain: Pick<Brain, 'callAs'>,
  { userId, project_id }: { userId: string; project_id: unknown },
) {
  const { run, argumentsOf } = READ_COMPLETENESS;
  const { answer } = await brain.callAs({
    userId,
    name: run,
    arguments: asJson(argumentsOf({ project_id } as never, undefined)),
  });
  return completeness.parse(answer);
}

function notForAgents(): Rejected {
  const words = 'This is for a person to decide, as it is about what agents did: an agent can not.';
  return new Rejected(words, { code: 'CR008' });
}

function hand(asked: Asked): Finishing {
  const { userId, by = 'agent', through = 'rest', clientId = null } = asked;
  const { links = null, github = NOBODY_ASKS, exportToGithub = null } = asked;
  return { userId, by, through, clientId, links, github, exportToGithub };
}
