// Whether a step is GitHub's own or a service, or runs code of the repository. Steps are named by whoever writes the workflow. Pure.

import type { GatheredStep } from './gathered.ts';

/** Steps that the runner adds, by the names that it gives them. */
const RUNNERS_OWN: readonly string[] = ['Initialize containers', 'Stop containers', 'Complete job'];
/** What GitHub calls the steps of its own actions that prepare a job, unless the workflow names them otherwise. */
const SERVICES: readonly string[] = ['checkout', 'cache', 'cache/restore', 'cache/save'];

function looksLikeService(name: string): boolean {
  if (RUNNERS_OWN.includes(name)) return true;
  const said = name.startsWith('Post ') ? name.slice(5) : name;
  if (!said.startsWith('Run actions/')) return false;
  const [action = '', version] = said.slice('Run actions/'.length).split('@');
  return version !== undefined && (SERVICES.includes(action) || (action.startsWith('setup-') && !action.includes('/')));
}

/**
 * Whether a step is a service. The first is the runner's own. A name further down says it only where the pull request leaves
 * workflows and actions as they are (`isTrusted`): else null, as `name: Run actions/checkout@v4` may stand over any command.
 */
function isService([number, name]: GatheredStep, isTrusted: boolean): boolean | null {
  if (number === 1 && name === 'Set up job') return true;
  if (!looksLikeService(name)) return false;
  return isTrusted ? true : null;
}

/** What the steps of a failed job say. */
export interface BrokenStep {
  readonly step: { readonly name: string | null; readonly is_service: boolean | null; readonly ended: boolean | null };
  readonly own_code_ran: boolean | null;
}

/** Where a job broke, and whether code of the repository had run by then. */
export function brokenStep(steps: readonly GatheredStep[], isTrusted: boolean): BrokenStep {
  const at = steps.findIndex(([, , , conclusion]) => conclusion === 'failure' || conclusion === 'timed_out');
  const began = (at < 0 ? steps : steps.slice(0, at + 1)).filter(([, , status, conclusion]) =>
    hasBegun(status, conclusion),
  );
  const kinds = began.map((step) => isService(step, isTrusted));
  const own_code_ran = kinds.includes(false) ? true : kinds.includes(null) ? null : false;
  const broken = at < 0 ? began.at(-1) : steps[at];
  const step = {
    name: broken?.[1] ?? null,
    is_service: broken === undefined ? null : isService(broken, isTrusted),
    ended: steps.length === 0 ? null : at >= 0,
  };
  return { step, own_code_ran };
}

function hasBegun(status: string | null, conclusion: string | null): boolean {
  return status !== 'queued' && status !== 'pending' && conclusion !== 'skipped';
}
