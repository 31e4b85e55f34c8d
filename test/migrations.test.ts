// Migrations are frozen once they have landed: each is what supabase/migrations.sha256 says of it. Reads files alone.
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { readChecksums } from '../scripts/frozen-migrations.ts';

describe('supabase/migrations', () => {
  const { listed, found } = readChecksums();

  it('are what supabase/migrations.sha256 says of each (npm run schema:freeze adds a new one)', () => {
    expect(found).toEqual(listed);
  });

  it.each(Object.keys(found))('%s says in its first lines what it is for, and what becomes of old workers', (file) => {
    const [head = ''] = readFileSync(`supabase/${file}`, 'utf8').split('\n\n');
    expect(head).toMatch(/^-- \S/);
    expect(head).toMatch(/workers/i);
  });
});
