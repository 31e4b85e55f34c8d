// The starter library as SQL. Pure; seed.ts and its test use it.
import type { Pattern } from '../src/model/failure.ts';
import { quoted } from './quoted.ts';

/**
 * One statement that brings the built-in rows of `codered.bug_patterns` to the given list, in its order. What a user set
 * (`enabled`) and what was counted (`hits`) stays; a built-in pattern that is not in the list is retired, and comes back
 * with its old settings when it is in a later list. Rows that are right already are not touched.
 */
export function renderPatternSeed(patterns: readonly Pattern[]): string {
  const rows = patterns.map((pattern, position) => `    (${columnsOf(pattern, position).join(', ')})`);
  return `with library (position, priority, rank, pick, kind, category, severity, name, pattern_signature, root_cause, recommended_fix, docs_url) as (
  values
${rows.join(',\n')}
),
retired as (
  update codered.bug_patterns as present
  set deleted_at = now()
  where present.source = 'builtin'
    and present.project_id is null
    and present.deleted_at is null
    and not exists (select from library where library.name = present.name)
)
insert into codered.bug_patterns as present (
  source, position, priority, rank, pick, kind, category, severity, name, pattern_signature, root_cause, recommended_fix, docs_url)
select
  'builtin', position, priority, rank, pick, kind, category, severity, name, pattern_signature, root_cause, recommended_fix, docs_url
from library
on conflict (name) where source = 'builtin' and project_id is null do update
set position = excluded.position,
  priority = excluded.priority,
  rank = excluded.rank,
  pick = excluded.pick,
  kind = excluded.kind,
  category = excluded.category,
  severity = excluded.severity,
  pattern_signature = excluded.pattern_signature,
  root_cause = excluded.root_cause,
  recommended_fix = excluded.recommended_fix,
  docs_url = excluded.docs_url,
  deleted_at = null
where (
  present.position, present.priority, present.rank, present.pick, present.kind, present.category, present.severity,
  present.pattern_signature, present.root_cause, present.recommended_fix, present.docs_url, present.deleted_at
) is distinct from (
  excluded.position, excluded.priority, excluded.rank, excluded.pick, excluded.kind, excluded.category, excluded.severity,
  excluded.pattern_signature, excluded.root_cause, excluded.recommended_fix, excluded.docs_url, null::timestamptz
);
`;
}

function columnsOf(pattern: Pattern, position: number): string[] {
  const { priority, rank, pick, kind, category, severity, name, root_cause, recommended_fix, docs_url } = pattern;
  const texts = [rank, pick, kind, category, severity, name, pattern.pattern, root_cause, recommended_fix].map(quoted);
  return [String(position), String(priority), ...texts, docs_url === null ? 'null' : quoted(docs_url)];
}
