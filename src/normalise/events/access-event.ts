// The events about who may see what: `member`, `membership`, `organization`, `team`. Pure.

import { z } from 'zod';
import type { AccessFact, Normalised } from '../../model/facts.ts';
import { facts, ignored } from '../fields/facts.ts';
import { id } from '../fields/identity.ts';
import { eventName, parsePayload } from '../fields/parse-payload.ts';
import { originFacts, originFields } from '../fields/repository.ts';

/** A person, by GitHub's id; null when GitHub names none, as for an account that was deleted. */
const person = z
  .object({ id })
  .nullish()
  .transform((somebody) => somebody?.id ?? null);

const memberEvent = z.object({ action: z.string(), member: person, ...originFields });

/**
 * Reads a `member` event, about a collaborator of one repository. Whoever was removed has no right to it any more, unless GitHub
 * says so again; of any other action GitHub has to be asked.
 */
export function normaliseMember(payload: unknown): Normalised {
  const event = parsePayload('member', memberEvent, payload);
  const isGone = event.action === 'removed' && event.member !== null;
  const access: AccessFact = {
    kind: isGone ? 'withdrawn' : 'doubted',
    github_user_id: event.member,
    account_id: event.repository.owner.id,
    repository_id: isGone ? event.repository.id : null,
  };
  return facts({ ...originFacts(event), access: [access] });
}

const membershipEvent = z.object({ action: z.string(), member: person, organization: z.object({ id }) });

/** Reads a `membership` event: somebody came into a team or left it, and GitHub has to be asked what they may see. */
export function normaliseMembership(payload: unknown): Normalised {
  const { member, organization } = parsePayload('membership', membershipEvent, payload);
  return facts({ access: [doubted(member, organization.id)] });
}

const organizationEvent = z.object({ action: z.string(), organization: z.object({ id }) });
const organizationMemberEvent = z.object({ membership: z.object({ user: person }) });

/** Reads an `organization` event: who left it is out of it at once, of who came GitHub has to be asked. */
export function normaliseOrganization(payload: unknown): Normalised {
  const { action, organization } = parsePayload('organization', organizationEvent, payload);
  if (action !== 'member_added' && action !== 'member_removed') {
    return ignored(`${eventName('organization', payload)}: changes nobody's access`);
  }
  const { user } = parsePayload('organization', organizationMemberEvent, payload).membership;
  const fact = doubted(user, organization.id);
  return facts({ access: [action === 'member_removed' && user !== null ? { ...fact, kind: 'withdrawn' } : fact] });
}

const teamEvent = z.object({ action: z.string(), organization: z.object({ id }) });

/**
 * Reads a `team` event. Who is in the team it does not say, so GitHub has to be asked of everybody of the organisation. A new team
 * gives nobody anything yet: who comes into it and what it may see has events of its own.
 */
export function normaliseTeam(payload: unknown): Normalised {
  const { action, organization } = parsePayload('team', teamEvent, payload);
  if (action === 'created') return ignored(`${eventName('team', payload)}: changes nobody's access`);
  return facts({ access: [doubted(null, organization.id)] });
}

function doubted(github_user_id: number | null, account_id: number): AccessFact {
  return { kind: 'doubted', github_user_id, account_id, repository_id: null };
}
