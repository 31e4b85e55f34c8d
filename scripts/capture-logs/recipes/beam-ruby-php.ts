// Elixir, Erlang, Ruby and PHP really failing. Read by ../run.ts.
import type { Captured } from '../recipe.ts';

const mixExs =
  'defmodule Shop.MixProject do\n  use Mix.Project\n\n  def project do\n    [app: :shop, version: "0.1.0", elixir: "~> 1.12", deps: []]\n  end\nend\n';
const mix = { needs: ['mix', 'elixir'], job: 'test' };
const env = { MIX_ENV: 'test', LANG: 'C.UTF-8' };
const price = 'defmodule Shop.Price do\n  def total(a, b), do: a + b\nend\n';
const exTest =
  'ExUnit.start()\n\ndefmodule Shop.PriceTest do\n  use ExUnit.Case\n\n  test "totals two prices" do\n    assert Shop.Price.total(1, 2) == 4\n  end\nend\n';
const ruby = { needs: ['ruby', 'bundle'], job: 'test' };
const php = { needs: ['php'], job: 'test' };
const composer = { needs: ['composer'], job: 'build' };
const install = 'composer install --no-interaction --no-progress';
const noRegistry = '"repositories": [{ "packagist.org": false }]';
const local =
  '"repositories": [{ "packagist.org": false }, { "type": "path", "url": "words", "options": { "symlink": false } }]';

