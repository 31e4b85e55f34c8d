// Asks GitHub anew what a person may see when the brain refuses something because that was not asked for too long.
import { asError, Rejected } from '../../model/errors.ts';

/** The brain's code for it: docs/brain.md#what-an-error-says. */
export const ACCESS_UNCHECKED = 'CR010';

/** Asks GitHub what a person may see and writes it down; false when it could not be asked. */
export type RefreshAccess = (userId: string) => Promise<boolean>;

/** Has GitHub asked once for a person, however many of their requests need it at the same time. */
export class FreshAccess {
  readonly #refresh: RefreshAccess;
  readonly #onFault: (error: Error) => void;
  readonly #underWay = new Map<string, Promise<boolean>>();

  /** Without `refresh` nobody can be asked. `onFault` gets what it throws. */
  constructor(refresh: RefreshAccess | undefined, onFault: (error: Error) => void) {
    this.#refresh = refresh ?? (async () => false);
    this.#onFault = onFault;
  }

  /** Does the work, and once more when it was refused for want of an answer that GitHub then gave. Throws what the work throws. */
  async run<T>(userId: string, work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (thrown) {
      if (!(thrown instanceof Rejected && thrown.code === ACCESS_UNCHECKED)) throw thrown;
      if (!(await this.#askGitHub(userId))) throw thrown;
      return work();
    }
  }

  #askGitHub(userId: string): Promise<boolean> {
    const asking = this.#underWay.get(userId) ?? this.#begin(userId);
    this.#underWay.set(userId, asking);
    return asking;
  }

  async #begin(userId: string): Promise<boolean> {
    try {
      return await this.#refresh(userId);
    } catch (thrown) {
      this.#onFault(asError(thrown));
      return false;
    } finally {
      this.#underWay.delete(userId);
    }
  }
}
