// What the pattern files of supabase/patterns say never counts: `ignore` and `ignore_between` have no table, so they are
// read from the files.
import { readdir, readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { parsePatternFile } from '../diagnose/pattern-files/pattern-file.ts';
import type { Ignores } from '../diagnose/patterns/ignores.ts';

const ourFolder = fileURLToPath(new URL('../../supabase/patterns', import.meta.url));

/** Everything ignored by the files of `folder`, our own by default, together. */
export async function readStarterIgnores(folder: string = ourFolder): Promise<Ignores> {
  const names = (await readdir(folder)).filter((name) => /\.ya?ml$/.test(name)).sort();
  const texts = await Promise.all(
    names.map(async (name) => ({ name, text: await readFile(`${folder}/${name}`, 'utf8') })),
  );
  // Few have any, and to check the patterns of all takes a second.
  const files = texts.filter(({ text }) => /^ignore/m.test(text)).map(({ name, text }) => parsePatternFile(name, text));
  return {
    ignore: files.flatMap(({ ignore }) => ignore),
    ignore_between: files.flatMap(({ ignore_between }) => ignore_between),
  };
}
