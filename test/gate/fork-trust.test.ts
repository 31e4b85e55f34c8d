// What a fork's author touches, and under which names, that makes what GitHub Actions says of it count for nothing.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { definesActions, type ForkQuestion, forkTrust } from '../../src/gate/collect/fork-trust.ts';

describe('a path that GitHub Actions may run', () => {
  it.each([
    ['a workflow', '.github/workflows/ci.yml'],
    ['one that is called only', '.github/workflows/called-by-ci.yaml'],
    ['one whose name looks like a ref', '.github/workflows/lint.yml@x.yml'],
    ['one below a folder', '.github/workflows/a/b.yml'],
    ['what lies beside workflows', '.github/workflows/lint.sh'],
    ['an action', '.github/actions/lint/action.yml'],
    ['the code of an action', '.github/actions/lint/dist/index.js'],
    ['an action elsewhere', 'tools/lint/action.yml'],
    ['an action elsewhere, the other ending', 'tools/lint/action.yaml'],
    ['an action at the root', 'action.yml'],
    ['an action with something behind', 'tools/lint/action.yml@v1'],
    ['a link or submodule in place of .github', '.github'],
    ['a link or submodule in place of the workflows', '.github/workflows'],
    ['a link or submodule in place of the actions', '.github/actions'],
    ['another case', '.GitHub/WorkFlows/CI.YML'],
    ['an action in another case', 'tools/Lint/Action.YAML'],
    ['escapes', '.github%2Fworkflows%2fci.yml'],
    ['escapes of escapes', '%252e%2567ithub/workflows/ci.yml'],
    ['a longer escape', '%2Egithub/%77orkflows/ci.yml'],
    ['backslashes', '.github\\workflows\\ci.yml'],
    ['a way round', 'src/../.github/./workflows//ci.yml'],
    ['a slash in front', '/.github/workflows/ci.yml'],
    ['a dot in front', './.github/workflows/ci.yml'],
    ['wide letters', '.\uff47\uff49\uff54\uff48\uff55\uff42/workflows/ci.yml'],
    ['a character that is not seen', '.git\u200chub/work\u2060flows/ci.yml'],
    ['one more that is not seen', '.github\ufeff/workflows/ci.yml'],
    ['a control character', '.github\u0000/workflows/ci.yml'],
    ['dots that Windows leaves out', '.github./workflows. /ci.yml'],
    ['the long s', '.github/workflow\u017f/ci.yml'],
    ['the Kelvin sign', '.github/wor\u212aflows/ci.yml'],
  ])('is %s', (_, path) => {
    expect(definesActions(path)).toBe(true);
  });

  it.each([
    'src/a.ts',
    '.github/codered.yml',
    '.github/dependabot.yml',
    '.github/ISSUE_TEMPLATE/bug.yml',
    'docs/.github/workflows/ci.yml',
    'workflows/ci.yml',
    'src/action.ts',
    'src/my-action.yml',
    'src/action.yml.md',
    'package.json',
    '100%.md',
    '%zz/a.ts',
    '',
  ])('is not %j', (path) => {
    expect(definesActions(path)).toBe(false);
  });

  it('is told for any path, and whatever is done to the way it is written', () => {
    fc.assert(fc.property(fc.string({ unit: 'binary' }), (path) => void definesActions(path)));
    const spell = fc.constantFrom<(text: string) => string>(
      (text) => text.toUpperCase(),
      (text) => text.replace('k', '\u200d' + 'k'),
      (text) => text.replace('/', '//'),
      (text) => text.replace('w', '%77'),
      (text) => text.replace('o', '%6F'),
      (text) => `./${text}`,
      (text) => text.replaceAll('/', '\\'),
    );
    fc.assert(
      fc.property(fc.array(spell, { maxLength: 4 }), (spells) => {
        const path = spells.reduce((text, one) => one(text), '.github/workflows/ci.yml');
        expect(definesActions(path), path).toBe(true);
      }),
    );
  });
});

