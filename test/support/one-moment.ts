// A transaction in which now() stands still, so that a wait or a limit is met exactly at its edge.
import type { SqlSession } from '../../src/brain/backends/sql-backend.ts';
import type { TestBrain } from './brain.ts';

/** Runs `work` in one transaction, as the owner, and takes everything back. */
export function atOneMoment<T>(
  brain: Pick<TestBrain, 'session'>,
  work: (session: SqlSession) => Promise<T>,
): Promise<T> {
  return brain.session(async (session) => {
    await session.script('begin');
    try {
      return await work(session);
    } finally {
      await session.script('rollback');
    }
  });
}
