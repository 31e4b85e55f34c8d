// supabase/seed.sql: that it is what its sources give, and that it may run on a database that people have used.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parseModels, renderModelSeed } from '../scripts/model-seed.ts';
import { renderPatternSeed } from '../scripts/pattern-seed.ts';
import { renderSeed } from '../scripts/seed.ts';
import { openEmbedded } from '../src/brain/backends/embedded.ts';
import type { SqlBackend } from '../src/brain/backends/sql-backend.ts';
import { migrateBackend } from '../src/brain/migrate.ts';
import { readMigrationFiles } from '../src/brain/migration-files.ts';
import { parsePatternFile } from '../src/diagnose/pattern-files/pattern-file.ts';

const supabase = join(import.meta.dirname, '../supabase');
const patterns = readdirSync(join(supabase, 'patterns'))
  .sort()
  .flatMap((name) => parsePatternFile(name, readFileSync(join(supabase, 'patterns', name), 'utf8')).patterns);
const models = parseModels(readFileSync(join(supabase, 'models.yml'), 'utf8'));

describe('seed.sql', () => {
  let backend: SqlBackend;
  const rows = (text: string) => backend.session((session) => session.query(text));
  const run = (sql: string) => backend.session((session) => session.script(sql));
  const live = () =>
    rows(
      `select name, enabled, priority, updated_at from codered.bug_patterns where deleted_at is null order by position`,
    );

  beforeAll(async () => {
    backend = await openEmbedded({ directory: null });
    await migrateBackend(backend, { ...(await readMigrationFiles()), seed: '' });
    await run(renderSeed(patterns, models));
  });
  afterAll(() => backend.close());

  it('is what the pattern files and models.yml give (npm run seed:build)', () => {
    expect(readFileSync(join(supabase, 'seed.sql'), 'utf8')).toBe(renderSeed(patterns, models));
  });

  it('stores each pattern as the file has it, in the order of the files', async () => {
    const stored = await rows(
      `select name, kind, pattern_signature as pattern, category, severity, root_cause, recommended_fix, docs_url, rank, pick, priority
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

  it('stores the ten models of document 004 with their prices for 1,000 tokens, all of them active', async () => {
    const stored = await rows(
      `select id, tier, input_cost_per_1k::float8 as read, output_cost_per_1k::float8 as written, max_context_tokens as context
      from codered.models where is_active and supports_tools and supports_streaming and supports_structured_output order by id`,
    );
    expect(stored.map((row) => Object.values(row).join(' '))).toEqual([
      'claude-haiku-3.5 low 0.0008 0.004 200000',
      'claude-opus-4 top 0.015 0.075 200000',
      'claude-sonnet-4 mid 0.003 0.015 200000',
      'gemini-2.5-flash low 0.0005 0.0015 1000000',
      'gemini-2.5-pro mid 0.0035 0.014 1000000',
      'gpt-4o mid 0.005 0.015 128000',
      'gpt-4o-mini low 0.0003 0.0012 128000',
      'gpt-5.3 top 0.01 0.03 128000',
      'o3 top 0.01 0.04 200000',
      'o3-mini mid 0.0011 0.0044 200000',
    ]);
  });

  it('touches no model the second time', async () => {
    const before = await rows(`select * from codered.models order by id`);
    await run(renderModelSeed(models));
    expect(await rows(`select * from codered.models order by id`)).toEqual(before);
  });

  it('keeps a model switched off that the operator switched off, while its price is renewed', async () => {
    await run(`update codered.models set is_active = false, input_cost_per_1k = 9 where id = 'o3'`);
    await run(`insert into codered.models (id, provider, display_name, tier) values ('ours', 'us', 'Ours', 'low')`);
    await run(renderModelSeed(models));
    expect(
      await rows(
        `select id, is_active, input_cost_per_1k::float8 as read from codered.models where id in ('o3', 'ours')`,
      ),
    ).toEqual([
      { id: 'o3', is_active: 'f', read: '0.01' },
      { id: 'ours', is_active: 't', read: null },
    ]);
  });
});
