// Looks at what GitHub told and did not arrive, and at how many requests it still takes.
import type { Brain } from '../../brain/client.ts';
import { LIMITS } from '../../config/limits.ts';
import {
  type BudgetStatus,
  type MissedStatus,
  readGithubStatus,
  readLostDeliveries,
  type SweepStatus,
} from '../../queue/lost-status.ts';
import { type Finding, ok, oneLine, warning } from './finding.ts';

const SHOWN = 5;
/** By then a lost delivery is to be back. */
const LATE_SECONDS = 1_200;
/** The sweep and the backfill stop earlier, comments later. */
const LOW_PART = 0.2;

/** One finding on lost deliveries, one on the sweep, one on backfills and one on budgets; throws what `brain.call` throws. */
export async function checkGithub(brain: Pick<Brain, 'call'>): Promise<Finding[]> {
  const { missed, budgets, sweep } = await readGithubStatus(brain, LIMITS.statusMs);
  return [await lostFinding(brain, missed), sweepFinding(sweep), await backfillFinding(brain), budgetFinding(budgets)];
}

async function lostFinding(brain: Pick<Brain, 'call'>, status: MissedStatus): Promise<Finding> {
  const { missed, lost, oldest_seconds, settled_to, refused, sweeps } = status;
  if (refused !== null) {
    const fix =
      'See that the webhook of the App is active. Until then what does not arrive is found by the sweep alone.';
    return warning('lost deliveries', `GitHub does not give the list of deliveries: ${oneLine(refused)}`, fix);
  }
  if (lost > 0) {
    const examples = (await readLostDeliveries(brain, SHOWN)).map(
      ({ event, action, guid, repository, reason }) =>
        `\n   ${event}${action === null ? '' : `.${action}`} ${guid} of ${oneLine(repository ?? 'no repository')}: ${oneLine(reason)}`,
    );
    const found = `${lost} of the last 30 days can not be had from GitHub any more${examples.join('')}`;
    return warning(
      'lost deliveries',
      found,
      `The sweep asks for what they told (${sweeps} to be asked); nothing has to be done.`,
    );
  }
  if (missed > 0 && (oldest_seconds ?? 0) > LATE_SECONDS) {
    const found = `${missed} did not arrive or are not done, the oldest since ${Math.round((oldest_seconds ?? 0) / 60)} minutes`;
    return warning(
      'lost deliveries',
      found,
      'See that GitHub reaches the webhook address and that `codered serve` runs.',
    );
  }
  if (settled_to === null)
    return ok('lost deliveries', 'not looked for yet: `codered serve` does so every two minutes');
  return ok(
    'lost deliveries',
    `none; all that GitHub delivered until ${settled_to} is settled${missed > 0 ? `, ${missed} later ones are under way` : ''}`,
  );
}

function sweepFinding({ waiting, given_up, examples }: SweepStatus): Finding {
  if (given_up === 0)
    return ok(
      'sweep',
      waiting === 0 ? 'nothing is stuck' : `GitHub is asked how ${waiting} stand that nothing was told of`,
    );
  const lines = examples.map(
    ({ repository, kind, subject, reason }) => `\n   ${kind} ${oneLine(subject)} of ${oneLine(repository)}: ${reason}`,
  );
  const fix = 'GitHub was asked twelve times: see there how they stand. A later webhook still brings them to an end.';
  return warning('sweep', `${given_up} stay as they are${lines.join('')}`, fix);
}

const BACKFILLS_READ = 200;

async function backfillFinding(brain: Pick<Brain, 'call'>): Promise<Finding> {
  const rows = await brain.call('list_backfills', { batch: BACKFILLS_READ });
  const open = rows.filter(({ state }) => state === 'pending');
  const troubled = rows.filter(({ state, missing }) => state === 'stopped' || JSON.stringify(missing) !== '[]');
  if (troubled.length === 0) {
    const [next] = open;
    const at = next === undefined ? '' : `, now ${oneLine(next.repository)}: ${next.phase}${waitingFor(next.error)}`;
    return ok('backfill', open.length === 0 ? 'no past is left to ask for' : `${open.length} to be done${at}`);
  }
  const lines = troubled.slice(0, SHOWN).map(({ repository, error, missing }) => {
    const why = error ?? JSON.stringify(missing);
    return `\n   ${oneLine(repository)}: ${oneLine(why)}`;
  });
  const fix =
    'Grant what is missing, then `codered backfill --repo OWNER/NAME`; new permissions have it asked for by itself.';
  return warning('backfill', `the past of ${troubled.length} is not whole${lines.join('')}`, fix);
}

function waitingFor(error: string | null): string {
  return error === null ? '' : ` (${oneLine(error)})`;
}

function budgetFinding(budgets: BudgetStatus): Finding {
  const pressed = budgets.filter(
    ({ paused_seconds, remaining, request_limit }) =>
      paused_seconds !== null ||
      (remaining !== null && request_limit !== null && remaining <= request_limit * LOW_PART),
  );
  if (pressed.length === 0) return ok('requests to GitHub', 'no limit is near');
  const lines = pressed.slice(0, SHOWN).map(({ installation_id, account_login, paused_seconds, ...left }) => {
    const who = installation_id === 0 ? 'the App itself' : oneLine(account_login ?? `installation ${installation_id}`);
    const how =
      paused_seconds === null
        ? `${left.remaining} of ${left.request_limit} left, anew in ${left.resets_seconds} s`
        : `silent for ${paused_seconds} s, as GitHub asked`;
    return `\n   ${who}: ${how}`;
  });
  const fix = 'It passes by itself: what is left goes to the gate first, then to comments; sweep and backfill wait.';
  return warning('requests to GitHub', `${pressed.length} are near a limit${lines.join('')}`, fix);
}
