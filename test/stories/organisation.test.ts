// One policy for an organisation, over real sockets: the file in its repository `.github`, and files that others extend.

import { afterEach, describe, expect, test } from 'vitest';
import type { RepositoryState } from '../../src/demo/github/state/github-state.ts';
import { ACCOUNTS } from '../../src/demo/github/state/retell.ts';
import type { Moment } from '../../src/demo/story/life-outline.ts';
import { pushPayload } from '../../src/demo/story/payloads.ts';
import {
  job,
  lcov,
  opened,
  openStoryRepository,
  ran,
  SETTLE_MS,
  type StoryRepository,
} from '../support/story-repository.ts';
import { zipOf } from '../support/zip.ts';

const OWN = '.github/codered.yml';
const ORGANISATION = 'codered.yml';
const LINT = 'dod: { lint_pass: true }\n';
const TYPES = 'dod: { type_check: true }\n';
const passed = ran(job('lint'));
const failed: readonly Moment[] = [opened, ran(job('lint', 'failure'))];

let scene: StoryRepository;
afterEach(() => scene.close());

interface Placed {
  readonly files?: Readonly<Record<string, string>>;
  readonly isPrivate?: boolean;
  /** Whether the App is installed on it. */
  readonly isChosen?: boolean;
}

let ids = 900_000;

/** Another repository of the organisation. */
function place(name: string, { files = {}, isPrivate = false, isChosen = true }: Placed): RepositoryState {
  const { repository, installation } = scene.life;
  ids += 1;
  const at = { ...repository, id: ids, name, private: isPrivate };
  const inside = scene.github.state.addRepository(at, isChosen ? installation.id : null);
  for (const [path, text] of Object.entries(files)) inside.files.set(path, text);
  return inside;
}

async function begin(moments: readonly Moment[], own: string | null): Promise<void> {
  scene = await openStoryRepository(moments, own);
}

/** The file is pushed to the repository's default branch. */
async function push(inside: RepositoryState, path: string, text: string): Promise<void> {
  inside.files.set(path, text);
  const { repository } = inside;
  const sha = ids.toString(16).padStart(40, 'a');
  ids += 1;
  const author = ACCOUNTS.codertocat;
  const at = '2026-11-20T15:00:00Z';
  const commits = [{ sha, message: 'Ask for more', author, at, added: [], modified: [path] }];
  const teller = { repository, installationId: scene.life.installation.id, sender: author };
  const payload = pushPayload(teller, { branch: 'main', before: 'b'.repeat(40), commits });
  const guid = `00000000-0000-4000-8000-${String(ids).padStart(12, '0')}`;
  await scene.send([{ event: 'push', action: null, guid, payload, at, moment: 0, effect: () => undefined }]);
}

const newest = () => scene.checkRuns().at(-1);
const summary = () => scene.ownCheckRuns().at(-1)?.output.summary ?? '';
const annotations = () =>
  scene
    .ownCheckRuns()
    .at(-1)
    ?.annotations.map(({ path, start_line, message }) => [path, start_line, message]);

async function lookAgain(): Promise<void> {
  const sha = scene.inside.pulls.get(1)?.head.sha ?? '';
  await scene.brain.call('queue_recheck', { repository_id: scene.life.repository.id, sha });
  await scene.settle();
}

