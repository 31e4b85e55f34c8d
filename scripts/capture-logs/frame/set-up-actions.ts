// The actions that set up what a job's steps run: what they print, what they put into the environment, which problem matchers
// they register. Their words are those of the actions' sources, shortened where they list versions.
import type { FrameAction } from './frame-action.ts';
import * as known from './known-matchers.ts';

const TOOLS = '/opt/hostedtoolcache';
const quiet = { isAlways: false, prints: [] };
const python = `${TOOLS}/Python/3.12.12/x64`;
const java = `${TOOLS}/Java_Temurin-Hotspot_jdk/21.0.9-10.0/x64`;
const rustShell = 'shell: /usr/bin/bash --noprofile --norc -e -o pipefail {0}';
const rustEnv = ['env:', '  CARGO_TERM_COLOR: never', '##[endgroup]'];

export const NODE: FrameAction = {
  uses: 'actions/setup-node',
  versions: ['v6', 'v4'],
  inputs: { 'node-version': '24', 'check-latest': 'false', token: '***', 'package-manager-cache': 'true' },
  prints: [
    `Found in cache @ ${TOOLS}/node/24.13.0/x64`,
    ...['##[group]Environment details', 'node: v24.13.0', 'npm: 11.6.2', 'yarn: 1.22.22', '##[endgroup]'],
  ],
  exports: {},
  matchers: known.NODE,
  post: quiet,
};

export const PYTHON: FrameAction = {
  uses: 'actions/setup-python',
  versions: ['v6', 'v5'],
  inputs: {
    ...{ 'python-version': '3.12', 'check-latest': 'false', token: '***', 'update-environment': 'true' },
    ...{ 'allow-prereleases': 'false', freethreaded: 'false' },
  },
  prints: ['##[group]Installed versions', 'Successfully set up CPython (3.12.12)', '##[endgroup]'],
  exports: {
    ...{ pythonLocation: python, PKG_CONFIG_PATH: `${python}/lib/pkgconfig`, Python_ROOT_DIR: python },
    ...{ Python2_ROOT_DIR: python, Python3_ROOT_DIR: python, LD_LIBRARY_PATH: `${python}/lib` },
  },
  matchers: known.PYTHON,
  post: quiet,
};

export const GO: FrameAction = {
  uses: 'actions/setup-go',
  versions: ['v6', 'v5'],
  inputs: { 'go-version': 'stable', 'check-latest': 'false', token: '***', cache: 'false' },
  prints: [
    ...['Setup go version spec stable', 'stable version resolved as 1.25.6', `Found in cache @ ${TOOLS}/go/1.25.6/x64`],
    ...['Added go to the path', 'Successfully set up Go version stable', 'go version go1.25.6 linux/amd64', ''],
    ...['##[group]go env', "GOARCH='amd64'", "GOFLAGS=''", "GOMODCACHE='/home/runner/go/pkg/mod'", "GOOS='linux'"],
    ...["GOPROXY='https://proxy.golang.org,direct'", `GOROOT='${TOOLS}/go/1.25.6/x64'`],
    ...["GOSUMDB='sum.golang.org'", "GOTOOLCHAIN='local'", "GOVERSION='go1.25.6'", '', '##[endgroup]'],
  ],
  exports: { GOTOOLCHAIN: 'local' },
  matchers: known.GO,
  post: quiet,
};

