// Which of the files that a pull request changes its failure names. In doubt a file counts as named: that can only keep a
// failure the author's. Pure.

import type { JudgedFailure } from './evidence.ts';

/** Segments of a path that are compared, from its end: a log names files from the root of its machine, a package or nowhere. */
const SEGMENTS = 12;
/** Files that are told, at the most. */
const MOST_TOLD = 20;
/** Names that hold a project's dependencies, without their ending. */
const DEPENDENCY_FILES: ReadonlySet<string> = new Set([
  ...[
    'package',
    'package-lock',
    'npm-shrinkwrap',
    'yarn',
    'pnpm-lock',
    'pnpm-workspace',
    'bun',
    'deno',
    '.npmrc',
    '.yarnrc',
  ],
  ...['requirements', 'constraints', 'pyproject', 'poetry', 'pdm', 'uv', 'pipfile', 'setup', 'environment'],
  ...['go', 'cargo', 'gemfile', 'composer', 'mix', 'pubspec', 'podfile', 'cartfile', 'conanfile', 'vcpkg', 'flake'],
  ...[
    'pom',
    'build',
    'build.gradle',
    'settings.gradle',
    'gradle',
    'libs.versions',
    'gradle-wrapper',
    'packages',
    'paket',
  ],
  ...['directory.packages', 'directory.build', 'nuget', 'package.resolved', 'dockerfile', 'chart'],
]);
/** Endings of files that list dependencies under any name. */
const DEPENDENCY_ENDINGS = ['.lock', '.csproj', '.fsproj', '.vbproj', '.gemspec', '.cabal', '.lockfile'];

/** Signs that the name of a class has none of. */
const NO_CLASS = '()[]{}<>:;,"\'`@#%&*+=!?|~^-';

/** The changed files of a pull request, made ready to be asked for many failures. */
export interface Change {
  /** Every end of each path, without the file's ending, to the path. */
  readonly ends: ReadonlyMap<string, string>;
  /** Whole paths, and whole folders, without the file's ending. */
  readonly paths: ReadonlyMap<string, string>;
  readonly folders: ReadonlyMap<string, string>;
  readonly workflows: readonly string[];
  readonly dependencies: readonly string[];
}

/** Makes the changed files (paths from the root of the repository) ready for `filesTouched`. Takes time in proportion to their length. */
export function indexChange(files: readonly string[]): Change {
  const ends = new Map<string, string>();
  const paths = new Map<string, string>();
  const folders = new Map<string, string>();
  for (const file of files) {
    const segments = segmentsOf(file);
    paths.set(segments.join('/'), file);
    if (segments.length > 1) folders.set(segments.slice(0, -1).join('/'), file);
    for (let from = Math.max(0, segments.length - SEGMENTS); from < segments.length; from += 1)
      ends.set(segments.slice(from).join('/'), file);
  }
  return { ends, paths, folders, workflows: files.filter(isWorkflow), dependencies: files.filter(isDependencyFile) };
}

type Naming = Pick<JudgedFailure, 'files' | 'tests' | 'pattern'>;

/**
 * The changed files that the failure names: by its location or a test's file, each however much of the path it says; those that
 * list dependencies, when it is of a dependency; and all that says how jobs run. At most 20, in the order of the alphabet.
 */
export function filesTouched({ files, tests, pattern }: Naming, change: Change): string[] {
  const named = [...(files ?? []), ...(tests ?? []).flatMap((test) => placesOf(test) ?? [])];
  const touched = new Set(change.workflows);
  if (pattern?.category === 'dependency') for (const file of change.dependencies) touched.add(file);
  for (const name of named) {
    const file = namedFile(name, change);
    if (file !== null) touched.add(file);
  }
  return [...touched].toSorted().slice(0, MOST_TOLD);
}

function namedFile(name: string, { ends, paths, folders }: Change): string | null {
  const segments = segmentsOf(name);
  if (segments.length === 0) return null;
  const whole = ends.get(segments.slice(-SEGMENTS).join('/'));
  if (whole !== undefined) return whole;
  for (let from = Math.max(0, segments.length - SEGMENTS); from < segments.length; from += 1) {
    const end = segments.slice(from).join('/');
    // One segment alone names no folder of the root: `src` ends too many paths.
    const file = paths.get(end) ?? (segments.length - from > 1 ? folders.get(end) : undefined);
    if (file !== undefined) return file;
  }
  return null;
}

/** The segments of a path, in lower case as file systems compare it, without the file's ending, `.` and what `..` leaves. */
function segmentsOf(path: string): string[] {
  const segments = path
    .toLowerCase()
    .replaceAll('\\', '/')
    .split('/')
    .filter((segment) => segment !== '' && segment !== '.' && segment !== '..');
  const last = segments.pop();
  if (last === undefined) return [];
  const dot = last.lastIndexOf('.');
  return [...segments, dot > 0 ? last.slice(0, dot) : last];
}

/**
 * Where a test may lie: its file; else what its suite says, when that is a path, a package or a class (`com.acme.CartTest`, with
 * the class of Python's `tests.cart.TestCart` left out too). Null when nothing says it.
 */
export function placesOf({ file, suite }: { readonly file: string | null; readonly suite: string }): string[] | null {
  if (file !== null && file !== '') return [file];
  if (suite.includes(' ')) return null;
  if (suite.includes('/') || suite.includes('\\')) return [suite];
  const parts = suite.split('.');
  if (parts.length < 2 || parts.includes('') || [...NO_CLASS].some((sign) => suite.includes(sign))) return null;
  // An inner class lies in the file of the outer; the ending keeps what follows the last dot of a name from being taken for one.
  const [outer = ''] = parts.join('/').split('$');
  const module = parts.slice(0, -1).join('/');
  return parts.length > 2 ? [`${outer}.class`, `${module}.class`] : [`${outer}.class`];
}

/** Whether it says how jobs run: workflows call each other and local actions, and nobody knows which. */
function isWorkflow(path: string): boolean {
  const lower = path.toLowerCase();
  const name = lower.slice(lower.lastIndexOf('/') + 1);
  return (
    lower.startsWith('.github/workflows/') ||
    lower.startsWith('.github/actions/') ||
    name === 'action.yml' ||
    name === 'action.yaml'
  );
}

function isDependencyFile(path: string): boolean {
  const lower = path.toLowerCase();
  const last = segmentsOf(path).at(-1) ?? '';
  return DEPENDENCY_FILES.has(last) || DEPENDENCY_ENDINGS.some((ending) => lower.endsWith(ending));
}
