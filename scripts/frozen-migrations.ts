// supabase/migrations.sha256: what each migration is since it has landed, as `sha256sum` writes it. A migration that is listed doesn't change.
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';

const folder = 'supabase/migrations';
const list = 'supabase/migrations.sha256';

/** Checksum by file, `migrations/<version>_<name>.sql`: those that are listed, and those that the files have. */
export function readChecksums(): { listed: Record<string, string>; found: Record<string, string> } {
  const lines = existsSync(list) ? readFileSync(list, 'utf8').split('\n').filter(Boolean) : [];
  const files = readdirSync(folder)
    .filter((name) => name.endsWith('.sql'))
    .sort();
  return {
    listed: Object.fromEntries(lines.map((line) => [line.slice(66), line.slice(0, 64)])),
    found: Object.fromEntries(
      files.map((name) => [
        `migrations/${name}`,
        createHash('sha256')
          .update(readFileSync(`${folder}/${name}`))
          .digest('hex'),
      ]),
    ),
  };
}

/** Adds the files that are not listed yet and says which; throws for one that still begins with `unsaid` or has lines to be written by hand. */
export async function freezeMigrations(unsaid: string): Promise<readonly string[]> {
  const { listed, found } = readChecksums();
  const added = Object.keys(found).filter((file) => listed[file] === undefined);
  for (const file of added) {
    const sql = readFileSync(`supabase/${file}`, 'utf8');
    if (sql.startsWith(unsaid)) throw new Error(`supabase/${file}: say in the first line what it is for.`);
    if (/^-- By hand: /m.test(sql)) throw new Error(`supabase/${file}: lines to be written by hand are left.`);
  }
  const lines = Object.entries({ ...found, ...listed }).sort(([one], [other]) => (one < other ? -1 : 1));
  writeFileSync(list, lines.map(([file, hash]) => `${hash}  ${file}\n`).join(''));
  return added.map((file) => `frozen: supabase/${file}`);
}
