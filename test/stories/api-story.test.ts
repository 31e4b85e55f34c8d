// What `codered demo --api` plays, over real sockets: a person signs in, works over REST, and is out when GitHub says so.

import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { playApi } from '../../src/demo/story/api-story.ts';
import type { Line } from '../../src/demo/story/curl.ts';
import { setPeopleStage } from '../../src/demo/story/people-stage.ts';
import { playStory, type Stage } from '../../src/demo/story/play-story.ts';
import { tellBeginning } from '../../src/demo/story/story.ts';

/** A token, what a cookie or a link holds, and a code of GitHub. */
const SECRET = /crd_[\w-]{12}|codered(?:_way)?=|content\/e|code=[0-9a-f]{8}|ghu_|ghr_/;

describe('the story of a person', () => {
  let stage: Stage;
  const lines: Line[] = [];
  beforeAll(async () => {
    stage = await setPeopleStage({ workHere: true });
    const life = await playStory(stage, tellBeginning(), () => {});
    await playApi(stage, life, (line) => lines.push(line));
  });
  afterAll(() => stage?.close());

  const answered = (says: string) => lines.filter((line) => line.says === says).map(({ answer }) => answer);

  test('begins at GitHub and sees what GitHub shows', () => {
    expect(answered('it may; and what may I see?')).toEqual([
      'octo-org: member, as GitHub says (by 302 to /sign-in/callback, 303 to /account)',
    ]);
    expect(answered('which projects are mine?')).toEqual(['octo_org_web_shop, from now on $PROJECT']);
  });

  test('says what failed, what holds the gate, and what a task waits for', () => {
    expect(answered('what failed, and why?')).toEqual(['npm error code ERESOLVE: npm peer dependency conflict']);
    expect(answered('what holds pull request 1?').join()).toMatch(/^pending: Commit [0-9a-f]{7} waits for coverage/);
    expect(answered('take it').join()).toMatch(/^CR003: .*depends on what is not done: "Align/);
    expect(answered('now it can be had')).toEqual(['locked by octocat for an hour']);
  });

  test('leaves in the project’s timeline what was done', () => {
    expect(answered('what happened last?')).toEqual(['artifact.created, run.created, job.created, error.reported']);
    expect(answered('its content')).toEqual(['The peer is pinned.']);
  });

  test('ends with nothing, once the organisation has removed the person', () => {
    expect(lines.slice(-3).map(({ status }) => status)).toEqual([202, 404, 404]);
    expect(answered('and now?')).toEqual(['CR004: There is no project "$PROJECT".']);
  });

  test('is short, tells no secret whole, and asks GitHub for nothing that GitHub would refuse', () => {
    expect(lines.length).toBeLessThanOrEqual(27);
    const words = lines.flatMap(({ typed, answer }) => [typed, answer]);
    expect(words.filter((text) => SECRET.test(text) || text.length > 150)).toEqual([]);
    expect([...stage.github.violations, ...stage.github.refused]).toEqual([]);
  });
});