describe("the organisation's policy", () => {
  test('counts for a repository that has none of its own', async () => {
    await begin([opened, ran(job('lint', 'failure'))], null);
    place('.github', { files: { [ORGANISATION]: LINT } });
    await scene.play(0, 1, 2);
    expect(newest()?.slice(0, 2)).toEqual(['completed', 'failure']);
    expect(summary()).toContain('codered.yml of octo-org/.github');
  });

  test('counts on top of none from a public repository on which CodeRed is not installed', async () => {
    await begin([opened, ran(job('lint', 'failure'))], null);
    place('.github', { files: { [ORGANISATION]: LINT }, isChosen: false });
    await scene.play(0, 1, 2);
    expect(newest()?.slice(0, 2)).toEqual(['completed', 'failure']);
  });

  test.each([
    ['an empty file', 'dod: {}\n'],
    ['a file that turns the criterion off', 'dod: { lint_pass: false }\n'],
    ['a file that only observes', `${LINT}mode: observe\n`],
    ['a file that extends another one', 'extends: octo-org/web-shop-2:nothing.yml\n'],
  ])('is not escaped by %s', async (_, own) => {
    await begin(failed, own);
    place('.github', { files: { [ORGANISATION]: LINT } });
    place('web-shop-2', { files: { 'nothing.yml': 'dod: {}\nrepositories_may: ask_for_less\n' } });
    await scene.play(0, 1, 2);
    expect(newest()?.slice(0, 2)).toEqual(['completed', 'failure']);
  });

  test('may be asked for more, and for less where it says so', { tags: ['slow'] }, async () => {
    await begin([opened, ran(job('lint'), job('test'))], 'dod: { coverage_min: 0.6 }\n');
    const organisation = place('.github', {
      files: { [ORGANISATION]: 'dod: { coverage_min: 0.8, lint_pass: true }\n' },
    });
    await scene.play(0, 1);
    await scene.send(scene.of(2), () => scene.upload('coverage', zipOf([{ name: 'lcov.info', content: lcov(7, 10) }])));
    expect(newest()?.slice(0, 2)).toEqual(['completed', 'failure']);
    await push(
      organisation,
      ORGANISATION,
      'dod: { coverage_min: 0.8, lint_pass: true }\nrepositories_may: ask_for_less\n',
    );
    expect(newest()?.slice(0, 2)).toEqual(['completed', 'success']);
    expect(summary()).toContain('.github/codered.yml on main, on top of codered.yml of octo-org/.github');
  });

  test('that is pushed has the open pull requests of its repositories judged again, at once and a minute later', {
    tags: ['slow'],
  }, async () => {
    await begin([opened, passed], null);
    const organisation = place('.github', {});
    await scene.play(0, 1, 2);
    expect(newest()?.slice(0, 2)).toEqual(['completed', 'success']);
    await push(organisation, ORGANISATION, TYPES);
    expect(newest()).toEqual(['in_progress', null, expect.stringContaining('waiting for types')]);
  });

  test('that is broken lets nothing pass', async () => {
    await begin([opened, passed], LINT);
    place('.github', { files: { [ORGANISATION]: 'dod: { lint: true }\n' } });
    await scene.play(0, 1, 2);
    expect(newest()?.slice(0, 2)).toEqual(['completed', 'failure']);
    expect(summary()).toContain('error in codered.yml of octo-org/.github');
  });

  test.each([
    ['refuses', { status: 403, body: { message: 'Forbidden' } }],
    ['has no file but a folder', { status: 200, body: [] }],
  ])('is not taken for none while GitHub %s', async (_, answer) => {
    await begin([opened, passed], LINT);
    place('.github', { files: { [ORGANISATION]: 'dod: {}\n' } });
    const asked = { method: 'GET', path: /\/\.github\/contents\/codered\.yml$/ };
    for (let time = 0; time < 40; time++) scene.github.failNext(asked, answer);
    await scene.play(0, 1, 2);
    expect(newest()?.slice(0, 2)).toEqual(['completed', 'failure']);
  });

  test('is waited for while GitHub fails', async () => {
    await begin([opened, passed], LINT);
    place('.github', { files: { [ORGANISATION]: TYPES } });
    await scene.play(0, 1);
    const asked = { method: 'GET', path: /\/\.github\/contents\/codered\.yml$/ };
    for (let time = 0; time < 2; time++)
      scene.github.failNext(asked, { status: 502, body: { message: 'Bad Gateway' } });
    await scene.deliver(scene.of(2));
    await expect
      .poll(() => scene.github.requests.filter(({ status }) => status === 502).length, { timeout: SETTLE_MS })
      .toBe(2);
    expect(newest()).not.toContain('success');
  });

  test('that was there and can not be seen any more holds, until GitHub shows that it is gone', async () => {
    await begin([opened, passed], null);
    const organisation = place('.github', { files: { [ORGANISATION]: LINT }, isPrivate: true });
    await scene.play(0, 1, 2);
    expect(newest()?.slice(0, 2)).toEqual(['completed', 'success']);
    organisation.installationId = null;
    await lookAgain();
    expect(newest()?.slice(0, 2)).toEqual(['completed', 'failure']);
    expect(summary()).toContain('Repository access, .github');
    organisation.installationId = scene.life.installation.id;
    organisation.files.delete(ORGANISATION);
    await lookAgain();
    expect(newest()?.slice(0, 2)).toEqual(['completed', 'success']);
    organisation.installationId = null;
    await lookAgain();
    expect(newest()?.slice(0, 2)).toEqual(['completed', 'success']);
  });

  test('of a private repository that was never chosen is none', async () => {
    await begin([opened, passed], null);
    place('.github', { files: { [ORGANISATION]: TYPES }, isPrivate: true, isChosen: false });
    await scene.play(0, 1, 2);
    expect(newest()?.slice(0, 2)).toEqual(['completed', 'success']);
  });
});

