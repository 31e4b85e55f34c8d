// supabase/seed.sql whole: patterns, models, and the note that it has run. Pure; build-seed.ts and its test use it.
import { createHash } from 'node:crypto';
import { seedNote } from '../src/brain/migration-files.ts';
import type { Pattern } from '../src/model/failure.ts';
import { type Model, renderModelSeed } from './model-seed.ts';
import { renderPatternSeed } from './pattern-seed.ts';
import { quoted } from './quoted.ts';

const heading = `-- What every CodeRed knows from the start: the patterns of supabase/patterns, the models of supabase/models.yml. Written by
-- scripts/build-seed.ts; edit those files instead. May run any number of times.`;

const note = `-- The Supabase CLI notes a seed that has changed as done without running it, so what has run notes itself: \`codered migrate\`
-- goes by this.`;

/** The file's text. */
export function renderSeed(patterns: readonly Pattern[], models: readonly Model[]): string {
  const work = `${heading}\n${renderPatternSeed(patterns)}\n${renderModelSeed(models)}`;
  const hash = createHash('sha256').update(work).digest('hex');
  return `${work}
${note}
insert into supabase_migrations.seed_files (path, hash) values (${quoted(seedNote)}, ${quoted(hash)})
on conflict (path) do update set hash = excluded.hash;
`;
}