describe('trust in a fork', () => {
  const file = (filename: string, previous_filename: string | null = null) => ({ filename, previous_filename });
  const fork = { is_fork: true, twins: [] };
  const ask = (fields: Partial<ForkQuestion> = {}) =>
    forkTrust({
      pull_request: fork,
      former_runs: [],
      change: { files: [], complete: true },
      untrusted_apps: [],
      ...fields,
    });

  it('is there while it touches nothing that runs', () => {
    const change = { files: [file('src/a.ts'), file('b.ts', 'c.ts')], complete: true };
    expect(ask({ change }).actions).toBeNull();
  });

  it('ends with any one file, under its old name or its new one, and says which', () => {
    for (const one of [file('.github/workflows/x.yml'), file('x.yml', '.github/workflows/x.yml')]) {
      const change = { files: [file('src/a.ts'), one], complete: true };
      expect(ask({ change }).actions).toBe(
        'this pull request comes from a fork and changes its workflow files or the actions that they use (.github/workflows/x.yml)',
      );
    }
  });

  it('ends with a submodule that it puts elsewhere, and with the file that says where they come from', () => {
    const submodule = (patch: string | null) => ({ ...file('tools/lint'), patch });
    for (const one of [
      submodule('@@ -1 +1 @@\n-Subproject commit 1\n+Subproject commit 2'),
      submodule('@@ -0,0 +1 @@\n+Subproject commit 2'),
      submodule('-Subproject commit 1'),
      file('.gitmodules'),
      file('.GitModules'),
      file('mods', '.gitmodules'),
    ]) {
      expect(ask({ change: { files: [one], complete: true } }).actions).toContain('the actions that they use');
    }
    for (const patch of [null, '@@ -1 +1 @@\n Subproject commit 1\n+a Subproject commit'])
      expect(ask({ change: { files: [submodule(patch)], complete: true } }).actions).toBeNull();
  });

  it('is not there in what jobs write by their token, whenever it is not there in jobs', () => {
    const change = { files: [file('.github/workflows/x.yml')], complete: true };
    const { actions, ofAuthor } = ask({ change });
    expect(['github-actions', 'github-actions[bot]', 'GitHub-Actions[bot]', 'hubot'].map(ofAuthor)).toEqual([
      actions,
      actions,
      actions,
      null,
    ]);
    expect(ask().ofAuthor('github-actions[bot]')).toBeNull();
  });

  it('is not there in GitHub Actions while the files are not all known, and is in whom no file of the fork configures', () => {
    for (const change of [null, { files: [file('src/a.ts')], complete: false }]) {
      const { actions, ofAuthor } = ask({ change, untrusted_apps: ['circleci'] });
      expect(actions).toBe('this pull request comes from a fork, and GitHub does not tell all that the fork changes');
      expect(['sonarcloud', null, 'circleci', 'circleci[bot]'].map((who) => ofAuthor(who) !== null)).toEqual([
        false,
        false,
        true,
        true,
      ]);
    }
  });

  it('is not there while its runs may be those of another of its pull requests', () => {
    expect(ask({ pull_request: { ...fork, twins: [7, 9] } }).actions).toBe(
      'this pull request comes from a fork, and GitHub does not tell its runs from those of #7, #9, which brings the same branch into another one; a push makes a commit that only this one has',
    );
  });

  it.each([
    ['one of its own', { is_unknown: false, foreign_event: null }],
    ['one of which GitHub has not told the workflow', { is_unknown: true, foreign_event: 'pull_request_target' }],
    ['one of which nobody knows what set it off', { is_unknown: false, foreign_event: 'unknown' }],
  ])('is not there while %s began before it had its base', (_, what) => {
    const { actions, workflows } = ask({ former_runs: [{ workflow: 'ci.yml', ...what }] });
    expect(actions).toContain('its base was another branch');
    expect(workflows).toEqual([]);
  });

  it('is not there in a workflow alone that ran for another event before it had its base', () => {
    const labeler = { workflow: 'label.yml', is_unknown: false, foreign_event: 'pull_request_target' };
    const { actions, workflows } = ask({ former_runs: [labeler, labeler] });
    expect(actions).toBeNull();
    expect(workflows.map(({ workflow }) => workflow)).toEqual(['label.yml', 'label.yml']);
    expect(workflows[0]?.why).toContain('a run of it began while its base was another branch');
  });

  it('is always there in a pull request of the repository’s own', () => {
    const change = { files: [file('.github/workflows/x.yml')], complete: false };
    const own = ask({
      pull_request: { is_fork: false, twins: [7] },
      former_runs: [
        { workflow: 'ci.yml', is_unknown: false, foreign_event: null },
        { workflow: 'label.yml', is_unknown: false, foreign_event: 'pull_request_target' },
      ],
      change,
      untrusted_apps: ['circleci'],
    });
    expect([own.actions, own.ofAuthor('circleci'), own.workflows]).toEqual([null, null, []]);
  });

  it('is not there in Apps that the owner lists, by slug or by the account that the App writes as', () => {
    const { ofAuthor } = ask({ untrusted_apps: ['circleci'] });
    expect(
      ['circleci', 'CircleCI', 'circleci[bot]', 'circleci-app', 'x', null].map((who) => ofAuthor(who) !== null),
    ).toEqual([true, true, true, false, false, false]);
  });
});
