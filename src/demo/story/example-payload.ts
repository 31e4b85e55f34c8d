// Picks one of GitHub's own example webhooks (@octokit/webhooks-examples) and changes it to be about our records.

import { isJsonObject, type JsonObject, merge, objectAt } from '../github/contract/json-value.ts';
import { readPublishedJson } from '../github/contract/published-json.ts';
import type { Account, Repository } from '../github/state/records.ts';
import { accountJson, nodeId, retell } from '../github/state/retell.ts';

/** What every webhook of one repository has in common; `sender` is who did it. */
export interface Scene {
  repository: Repository;
  installationId: number;
  sender: Account;
}

/**
 * Which of GitHub's examples (by their place among the event's) each payload is made from: those closest to what
 * GitHub's description of webhooks asks for. There is none of `workflow_run` in progress: the requested one serves; nor of a member who
 * was removed: that of one who was added does.
 */
export const EXAMPLES = {
  pull_request: { opened: 14, synchronize: 22, closed: 4 },
  workflow_run: { requested: 3, in_progress: 3, completed: 1 },
  workflow_job: { queued: 5, in_progress: 3, completed: 1 },
  push: { '': 4 },
  deployment: { created: 3 },
  deployment_status: { created: 3 },
  issue_comment: { created: 3 },
  check_run: { created: 5, completed: 3 },
  status: { '': 3 },
  installation: { created: 2 },
  repository: { renamed: 9 },
  organization: { member_removed: 2 },
} as const;

const FILE = '@octokit/webhooks-examples/api.github.com/index.json';
let published: Map<string, JsonObject[]> | undefined;

/** GitHub's example of an event by its place; throws `MissingPackage` when the development dependencies are missing. */
export function publishedExample(event: string, place: number): JsonObject {
  published ??= readExamples();
  return objectAt(published.get(event)?.[place]);
}

function readExamples(): Map<string, JsonObject[]> {
  const file = readPublishedJson(FILE);
  const events = (Array.isArray(file) ? file : []).map((event) => objectAt(event));
  return new Map(
    events.map(({ name, examples }) => [String(name), Array.isArray(examples) ? examples.filter(isJsonObject) : []]),
  );
}

/**
 * Returns GitHub's example at `place` among those of the event, changed to be about the scene's repository, sender and
 * installation, and then merged with `over`, key by key.
 */
export function examplePayload(
  scene: Scene,
  event: string,
  { place, over }: { place: number; over: JsonObject },
): JsonObject {
  const { organization } = publishedExample('workflow_run', 1);
  const installation = { id: scene.installationId, node_id: nodeId('IntegrationInstallation', scene.installationId) };
  const common: JsonObject = { installation, sender: accountJson(scene.sender) };
  if (scene.repository.owner.type === 'Organization')
    common.organization = retell(objectAt(organization), scene.repository);
  return merge(merge(retell(publishedExample(event, place), scene.repository), common), over);
}

/** The address GitHub gives to accounts that keep theirs private. */
export const emailOf = ({ id, login }: Account): string => `${id}+${login}@users.noreply.github.com`;
