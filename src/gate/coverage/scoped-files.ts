// Which files of the reports a glob of the policy is about. Pure.
//
// 1. Those whose path from the repository fits. A module's name is no folder: where none fits so, those that fit as its report names them.
// 2. Those of a package of its own, where the glob leads through what the package is called: its folder, its module, its artifact.
//    Java's and Kotlin's are in the usual folders of sources.
// 3. Of a report whose paths begin elsewhere (a machine's checkout, a module of Go), those that fit below the innermost folder above
//    all its files below which any does.

import { readGlob } from '../../policy/globs/glob-syntax.ts';
import type { MergedFile } from './merge-file.ts';
import { packageOf } from './package-place.ts';

type Placed = Pick<MergedFile, 'path' | 'place' | 'label' | 'outside'>;

const SOURCES: readonly (readonly [ending: string, folders: readonly string[]])[] = [
  ['.java', ['src/main/java/']],
  ['.kt', ['src/main/kotlin/', 'src/main/java/', 'src/commonMain/kotlin/', 'src/jvmMain/kotlin/']],
  ['.scala', ['src/main/scala/']],
  ['.groovy', ['src/main/groovy/']],
];

/** Returns the files that the glob is about, by the rules at the head of this file. `fits` tests a path from the repository's root. */
export function scopedFiles<File extends Placed>(
  files: readonly File[],
  glob: string,
  fits: (path: string) => boolean,
): File[] {
  const read = readGlob(glob);
  const folders = 'refusal' in read ? [] : read.plain.map(({ text }) => literalFolders(text));
  const sources = files.filter(({ path }) => sourcesOf(path).length > 0);
  const isOneModule = new Set(sources.map(({ place }) => place)).size === 1;
  const fitting = (file: File, isWhole: boolean) =>
    namesOf(file, folders, { isOneModule, isWhole }).some((name) => fits(name));
  const whole = files.filter((file) => fitting(file, file.place === ''));
  const named = () => files.filter((file) => packageOf(file.place) === null && fitting(file, true));
  const fit = new Set(whole.length > 0 ? whole : named());
  // A report is from one root: where a file fits as it is, that is the repository's.
  const rooted = Map.groupBy(files, ({ outside }) => outside?.roots.join('\n') ?? '');
  for (const [roots, ofReport] of rooted) {
    if (roots === '' || ofReport.some((file) => fit.has(file))) continue;
    for (const root of roots.split('\n')) {
      const isBelow = ({ outside }: File) =>
        outside?.path.startsWith(root) === true && fits(outside.path.slice(root.length));
      const below = ofReport.filter(isBelow);
      for (const file of below) fit.add(file);
      if (below.length > 0) break;
    }
  }
  return files.filter((file) => fit.has(file));
}

/** The paths from the repository that it may have; `isWhole`: its own may be one. */
function namesOf(
  { path, place, label = '' }: Placed,
  folders: readonly (readonly string[])[],
  { isOneModule, isWhole }: { isOneModule: boolean; isWhole: boolean },
) {
  const below = new Set(isWhole ? [''] : []);
  if (place !== '') below.add(`${place}/`);
  for (const package_ of [place, label]) {
    if (package_ === '') continue;
    const names = package_.toLowerCase().split('/');
    for (const known of folders)
      for (let end = names.length; end <= known.length; end++)
        if (names.every((name, index) => known[end - names.length + index]?.toLowerCase() === name))
          below.add(`${known.slice(0, end).join('/')}/`);
  }
  const paths = [...below].map((folder) => `${folder}${path}`);
  const inSources = [...below]
    .filter((folder) => folder !== '' || place === '' || isOneModule)
    .flatMap((folder) => sourcesOf(path).map((source) => `${folder}${source}${path}`));
  return [...paths, ...inSources];
}

/** The names of folders before the first sign that stands for several. */
function literalFolders(glob: string): readonly string[] {
  const names = glob.split('/');
  const end = names.findIndex((name) => ['*', '?', '[', '\\'].some((sign) => name.includes(sign)));
  return names.slice(0, end === -1 ? names.length - 1 : end);
}

function sourcesOf(path: string): readonly string[] {
  if (path.includes('src/main/')) return [];
  return SOURCES.find(([ending]) => path.endsWith(ending))?.[1] ?? [];
}
