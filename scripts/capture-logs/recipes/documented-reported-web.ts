// Failures of Node, Python, Ruby, PHP and BEAM tools as people report them, in the tools' own words. Read by ../run.ts.
import { type Row, toDocumented } from '../row.ts';

const gh = 'https://github.com';

const node: Row[] = [
  [
    'npm-file-missing-in-node-modules',
    'npm: file missing in node_modules',
    'npm install',
    `${gh}/npm/cli/issues/4028`,
    [
      'npm ERR! code ENOENT',
      'npm ERR! syscall rename',
      'npm ERR! path /home/runner/work/shop/shop/node_modules/@octo-org/ui',
      'npm ERR! errno -2',
      "npm ERR! enoent ENOENT: no such file or directory, rename '/home/runner/work/shop/shop/node_modules/@octo-org/ui' -> '/home/runner/work/shop/shop/node_modules/@octo-org/.ui-mvR2d9Zu'",
      'npm ERR! enoent This is related to npm not being able to find a file.',
    ],
  ],
  [
    'jsr-slow-types',
    'JSR: public types refused (slow types)',
    'deno publish',
    'https://jsr.io/docs/about-slow-types',
    [
      'Checking for slow types in the public API...',
      'error[missing-explicit-return-type]: missing explicit return type in the public API',
      ' --> /home/runner/work/shop/shop/src/total.ts:3:17',
      'error: Found 1 problem',
    ],
  ],
  [
    'lerna-behind',
    'Lerna cannot publish or version',
    'npx lerna version --yes',
    `${gh}/lerna/lerna/blob/main/libs/core/src/lib/collect-updates/index.ts`,
    [
      'lerna notice cli v8.1.2',
      'lerna info ci enabled',
      "lerna ERR! EBEHIND Local branch 'main' is behind remote upstream origin/main",
      "lerna ERR! EBEHIND Please merge remote changes into 'main' with 'git pull'",
    ],
  ],
  [
    'lerna-git-refused',
    'Lerna: git refused its command',
    'npx lerna version --yes --conventional-commits',
    `${gh}/lerna/lerna/issues/2788`,
    [
      'lerna info git Pushing tags...',
      'lerna ERR! Error: Command failed with exit code 128: git push --follow-tags --no-verify --atomic origin main',
      "lerna ERR! fatal: unable to access 'https://github.com/octo-org/shop/': The requested URL returned error: 403",
    ],
  ],
  [
    'turbo-crashed',
    'Turborepo crashed',
    'npx turbo run build',
    `${gh}/vercel/turborepo/issues/9091`,
    ['• Packages in scope: web, api', '• Running build in 2 packages', '', 'Oops! Turbo has crashed.', ''],
  ],
  [
    'changesets-nothing-to-release',
    'Changesets: nothing to release',
    'npx changeset version',
    `${gh}/changesets/changesets/blob/main/packages/cli/src/commands/version/index.ts`,
    ['🦋  error No unreleased changesets found.'],
  ],
  [
    'changesets-crashed',
    'Changesets crashed',
    'npx changeset publish',
    `${gh}/changesets/changesets/issues/1152`,
    [
      '🦋  info npm info @octo-org/ui',
      "🦋  error TypeError: Cannot read properties of null (reading 'summary')",
      '🦋  error     at internalPublish (/home/runner/work/shop/shop/node_modules/@changesets/cli/dist/cli.cjs.js:712:60)',
    ],
  ],
  [
    'electron-builder-no-entry-file',
    'electron-builder stopped',
    'npx electron-builder --linux',
    'https://www.electron.build/',
    [
      '  • electron-builder  version=25.1.8 os=6.8.0',
      '  • packaging       platform=linux arch=x64 electron=33.2.0 appOutDir=dist/linux-unpacked',
      '  ⨯ Application entry file "out/main/index.js" in the "/home/runner/work/shop/shop/dist/linux-unpacked/resources/app.asar" does not exist. Seems like a wrong configuration.',
    ],
  ],
  [
    'chromatic-build-script-failed',
    'Chromatic: Storybook not built or not valid',
    'npx chromatic --project-token ***',
    'https://www.chromatic.com/docs/cli/',
    [
      'Chromatic CLI v11.25.2',
      '✖ Failed to build Storybook',
      'The CLI tried to run your build-storybook script, but the command failed. This indicates a problem with your Storybook.',
    ],
  ],
  [
    'chromatic-no-token',
    'Chromatic: project token missing or wrong',
    'npx chromatic',
    'https://www.chromatic.com/docs/cli/',
    [
      'Chromatic CLI v11.25.2',
      '✖ Missing project token',
      'Sign in to https://www.chromatic.com/start and create a new project',
    ],
  ],
  [
    'storybook-static-folder-missing',
    'Storybook: file of its static folders in the way',
    'npx build-storybook',
    'https://storybook.js.org/docs/configure/integration/images-and-assets',
    [
      'info => Copying static files: ./public => ./',
      "ERR! ENOENT: no such file or directory, lstat '/home/runner/work/shop/shop/public'",
    ],
  ],
  [
    'docusaurus-sidebar-ids',
    'Docusaurus: sidebar names a document that does not exist',
    'npx docusaurus build',
    'https://docusaurus.io/docs/sidebar/items',
    [
      '[ERROR] Error: Unable to build website for locale en.',
      '    at tryToBuildLocale (/home/runner/work/docs/docs/node_modules/@docusaurus/core/lib/commands/build/build.js:83:15) {',
      '  [cause]: Error: Invalid sidebar file at "sidebars.ts".',
      '  These sidebar document ids do not exist:',
      '  - guides/install',
    ],
  ],
  [
    'docusaurus-front-matter',
    'Docusaurus: document cannot be processed',
    'npx docusaurus build',
    'https://docusaurus.io/docs/api/plugins/@docusaurus/plugin-content-docs#markdown-front-matter',
    [
      '[ERROR] Error: Unable to build website for locale en. {',
      '  [cause]: Error: Processing of blog source file path=/home/runner/work/docs/docs/blog/2024-05-01-news.md failed.',
      '    [cause]: Error: "slug" must be a string',
    ],
  ],
  [
    'docusaurus-render',
    'Docusaurus: page cannot be rendered statically',
    'npx docusaurus build',
    'https://docusaurus.io/docs/advanced/ssg',
    [
      '[ERROR] Docusaurus server-side rendering could not render static page with path "/shop".',
      '[ERROR] Error: Unable to build website for locale en.',
    ],
  ],
  [
    'docusaurus-build-failed',
    'Docusaurus build failed',
    'npx docusaurus build',
    'https://docusaurus.io/docs/cli',
    ['[INFO] [en] Creating an optimized production build...', '[ERROR] Error: Unable to build website for locale en.'],
  ],
  [
    'vitest-browser-module-not-fetched',
    'Vitest browser mode: module not fetched',
    'npx vitest run --browser',
    'https://vitest.dev/guide/browser/',
    [
      ' FAIL  |chromium| test/cart.test.tsx [ test/cart.test.tsx ]',
      'TypeError: Failed to fetch dynamically imported module: http://localhost:5173/test/cart.test.tsx?browserv=1732438481928',
    ],
  ],
  [
    'next-page-timeout',
    'Next.js page took too long at build',
    'npx next build',
    'https://nextjs.org/docs/messages/static-page-generation-timeout',
    [
      '   Generating static pages (0/12) ...',
      ' ⚠ Sending SIGTERM signal to static worker due to timeout of 60 seconds. Subsequent errors may be a result of the worker exiting.',
      '> Build error occurred',
      'Error: Static page generation for /prices is still timing out after 3 attempts. See more info here https://nextjs.org/docs/messages/static-page-generation-timeout',
      '    at onRestart (/home/runner/work/shop/shop/node_modules/next/dist/build/index.js:291:23)',
    ],
  ],
  [
    'jest-global-setup',
    'Jest: globalSetup or globalTeardown failed',
    'npx jest',
    'https://jestjs.io/docs/configuration#globalsetup-string',
    [
      "Error: Jest: Got error running globalSetup - /home/runner/work/shop/shop/test/setup.ts, reason: Cannot find module '../config.js'",
      '    at packageResolve (node:internal/modules/esm/resolve:853:9)',
    ],
  ],
  [
    'chromatic-stories-throw',
    'Chromatic: stories throw',
    'npx chromatic',
    `${gh}/chromaui/chromatic-cli/issues/316`,
    [
      '✖ Encountered 1 build error: failing with exit code 2',
      'Pass --allow-console-errors to succeed this command regardless of runtime build errors.',
      '✔ Build 7 failed after 13 seconds',
      '→ Found 1 error (12 components, 48 stories, 48 snapshots); exiting with status code 2',
    ],
  ],
];

