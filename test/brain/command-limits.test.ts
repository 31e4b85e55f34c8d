// The limits of commands at their edges, to the moment; beside another repository where the same people did as much.

import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { SqlSession } from '../../src/brain/backends/sql-backend.ts';
import { openTestBrain, type TestBrain, testBackends } from '../support/brain.ts';
import { atOneMoment } from '../support/one-moment.ts';
import { makeOrg } from '../support/run-scene.ts';

const AUTHOR = 5;
const PULL_REQUEST = 7;

interface Count {
  readonly about?: 'author' | 'pull_request';
  readonly id?: number;
  readonly repository_id?: number;
  /** How long ago, as an interval. */
  readonly began?: string;
  readonly heard?: number;
  readonly reactions?: number;
  readonly reacted?: string;
  readonly standing?: 'none' | 'some' | 'full';
  readonly stood?: string;
}

describe.each(testBackends)('the limits of commands (%s)', (backend) => {
  let brain: TestBrain;
  let repository: number;
  let other: number;
  beforeAll(async () => {
    brain = await openTestBrain(backend);
    repository = (await makeOrg(brain)).repository;
    other = (await makeOrg(brain)).repository;
  });
  afterAll(() => brain.close());

  /** What a function says when these are the counts, in this one moment; the same stands full in another repository. */
  const ask = (counts: readonly Count[], call: string, also?: (session: SqlSession) => Promise<unknown>) =>
    atOneMoment(brain, async (session) => {
      const elsewhere: readonly Count[] = [
        { id: AUTHOR, repository_id: other, heard: 100, reactions: 100, standing: 'none', stood: '1 second' },
        { about: 'pull_request', id: PULL_REQUEST, repository_id: other, heard: 200, reacted: '1 second' },
        { id: AUTHOR + 1, heard: 100, reactions: 100, standing: 'none', stood: '1 second' },
        { about: 'pull_request', id: PULL_REQUEST + 1, heard: 200, reacted: '1 second' },
        // Numbers of people and of pull requests may be the same.
        { about: 'pull_request', id: AUTHOR, heard: 200, reacted: '1 second' },
        { id: PULL_REQUEST, heard: 100, reactions: 100, standing: 'none', stood: '1 second' },
      ];
      for (const count of [...elsewhere, ...counts]) await insert(session, count);
      const [row] = await session.query(`select codered.${call} as said`);
      return also === undefined ? row?.said : also(session);
    });
  const insert = (session: SqlSession, { about = 'author', id = AUTHOR, repository_id = repository, ...more }: Count) =>
    session.query(
      `insert into codered.command_counts
        (repository_id, about, id, hour_began, heard, reactions, reacted_at, standing, standing_at)
       values ($1, $2, $3, now() - $4::interval, $5, $6, now() - $7::interval, $8, now() - $9::interval)`,
      [
        ...[String(repository_id), about, String(id), more.began ?? '0', String(more.heard ?? 0)],
        ...[String(more.reactions ?? 0), more.reacted ?? null, more.standing ?? null, more.stood ?? null],
      ],
    );
  const onPullRequest = (count: Count): Count => ({ about: 'pull_request', id: PULL_REQUEST, ...count });
  const take = () => `take_command(${repository}, ${PULL_REQUEST}, ${AUTHOR})`;
  const mayReact = () => `may_react(${repository}, ${PULL_REQUEST}, ${AUTHOR})`;
  const refusal = () => `read_refusal(${repository}, ${AUTHOR})`;

  test.each<[string, readonly Count[], boolean]>([
    ['the first of somebody', [], true],
    ['the tenth', [{ heard: 9 }], true],
    ['the eleventh', [{ heard: 10 }], false],
    ['the eleventh, a moment before the hour is over', [{ heard: 10, began: '59:59.999' }], false],
    ['the eleventh, an hour after the first', [{ heard: 10, began: '1 hour' }], true],
    ['the tenth of somebody who may little', [{ heard: 9, standing: 'some' }], true],
    ['the eleventh of somebody who may little', [{ heard: 10, standing: 'some' }], false],
    ['the sixtieth of who may write', [{ heard: 59, standing: 'full' }], true],
    ['the sixty-first of who may write', [{ heard: 60, standing: 'full' }], false],
    ['the 120th of writers on a pull request', [{ standing: 'full' }, onPullRequest({ heard: 119 })], true],
    ['the 121st of writers on a pull request', [{ standing: 'full' }, onPullRequest({ heard: 120 })], false],
    ['one on a pull request of which writers said a lot', [onPullRequest({ heard: 120 })], true],
    ['one of who was refused, with a reaction left', [{ standing: 'none', stood: '0' }], true],
    ['one of who was refused, with no reaction left', [{ standing: 'none', stood: '09:59.999', reactions: 3 }], false],
    ['one of who was refused ten minutes ago', [{ standing: 'none', stood: '10 minutes', reactions: 3 }], true],
    ['one of who may little, with no reaction left', [{ standing: 'some', stood: '0', reactions: 3 }], true],
  ])('%s is heard or not', async (_, counts, isHeard) => {
    expect(await ask(counts, take())).toBe(isHeard ? 't' : 'f');
  });

  test.each<[string, readonly Count[], boolean]>([
    ['nobody has any', [], true],
    ['the author has two', [{ reactions: 2 }], true],
    ['the author has three', [{ reactions: 3 }], false],
    ['the author has three since nearly an hour', [{ reactions: 3, began: '59:59.999' }], false],
    ['the author had three an hour ago', [{ reactions: 3, began: '1 hour' }], true],
    ['the pull request has one since nearly an hour', [onPullRequest({ reacted: '59:59.999' })], false],
    ['the pull request had one an hour ago', [onPullRequest({ reacted: '1 hour' })], true],
  ])('a reaction is left or not where %s', async (_, counts, isLeft) => {
    expect(await ask(counts, mayReact())).toBe(isLeft ? 't' : 'f');
  });

  test.each<[string, readonly Count[], boolean]>([
    ['was not', [], false],
    ['was, ten minutes ago', [{ standing: 'none', stood: '10 minutes' }], false],
    ['was, just within ten minutes', [{ standing: 'none', stood: '09:59.999' }], true],
    ['may little', [{ standing: 'some', stood: '0' }], false],
  ])('GitHub is asked again or not of who %s refused', async (_, counts, isRefused) => {
    expect(await ask(counts, refusal())).toBe(isRefused ? 't' : 'f');
  });

  const counts = async (session: SqlSession) => {
    const [row] = await session.query(
      "select heard, reactions, now() - hour_began as began from codered.command_counts where repository_id = $1 and about = 'author' and id = $2",
      [String(repository), String(AUTHOR)],
    );
    return row;
  };

  test.each<[string, Count, object]>([
    ['goes on', { heard: 2, reactions: 2, began: '59:59.999' }, { heard: '3', reactions: '2', began: '00:59:59.999' }],
    ['begins anew', { heard: 2, reactions: 2, began: '1 hour' }, { heard: '1', reactions: '0', began: '00:00:00' }],
  ])('with a comment the hour %s', async (_, count, expected) => {
    expect(await ask([count], take(), counts)).toEqual(expected);
  });

  test.each<[string, Count, object]>([
    ['goes on', { heard: 2, reactions: 2, began: '59:59.999' }, { heard: '2', reactions: '3', began: '00:59:59.999' }],
    ['begins anew', { heard: 2, reactions: 3, began: '1 hour' }, { heard: '0', reactions: '1', began: '00:00:00' }],
  ])('with a reaction the hour %s', async (_, count, expected) => {
    const react = `take_command_reaction(${repository}, ${PULL_REQUEST}, 1, ${AUTHOR})`;
    expect(await ask([count], react, counts)).toEqual(expected);
  });

  test('a reaction marks its own pull request and author alone', async () => {
    const react = `take_command_reaction(${repository}, ${PULL_REQUEST}, 77, ${AUTHOR})`;
    const marked = (session: SqlSession) =>
      session.query('select repository_id, about, id from codered.command_counts where reacted_comment_id = 77');
    expect(await ask([], react, marked)).toEqual([
      { repository_id: String(repository), about: 'pull_request', id: String(PULL_REQUEST) },
    ]);
    const counted = (session: SqlSession) =>
      session.query('select repository_id, about, id from codered.command_counts where reactions = 1');
    expect(await ask([], react, counted)).toEqual([
      { repository_id: String(repository), about: 'author', id: String(AUTHOR) },
    ]);
  });

  test('what is older than a day goes, of this repository alone', async () => {
    const old: readonly Count[] = [
      { id: 20, began: '1 day' },
      { id: 21, began: '24:00:00.001' },
      { id: 21, began: '24:00:00.001', repository_id: other },
    ];
    const left = (session: SqlSession) =>
      session.query('select repository_id, id from codered.command_counts where id in (20, 21) order by 1, 2');
    expect(await ask(old, take(), left)).toEqual([
      { repository_id: String(repository), id: '20' },
      { repository_id: String(other), id: '21' },
    ]);
    // Only the first of somebody's hour looks.
    expect(await ask([...old, { heard: 1 }], take(), left)).toHaveLength(3);
  });

  test('what GitHub said of somebody is kept for them alone', async () => {
    const standing = (session: SqlSession) =>
      session.query("select repository_id, id from codered.command_counts where standing = 'full'");
    expect(await ask([{ standing: 'none' }], `keep_standing(${repository}, ${AUTHOR}, 'full')`, standing)).toEqual([
      { repository_id: String(repository), id: String(AUTHOR) },
    ]);
  });
});
