// How the tests run, in four projects: docs/testing.md says what belongs where. Real databases start slowly on small machines,
// hence the long limits and the few workers: nothing is to fail because a machine is slow.
import { globSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';
import { BaseSequencer, type TestSpecification } from 'vitest/node';
import { memoryFolder } from './test/support/memory-folder.ts';

// Read by os.tmpdir() here, in the workers and in what they start.
const folder = memoryFolder();
if (folder !== null) process.env.TMPDIR ??= folder;

/** Whole stories over sockets, told moment by moment. */
const STORIES = ['test/stories/**/*.test.ts'];
/** What needs chaos, conformance or proofs. */
const SLOW = ['test/**/*.slow.test.ts'];
/** Random runs: few in `brain` and `unit`, many in `slow`. */
const PROPERTIES = ['test/**/*.property.test.ts'];
/** Rules in SQL: the same on each backend, so that they are tried on one, and in `slow` on the other. */
const RULES = ['test/brain/**/*.test.ts'];
/** Each asks for the backends that it is about, all in `brain`. */
const OF_BACKENDS = [
  'test/brain/backends/**/*.test.ts',
  'test/brain/{contract,control,data-directory,embedded,embedded-thread,fair-queues,follow-ups,kept-statements}.test.ts',
  'test/brain/{migrate,object-store,poolers,queue-retention,server-refusals,sqlstate-status,supabase,tls-settings}.test.ts',
  'test/brain/{upgrade-while-recording,security/plans}.test.ts',
];
/** Folders whose tests open databases, sockets or processes; what stands in no list is pure. */
const ROOMS =
  'backfill,brain,cli,demo,github,http,inbox,lost-deliveries,mcp,oauth,pages,publish,queue,server,setup,sign-in,sweep,work';
const BRAIN = [
  `test/{${ROOMS}}/**/*.test.ts`,
  'test/{app,borrowed-brain,main,order.property}.test.ts',
  'test/gate/{gate,fork-gate,trust-pull-request}.property.test.ts',
  'test/report/report.test.ts',
  'test/diagnose/{diagnose,last-green}.test.ts',
  'test/operations/{call-as,walk,work}.test.ts',
  'test/verdicts/judge.test.ts',
];

/** With `--tagsFilter=slow` the files without such a test are not even read. */
const UNTAGGED = process.argv.includes('--tagsFilter=slow')
  ? globSync('test/**/*.test.ts').filter((file) => !readFileSync(file, 'utf8').includes("tags: ['slow']"))
  : [];

/** Take minutes, and would begin last, as the files are short: what is left then has nobody to share the work with. */
const LONGEST = [
  'walk.test.ts',
  'kill.slow.test.ts',
  'order.property.test.ts',
  'supabase-cli.slow.test.ts',
  'linear.slow.test.ts',
];

class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const isLong = ({ moduleId }: TestSpecification) => LONGEST.some((name) => moduleId.endsWith(`/${name}`));
    const sorted = await super.sort(files);
    return [...sorted.filter(isLong), ...sorted.filter((file) => !isLong(file))];
  }
}

/** One process for many files, one after the other: what they import, and a database, is made once. */
const together = { isolate: false };
const setupFiles = 'test/support/fixed-seed.ts';

export default defineConfig({
  test: {
    globalSetup: 'test/support/shared-postgres.ts',
    testTimeout: 300_000,
    hookTimeout: 300_000,
    maxWorkers: 3,
    sequence: { sequencer: LongestFirst },
    restoreMocks: true,
    // Processes that tests start compile what the others did once.
    env: { NODE_COMPILE_CACHE: fileURLToPath(new URL('node_modules/.cache/codered-tests', import.meta.url)) },
    tags: [{ name: 'slow', description: 'left to `npm run test:slow`; a smaller form of it stays in `npm test`' }],
    // What is waited for comes late on a busy machine.
    expect: { poll: { timeout: 120_000 } },
    projects: [
      {
        extends: true,
        test: {
          name: 'unit',
          ...together,
          setupFiles,
          include: ['test/**/*.test.ts'],
          exclude: [...STORIES, ...SLOW, ...BRAIN, ...UNTAGGED],
        },
      },
      { extends: true, test: { name: 'brain', include: BRAIN, exclude: [...SLOW, ...UNTAGGED] } },
      { extends: true, test: { name: 'stories', ...together, include: STORIES, exclude: [...SLOW, ...UNTAGGED] } },
      {
        extends: true,
        test: {
          name: 'slow',
          setupFiles,
          include: [...SLOW, ...PROPERTIES, ...RULES],
          exclude: OF_BACKENDS,
          env: { RULES_ON: 'embedded', RUNS: 'many' },
        },
      },
    ],
  },
});
