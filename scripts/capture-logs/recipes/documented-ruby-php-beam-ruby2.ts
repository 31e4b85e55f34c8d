// Failures of Ruby, PHP and BEAM tools in the words that they document.
import { type Row, toDocumented } from '../row.ts';

const rows: Row[] = [
  [
    'bundler-gem-source-wants-credentials',
    'Bundler: gem source wants credentials',
    'bundle install',
    'https://github.com/rubygems/rubygems',
    ['Fetching source index from https://gems.example.com/', 'Bad username or password for https://gems.example.com/.'],
  ],
  [
    'bundler-locked-gem-version-was-yanked',
    'Bundler: locked gem version was yanked',
    'bundle install',
    'https://github.com/rubygems/rubygems',
    [
      'Your bundle is locked to mimemagic (0.3.5), but that version could not',
      'be found in any of the sources listed in your Gemfile.',
    ],
  ],
  [
    'bundler-gem-source-did-not-answer',
    'Bundler: gem source did not answer',
    'bundle install',
    'https://github.com/rubygems/rubygems',
    [
      'Fetching gem metadata from https://gems.example.com/.',
      'Could not reach host gems.example.com. Check your network connection and try again.',
    ],
  ],
  [
    'gem-push-refused-version-exists',
    'gem push refused: version exists',
    'bundle exec rake release',
    'https://github.com/rubygems/rubygems.org',
    [
      'Pushing gem to https://gems.example.com...',
      'Repushing of gem versions is not allowed.',
      'Please bump the version number and push a new different release.',
    ],
  ],
  [
    'gem-push-refused-api-key-may-not',
    'gem push refused: API key may not',
    'gem push words-1.0.gem',
    'https://github.com/rubygems/rubygems.org',
    ['Pushing gem to https://gems.example.com...', "The API key doesn't have access"],
  ],
  [
    'rails-database-does-not-exist',
    'Rails: database does not exist',
    'bin/rails db:schema:load',
    'https://github.com/rails/rails',
    [
      'rails aborted!',
      'ActiveRecord::NoDatabaseError: There is an issue connecting to your database: shop_test does not exist',
    ],
  ],
  [
    'rails-database-server-not-reached',
    'Rails: database server not reached',
    'bin/rails db:create',
    'https://github.com/rails/rails',
    [
      "Couldn't create 'shop_test' database. Please check your configuration.",
      'bin/rails aborted!',
      'ActiveRecord::DatabaseConnectionError: There is an issue connecting to your database with your username/password, username: shop.',
    ],
  ],
  [
    'phpunit-xdebug-without-its-coverage-mode',
    'PHPUnit: Xdebug without its coverage mode',
    'vendor/bin/pest --coverage',
    'https://github.com/sebastianbergmann/phpunit',
    [
      'There was 1 PHPUnit test runner warning:',
      '',
      '1) XDEBUG_MODE=coverage (environment variable) or xdebug.mode=coverage (PHP configuration setting) has to be set',
    ],
  ],
  [
    'phpunit-no-coverage-driver',
    'PHPUnit: no coverage driver',
    'vendor/bin/pest --coverage',
    'https://github.com/pestphp/pest',
    ['  ERROR  No code coverage driver is available.'],
  ],
  [
    'composer-php-version-does-not-fit',
    'Composer: PHP version does not fit',
    'php artisan test',
    'https://github.com/composer/composer',
    [
      'PHP Fatal error:  Uncaught RuntimeException: Composer detected issues in your platform: Your Composer dependencies require a PHP version ">= 8.2.0". You are running 8.1.2. in /home/runner/app/vendor/composer/platform_check.php:24',
    ],
  ],
  [
    'php-database-server-not-reached',
    'PHP: database server not reached',
    'php artisan migrate',
    'https://github.com/php/php-src',
    [
      '  Illuminate\\Database\\QueryException ',
      '',
      '  SQLSTATE[08006] [7] connection to server at "127.0.0.1", port 5432 failed: Connection refused (Connection: pgsql, SQL: select exists)',
    ],
  ],
  [
    'php-database-login-refused',
    'PHP: database login refused',
    'bin/console doctrine:migrations:migrate',
    'https://github.com/php/php-src',
    [
      'In ExceptionConverter.php line 101:',
      '',
      "  An exception occurred in the driver: SQLSTATE[HY000] [1049] Unknown database 'shop_test'",
    ],
  ],
  [
    'php-table-or-column-missing',
    'PHP: table or column missing',
    'php artisan test',
    'https://github.com/laravel/framework',
    [
      "  SQLSTATE[42S02]: Base table or view not found: 1146 Table 'shop.carts' doesn't exist (Connection: mysql, SQL: select * from `carts`)",
    ],
  ],
  [
    'symfony-environment-variable-missing',
    'Symfony: environment variable missing',
    'bin/console cache:warmup',
    'https://github.com/symfony/symfony',
    ['In EnvVarProcessor.php line 221:', '', '  Environment variable not found: "MAILER_DSN".'],
  ],
  [
    'symfony-container-or-configuration-not-valid',
    'Symfony: container or configuration not valid',
    'bin/console cache:clear',
    'https://github.com/symfony/symfony',
    [
      'In DefinitionErrorExceptionPass.php line 51:',
      '  Cannot autowire service "App\\Price": argument "$rate" of method "__construct()" references interface "App\\Rate" but no such service exists.',
    ],
  ],
  [
    'hex-package-missing',
    'Hex: package missing',
    'mix deps.get',
    'https://github.com/hexpm/hex',
    ['** (Mix) Could not find an SCM for dependency :words from Shop.MixProject'],
  ],
  [
    'hex-did-not-answer',
    'Hex did not answer',
    'mix local.hex --force',
    'https://github.com/elixir-lang/elixir',
    [
      "** (Mix) httpc request failed with: {:failed_connect, [{:to_address, {'hex.example.com', 443}}, {:inet, [:inet], :timeout}]}",
      'Could not install Hex because Mix could not download metadata at https://hex.example.com/installs/hex-1.x.csv.',
    ],
  ],
  [
    'hex-organization-not-authenticated',
    'Hex organization not authenticated',
    'mix deps.get',
    'https://github.com/hexpm/hex',
    [
      'Resolving Hex dependencies...',
      '** (Mix) No authenticated organization found for octo. Run `mix hex.organization auth octo`',
    ],
  ],
];

export const documented = rows.map(toDocumented);
