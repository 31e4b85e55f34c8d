// The problem matchers that actions register: their owners, expressions and severities, as the actions' own JSON files have them
// (actions/checkout 7.0.1, setup-node 6, setup-python 6, setup-go 6, setup-java 5, setup-dotnet 5, erlef/setup-beam 1,
// haskell-actions/setup 2, actions-rust-lang/setup-rust-toolchain 1, dart-lang/setup-dart 1, r-lib/actions 2,
// shivammathur/setup-php 2, denoland/setup-deno 2). ruby/setup-ruby registers none. Within a list, the first is asked first.
import type { ProblemMatcher } from './problem-matchers.ts';

const one = (
  owner: string,
  regexp: RegExp,
  groups: { severity?: number; message: number },
  severity?: 'error' | 'warning',
): ProblemMatcher => ({ owner, ...(severity && { severity }), patterns: [{ regexp, ...groups }] });

/** Registered while actions/checkout itself runs, and taken away at its end. */
export const GIT: readonly ProblemMatcher[] = [one('checkout-git', /^(fatal|error): (.*)$/, { message: 2 })];

export const NODE: readonly ProblemMatcher[] = [
  one('eslint-compact', /^(.+):\sline\s(\d+),\scol\s(\d+),\s([Ee]rror|[Ww]arning|[Ii]nfo)\s-\s(.+)\s\((.+)\)$/, {
    severity: 4,
    message: 5,
  }),
  {
    owner: 'eslint-stylish',
    patterns: [
      { regexp: /^\s*([^\s].*)$/ },
      { regexp: /^\s+(\d+):(\d+)\s+(error|warning|info)\s+(.*)\s\s+(.*)$/, severity: 3, message: 4, loop: true },
    ],
  },
  one('tsc', /^([^\s].*)[(:](\d+)[,:](\d+)(?:\):\s+|\s+-\s+)(error|warning|info)\s+TS(\d+)\s*:\s*(.*)$/, {
    severity: 4,
    message: 6,
  }),
];

export const PYTHON: readonly ProblemMatcher[] = [
  {
    owner: 'python',
    patterns: [
      { regexp: /^\s*File\s"(.*)",\sline\s(\d+),\sin\s(.*)$/ },
      { regexp: /^\s*raise\s(.*)\('(.*)'\)$/, message: 2 },
    ],
  },
];

export const GO: readonly ProblemMatcher[] = [one('go', /^\s*(.+\.go):(?:(\d+):(\d+):)? (.*)/, { message: 4 })];

export const JAVA: readonly ProblemMatcher[] = [
  one('java', /^Exception in thread "(.*)" (.*): (.*)$/, { message: 3 }),
  one('javac', /^([^:]+):(\d+): (warning|error): (.+?)$/, { severity: 3, message: 4 }),
  one('maven-javac', /^\[(WARNING|ERROR)\]\s+(.+?\.java):\[(\d+),(\d+)\]\s+(.+)$/, { severity: 1, message: 5 }),
];

export const DOTNET: readonly ProblemMatcher[] = [
  one(
    'csc',
    /^\s*(?:\d+>\s*)?([^\s].*)\((\d+)(?:,(\d+))?(?:,\d+)*\):\s+(error|warning)\s+([a-zA-Z]+(?<!MSB)\d*):\s*(.*?)\s+\[(.*?)\]$/,
    { severity: 4, message: 6 },
  ),
];

