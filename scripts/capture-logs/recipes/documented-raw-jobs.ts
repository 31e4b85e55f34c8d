// Failures of whole jobs that cannot be run here, in the words that the tool or GitHub documents. Read by ../run.ts.
import type { Documented } from '../recipe.ts';

const lines = (...text: string[]): string => `${text.join('\n')}\n`;

export const documented: Documented[] = [
  {
    name: 'step-summary-too-large',
    pattern: 'Step summary too large',
    source: 'https://github.com/actions/runner/blob/main/src/Runner.Worker/FileCommandManager.cs',
    job: 'report',
    step: { run: 'cat report.md >> $GITHUB_STEP_SUMMARY' },
    output: lines(
      '##[error]$GITHUB_STEP_SUMMARY upload aborted, supports content up to a size of 1024k, got 2210k. For more information see: https://docs.github.com/actions/using-workflows/workflow-commands-for-github-actions#adding-a-markdown-summary',
    ),
    exit: null,
  },
  {
    name: 'unity-packages-not-resolved',
    pattern: 'Unity: packages not resolved',
    source: 'https://docs.unity3d.com/Manual/upm-errors.html',
    job: 'test',
    step: { run: 'unity-editor -batchmode -quit -projectPath .' },
    output: lines(
      '[Package Manager] Done resolving packages in 1.02 seconds',
      'An error occurred while resolving packages:',
      '  Project has invalid dependencies:',
      '    com.example.tools: Package [com.example.tools@3.1.0] cannot be found',
      '',
      'A re-import of the project may be required to fix the issue or a manual modification of the manifest.',
    ),
    exit: 1,
  },
  {
    name: 'prisma-migrate-dev-non-interactive',
    pattern: 'Prisma migrate dev needs a terminal',
    source: 'https://www.prisma.io/docs/orm/prisma-migrate/workflows/development-and-production',
    job: 'migrate',
    step: { run: 'npx prisma migrate dev' },
    output: lines(
      'Prisma schema loaded from prisma/schema.prisma',
      'Datasource "db": PostgreSQL database "app", schema "public" at "db.example.com:5432"',
      '',
      'Error: Prisma Migrate has detected that the environment is non-interactive, which is not supported.',
      '',
      '`prisma migrate dev` is an interactive command designed to create new migrations and evolve the database in development.',
      'To apply existing migrations in deployments, use prisma migrate deploy.',
    ),
    exit: 1,
  },
  {
    name: 'prisma-drift',
    pattern: 'Prisma: database does not fit the migrations',
    source: 'https://www.prisma.io/docs/orm/prisma-migrate/workflows/troubleshooting',
    job: 'migrate',
    step: { run: 'npx prisma migrate dev --name next' },
    output: lines(
      'Prisma schema loaded from prisma/schema.prisma',
      'Drift detected: Your database schema is not in sync with your migration history.',
      '',
      '[+] Added tables',
      '  - Invoice',
      '',
      'You may use prisma migrate reset to drop the development database.',
    ),
    exit: 130,
  },
  {
    name: 'unittest-summary-alone',
    pattern: 'unittest summary',
    source: 'https://docs.python.org/3/library/unittest.html',
    job: 'test',
    step: { run: './run-tests.sh' },
    output: lines('......F..', 'Ran 9 tests in 0.412s', '', 'FAILED (failures=1)'),
    exit: 1,
  },
];
