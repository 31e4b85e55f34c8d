// Failures of JVM tools in the words that they document.
import { type Row, toDocumented } from '../row.ts';

const rows: Row[] = [
  [
    'maven-project-file-invalid',
    'Maven project file invalid',
    'mvn -B verify',
    'https://github.com/apache/maven',
    [
      '[INFO] Scanning for projects...',
      '[ERROR] [ERROR] Some problems were encountered while processing the POMs:',
      "[ERROR] 'packaging' with value 'jar' is invalid. Aggregator projects require 'pom' as packaging. @ line 9, column 14",
      '[ERROR] ',
      '[ERROR] To see the full stack trace of the errors, re-run Maven with the -e switch.',
      '[ERROR] Re-run Maven using the -X switch to enable full debug logging.',
    ],
  ],
  [
    'gradle-build-script-threw',
    'Gradle build failed',
    './gradlew build',
    'https://github.com/gradle/gradle',
    [
      '',
      'FAILURE: Build failed with an exception.',
      '',
      '* What went wrong:',
      'The clock of this build is wrong',
      '',
      '* Try:',
      '> Run with --stacktrace option to get the stack trace.',
      '> Run with --info or --debug option to get more log output.',
      '',
      'BUILD FAILED in 12s',
    ],
  ],
];

export const documented = rows.map(toDocumented);
