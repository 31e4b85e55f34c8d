// The settings that say where the brain is. Only config.ts parses with it.
import { z } from 'zod';
import type { BrainSettings } from './brain/client.ts';

export const brainFields = {
  SUPABASE_URL: z
    .url({ protocol: /^https?$/ })
    .transform((url) => url.replace(/\/+$/, ''))
    .optional()
    .describe('the URL of the Supabase project, https://<project>.supabase.co'),
  SUPABASE_SERVICE_ROLE_KEY: z.string().optional().describe('the service_role key of the Supabase project'),
  DATABASE_URL: z
    .url({ protocol: /^postgres(?:ql)?$/ })
    .optional()
    .describe('a connection string, postgresql://user:password@host:5432/database'),
  CODERED_DATA_DIR: z.string().default('.codered/data').describe('a directory'),
} as const;

const fields = z.object(brainFields);

/** Of settings that `brainFields` let pass. */
export function brainSettings(found: z.output<typeof fields>): BrainSettings {
  const { SUPABASE_URL: supabase, SUPABASE_SERVICE_ROLE_KEY: serviceRoleKey, DATABASE_URL: postgres } = found;
  if (supabase !== undefined && serviceRoleKey !== undefined)
    return { kind: 'supabase', url: supabase, serviceRoleKey };
  if (postgres !== undefined) return { kind: 'postgres', url: postgres };
  return { kind: 'embedded', directory: found.CODERED_DATA_DIR };
}

/** What is wrong with what is set and what is not. */
export function homeProblems(given: Readonly<Record<string, string | undefined>>): string[] {
  const { SUPABASE_URL: url, SUPABASE_SERVICE_ROLE_KEY: key, DATABASE_URL: postgres } = given;
  const problems: string[] = [];
  if (url !== undefined && key === undefined) {
    problems.push('SUPABASE_SERVICE_ROLE_KEY is missing; SUPABASE_URL is set and needs it beside it');
  }
  if (url === undefined && key !== undefined) {
    problems.push('SUPABASE_URL is missing; SUPABASE_SERVICE_ROLE_KEY is set and needs it beside it');
  }
  if (url !== undefined && postgres !== undefined) {
    problems.push('SUPABASE_URL and DATABASE_URL are both set; remove the one where the brain is not');
  }
  return problems;
}
