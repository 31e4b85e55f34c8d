// How often people may have GitHub asked: each at once and in an hour, so that nobody uses up what an installation may ask.
import { Rejected } from '../model/errors.ts';
import { GITHUB_UNAVAILABLE } from '../operations/declared/ask-github.ts';

/** `together` and `ofOne` at once; `people`: so many are remembered. */
export interface AskLimits {
  readonly together: number;
  readonly ofOne: number;
  readonly inAnHour: number;
  readonly people: number;
}

interface Share {
  readonly began: number;
  asked: number;
  underWay: number;
}

const HOUR_MS = 3_600_000;

/** One of a process. */
export class AskBudget {
  readonly #limits: AskLimits;
  readonly #shares = new Map<string, Share>();
  #underWay = 0;

  constructor(limits: AskLimits) {
    this.#limits = limits;
  }

  /** Does the work; throws `Rejected` (GITHUB_UNAVAILABLE) when there is no room for it. */
  async take<T>(userId: string, work: () => Promise<T>): Promise<T> {
    const share = this.#shareOf(userId);
    const { together, ofOne, inAnHour } = this.#limits;
    if (share.asked >= inAnHour) throw refused(`You had GitHub asked ${inAnHour} times within the hour: wait`);
    if (share.underWay >= ofOne || this.#underWay >= together)
      throw refused('GitHub is asked by too many at once: try again');
    share.asked += 1;
    share.underWay += 1;
    this.#underWay += 1;
    try {
      return await work();
    } finally {
      share.underWay -= 1;
      this.#underWay -= 1;
    }
  }

  #shareOf(userId: string): Share {
    const known = this.#shares.get(userId);
    if (known !== undefined && (known.underWay > 0 || Date.now() - known.began < HOUR_MS)) return known;
    const share = { began: Date.now(), asked: 0, underWay: 0 };
    this.#shares.delete(userId);
    this.#shares.set(userId, share);
    // The oldest goes, so that memory has a limit.
    if (this.#shares.size > this.#limits.people) this.#shares.delete(this.#shares.keys().next().value ?? userId);
    return share;
  }
}

function refused(message: string): Rejected {
  return new Rejected(`${message}.`, { code: GITHUB_UNAVAILABLE });
}