const python: Row[] = [
  [
    'pip-setup-command-errored',
    'pip could not build a package',
    'pip install words',
    'https://pip.pypa.io/en/stable/news/',
    [
      '    ERROR: Command errored out with exit status 1:',
      "     command: /usr/bin/python3 -u -c 'import sys, setuptools'",
      '    Complete output (2 lines):',
      '    ----------------------------------------',
    ],
  ],
  [
    'pip-package-cannot-be-built',
    'pip: package cannot be built from source',
    'pip install -r requirements.txt',
    'https://pip.pypa.io/en/stable/user_guide/',
    [
      '  ERROR: Failed building wheel for words',
      'Failed to build words',
      'ERROR: Failed to build installable wheels for some pyproject.toml based projects (words)',
    ],
  ],
  [
    'django-management-command',
    'Django: management command stopped',
    'python manage.py compilemessages',
    'https://docs.djangoproject.com/en/stable/ref/django-admin/',
    ["CommandError: Can't find msgfmt. Make sure you have GNU gettext tools 0.15 or newer installed."],
  ],
  [
    'poetry-not-installed',
    'Poetry could not be installed',
    'curl -sSL https://install.example.com | python3 -',
    'https://python-poetry.org/docs/#installation',
    [
      'Installing Poetry (2.1.1): Installing Poetry',
      'Installing Poetry (2.1.1): An error occurred. Removing partial environment.',
      'Poetry installation failed.',
    ],
  ],
  [
    'conda-killed',
    'conda was killed',
    'mamba env update --file environment.yml',
    `${gh}/conda-incubator/setup-miniconda/issues/116`,
    [
      '  Solving environment: ...working... ',
      "##[error]The process '/usr/share/miniconda3/condabin/mamba' failed with exit code null",
    ],
  ],
  [
    'downloaded-script-is-error-page',
    'Script that was downloaded is an error page',
    'python get-tool.py',
    'https://python-poetry.org/docs/#installation',
    [
      '  File "/home/runner/work/shop/shop/get-tool.py", line 1',
      '    404: Not Found',
      '    ^^^',
      'SyntaxError: illegal target for annotation',
    ],
  ],
  [
    'pypi-local-version',
    'PyPI takes no local version',
    'twine upload --verbose dist/*',
    `${gh}/pypa/gh-action-pypi-publish/issues/369`,
    [
      'Uploading shop-0.1.dev1+g1a2b3c4-py3-none-any.whl',
      'INFO     Response from https://upload.pypi.org/legacy/:',
      '         400 The use of local versions in',
      "         <Version('0.1.dev1+g1a2b3c4')> is not allowed. See",
      '         https://packaging.python.org/specifications/core-metadata for more',
      '         information.',
      'ERROR    HTTPError: 400 Bad Request from https://upload.pypi.org/legacy/',
      '         Bad Request',
    ],
  ],
];

