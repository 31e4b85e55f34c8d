// Webhook payloads about who belongs to an organisation.

import type { Json, JsonObject } from '../github/contract/json-value.ts';
import type { Account } from '../github/state/records.ts';
import { accountJson } from '../github/state/retell.ts';
import { EXAMPLES, examplePayload, type Scene } from './example-payload.ts';

/** The payload of `organization.member_removed`: the scene's sender took `person` out of the owner of the scene's repository. */
export function memberRemovedPayload(scene: Scene, person: Account): JsonObject {
  const org = `https://api.github.com/orgs/${scene.repository.owner.login}`;
  const membership: Json = {
    url: `${org}/memberships/${person.login}`,
    organization_url: org,
    user: accountJson(person),
  };
  const over = { action: 'member_removed', membership };
  const payload = examplePayload(scene, 'organization', { place: EXAMPLES.organization.member_removed, over });
  // It is about no repository.
  const { repository: _, ...about } = payload;
  return about;
}
