// What README and docs show has to work as it stands there.
import { existsSync, globSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import { checkFiles } from '../src/cli/patterns/check.ts';
import { parsePatternFile } from '../src/diagnose/pattern-files/pattern-file.ts';
import { FOLLOW_UP_KINDS } from '../src/model/follow-up.ts';
import { parsePolicy } from '../src/policy/parse-policy.ts';
import { CRITERION_KEYS } from '../src/policy/schema/policy.ts';
import { repository } from './support/source-tree.ts';

test.each(['README.md', 'docs/policy.md'])('every policy that %s shows is one', (name) => {
  const text = readFileSync(join(repository, name), 'utf8');
  const shown = [...text.matchAll(/```yaml\n((?:#[^\n]*\n)*dod:[\s\S]*?)```/g)].map((match) => match[1] ?? '');
  expect(shown.length).toBeGreaterThan(0);
  for (const one of shown) expect(parsePolicy(one), one).toHaveProperty('policy');
});

test.each(['README.md', 'docs/patterns.md'])(
  'every pattern that %s shows can be loaded, and its samples are its own',
  async (name) => {
    const text = readFileSync(join(repository, name), 'utf8');
    const shown = [...text.matchAll(/```yaml\n( *)((?:patterns:|- name:)[^`]*(?:`[^`]+`[^`]*)*?)```/g)].map(
      ([, indent = '', block = '']) => block.replaceAll(`\n${indent}`, '\n'),
    );
    expect(shown.length).toBeGreaterThan(0);
    for (const block of shown) {
      const content = block.startsWith('- ') ? `patterns:\n${block}` : block;
      const file = parsePatternFile('shown.yml', content);
      expect(file.problems, block).toEqual([]);
      expect(file.entries.flatMap(({ samples }) => samples).length, block).toBeGreaterThan(0);
      const [check] = await checkFiles([{ path: 'shown.yml', content: file }]);
      expect(check, block).toMatchObject({ problems: [], notes: [] });
    }
  },
);

test('README says how a quota is raised and put-off work taken up, and what the upgrade asks for', () => {
  const text = readFileSync(join(repository, 'README.md'), 'utf8');
  expect(text).toContain('update codered.quotas set deliveries_per_day');
  expect(text).toContain('npm run -s codered -- replay --failed');
  expect(text).toContain('stop the old workers before you migrate');
  expect(text).toContain('@<short SHA>');
});

test('every row of docs/security.md names tests, and they are there', () => {
  const rows = readFileSync(join(repository, 'docs/security.md'), 'utf8')
    .split('\n')
    .filter((line) => line.startsWith('| ') && !line.startsWith('| threat |'));
  expect(rows.length).toBeGreaterThan(40);
  for (const row of rows) {
    const tests = [...(row.split('|')[3] ?? '').matchAll(/test\/[\w/.-]+\.test\.ts/g)].map(([path]) => path);
    expect(tests.length, row).toBeGreaterThan(0);
    for (const path of tests) expect(existsSync(join(repository, path)), path).toBe(true);
  }
});

/** What GitHub makes of a heading: the part of an address behind `#`. */
function anchorsOf(page: string): string[] {
  return readFileSync(page, 'utf8')
    .split('\n')
    .filter((line) => /^#{1,6} /.test(line))
    .map((line) =>
      line
        .replace(/^#+ /, '')
        .toLowerCase()
        .replace(/[^\p{L}\p{N} _-]/gu, '')
        .replaceAll(' ', '-'),
    );
}

/** Pages that the comments of a file name, each with the heading it names: `docs/github.md#job-logs`. Pages of other repositories are addresses. */
function citationsIn(text: string): { page: string; heading: string | undefined }[] {
  const found = text.split('\n').filter((line) => /^\s*(?:\/\/|\/?\*|--|#|comment on )/.test(line));
  return [...found.join('\n').matchAll(/(?<![\w/.-])(docs\/[\w-]+\.md)(?:#([\w-]+))?/g)].map(
    ([, page = '', heading]) => ({
      page,
      heading,
    }),
  );
}

const textFiles = globSync(
  ['{src,test,bench,scripts}/**/*.ts', 'supabase/{schemas,migrations,patterns}/*', 'app.yml'],
  { cwd: repository, exclude: ['test/docs.test.ts'] },
);

test('every page of docs/ and every heading of one that is cited exists', () => {
  const wrong = textFiles.flatMap((file) =>
    citationsIn(readFileSync(join(repository, file), 'utf8'))
      .filter(({ page, heading }) => {
        const path = join(repository, page);
        return !existsSync(path) || (heading !== undefined && !anchorsOf(path).includes(heading));
      })
      .map(({ page, heading }) => `${file} cites ${page}${heading === undefined ? '' : `#${heading}`}`),
  );
  expect(wrong).toEqual([]);
});

test('every link from one page to another, and to a heading, leads somewhere', () => {
  const wrong = globSync(['docs/*.md', 'README.md'], { cwd: repository }).flatMap((file) => {
    const from = join(repository, file);
    return [...readFileSync(from, 'utf8').matchAll(/\]\((?!https?:)([^)#\s]*)(?:#([^)\s]+))?\)/g)]
      .filter(([, target = '', heading]) => {
        const to = target === '' ? from : join(dirname(from), target);
        return !existsSync(to) || (heading !== undefined && !anchorsOf(to).includes(heading));
      })
      .map(([link]) => `${file} has ${link}`);
  });
  expect(wrong).toEqual([]);
});

test('docs/operations.md asks for no metric that there is none of', () => {
  const metrics = globSync('src/http/routes/*.ts', { cwd: repository }).flatMap((file) =>
    [...readFileSync(join(repository, file), 'utf8').matchAll(/'(codered_[a-z_]+)'/g)].map(([, name]) => name),
  );
  const named = [...readFileSync(join(repository, 'docs/operations.md'), 'utf8').matchAll(/\bcodered_[a-z_]+/g)];
  expect(named.length).toBeGreaterThan(8);
  expect(named.map(([name]) => name).filter((name) => !metrics.includes(name))).toEqual([]);
});

test('no comment of the code names a page that a reader of the repository does not have', () => {
  const wrong = globSync('src/**/*.ts', { cwd: repository }).flatMap((file) =>
    readFileSync(join(repository, file), 'utf8')
      .split('\n')
      .filter((line) => /^\s*(?:\/\/|\/?\*)/.test(line))
      .flatMap((line) => [...line.matchAll(/(?<![\w/.:-])[\w./-]+\.md\b/g)].map(([page]) => page))
      .filter(
        (page) => ![page, join('docs', page), join(dirname(file), page)].some((at) => existsSync(join(repository, at))),
      )
      .map((page) => `${file} names ${page}`),
  );
  expect(wrong).toEqual([]);
});

test('docs/architecture.md lists the rooms of src/', () => {
  const [, rooms = ''] = readFileSync(join(repository, 'docs/architecture.md'), 'utf8').split('## Rooms\n');
  const [table = ''] = rooms.split('\n## ');
  const listed = [...table.matchAll(/^\| `([\w-]+)` \|/gm)].map(([, room = '']) => room);
  const folders = readdirSync(join(repository, 'src'), { withFileTypes: true }).filter((entry) => entry.isDirectory());
  expect(listed.toSorted()).toEqual(folders.map(({ name }) => name).toSorted());
});

test('the glossary has every criterion', () => {
  const text = readFileSync(join(repository, 'src/model/glossary.md'), 'utf8');
  for (const key of CRITERION_KEYS) expect(text).toContain(`\`${key}\``);
});

test('the glossary, the steps and the table know the same kinds of follow-up', () => {
  const text = readFileSync(join(repository, 'src/model/glossary.md'), 'utf8');
  const [, kinds = ''] = text.split('### Kinds of follow-up\n');
  const [table = ''] = kinds.split('\n## ');
  const explained = [...table.matchAll(/^\| `(\w+)` \|/gm)].map(([, kind]) => kind);
  const schema = readFileSync(join(repository, 'supabase/schemas/17_follow_ups.sql'), 'utf8');
  const [, check = ''] = /constraint follow_ups_kind_check check \(\s*kind in \(([^)]*)\)/.exec(schema) ?? [];
  const allowed = [...check.matchAll(/'(\w+)'/g)].map(([, kind]) => kind);
  expect(explained.toSorted()).toEqual([...FOLLOW_UP_KINDS].toSorted());
  expect(allowed.toSorted()).toEqual([...FOLLOW_UP_KINDS].toSorted());
});