export const captured: Captured[] = [
  {
    ...mix,
    name: 'mix-compile-error',
    pattern: 'Elixir: name not defined',
    files: { 'mix.exs': mixExs, 'lib/price.ex': price.replace('a + b', 'a + c') },
    steps: [{ run: 'mix compile', env }],
  },
  {
    ...mix,
    name: 'mix-syntax-error',
    pattern: 'Elixir compile error',
    files: { 'mix.exs': mixExs, 'lib/price.ex': price.replace('\nend', '') },
    steps: [{ run: 'mix compile', env }],
  },
  {
    ...mix,
    name: 'mix-test-failure',
    pattern: 'ExUnit test failed',
    files: { 'mix.exs': mixExs, 'lib/price.ex': price, 'test/test_helper.exs': '', 'test/price_test.exs': exTest },
    steps: [{ run: 'mix test', env }],
  },
  {
    ...mix,
    name: 'mix-warnings-as-errors',
    pattern: 'Elixir warnings are errors here',
    files: { 'mix.exs': mixExs, 'lib/price.ex': price.replace('a + b', 'a') },
    steps: [{ run: 'mix compile --warnings-as-errors', env }],
  },
  {
    ...mix,
    name: 'mix-format-check',
    pattern: 'Elixir: files not formatted',
    files: { 'mix.exs': mixExs, 'lib/price.ex': price.replace('a + b', 'a+b') },
    steps: [{ run: 'mix format --check-formatted mix.exs lib/price.ex', env }],
  },
  {
    ...mix,
    name: 'mix-deps-not-fetched',
    pattern: 'Elixir: dependencies not fetched or not in step',
    files: {
      'mix.exs': mixExs.replace('deps: []', 'deps: [{:words, git: "https://github.com/octo-org/words.git"}]'),
      'lib/price.ex': price,
    },
    steps: [{ run: 'mix test', env }],
  },
  {
    ...mix,
    name: 'mix-elixir-too-old',
    pattern: 'Elixir or OTP version does not fit',
    files: { 'mix.exs': mixExs.replace('~> 1.12', '~> 1.17'), 'lib/price.ex': price },
    steps: [{ run: 'mix compile', env }],
  },
  {
    ...mix,
    name: 'mix-task-missing',
    pattern: 'Elixir: Mix task not found',
    files: { 'mix.exs': mixExs },
    steps: [{ run: 'mix credo --strict', env }],
  },
  {
    ...mix,
    name: 'elixir-exception',
    pattern: 'Elixir program ended with an exception',
    files: { 'report.exs': 'String.to_integer("ten")\n' },
    steps: [{ run: 'elixir report.exs', env }],
  },
  {
    ...mix,
    name: 'passing/mix-test',
    pattern: null,
    files: {
      'mix.exs': mixExs,
      'lib/price.ex': `${price}\ndefmodule Shop.Old do\n  require Logger\n  def log(x), do: Logger.error("** (RuntimeError) no rate: error #1")\nend\n`,
      'test/test_helper.exs': '',
      'test/price_test.exs': exTest
        .replace('== 4', '== 3')
        .replace(
          '  test',
          '  test "raises an error" do\n    IO.puts("1) failure: expected error, 0 failed")\n    assert_raise ArithmeticError, fn -> Shop.Price.total(1, nil) end\n  end\n\n  test',
        ),
    },
    steps: [{ run: 'mix test --trace', env }],
  },
  {
    needs: ['rebar3'],
    job: 'test',
    name: 'rebar3-compile-error',
    pattern: 'Erlang compile error',
    files: {
      'rebar.config': '{erl_opts, [debug_info]}.\n{deps, []}.\n',
      'src/shop.app.src':
        '{application, shop, [{vsn, "0.1.0"}, {modules, []}, {registered, []}, {applications, [kernel, stdlib]}]}.\n',
      'src/price.erl': '-module(price).\n-export([total/2]).\ntotal(A, B) -> A + C.\n',
    },
    steps: [{ run: 'rebar3 compile', env: { LANG: 'C.UTF-8' } }],
  },
  {
    needs: ['rebar3'],
    job: 'test',
    name: 'rebar3-eunit-failure',
    pattern: 'Erlang test failed',
    files: {
      'rebar.config': '{erl_opts, [debug_info]}.\n{deps, []}.\n',
      'src/shop.app.src':
        '{application, shop, [{vsn, "0.1.0"}, {modules, []}, {registered, []}, {applications, [kernel, stdlib]}]}.\n',
      'src/price.erl':
        '-module(price).\n-export([total/2]).\n-include_lib("eunit/include/eunit.hrl").\ntotal(A, B) -> A + B.\n\ntotal_test() -> ?assertEqual(4, total(1, 2)).\nzero_test() -> ?assertEqual(0, total(0, 0)).\n',
    },
    steps: [{ run: 'rebar3 eunit', env: { LANG: 'C.UTF-8' } }],
  },
  {
    needs: ['erlc'],
    job: 'build',
    name: 'erlc-syntax-error',
    pattern: 'Erlang compile error',
    files: { 'price.erl': '-module(price).\n-export([total/2]).\ntotal(A, B) -> A + .\n' },
    steps: [{ run: 'erlc price.erl' }],
  },
  {
    ...ruby,
    name: 'bundler-other-platform',
    pattern: 'Bundler: lock file is for another platform',
    files: {
      Gemfile: "source 'https://gems.example.com'\ngem 'rake'\n",
      'Gemfile.lock':
        'GEM\n  remote: https://gems.example.com/\n  specs:\n    rake (13.0.6)\n\nPLATFORMS\n  arm64-darwin-22\n\nDEPENDENCIES\n  rake\n\nBUNDLED WITH\n   2.3.15\n',
    },
    steps: [{ run: 'bundle config set --local frozen true' }, { run: 'bundle install --local' }],
  },
  {
    ...ruby,
    name: 'bundler-frozen',
    pattern: 'Bundler: lock file frozen and out of date',
    files: {
      Gemfile: "source 'https://gems.example.com'\ngem 'rake'\ngem 'minitest'\n",
      'Gemfile.lock':
        'GEM\n  remote: https://gems.example.com/\n  specs:\n    rake (13.0.6)\n\nPLATFORMS\n  x86_64-linux\n\nDEPENDENCIES\n  rake\n\nBUNDLED WITH\n   2.3.15\n',
    },
    steps: [{ run: 'bundle config set --local frozen true' }, { run: 'bundle install' }],
  },
  {
    ...ruby,
    name: 'bundler-ruby-version',
    pattern: 'Bundler: Ruby version does not fit',
    files: { Gemfile: "source 'https://gems.example.com'\nruby '3.3.0'\ngem 'rake'\n" },
    steps: [{ run: 'bundle install --local' }],
  },
  {
    ...ruby,
    name: 'bundler-no-gemfile',
    pattern: 'Bundler: no Gemfile',
    steps: [{ run: 'bundle install' }],
  },
  {
    ...ruby,
    name: 'bundler-gems-not-installed',
    pattern: 'Bundler: gems of the bundle not installed',
    files: {
      Gemfile: "source 'https://gems.example.com'\ngem 'words'\n",
      'Gemfile.lock':
        'GEM\n  remote: https://gems.example.com/\n  specs:\n    words (2.1.0)\n\nPLATFORMS\n  x86_64-linux\n\nDEPENDENCIES\n  words\n\nBUNDLED WITH\n   2.3.15\n',
    },
    steps: [{ run: 'bundle exec rake test' }],
  },
  {
    ...ruby,
    name: 'bundler-command-not-found',
    pattern: 'Bundler: command not in the bundle',
    files: { Gemfile: "source 'https://gems.example.com'\n" },
    steps: [{ run: 'bundle exec standardrb' }],
  },
  {
    needs: ['ruby', 'rake'],
    job: 'test',
    name: 'rake-task-unknown',
    pattern: 'Rake task unknown',
    files: { Rakefile: "task(:spec) { puts 'ok' }\n" },
    steps: [{ run: 'rake spce' }],
  },
  {
    needs: ['ruby', 'rake'],
    job: 'test',
    name: 'rake-aborted',
    pattern: 'Ruby program ended with an exception',
    files: { Rakefile: "task(:report) { Integer('ten') }\n" },
    steps: [{ run: 'rake report' }],
  },
  {
    ...ruby,
    name: 'ruby-load-error',
    pattern: 'Ruby cannot load a file',
    files: { 'report.rb': "require 'acme/words'\n" },
    steps: [{ run: 'ruby report.rb' }],
  },
  {
    ...ruby,
    name: 'ruby-syntax-error-31',
    pattern: 'Ruby syntax error',
    files: { 'report.rb': 'def total(a, b)\n  a + \nend\n' },
    steps: [{ run: 'ruby report.rb' }],
  },
  {
    ...ruby,
    name: 'ruby-uncaught-exception',
    pattern: 'Ruby program ended with an exception',
    files: { 'report.rb': 'def total(a, b)\n  a + b\nend\nputs total(nil, 2)\n' },
    steps: [{ run: 'ruby report.rb' }],
  },
  {
    ...ruby,
    name: 'minitest-failure',
    pattern: 'Minitest test failed',
    files: {
      'test/price_test.rb':
        "require 'minitest/autorun'\n\nclass PriceTest < Minitest::Test\n  def test_totals\n    assert_equal 4, 1 + 2\n  end\nend\n",
    },
    steps: [{ run: 'ruby test/price_test.rb' }],
  },
  {
    needs: ['rspec'],
    job: 'test',
    name: 'rspec-load-error',
    pattern: 'RSpec could not load the specs',
    files: { 'spec/price_spec.rb': "RSpec.describe Price do\n  it('is') { }\nend\n" },
    steps: [{ run: 'rspec' }],
  },
  {
    needs: ['rubocop'],
    job: 'lint',
    name: 'rubocop-offense',
    pattern: 'RuboCop offenses',
    files: { 'lib/price.rb': 'def total(a, b)\n  x = 1\n  return a + b\nend\n' },
    steps: [{ run: 'rubocop --format clang lib' }],
  },
  {
    needs: ['rubocop'],
    job: 'lint',
    name: 'rubocop-progress-offense',
    pattern: 'RuboCop offenses',
    files: { 'lib/price.rb': '# frozen_string_literal: true\n\nputs "a" \n' },
    steps: [{ run: 'rubocop' }],
  },
  {
    needs: ['rubocop'],
    job: 'lint',
    name: 'rubocop-unknown-cop',
    pattern: 'RuboCop configuration refused',
    files: { '.rubocop.yml': 'Style/Hashes:\n  Enabled: true\n', 'lib/price.rb': '' },
    steps: [{ run: 'rubocop' }],
  },
  {
    needs: ['rubocop', 'rspec'],
    job: 'test',
    name: 'passing/rubocop-and-rspec',
    pattern: null,
    files: {
      'lib/price.rb': "# frozen_string_literal: true\n\nputs 'Error: 0 failures'\n",
      'spec/price_spec.rb':
        "RSpec.describe 'errors' do\n  it 'raises LoadError: cannot be' do\n    warn 'warning: FAILED once, error handled'\n    expect { raise LoadError, 'no' }.to raise_error(LoadError)\n  end\n  it 'is pending' do\n    pending 'not yet'\n    raise 'Failure'\n  end\nend\n",
    },
    steps: [{ run: 'rubocop lib' }, { run: 'rspec --format documentation' }],
  },
  {
    ...php,
    name: 'php-syntax-error-here',
    pattern: 'PHP syntax error',
    files: { 'src/price.php': '<?php\nfunction total($a, $b) {\n    return $a + ;\n}\n' },
    steps: [{ run: 'php src/price.php' }],
  },
  {
    ...php,
    name: 'php-lint-syntax-error',
    pattern: 'PHP syntax error',
    files: { 'src/price.php': '<?php\nclass Price {\n    public function total( { }\n}\n' },
    steps: [{ run: 'find src -name "*.php" -print0 | xargs -0 -n1 php -l' }],
  },
  {
    ...php,
    name: 'php-uncaught-error',
    pattern: 'PHP: type error',
    files: { 'report.php': '<?php\nfunction total(int $a, int $b): int { return $a + $b; }\necho total("ten", 2);\n' },
    steps: [{ run: 'php report.php' }],
  },
  {
    ...php,
    name: 'php-undefined-function',
    pattern: 'PHP extension missing',
    files: { 'report.php': '<?php\necho imagecreatetruecolor(2, 2);\n' },
    steps: [{ run: 'php report.php' }],
  },
  {
    ...php,
    name: 'php-memory-exhausted',
    pattern: 'PHP memory limit',
    files: { 'report.php': '<?php\n$a = [];\nwhile (true) { $a[] = str_repeat("x", 65536); }\n' },
    steps: [{ run: 'php -d memory_limit=16M report.php' }],
  },
  {
    needs: ['phpunit'],
    job: 'test',
    name: 'phpunit-no-tests',
    pattern: 'PHPUnit: no tests or not readable',
    files: { 'tests/readme.txt': '' },
    steps: [{ run: 'phpunit tests/PriceTest.php' }],
  },
  {
    needs: ['phpcs'],
    job: 'lint',
    name: 'phpcs-error',
    pattern: 'PHP_CodeSniffer errors',
    files: { 'src/Price.php': '<?php\nclass Price {\n  function total($a,$b) { return $a+$b; }\n}\n' },
    steps: [{ run: 'phpcs --standard=PSR12 src' }],
  },
  {
    needs: ['phpcs'],
    job: 'lint',
    name: 'phpcs-standard-missing',
    pattern: 'PHP_CodeSniffer errors',
    files: { 'src/Price.php': '<?php\n' },
    steps: [{ run: 'phpcs --standard=Acme src' }],
  },
  {
    ...composer,
    name: 'composer-lock-out-of-date',
    pattern: 'Composer: lock file out of date',
    files: {
      'composer.json': `{ ${noRegistry}, "require": { "acme/words": "^1.0" } }\n`,
      'composer.lock':
        '{ "content-hash": "0", "packages": [], "packages-dev": [], "aliases": [], "minimum-stability": "stable", "stability-flags": [], "prefer-stable": false, "prefer-lowest": false, "platform": [], "platform-dev": [], "plugin-api-version": "2.3.0" }\n',
    },
    steps: [{ run: install }],
  },
  {
    ...composer,
    name: 'composer-extension-missing',
    pattern: 'Composer: PHP extension missing',
    files: {
      'composer.json': `{ ${local}, "require": { "acme/words": "*" }, "minimum-stability": "dev" }\n`,
      'words/composer.json': '{ "name": "acme/words", "version": "1.0.0", "require": { "ext-mongodb": "*" } }\n',
    },
    steps: [{ run: install }],
  },
  {
    ...composer,
    name: 'composer-package-not-found',
    pattern: 'Composer: package not found',
    files: { 'composer.json': `{ ${noRegistry}, "require": { "acme/wrods": "^1.0" } }\n` },
    steps: [{ run: install }],
  },
  {
    ...composer,
    name: 'composer-conflict',
    pattern: 'Composer requirements cannot be met',
    files: {
      'composer.json': `{ ${local.replace('{ "type"', '{ "type": "path", "url": "http", "options": { "symlink": false } }, { "type"')}, "require": { "acme/words": "*", "acme/http": "*" }, "minimum-stability": "dev" }\n`,
      'words/composer.json': '{ "name": "acme/words", "version": "1.0.0", "conflict": { "acme/http": "*" } }\n',
      'http/composer.json': '{ "name": "acme/http", "version": "2.0.0" }\n',
    },
    steps: [{ run: install }],
  },
  {
    ...composer,
    name: 'composer-plugin-blocked',
    pattern: 'Composer: plugin blocked',
    files: {
      'composer.json': `{ ${local}, "require": { "acme/words": "*" }, "minimum-stability": "dev" }\n`,
      'words/composer.json':
        '{ "name": "acme/words", "version": "1.0.0", "type": "composer-plugin", "require": { "composer-plugin-api": "^2.0" }, "extra": { "class": "Acme\\\\Plugin" }, "autoload": { "psr-4": { "Acme\\\\": "src" } } }\n',
      'words/src/Plugin.php': '<?php\nnamespace Acme;\nclass Plugin {}\n',
    },
    steps: [{ run: install }],
  },
  {
    ...composer,
    name: 'composer-json-invalid',
    pattern: 'Composer files not valid',
    files: { 'composer.json': '{ "name": "Acme Shop", "require": [] }\n' },
    steps: [{ run: 'composer validate --strict --no-check-publish' }],
  },
  {
    ...composer,
    name: 'passing/composer-and-phpunit',
    pattern: null,
    needs: ['composer', 'phpunit'],
    files: {
      'composer.json': `{ ${local}, "require": { "acme/words": "*" }, "suggest": { "ext-redis": "to be fast" }, "minimum-stability": "dev" }\n`,
      'words/composer.json': '{ "name": "acme/words", "version": "1.0.0" }\n',
      'tests/PriceTest.php':
        '<?php\nuse PHPUnit\\Framework\\TestCase;\n\nfinal class PriceTest extends TestCase\n{\n    public function testThrows(): void\n    {\n        fwrite(STDERR, "PHP error log: Uncaught exception handled\\n");\n        $this->expectException(Error::class);\n        (function (int $a) {})("ten");\n    }\n    public function testLater(): void\n    {\n        $this->markTestIncomplete("failure to come");\n    }\n}\n',
    },
    steps: [{ run: install }, { run: 'phpunit tests' }],
  },
];