export const BEAM: readonly ProblemMatcher[] = [
  one('elixir-mixCompileError', /^\*\* \((\w+)\) (.*):(\d+): (.*)$/, { message: 0 }, 'error'),
  {
    owner: 'elixir-mixCompileWarning',
    severity: 'warning',
    patterns: [{ regexp: /^warning: (.*)$/, message: 1 }, { regexp: /^ {2}(.*):(\d+).*$/ }],
  },
  {
    owner: 'elixir-mixTestFailure',
    severity: 'error',
    patterns: [{ regexp: /^\s*\d+\) (.*)$/, message: 1 }, { regexp: /^\s*(.*):(\d+)$/ }],
  },
  {
    owner: 'elixir-credoOutputDefault',
    severity: 'warning',
    patterns: [{ regexp: /^┃\s\[\w\]\s[↑|↗|→|↘|↓]\s(.*)$/, message: 1 }, { regexp: /^┃\s{7}(.*):(\d+):(\d+)\s.*$/ }],
  },
  one('erlc-warning', /^(\S+):(\d+):(\d+): [wW]arning: (.+)$/, { message: 4 }, 'warning'),
  one('erlc-error', /^(\S+):(\d+):(\d+): (?![wW]arning)(.+)$/, { message: 4 }, 'error'),
  {
    owner: 'ct-failure',
    severity: 'error',
    patterns: [{ regexp: /^(\S+) failed on line (\d+)$/ }, { regexp: /^Reason: (.+)$/, message: 1 }],
  },
  {
    owner: 'eunit-failure',
    severity: 'error',
    patterns: [
      { regexp: /^\S+: .+\.\.\.\*failed\*$/ },
      { regexp: /^in function .+ \((.+), line (\d+)\)$/ },
      { regexp: /^in call from .+$/ },
      { regexp: /^\*\*error:(.+)$/, message: 1 },
    ],
  },
];

export const HASKELL: readonly ProblemMatcher[] = [
  {
    owner: 'haskell',
    patterns: [
      { regexp: /^(.+\.hs):(\d+):(\d+): (\w+):/, severity: 4 },
      { regexp: /^ {4}(.*)$/, message: 1 },
    ],
  },
];

/** Without the colours that the action's own file allows for: no capture has them. */
export const RUST: readonly ProblemMatcher[] = [
  one('rustfmt', /^(Diff in (.+))(?: at line |:)(\d+):$/, { message: 1 }, 'warning'),
  {
    owner: 'clippy',
    patterns: [
      { regexp: /^(warning|warn|error)(\[(.*)\])?: (.*)$/, severity: 1, message: 4 },
      { regexp: /^\s*\s*--> (.*):(\d*):(\d*)$/ },
    ],
  },
];

export const DART: readonly ProblemMatcher[] = [
  one('dart-analyzer-bullet', /^\s*(error|warning|info)\s*•\s*(.+):(\d+):(\d+)\s*•\s*(.+?)\s*•\s*(.+)$/, {
    severity: 1,
    message: 5,
  }),
  one('dart-analyzer-dash', /^\s*(error|warning|info)\s*-\s*(.+):(\d+):(\d+)\s*-\s*(.+?)\s*-\s*(.+)$/, {
    severity: 1,
    message: 5,
  }),
];

export const R: readonly ProblemMatcher[] = [
  one('r', /^(Error|Warning)(?: in (.*) )?: (.*)$/, { severity: 1, message: 3 }),
  one('testthat', /^(.*):(\d+): (\w+): (\w+)$/, { severity: 3, message: 4 }),
  {
    owner: 'rcmdcheck',
    patterns: [
      { regexp: /^(.*) [.][.][.] (ERROR|WARNING)$/, severity: 2 },
      { regexp: /^\s*(.*)$/, message: 1 },
    ],
  },
];

/** A workflow registers them itself, with two lines that the action's README shows. */
export const PHP: readonly ProblemMatcher[] = [
  {
    owner: 'phpunit',
    patterns: [
      { regexp: /^\d+\)\s.*$/ },
      { regexp: /^(.*Failed\sasserting\sthat.*)$/, message: 1 },
      { regexp: /^\s*$/ },
      { regexp: /^(.*):(\d+)$/ },
    ],
  },
  one('php_native_error', /^(.*error):\s+\s+(.+) in (.+) on line (\d+)$/, { message: 2 }, 'error'),
  one(
    'php_native_warning',
    /^(.*Warning|.*Deprecated|.*Notice):\s+\s+(.+) in (.+) on line (\d+)$/,
    { message: 2 },
    'warning',
  ),
];

export const DENO: readonly ProblemMatcher[] = [
  {
    owner: 'deno-lint',
    patterns: [
      { regexp: /^(warning|warn|error)(?:\[(\S*)\])?: (.*?)$/, severity: 1, message: 3 },
      { regexp: /^(?:\s*)--> (\S+?):(\d+):(\d+)$/ },
    ],
  },
];
