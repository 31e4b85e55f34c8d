// POST /api/v1/gate/simulate: what a policy would say of a pull request, without writing anything, to a caller with an API key.
import type { Logger } from 'pino';
import { z } from 'zod';
import type { ApiKey } from '../../config/api-keys.ts';
import { LIMITS } from '../../config/limits.ts';
import { type PullRequestPlace, type SimulateDeps, type Simulation, simulate } from '../../gate/simulate.ts';
import { Rejected } from '../../model/errors.ts';
import { parsePolicy } from '../../policy/parse-policy.ts';
import type { Policy } from '../../policy/schema/policy.ts';
import type { Route } from '../api.ts';
import { ApiError, tryAgain } from '../api-error.ts';
import { callerOf } from '../api-key.ts';
import { makeReadJson } from '../read-json.ts';
import { repositoryName } from '../repository-fields.ts';

export interface GateSimulationDeps extends Pick<SimulateDeps, 'brain' | 'untrustedApps'> {
  /** GitHub is asked which files changed, where that decides something: the answer is the gate's own then. */
  readonly octokitFor: NonNullable<SimulateDeps['octokitFor']>;
  readonly keys: readonly ApiKey[];
  readonly log: Pick<Logger, 'info'>;
}

const simulationBody = z.strictObject({
  repository: repositoryName,
  pull_request: z.int().min(1).max(999_999_999),
  /** As it would stand in .github/codered.yml. */
  policy: z.string(),
});

/**
 * The cheapest checks come first: key (401), body (415, 413, 400), policy (422), room (503); then what is read: repository
 * and pull request (404), GitHub (503).
 */
export function makeGateSimulation({ keys, log, ...deps }: GateSimulationDeps): Route {
  const readJson = makeReadJson();
  let underWay = 0;
  return async (request) => {
    const caller = callerOf(request.headers.authorization, keys);
    const { repository, pull_request: number, policy: text } = await readJson(request, simulationBody);
    const policy = readPolicy(text);
    const [owner = '', name = ''] = repository.split('/');
    if (underWay >= LIMITS.simulationsAtOnce) {
      throw tryAgain(503, 'busy', 'Too many simulations at once; try again later', LIMITS.retryAfterSeconds);
    }
    underWay += 1;
    try {
      const simulated = await simulateFor({ owner, name, number }, policy, { ...deps, now: Date.now });
      if (simulated === null) throw unknownPull(repository, number);
      log.info({ caller, repository, pull_request: number, state: simulated.state }, 'a policy was tried');
      return { status: 200, body: simulated };
    } finally {
      underWay -= 1;
    }
  };
}

function readPolicy(text: string): Policy {
  const parsed = parsePolicy(text);
  if ('policy' in parsed) return parsed.policy;
  const { problems } = parsed;
  throw new ApiError(422, 'policy_invalid', 'The policy is broken', { details: { problems } });
}

/** What is gone on GitHub, or CodeRed with it, is unknown here as well, though the webhook that tells of it may not have come yet. */
async function simulateFor(place: PullRequestPlace, policy: Policy, deps: SimulateDeps): Promise<Simulation | null> {
  try {
    return await simulate(place, policy, deps);
  } catch (thrown) {
    if (thrown instanceof Rejected && (thrown.code === '404' || thrown.code === 'installation_gone')) return null;
    throw thrown;
  }
}

function unknownPull(repository: string, number: number): ApiError {
  const message = `CodeRed knows no pull request ${number} of ${repository}, or is not installed there`;
  return new ApiError(404, 'unknown_pull_request', message);
}
