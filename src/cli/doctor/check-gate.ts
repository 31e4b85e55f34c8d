// Finds what keeps gates waiting and cannot be seen on a pull request.
import { z } from 'zod';
import { type BrainLog, type BrainSettings, openBrain } from '../../brain/client.ts';
import { inWords } from '../terminal/explain.ts';
import { type Finding, failed, ok, oneLine, warning } from './finding.ts';

const silent: BrainLog = { info: () => {}, warn: () => {} };

/** Up to this many minutes late is normal. */
const STUCK_MINUTES = 10;
const SHOWN = 5;
const EMBEDDED = 'Do that, then run `codered doctor --gate` again.';

const place = { repository: z.string().nullable() };
const health = z.object({
  overdue: z.array(
    z.object({
      ...place,
      pull_request_number: z.number(),
      commit_sha: z.string(),
      criteria: z.string(),
      until: z.string(),
    }),
  ),
  unpublished: z.array(
    z.object({
      ...place,
      kind: z.string(),
      target: z.string(),
      attempts: z.number(),
      since: z.string(),
      is_given_up: z.boolean(),
      last_error: z.string().nullable(),
    }),
  ),
  dead_jobs: z.array(
    z.object({
      ...place,
      kind: z.string(),
      commit_sha: z.string().nullable(),
      last_error: z.string().nullable(),
      since: z.string(),
    }),
  ),
  waiting_jobs: z.object({ count: z.number(), since: z.string().nullable() }),
  waiting_deliveries: z.object({ count: z.number(), since: z.string().nullable(), dead: z.number() }),
  held_installations: z.array(
    z.object({ account: z.string(), paused_until: z.string().nullable(), suspended_at: z.string().nullable() }),
  ),
});
type Health = z.infer<typeof health>;

/** Returns a finding for each thing that can keep a gate waiting. Changes nothing, but migrates an embedded database that is behind. */
export async function checkGate(settings: BrainSettings): Promise<Finding[]> {
  try {
    const brain = await openBrain(settings, { log: silent, mayShare: true });
    try {
      return findingsOf(health.parse(await brain.call('gate_health', { stuck_minutes: STUCK_MINUTES })));
    } finally {
      await brain.close();
    }
  } catch (thrown) {
    const fix =
      settings.kind === 'embedded' ? EMBEDDED : 'See that the database can be reached, then run `codered migrate`.';
    return [failed('database', inWords(thrown), fix)];
  }
}

function findingsOf({ overdue, unpublished, dead_jobs, ...rest }: Health): Finding[] {
  return [
    stuck('check runs', overdue, {
      what: 'wait past their deadline',
      line: (one) =>
        `${one.repository}#${one.pull_request_number} at ${short(one.commit_sha)}: ${one.criteria}, until ${one.until}`,
      fix: 'See that `codered serve` runs and that nothing below is stuck; `/codered recheck` in a comment has one judged again.',
    }),
    stuck('publications', unpublished, {
      what: 'can not be written to GitHub',
      line: (one) =>
        `${one.kind} of ${one.repository} (${one.target}), ${one.attempts} tries${one.is_given_up ? ', given up' : ''}: ${one.last_error ?? 'nobody has tried'}`,
      fix: 'Do what the reason says; one that was given up is tried again when its pull request is judged again (`/codered recheck`) or a permission is granted.',
    }),
    stuck('jobs', dead_jobs, {
      what: 'were given up within a week',
      line: (one) =>
        `${one.kind} of ${one.repository ?? 'no repository'}${one.commit_sha === null ? '' : ` at ${short(one.commit_sha)}`}: ${one.last_error ?? 'no reason is kept'}`,
      fix: 'Mend the reason, then `codered replay --follow-ups` does them again; `/codered recheck` in a comment has its pull request judged anew.',
    }),
    ...waitingFindings(rest),
  ];
}

function waitingFindings({
  waiting_jobs,
  waiting_deliveries,
  held_installations,
}: Pick<Health, 'waiting_jobs' | 'waiting_deliveries' | 'held_installations'>): Finding[] {
  const { count, since, dead } = waiting_deliveries;
  const run = 'See that `codered serve` runs, or run more of them on one database.';
  const deliveries = [
    ...(count > 0 ? [`${count} wait since ${since}`] : []),
    ...(dead > 0 ? [`${dead} were given up`] : []),
  ].join(', ');
  return [
    waiting_jobs.count === 0
      ? ok('work', 'nothing waits for a worker')
      : failed('work', `${waiting_jobs.count} jobs wait for a worker since ${waiting_jobs.since}`, run),
    deliveries === ''
      ? ok('deliveries', 'nothing waits')
      : failed(
          'deliveries',
          deliveries,
          dead > 0 ? `${run} \`codered replay --dead\` tries again what was given up.` : run,
        ),
    ...heldFindings(held_installations),
  ];
}

function heldFindings(held: Health['held_installations']): Finding[] {
  if (held.length === 0) return [ok('installations', 'none is paused or suspended')];
  const line = ({ account, paused_until, suspended_at }: Health['held_installations'][number]) =>
    suspended_at === null
      ? `${account}: GitHub asks for silence until ${paused_until}`
      : `${account}: suspended since ${suspended_at}`;
  const fix = 'A pause ends by itself; a suspension its owner lifts under Settings, GitHub Apps.';
  return [warning('installations', listed(`${held.length} are paused or suspended`, held.map(line)), fix)];
}

function stuck<T>(
  check: string,
  found: readonly T[],
  { what, line, fix }: { readonly what: string; readonly line: (one: T) => string; readonly fix: string },
): Finding {
  if (found.length === 0) return ok(check, 'none is stuck');
  return failed(check, listed(`${found.length} ${what}`, found.map(line)), fix);
}

function listed(said: string, lines: readonly string[]): string {
  const more = lines.length > SHOWN ? [`and ${lines.length - SHOWN} more`] : [];
  return [said, ...lines.slice(0, SHOWN).map(oneLine), ...more].join('\n   ');
}

function short(sha: string): string {
  return sha.slice(0, 7);
}
