// Which deliveries are worth asking for again, by what GitHub's list tells of them. Pure.
import { normalisers } from './normalise.ts';

/** Events of which facts come of some actions alone; of those that do not stand here, of any. */
const ACTIONS: Readonly<Record<string, readonly string[]>> = {
  check_suite: ['rerequested'],
  deployment_protection_rule: ['requested'],
  installation_target: ['renamed'],
  issue_comment: ['created'],
  merge_group: ['checks_requested', 'destroyed'],
};

/** Whether facts may come of a delivery with this event and action. False only where `normalise` ignores it whatever its payload says. */
export function isWorthAsking({ event, action }: { readonly event: string; readonly action: string | null }): boolean {
  if (!Object.hasOwn(normalisers, event)) return false;
  const actions = Object.hasOwn(ACTIONS, event) ? ACTIONS[event] : undefined;
  return actions === undefined || action === null || actions.includes(action);
}
