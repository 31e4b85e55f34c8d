// In which columns of the whole schema a text stands: what is left of something that was to be erased.

import type { TestBrain } from './brain.ts';

/** What may still hold text of an organisation that was erased, and why. Everything else fails. */
export const AUDIT: Readonly<Record<string, string>> = {
  'events.payload': 'the audit: what happened, with the names and reasons of the time',
  'events.event_type': 'the audit',
  'user_overrides.client_id': 'the audit: and with which app',
  'user_overrides.user': 'the audit: who overruled the gate',
  'user_overrides.reason': 'the audit: and why',
  'user_overrides.criterion': 'the audit: and what',
  'user_overrides.revoked_by': 'the audit: and who took it back',
  'decisions.title': 'the audit: what people decided',
  'decisions.description': 'the audit',
  'decisions.domain': 'the audit',
  'decisions.rationale': 'the audit',
  'decisions.options': 'the audit',
  'decisions.options_considered': 'the audit',
  'decisions.choice': 'the audit',
  'decisions.chosen_option': 'the audit',
  'decisions.decision_maker': 'the audit',
  'orgs.name': 'whose audit it is',
  'orgs.login': 'whose audit it is',
  'installations.account_login': 'whose audit it is',
  'installations.account_type': 'user or organisation, in GitHub’s word',
  'installations.source_delivery': 'the id of a delivery; nothing that it said',
  'projects.slug': 'whose audit it is',
  'projects.name': 'whose audit it is',
  'repositories.owner': 'whose audit it is',
  'repositories.name': 'whose audit it is',
  'repositories.source_delivery': 'the id of a delivery; nothing that it said',
  'repositories.presence_delivery': 'the id of a delivery; nothing that it said',
};

export interface TextColumn {
  readonly table: string;
  readonly column: string;
  readonly type: string;
  /** Not worked out from others. */
  readonly isWritten: boolean;
}

/** Every column of every table that may hold text, whatever it is called; partitions are read through their table. */
export async function textColumns(brain: Pick<TestBrain, 'sql'>): Promise<readonly TextColumn[]> {
  const rows = await brain.sql(`
    select c.relname as table_name, a.attname as column_name, a.attgenerated = '' as is_written, format_type(a.atttypid, null) as type
    from pg_class c
    join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
    where c.relnamespace = 'codered'::regnamespace and c.relkind in ('r', 'p') and not c.relispartition
      and format_type(a.atttypid, null) in ('text', 'text[]', 'json', 'jsonb', 'bytea', 'character varying', 'xml', 'name')
    order by 1, 2`);
  return rows.map((row) => ({
    table: row.table_name ?? '',
    column: row.column_name ?? '',
    type: row.type ?? '',
    isWritten: row.is_written === 't',
  }));
}

/** The columns, as `table.column`, that hold the text in some row. */
export async function columnsHolding(brain: Pick<TestBrain, 'sql'>, text: string): Promise<string[]> {
  const found: string[] = [];
  for (const { table, column } of await textColumns(brain)) {
    const rows = await brain.sql(`select 1 from codered.${table} where "${column}"::text like '%${text}%' limit 1`);
    if (rows.length > 0) found.push(`${table}.${column}`);
  }
  return found;
}
