// What the App asks GitHub for people and their agents, at the moment of their call: never of what was kept, bounded for each person, and
// refused when GitHub does not answer.
import type { Brain } from '../brain/client.ts';
import { asError, Misconfigured, Rejected, Transient } from '../model/errors.ts';
import { type AskGithub, GITHUB_UNAVAILABLE } from '../operations/declared/ask-github.ts';
import { AskBudget, type AskLimits } from './ask-budget.ts';
import type { OctokitFor } from './installed-repository.ts';
import { readLog } from './read-log.ts';
import { rightToOverride } from './right-to-override.ts';
import { tryPolicy } from './try-policy.ts';

/** What asking needs. */
export interface OnBehalfDeps {
  readonly brain: Pick<Brain, 'call' | 'callAs'>;
  readonly octokitFor: OctokitFor;
  /** Slugs of Apps whose checks a fork defines itself. */
  readonly untrustedApps?: readonly string[] | undefined;
  /** Left out: as people and their agents need. */
  readonly limits?: AskLimits;
  /** Of one log; left out: 32 MB. */
  readonly logBytes?: number;
}

/** A person asks less than that; an installation has 5,000 requests in an hour, and each asking takes up to ten. */
const LIMITS: AskLimits = { together: 6, ofOne: 2, inAnHour: 60, people: 10_000 };

/** Returns what asks GitHub through the App. */
export function askGithub({ limits = LIMITS, logBytes, brain, ...others }: OnBehalfDeps): AskGithub {
  const budget = new AskBudget(limits);
  const failures = new WeakSet<object>();
  const deps = { ...others, brain: noting(brain, failures) };
  const ask = <T>(userId: string, work: () => Promise<T>) =>
    budget.take(userId, async () => {
      try {
        return await work();
      } catch (thrown) {
        throw failures.has(asError(thrown)) ? thrown : outspoken(thrown);
      }
    });
  const logs = { ...deps, ...(logBytes === undefined ? {} : { maxBytes: logBytes }) };
  return {
    rightToOverride: (asker, commit) => ask(asker.userId, () => rightToOverride(asker, commit, deps)),
    readLog: (asker, place, onLine) => ask(asker.userId, () => readLog(asker, place, onLine, logs)),
    tryPolicy: (asker, pull, policy) => ask(asker.userId, () => tryPolicy(pull, policy, deps)),
  };
}

/** What the database throws is none of GitHub's, and its words are nobody's business. */
function noting({ call, callAs }: OnBehalfDeps['brain'], failures: WeakSet<object>): OnBehalfDeps['brain'] {
  const note = (thrown: unknown): never => {
    failures.add(asError(thrown));
    throw thrown;
  };
  return {
    call: ((name: never, args: never) =>
      (call as (...all: never[]) => Promise<unknown>)(name, args).catch(note)) as Brain['call'],
    callAs: (asked) => callAs(asked).catch(note),
  };
}

/** Says why GitHub could not be asked; a refusal of ours stays as it is, and so does a fault. */
function outspoken(thrown: unknown): unknown {
  const isOurs = thrown instanceof Rejected && (thrown.code?.startsWith('CR') ?? false);
  const isOfGithub = thrown instanceof Transient || thrown instanceof Misconfigured || thrown instanceof Rejected;
  if (isOurs || !isOfGithub || (thrown instanceof Rejected && thrown.code === GITHUB_UNAVAILABLE)) return thrown;
  const words = `GitHub could not be asked, and nothing was changed: ${thrown.message}`;
  return new Rejected(words, { cause: thrown, code: GITHUB_UNAVAILABLE });
}