export const JAVA: FrameAction = {
  uses: 'actions/setup-java',
  versions: ['v5', 'v4'],
  inputs: {
    ...{ distribution: 'temurin', 'java-version': '21', 'java-package': 'jdk', 'check-latest': 'false' },
    ...{ 'server-id': 'github', 'server-username': 'GITHUB_ACTOR', 'server-password': 'GITHUB_TOKEN' },
    ...{ 'overwrite-settings': 'true', 'job-status': 'success', token: '***' },
  },
  prints: [
    ...['##[group]Installed distributions', 'Resolved Java 21.0.9+10.0.LTS from tool-cache'],
    ...['Setting Java 21.0.9+10.0.LTS as the default', 'Creating toolchains.xml for JDK version 21 from temurin'],
    ...['Writing to /home/runner/.m2/toolchains.xml', '', 'Java configuration:', '  Distribution: temurin'],
    ...['  Version: 21.0.9+10.0.LTS', `  Path: ${java}`, '', '##[endgroup]'],
    ...['Creating settings.xml with server-id: github', 'Writing to /home/runner/.m2/settings.xml'],
  ],
  exports: { JAVA_HOME: java, JAVA_HOME_21_X64: java },
  matchers: known.JAVA,
  post: quiet,
};

export const DOTNET: FrameAction = {
  uses: 'actions/setup-dotnet',
  versions: ['v5', 'v4'],
  inputs: { 'dotnet-version': '9.0.x', cache: 'false' },
  prints: [
    '[command]/home/runner/work/_actions/actions/setup-dotnet/v5/externals/install-dotnet.sh --skip-non-versioned-files --channel 9.0',
    "dotnet-install: .NET Core SDK with version '9.0.309' is already installed.",
  ],
  exports: { DOTNET_ROOT: '/usr/share/dotnet' },
  matchers: known.DOTNET,
  post: quiet,
};

export const RUBY: FrameAction = {
  uses: 'ruby/setup-ruby',
  versions: ['v1'],
  inputs: { 'ruby-version': '3.4', bundler: 'Gemfile.lock', 'bundler-cache': 'false', token: '***' },
  prints: [
    ...['##[group]Modifying PATH', 'Entries added to PATH to use selected Ruby:', `  ${TOOLS}/Ruby/3.4.8/x64/bin`],
    ...['##[endgroup]', '##[group]Print Ruby version', `[command]${TOOLS}/Ruby/3.4.8/x64/bin/ruby --version`],
    ...['ruby 3.4.8 (2025-12-17 revision 995b59f666) +PRISM [x86_64-linux]', 'Took   0.03 seconds', '##[endgroup]'],
    ...[
      '##[group]Installing Bundler',
      'Using Bundler 2.6.9 shipped with ruby-3.4.8',
      'Took   0.00 seconds',
      '##[endgroup]',
    ],
  ],
  exports: {},
  matchers: [],
  post: null,
};

export const PHP: FrameAction = {
  uses: 'shivammathur/setup-php',
  versions: ['v2'],
  inputs: { 'php-version': '8.4', coverage: 'none', 'ini-file': 'production', 'github-token': '***' },
  prints: [
    ...['', '\u001b[90;1m==> \u001b[0m\u001b[37;1mSetup PHP\u001b[0m'],
    '\u001b[32;1m✓ \u001b[0m\u001b[34;1mPHP \u001b[0m\u001b[90;1mInstalled PHP 8.4.16\u001b[0m',
    ...['', '\u001b[90;1m==> \u001b[0m\u001b[37;1mSetup Coverage\u001b[0m'],
    '\u001b[32;1m✓ \u001b[0m\u001b[34;1mnone \u001b[0m\u001b[90;1mDisabled Xdebug and PCOV\u001b[0m',
  ],
  exports: { COMPOSER_PROCESS_TIMEOUT: '0', COMPOSER_NO_INTERACTION: '1', COMPOSER_NO_AUDIT: '1' },
  matchers: known.PHP,
  scripts: ['php', 'phpunit'].map((name) => `echo "::add-matcher::${TOOLS}/${name}.json"`),
  post: null,
};

