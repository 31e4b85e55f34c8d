// Whose a piece of work is, as far as it says: what is held against one installation or repository is not held against
// others. Pure.

import type { Work } from './messages.ts';

/** Keys of the installation and the repository that work belongs to; empty when it names neither. */
export function tenantsOf(work: Work): readonly string[] {
  switch (work.queue) {
    case 'deliveries': {
      const { payload } = work.delivery;
      return [...key('installation', idIn(payload, 'installation')), ...key('repository', idIn(payload, 'repository'))];
    }
    case 'jobs':
      return key('repository', field(work.followUp.input, 'repository_id'));
    case 'publications':
      return key('installation', work.claimed.installation_id);
    default:
      throw new Error(`queue ${work satisfies never} is not known`);
  }
}

function key(kind: string, id: unknown): string[] {
  return typeof id === 'number' ? [`${kind} ${id}`] : [];
}

function idIn(payload: unknown, name: string): unknown {
  return field(field(payload, name), 'id');
}

function field(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null ? new Map(Object.entries(value)).get(name) : undefined;
}
