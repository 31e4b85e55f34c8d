// supabase/seed.sql: that it is what the pattern files give, and that it may run on a database that people have used.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { renderPatternSeed } from '../scripts/pattern-seed.ts';
import { openEmbedded } from '../src/brain/embedded.ts';
import { migrateHome } from '../src/brain/migrate.ts';
import { readMigrationFiles } from '../src/brain/migration-files.ts';
import type { SqlHome } from '../src/brain/sql-home.ts';
import { parsePatternFile } from '../src/diagnose/pattern-file.ts';

const supabase = join(import.meta.dirname, '../supabase');
const patterns = readdirSync(join(supabase, 'patterns'))
  .sort()
  .flatMap((name) => parsePatternFile(name, readFileSync(join(supabase, 'patterns', name), 'utf8')).patterns);

describe('seed.sql', () => {
  let home: SqlHome;
  const rows = (text: string) => home.session((session) => session.query(text));
  const run = (sql: string) => home.session((session) => session.script(sql));
  const live = () =>
    rows(
      `select name, enabled, priority, updated_at from codered.bug_patterns where deleted_at is null order by position`,
    );

  beforeAll(async () => {
    home = await openEmbedded({ directory: null });
    await migrateHome(home, { ...(await readMigrationFiles()), seed: '' });
    await run(renderPatternSeed(patterns));
  });
  afterAll(() => home.close());

  it('is what the pattern files give (node scripts/build-seed.ts)', () => {
    expect(readFileSync(join(supabase, 'seed.sql'), 'utf8')).toBe(renderPatternSeed(patterns));
  });

  it('stores each pattern as the file has it, in the order of the files', async () => {
    const stored = await rows(
      `select name, kind, pattern_signature as pattern, category, severity, root_cause, recommended_fix, docs_url, priority
      from codered.bug_patterns where source = 'builtin' and project_id is null order by position`,
    );
    expect(stored).toEqual(patterns.map(({ id: _, ...one }) => ({ ...one, priority: String(one.priority) })));
  });

  it('touches no row the second time', async () => {
    const before = await live();
    await run(renderPatternSeed(patterns));
    expect(await live()).toEqual(before);
  });

  it('keeps a pattern switched off that a user switched off, while its text is renewed', async () => {
    const [first, ...others] = patterns;
    if (!first) throw new Error('the library is empty');
    await run(`update codered.bug_patterns set enabled = false, hits = 7 where position = 0`);
    await run(renderPatternSeed([{ ...first, root_cause: 'Another wording.' }, ...others]));
    expect(await rows(`select enabled, hits, root_cause from codered.bug_patterns where position = 0`)).toEqual([
      { enabled: 'f', hits: '7', root_cause: 'Another wording.' },
    ]);
  });

  it('retires a pattern that is no longer in the files, and brings it back when it is', async () => {
    const gone = patterns[3]?.name ?? '';
    await run(renderPatternSeed(patterns.filter(({ name }) => name !== gone)));
    expect((await live()).map(({ name }) => name)).not.toContain(gone);
    await run(renderPatternSeed(patterns));
    expect((await live()).map(({ name }) => name)).toEqual(patterns.map(({ name }) => name));
  });

  it("leaves a project's own pattern of the same name alone", async () => {
    await run(
      `insert into codered.bug_patterns (name, pattern_signature, root_cause, recommended_fix, source)
      values ('Disk full', 'ours', 'ours', 'ours', 'ui')`,
    );
    await run(renderPatternSeed(patterns));
    expect(await rows(`select pattern_signature from codered.bug_patterns where source = 'ui'`)).toEqual([
      { pattern_signature: 'ours' },
    ]);
  });
});
