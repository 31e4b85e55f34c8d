// Every regular expression of V8 in src/. A new one belongs in one of the parts: as it stands in the source, with what it reads.
import { DIAGNOSE } from './expressions-diagnose.ts';
import { EVIDENCE } from './expressions-evidence.ts';
import { INSIDE } from './expressions-inside.ts';
import { REQUESTS } from './expressions-requests.ts';
import { SECRETS } from './expressions-secrets.ts';
import { STEPS } from './expressions-steps.ts';
import type { Listed } from './listed.ts';

export const EXPRESSIONS: readonly Listed[] = [...DIAGNOSE, ...SECRETS, ...EVIDENCE, ...STEPS, ...REQUESTS, ...INSIDE];