const others: Row[] = [
  [
    'ruby-build-failed',
    'Python or Ruby could not be built (pyenv, rbenv)',
    'rbenv install 3.3.0',
    'https://github.com/rbenv/ruby-build/wiki',
    [
      '==> Installing ruby-3.3.0...',
      'BUILD FAILED (Ubuntu 24.04 using ruby-build 20240702)',
      'You can inspect the build directory at /tmp/ruby-build.20240705.41.Zs1',
    ],
  ],
  [
    'ruby-constant-missing',
    'Ruby: method or constant missing',
    'bundle exec rake test',
    'https://docs.ruby-lang.org/en/master/NameError.html',
    [
      "/home/runner/work/shop/shop/vendor/bundle/ruby/3.3.0/gems/activesupport-7.0.4/lib/active_support/logger_thread_safe_level.rb:12:in `<module:LoggerThreadSafeLevel>': uninitialized constant ActiveSupport::LoggerThreadSafeLevel::Logger (NameError)",
    ],
  ],
  [
    'rails-aborted',
    'Rails application did not boot',
    'bin/rails db:prepare',
    'https://guides.rubyonrails.org/command_line.html',
    ['bin/rails aborted!', 'RuntimeError: no such shop (RuntimeError)'],
  ],
  [
    'php-uncaught-runtime-exception',
    'PHP fatal error',
    'php bin/report.php',
    'https://www.php.net/manual/en/language.exceptions.php',
    [
      'PHP Fatal error:  Uncaught RuntimeException: no such shop in /home/runner/work/shop/shop/bin/report.php:7',
      'Stack trace:',
    ],
  ],
  [
    'composer-no-unzip',
    'Composer: git or unzip missing',
    'composer install --no-interaction',
    'https://getcomposer.org/doc/00-intro.md#system-requirements',
    [
      '  - Downloading octo-org/words (1.4.0)',
      '    Failed to download octo-org/words from dist: The zip extension and unzip/7z commands are both missing, skipping.',
    ],
  ],
  [
    'php-class-not-found',
    'PHP: class not found',
    'php bin/report.php',
    'https://www.php.net/manual/en/language.oop5.autoload.php',
    [
      'PHP Fatal error:  Uncaught Error: Class "Acme\\Shop\\Price" not found in /home/runner/work/shop/shop/bin/report.php:4',
    ],
  ],
  [
    'php-declaration-not-compatible',
    'PHP: class does not fit its parent or interface',
    'vendor/bin/phpunit',
    'https://www.php.net/manual/en/language.oop5.basic.php#language.oop.lsp',
    [
      'PHP Fatal error:  Declaration of Acme\\Shop\\Log::info($text): void must be compatible with Psr\\Log\\LoggerInterface::info(Stringable|string $message, array $context = []): void in /home/runner/work/shop/shop/src/Log.php on line 8',
    ],
  ],
  [
    'rails-undefined-table',
    'Rails: table or column missing',
    'bundle exec rspec',
    'https://guides.rubyonrails.org/active_record_migrations.html',
    [
      'ActiveRecord::StatementInvalid:',
      '  PG::UndefinedTable: ERROR:  relation "carts" does not exist',
      '  LINE 8:  WHERE a.attrelid = \'"carts"\'::regclass',
    ],
  ],
  [
    'ruby-yaml-refused',
    'YAML file refused by Ruby',
    'bundle exec rake site',
    'https://docs.ruby-lang.org/en/master/Psych.html',
    [
      "/opt/hostedtoolcache/Ruby/3.3.0/x64/lib/ruby/3.3.0/psych.rb:427:in `parse': (config/locales/de.yml): did not find expected ',' or '}' while parsing a flow mapping at line 4 column 3 (Psych::SyntaxError)",
    ],
  ],
  [
    'elixir-name-not-defined',
    'Elixir: name not defined',
    'mix compile',
    'https://hexdocs.pm/elixir/compatibility-and-deprecations.html',
    [
      '    error: undefined variable "prices"',
      '    │',
      '  4 │     Enum.sum(prices)',
      '    │              ^^^^^^',
      '    └─ lib/shop/cart.ex:4:14: Shop.Cart.total/1',
    ],
  ],
  [
    'erlang-include-missing',
    'Erlang include file missing',
    'rebar3 compile',
    'https://www.erlang.org/doc/system/macros.html',
    ['===> Compiling shop', 'src/shop.erl:3:14: can\'t find include lib "words/include/words.hrl"'],
  ],
  [
    'rebar3-hook-missing',
    'rebar3: plugin or hook command missing',
    'rebar3 compile',
    'https://rebar3.org/docs/configuration/plugins/',
    ["===> Unable to run pre hooks for 'compile', command 'compile' in namespace 'pc' not found."],
  ],
  [
    'mix-dependency-did-not-compile',
    'Mix: a dependency did not compile',
    'mix deps.compile',
    'https://hexdocs.pm/mix/Mix.Tasks.Deps.Compile.html',
    [
      '==> words',
      'could not compile dependency :words, "mix compile" failed. Errors may have been logged above. You can recompile this dependency with "mix deps.compile words --force"',
    ],
  ],
  [
    'wp-env-not-started',
    'wp-env is not started',
    'npx wp-env run tests-cli wp core version',
    `${gh}/WordPress/plugin-check-action/issues/579`,
    [
      "ℹ Starting 'wp core version' on the tests-cli container.",
      '',
      '✖ Environment not initialized. Run `wp-env start` first.',
    ],
  ],
];

export const documented = [...node, ...python, ...others].map(toDocumented);
