// Gives each property of the pure tests the seed of the run. vitest.config.ts runs it before their files.
import fc from 'fast-check';
import { SEED } from './runs.ts';

fc.configureGlobal({ seed: SEED });
