// Failures of Ruby, PHP and BEAM tools in the words that they document.
import { type Row, toDocumented } from '../row.ts';

const rows: Row[] = [
  [
    'simplecov-coverage-below-the-minimum',
    'SimpleCov: coverage below the minimum',
    'bundle exec rspec',
    'https://github.com/simplecov-ruby/simplecov',
    [
      '12 examples, 0 failures',
      '',
      'Branch coverage (61.00%) is below the expected minimum coverage (70.00%).',
      'SimpleCov failed with exit 2',
    ],
  ],
  [
    'browser-did-not-start-for-ruby-tests',
    'Browser did not start for Ruby tests',
    'bundle exec rspec',
    'https://github.com/rubycdp/ferrum',
    [
      '     Ferrum::BinaryNotFoundError:',
      '       Could not find an executable for chrome. Try to make it available on the PATH',
    ],
  ],
  [
    'strong-migrations-dangerous-migration',
    'strong_migrations: dangerous migration',
    'bin/rails db:migrate',
    'https://github.com/ankane/strong_migrations',
    [
      'StandardError: An error has occurred, this and all later migrations canceled: (StandardError)',
      '=== Dangerous operation detected #strong_migrations ===',
      'Adding an index non-concurrently blocks writes. Instead, use:',
    ],
  ],
  [
    'steep-or-rbs-type-error',
    'Steep or RBS type error',
    'bundle exec steep check',
    'https://github.com/soutaro/steep',
    ['# Type checking files:', '...F...', 'Detected 2 problems from 1 file'],
  ],
  [
    'erb-haml-or-slim-lint',
    'ERB, Haml or Slim lint',
    'bundle exec erb_lint --lint-all',
    'https://github.com/Shopify/erb_lint',
    [
      'Linting 24 files with 12 linters...',
      'Extra space detected where there should be no space.',
      '1 error(s) were found in ERB files',
    ],
  ],
  [
    'composer-audit-vulnerable-packages',
    'Composer audit: vulnerable packages',
    'composer audit',
    'https://github.com/composer/composer',
    [
      'Found 1 security vulnerability advisory affecting 1 package:',
      '+-------------------+------------------------------------------+',
    ],
  ],
  [
    'php-lint-syntax-errors-found',
    'PHP lint: syntax errors found',
    'vendor/bin/parallel-lint src',
    'https://github.com/php-parallel-lint/PHP-Parallel-Lint',
    [
      'Checked 41 files in 0.3 seconds',
      'Syntax error found in 1 file',
      '------------------------------------------------------------',
    ],
  ],
  [
    'composer-dependencies-used-but-not-declared',
    'Composer dependencies used but not declared',
    'vendor/bin/composer-unused',
    'https://github.com/composer-unused/composer-unused',
    ['Results', 'Found 12 used, 2 unused, 0 ignored and 0 zombie packages'],
  ],
  [
    'doctrine-schema-or-mapping-not-in-sync',
    'Doctrine: schema or mapping not in sync',
    'bin/console doctrine:schema:validate',
    'https://github.com/doctrine/orm',
    [
      ' [FAIL] The entity-class App\\Entity\\Price mapping is invalid:',
      ' * The association App\\Entity\\Price#cart refers to the inverse side field',
    ],
  ],
  [
    'excoveralls-coverage-below-the-minimum',
    'ExCoveralls: coverage below the minimum',
    'mix coveralls',
    'https://github.com/parroty/excoveralls',
    ['[TOTAL]  66.6%', '----------------', 'FAILED: Expected minimum coverage of 90%, got 66.6%.'],
  ],
  [
    'ecto-database-not-reached',
    'Ecto: database not reached',
    'mix ecto.create',
    'https://github.com/elixir-ecto/ecto_sql',
    [
      '06:12:11.204 [error] Postgrex.Protocol (#PID<0.212.0>) failed to connect',
      "** (Mix) The database for Shop.Repo couldn't be created: killed",
    ],
  ],
  [
    'elixir-dependency-retired-or-vulnerable',
    'Elixir: dependency retired or vulnerable',
    'mix hex.audit',
    'https://github.com/hexpm/hex',
    ['Dependency  Version  Retirement reason', 'words       1.0.0    (security) use 1.0.1', 'Found retired packages'],
  ],
];

export const documented = rows.map(toDocumented);
