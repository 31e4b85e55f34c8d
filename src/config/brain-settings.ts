// The settings that say where the brain is.
import { z } from 'zod';
import type { BrainSettings } from '../brain/client.ts';
import type { ObjectSettings } from '../brain/objects/object-store.ts';

/** The schema of each setting. */
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
    .describe(
      'a connection string, postgresql://user:password@host:5432/database, with @ : / ? # % of the password percent-encoded',
    ),
  DATABASE_URL_PEOPLE: z
    .url({ protocol: /^postgres(?:ql)?$/ })
    .optional()
    .describe(
      "a connection string to the same database with the login of people's calls, a member of authenticated alone, or unset for one of its own making",
    ),
  CODERED_DATA_DIR: z.string().default('.codered/data').describe('a directory'),
  CODERED_OBJECTS_DIR: z
    .string()
    .optional()
    .describe('a directory for documents that are too large for a row, or unset'),
  CODERED_S3_ENDPOINT: z
    .url({ protocol: /^https?$/ })
    .refine((url) => !/[?#]/.test(url), 'has a query')
    .transform((url) => url.replace(/\/+$/, ''))
    .optional()
    .describe('the URL of an S3-compatible service, without the bucket: https://s3.eu-central-1.amazonaws.com'),
  CODERED_S3_BUCKET: z
    .string()
    .regex(/^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/)
    .optional()
    .describe('the name of a bucket'),
  CODERED_S3_REGION: z
    .string()
    .regex(/^[a-z0-9-]{1,40}$/)
    .default('us-east-1')
    .describe('the region of the bucket, as eu-central-1'),
  CODERED_S3_ACCESS_KEY_ID: z.string().optional().describe('the id of an access key for the bucket'),
  CODERED_S3_SECRET_ACCESS_KEY: z.string().optional().describe('the secret of that access key'),
} as const;

/** Either all of these are set or none. */
const S3_SETTINGS = [
  'CODERED_S3_ENDPOINT',
  'CODERED_S3_BUCKET',
  'CODERED_S3_ACCESS_KEY_ID',
  'CODERED_S3_SECRET_ACCESS_KEY',
] as const;

const fields = z.object(brainFields);

/** Turns settings that passed `brainFields` and `backendProblems` into where the brain is. */
export function brainSettings(found: z.output<typeof fields>): BrainSettings {
  const { SUPABASE_URL: supabase, SUPABASE_SERVICE_ROLE_KEY: serviceRoleKey, DATABASE_URL: postgres } = found;
  const { DATABASE_URL_PEOPLE: people } = found;
  if (supabase !== undefined && serviceRoleKey !== undefined)
    return { kind: 'supabase', url: supabase, serviceRoleKey };
  const named = objectSettings(found);
  const objects = named === null ? {} : { objects: named };
  if (postgres !== undefined) {
    return { kind: 'postgres', url: postgres, ...(people === undefined ? {} : { peopleUrl: people }), ...objects };
  }
  return { kind: 'embedded', directory: found.CODERED_DATA_DIR, ...objects };
}

function objectSettings(found: z.output<typeof fields>): ObjectSettings | null {
  const { CODERED_S3_ENDPOINT: endpoint, CODERED_S3_BUCKET: bucket, CODERED_S3_REGION: region } = found;
  const { CODERED_S3_ACCESS_KEY_ID: accessKeyId, CODERED_S3_SECRET_ACCESS_KEY: secretAccessKey } = found;
  if (endpoint !== undefined && bucket !== undefined && accessKeyId !== undefined && secretAccessKey !== undefined)
    return { kind: 's3', endpoint, bucket, region, accessKeyId, secretAccessKey };
  return found.CODERED_OBJECTS_DIR === undefined ? null : { kind: 'directory', directory: found.CODERED_OBJECTS_DIR };
}

/** Problems of settings that contradict or need each other, one line for each; empty when there is none. */
export function backendProblems(given: Readonly<Record<string, string | undefined>>): string[] {
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
  return [...problems, ...peopleProblems(given), ...objectProblems(given)];
}

function peopleProblems({
  DATABASE_URL: url,
  DATABASE_URL_PEOPLE: people,
}: Readonly<Record<string, string | undefined>>): string[] {
  if (people === undefined) return [];
  if (url === undefined) return ['DATABASE_URL is missing; DATABASE_URL_PEOPLE is set and needs it beside it'];
  const [user, same] = [URL.parse(people)?.username, URL.parse(url)?.username];
  if (user === undefined || user !== same) return [];
  return [
    "DATABASE_URL_PEOPLE names the user of DATABASE_URL; it should be another, who is a member of authenticated alone, so that people's calls can do no more than people may",
  ];
}

function objectProblems(given: Readonly<Record<string, string | undefined>>): string[] {
  const { SUPABASE_URL: url, CODERED_OBJECTS_DIR: directory } = given;
  const s3 = Object.keys(brainFields).filter((name) => name.startsWith('CODERED_S3_') && given[name] !== undefined);
  const missing = s3.length === 0 ? [] : S3_SETTINGS.filter((name) => given[name] === undefined);
  const problems = missing.map((name) => `${name} is missing; ${s3[0]} is set and needs it beside it`);
  if (directory !== undefined && s3.length > 0) {
    problems.push(`CODERED_OBJECTS_DIR and ${s3[0]} are both set; remove the one where documents are not to lie`);
  }
  const unused = directory === undefined ? s3[0] : 'CODERED_OBJECTS_DIR';
  if (url !== undefined && unused !== undefined) {
    problems.push(`${unused} is set, and with SUPABASE_URL documents lie in the project's private bucket; remove it`);
  }
  return problems;
}