describe('a policy that extends another one', () => {
  const EXTENDS = 'extends: octo-org/policies@v1:web/codered.yml\n';

  test('asks for what both ask for, at the ref that it names, and is judged again when that one changes', async () => {
    await begin([opened, passed], `${EXTENDS}dod: { lint_pass: true }\n`);
    const policies = place('policies', {});
    policies.filesAt.set('refs/tags/v1', new Map([['web/codered.yml', 'dod: {}\n']]));
    await scene.play(0, 1, 2);
    expect(newest()?.slice(0, 2)).toEqual(['completed', 'success']);
    policies.filesAt.set('refs/tags/v1', new Map([['web/codered.yml', TYPES]]));
    await push(policies, 'web/codered.yml', TYPES);
    expect(newest()).toEqual(['in_progress', null, expect.stringContaining('waiting for types')]);
    expect(summary()).toContain('web/codered.yml of octo-org/policies at v1');
  });

  test.each([
    ['that is not there', {}, 'there is no web/codered.yml of octo-org/policies at v1 that CodeRed can see'],
    [
      'that is broken',
      { 'web/codered.yml': 'dod: 1\n' },
      'web/codered.yml of octo-org/policies at v1 is broken: line 1',
    ],
    ['that extends itself', { 'web/codered.yml': EXTENDS }, 'comes to stand on itself'],
    ['that extends it again', { 'web/codered.yml': `extends: octo-org/web-shop:${OWN}\n` }, 'comes to stand on itself'],
    [
      'that extends a stranger',
      { 'web/codered.yml': 'extends: octocat/x:codered.yml\n' },
      'only a policy of octo-org can be extended',
    ],
  ])('%s lets nothing pass, and says what to do', async (_, files, said) => {
    await begin([opened, passed], `${LINT}${EXTENDS}`);
    place('policies', {}).filesAt.set('refs/tags/v1', new Map(Object.entries(files)));
    await scene.play(0, 1, 2);
    expect(newest()?.slice(0, 2)).toEqual(['completed', 'failure']);
    expect(summary()).toContain('line 2, column 10: extends: ');
    expect(summary()).toContain(said);
  });

  test('stands on three others at the most', async () => {
    const chain = (length: number) =>
      Object.fromEntries(
        Array.from({ length }, (_, index) => [
          `p${index + 1}.yml`,
          index + 1 < length ? `extends: octo-org/policies:p${index + 2}.yml\n` : LINT,
        ]),
      );
    await begin(failed, 'extends: octo-org/policies:p1.yml\n');
    const policies = place('policies', { files: chain(3) });
    await scene.play(0, 1, 2);
    expect(summary()).toContain('job lint, told above');
    for (const [path, text] of Object.entries(chain(4))) policies.files.set(path, text);
    await lookAgain();
    expect(summary()).toContain('more than 3 policies stand on each other');
  });

  test('that nobody can read is told to whoever brings it, before it is merged', async () => {
    await begin([opened, passed], LINT);
    await scene.play(0);
    await scene.send(scene.of(1), () => {
      const { inside } = scene;
      const text = 'extends: octo-org/policies:codered.yml\n';
      inside.filesAt.set(inside.pulls.get(1)?.head.sha ?? '', new Map([[OWN, text]]));
      inside.pullFiles.set(1, [{ filename: OWN, status: 'modified', additions: 1, deletions: 1, patch: null }]);
    });
    await scene.play(2);
    expect(newest()?.slice(0, 2)).toEqual(['completed', 'success']);
    expect(annotations()).toEqual([[OWN, 1, expect.stringContaining('there is no codered.yml of octo-org/policies')]]);
  });
});