export const BEAM: FrameAction = {
  uses: 'erlef/setup-beam',
  versions: ['v1'],
  inputs: { 'otp-version': '28', 'elixir-version': '1.19', 'install-hex': 'true', 'install-rebar': 'true' },
  prints: [
    ...['##[group]Installing Erlang/OTP OTP-28.3', 'Erlang (SMP,ASYNC_THREADS) (BEAM) emulator version 16.2'],
    ...['##[endgroup]', '##[group]Installing Elixir v1.19.4-otp-28', 'Elixir 1.19.4 (compiled with Erlang/OTP 28)'],
    '##[endgroup]',
  ],
  exports: { INSTALL_DIR_FOR_OTP: `${TOOLS}/otp/28.3/x64`, INSTALL_DIR_FOR_ELIXIR: `${TOOLS}/elixir/1.19.4/x64` },
  matchers: known.BEAM,
  post: null,
};

export const HASKELL: FrameAction = {
  uses: 'haskell-actions/setup',
  versions: ['v2'],
  inputs: { 'ghc-version': '9.10', 'cabal-version': 'latest', 'cabal-update': 'true' },
  prints: [
    'Preparing to setup a Haskell environment',
    ...['##[group]Installing ghc version 9.10.3', '[command]/usr/local/bin/ghcup whereis ghc 9.10.3', '##[endgroup]'],
    ...['##[group]Setting up cabal', '##[endgroup]'],
  ],
  exports: {},
  matchers: known.HASKELL,
  post: null,
};

/** A composite action: the runner shows its own scripts within the step, each as it shows a step. */
export const RUST: FrameAction = {
  uses: 'actions-rust-lang/setup-rust-toolchain',
  versions: ['v1'],
  inputs: { toolchain: 'stable', matcher: 'true', cache: 'false', rustflags: '', override: 'true' },
  prints: [
    '##[group]Run : construct rustup command line',
    ...['\u001b[36;1m: construct rustup command line\u001b[0m', rustShell, ...rustEnv],
    '##[group]Run rustup toolchain install stable --profile minimal --no-self-update',
    '\u001b[36;1mrustup toolchain install stable --profile minimal --no-self-update\u001b[0m',
    ...[rustShell, ...rustEnv, "info: syncing channel updates for 'stable-x86_64-unknown-linux-gnu'", ''],
    '  stable-x86_64-unknown-linux-gnu unchanged - rustc 1.92.0 (ded5c06cf 2025-12-08)',
  ],
  exports: { CARGO_TERM_COLOR: 'never', CARGO_INCREMENTAL: '0', CARGO_PROFILE_DEV_DEBUG: '0', RUST_BACKTRACE: 'short' },
  matchers: known.RUST,
  post: null,
};

export const DART: FrameAction = {
  uses: 'dart-lang/setup-dart',
  versions: ['v1'],
  inputs: { sdk: 'stable', 'problem-matcher': 'true' },
  prints: [
    'Installing the linux-x64 Dart SDK version 3.10.7 from the stable (release) channel.',
    `Using cached sdk from ${TOOLS}/dart/3.10.7/x64.`,
  ],
  exports: { DART_HOME: `${TOOLS}/dart/3.10.7/x64`, PUB_CACHE: '/home/runner/.pub-cache' },
  matchers: known.DART,
  post: null,
};

export const R: FrameAction = {
  uses: 'r-lib/actions/setup-r',
  versions: ['v2'],
  inputs: { 'r-version': 'release', 'use-public-rspm': 'true', Ncpus: '1' },
  prints: ['[command]/usr/bin/sudo ln -sf /opt/R/4.5.2/bin/R /usr/local/bin/R'],
  exports: {
    R_LIBS_USER: '/home/runner/work/_temp/Library',
    TZ: 'UTC',
    _R_CHECK_SYSTEM_CLOCK_: 'FALSE',
    NOT_CRAN: 'true',
  },
  matchers: known.R,
  post: null,
};

export const DENO: FrameAction = {
  uses: 'denoland/setup-deno',
  versions: ['v2'],
  inputs: { 'deno-version': '2.x', cache: 'false' },
  prints: ['Going to install stable version 2.6.4.', 'Installation complete.'],
  exports: {},
  matchers: known.DENO,
  post: null,
};
