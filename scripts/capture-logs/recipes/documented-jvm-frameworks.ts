// Failures of JVM tools in the words that they document.
import { type Row, toDocumented } from '../row.ts';

const rows: Row[] = [
  [
    'spring-a-bean-is-missing-or-not-unique',
    'Spring: a bean is missing or not unique',
    'java -jar app.jar',
    'https://github.com/spring-projects/spring-boot',
    [
      '***************************',
      'APPLICATION FAILED TO START',
      '***************************',
      '',
      'Description:',
      '',
      'Field clock in com.acme.PriceService required a single bean, but 2 were found:',
    ],
  ],
  [
    'spring-no-database-configured',
    'Spring: no database configured',
    './gradlew bootRun',
    'https://github.com/spring-projects/spring-boot',
    ['Description:', '', 'Failed to bind properties', 'Reason: Failed to determine a suitable driver class'],
  ],
  [
    'spring-a-property-has-no-value',
    'Spring: a property has no value',
    'mvn -B test',
    'https://github.com/spring-projects/spring-framework',
    [
      'Caused by: org.springframework.util.PlaceholderResolutionException: Could not resolve placeholder \'mail.token\' in value "$\u007bmail.token}" <-- "$\u007bmail.token}"',
    ],
  ],
  [
    'spring-beans-form-a-cycle',
    'Spring: beans form a cycle',
    'mvn -B test',
    'https://github.com/spring-projects/spring-framework',
    [
      "Caused by: org.springframework.beans.factory.BeanCurrentlyInCreationException: Error creating bean with name 'cart': Requested bean is currently in creation: Is there an unresolvable circular reference?",
    ],
  ],
  [
    'spring-context-did-not-start',
    'Spring context did not start',
    'java -jar app.jar',
    'https://github.com/spring-projects/spring-boot',
    [
      '2026-02-02T06:12:11.014Z ERROR 812 --- [main] o.s.boot.SpringApplication               : Application run failed',
      'APPLICATION FAILED TO START',
    ],
  ],
  [
    'testcontainers-no-docker-here',
    'Testcontainers: no Docker here',
    'mvn -B verify',
    'https://github.com/testcontainers/testcontainers-java',
    [
      'ERROR org.testcontainers.dockerclient.DockerClientProviderStrategy - Could not find a valid Docker environment. Please check configuration. Attempted configurations were:',
      '\tUnixSocketClientProviderStrategy: failed with exception InvalidConfigurationException (Could not find unix domain socket).',
    ],
  ],
  [
    'testcontainers-container-did-not-start',
    'Testcontainers: container did not start',
    './gradlew test',
    'https://github.com/testcontainers/testcontainers-java',
    [
      'org.testcontainers.containers.ContainerLaunchException: Timed out waiting for container port to open (localhost ports: [32768] should be listening)',
    ],
  ],
  [
    'flyway-migrations-do-not-validate',
    'Flyway: migrations do not validate',
    'flyway validate',
    'https://github.com/flyway/flyway',
    [
      'ERROR: Validate failed: Migrations have failed validation',
      'Detected applied migration not resolved locally: 7.',
    ],
  ],
  [
    'flyway-a-migration-failed',
    'Flyway: a migration failed',
    'flyway migrate',
    'https://github.com/flyway/flyway',
    [
      'ERROR: Migration of schema "public" to version "5 - carts" failed! Changes successfully rolled back.',
      'Script V5__carts.sql failed',
      'SQL State  : 42P07',
    ],
  ],
  [
    'liquibase-a-change-set-failed',
    'Liquibase: a change set failed',
    'liquibase update',
    'https://github.com/liquibase/liquibase',
    [
      'liquibase.exception.MigrationFailedException: Migration failed for change set db/carts.yml::2::team:',
      "     Reason: liquibase.exception.DatabaseException: Table 'carts' already exists",
    ],
  ],
  [
    'liquibase-waits-for-its-lock',
    'Liquibase waits for its lock',
    'liquibase update',
    'https://github.com/liquibase/liquibase',
    [
      'Waiting for changelog lock....',
      'Unexpected error running Liquibase: Could not acquire change log lock.  Currently locked by ci (10.0.0.9) since 2/2/26, 6:12 AM',
    ],
  ],
  [
    'hibernate-schema-differs-from-the-entities',
    'Hibernate: schema differs from the entities',
    'mvn -B verify',
    'https://github.com/hibernate/hibernate-orm',
    [
      'Caused by: org.hibernate.tool.schema.spi.SchemaManagementException: Schema-validation: missing column [price] in table [cart_item]',
    ],
  ],
  [
    'jdbc-database-not-reachable',
    'JDBC: database not reachable',
    'mvn -B flyway:migrate',
    'https://github.com/pgjdbc/pgjdbc',
    [
      'org.postgresql.util.PSQLException: Connection to localhost:5432 refused. Check that the hostname and port are correct and that the postmaster is accepting TCP/IP connections.',
    ],
  ],
  [
    'graalvm-native-image-not-built',
    'GraalVM native image not built',
    './mvnw -Pnative native:compile',
    'https://github.com/oracle/graal',
    [
      '[2/8] Performing analysis...  [******]',
      'Error: No instances of java.util.Random are allowed in the image heap for a class that is initialized at build time',
    ],
  ],
  [
    'graalvm-image-build-failed',
    'GraalVM image build failed',
    'native-image -jar app.jar',
    'https://github.com/oracle/graal',
    ["Error: Image build request for 'app' (pid: 812, path: /home/runner/app) failed with exit status 20"],
  ],
  [
    'browser-and-its-driver-do-not-fit',
    'Browser and its driver do not fit',
    'mvn -B verify',
    'https://www.selenium.dev/documentation/webdriver/troubleshooting/errors/',
    [
      'org.openqa.selenium.SessionNotCreatedException: Could not start a new session. Response code 500. Message: session not created: This version of Microsoft Edge WebDriver only supports Microsoft Edge version 120',
    ],
  ],
  [
    'browser-or-its-driver-not-installed',
    'Browser or its driver not installed',
    'mvn -B verify',
    'https://github.com/SeleniumHQ/selenium',
    [
      'org.openqa.selenium.remote.NoSuchDriverException: Unable to obtain: Capabilities {browserName: firefox}, error Unable to obtain driver for firefox',
    ],
  ],
  [
    'chrome-did-not-start-under-its-driver',
    'Chrome did not start under its driver',
    'python -m pytest e2e',
    'https://github.com/SeleniumHQ/selenium',
    [
      'E   selenium.common.exceptions.SessionNotCreatedException: Message: session not created: Chrome failed to start: exited normally.',
    ],
  ],
  [
    'sonarqube-quality-gate-failed',
    'SonarQube quality gate failed',
    'quality-gate',
    'https://github.com/SonarSource/sonarqube-quality-gate-action',
    [
      '✖ Quality Gate has FAILED.',
      'Detailed information can be found at: https://sonar.example.com/dashboard?id=acme_shop',
    ],
  ],
  [
    'sonarqube-needs-a-newer-java',
    'SonarQube needs a newer Java',
    'mvn -B sonar:sonar',
    'https://docs.sonarsource.com/sonarqube-server/latest/',
    [
      '[ERROR] Failed to execute goal org.sonarsource.scanner.maven:sonar-maven-plugin:3.9.1:sonar (default-cli) on project shop: The version of Java (11.0.21) used to run this analysis is deprecated and we stopped accepting it. Please update to at least Java 17.',
    ],
  ],
  [
    'sonarcloud-also-analyzes-automatically',
    'SonarCloud also analyzes automatically',
    'mvn -B sonar:sonar',
    'https://docs.sonarsource.com/sonarqube-cloud/',
    [
      '[ERROR] Failed to execute goal org.sonarsource.scanner.maven:sonar-maven-plugin:4.0.0:sonar (default-cli) on project shop: You are running manual analysis while Automatic Analysis is enabled. Please consider disabling one or the other.',
    ],
  ],
  [
    'snyk-has-no-token',
    'Snyk has no token',
    'snyk test',
    'https://github.com/snyk/cli',
    [
      ' ERROR   Authentication error (SNYK-0005)',
      '           Authentication credentials not recognized, or user access is not provisioned.',
    ],
  ],
  [
    'snyk-found-no-project-it-can-test',
    'Snyk found no project it can test',
    'snyk test',
    'https://github.com/snyk/cli',
    [
      "Missing node_modules folder: we can't test without dependencies.",
      'Could not detect supported target files in /github/workspace.',
    ],
  ],
  [
    'owasp-dependency-check-found-vulnerable-dependencies',
    'OWASP dependency-check found vulnerable dependencies',
    './gradlew dependencyCheckAnalyze',
    'https://github.com/dependency-check/DependencyCheck',
    [
      'Dependency-Check Failure:',
      "One or more dependencies were identified with known vulnerabilities that have a CVSS score greater than or equal to '8.0':",
    ],
  ],
  [
    'owasp-dependency-check-could-not-get-the-nvd-data',
    'OWASP dependency-check could not get the NVD data',
    'mvn -B dependency-check:check',
    'https://github.com/dependency-check/DependencyCheck',
    [
      '[ERROR] Error updating the NVD Data',
      'io.github.jeremylong.openvulnerability.client.nvd.NvdApiException: NVD Returned Status Code: 429',
    ],
  ],
  [
    'codeql-autobuild-failed',
    'CodeQL autobuild failed',
    'codeql-autobuild',
    'https://docs.github.com/en/code-security/code-scanning/troubleshooting-code-scanning/automatic-build-failed',
    ['[2026-02-02 06:12:11] [build-stderr] Could not auto-detect a suitable build method'],
  ],
  [
    'dependabot-could-not-update',
    'Dependabot could not update',
    'dependabot',
    'https://docs.github.com/en/code-security/dependabot/troubleshooting-dependabot/dependabot-errors',
    [
      'updater | +--------------------------------+',
      'updater | |        Dependencies failed to update           |',
      'updater | | private_source_authentication_failure | {                             |',
      "Failure running container: Error: Dependabot encountered '2' error(s) during execution",
    ],
  ],
  [
    'renovate-configuration-not-valid',
    'Renovate configuration not valid',
    'renovate',
    'https://github.com/renovatebot/renovate',
    [
      ' INFO: Repository has invalid config (repository=octo-org/app)',
      '       "error": {"validationSource": "renovate.json"}',
    ],
  ],
  [
    'renovate-token-refused',
    'Renovate token refused',
    'renovate',
    'https://github.com/renovatebot/renovate',
    ['ERROR: Authentication failure', '       "err": {"message": "Init: Authentication failure"}'],
  ],
];

export const documented = rows.map(toDocumented);
