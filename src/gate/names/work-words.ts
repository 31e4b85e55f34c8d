// The words by which a job's name says what it does, and those that say it does something else. Pure. Held against real job
// names in test/gate/work-names.test.ts: a word that is moved shows there what it costs.

/** A list of words as a set. */
export const words = (text: string): ReadonlySet<string> => new Set(text.split(/\s+/).filter((word) => word !== ''));

/** A linter's own work, whatever stands beside it. */
export const LINT = words('lint lints linter linters linting');
/** Linters of code. */
export const LINT_TOOLS = words(
  'eslint oxlint tslint pylint flake8 rubocop golangci golangcilint clippy checkstyle stylelint ktlint detekt swiftlint phpcs',
);
/** Linters that do other things as well, or whose name is a project's: nothing but plain words may stand beside them. */
export const LINT_PERHAPS = words('biome ruff');

export const TYPES = words('typecheck typechecks typechecker typechecking tsc mypy pyright basedpyright pytype');
export const TYPE = words('type types typing typings typescript');
export const CHECK = words('check checks checker checkers checking');
/** After `check`, one `type` alone is mostly that of a change or a title. */
export const MANY_TYPES = words('types typing typings typescript');

export const E2E = words('e2e endtoend playwright cypress webdriverio testcafe nightwatch detox');

/** With one of these words anywhere in its name, a job checks something that is no code. */
export const NO_CODE = words(`
  title titles commit commits commitlint message messages msg semantic conventional changelog changelogs changeset changesets
  branch branches label labels labeler labelers labeller description dco cla signoff issue issues release-notes codeowners owners
  blocking optional advisory experimental`);
/** The same in the step that says the work: a called workflow may be named for pull requests. */
export const NO_CODE_HERE = words('pr prs pull request requests mr changes delint');

/** Files that are no code, beside which a linter is none of the code. */
export const FORMATS = words(`
  markdown markdownlint mdlint md mdx readme prose vale spell spelling spellcheck spellchecker cspell typos typo grammar link links yaml yml yamllint
  toml xml editorconfig docker dockerfile dockerfiles hadolint helm chart charts kubernetes k8s manifest manifests terraform
  tf tflint ansible workflow workflows actionlint zizmor gha shell sh bash shellcheck shfmt openapi swagger spectral redocly oas proto protobuf
  protos buf license licenses licence licences copyright secret secrets lockfile publint translation translations i18n locale locales
  cloudformation bicep rego notebook notebooks latex tex nix cmake systemd renovate dependabot po html css scss`);
/** Likewise, though a package or a part of a matrix may be called so. */
export const FORMATS_OR_PACKAGES = words(`
  doc docs documentation action actions github script scripts sql migration migrations graphql schema schemas header headers reuse
  deps dependency dependencies config configs template templates json metadata policy policies version versions image images
  example examples asset assets spec specs`);
/** Words that say that code is linted, beside whatever else. */
export const CODE = words(`
  code source sources src js jsx ts tsx javascript typescript node python py go golang rust cargo java kotlin scala swift php ruby
  rails c cpp csharp dotnet elixir dart flutter vue react svelte angular frontend backend server client app web ui`);

/** Something is done with it, or said of it, and nothing measured. */
export const DEEDS = words(`
  publish publishing deploy deploys deployment release releases upload uploads download install installs setup set prepare prepares notify
  notification report reports reporter reporting comment comments annotate annotation annotations summary summarize result results
  status conclusion composite required passed failed failure success skip skipped noop dummy placeholder cache caches cleanup clean
  teardown image images push merge bump sync fix fixes fixer autofix generate generates generated gen update updates upgrade
  bench benchmark benchmarks fuzz fuzzing triage stale detect filter filters trigger dispatch cancel approve preview plugin plugins rule
  rules seed seeds seeding provision start stop create delete reset restore staged ok done complete completed disabled
  disable plan wait gate ecosystem environment env migrate close lock wrong stub stubs stubtest package packages matrix compute`);

/** Of these, what says of a caller or a part of a matrix only when or where it runs: `push / lint`, `lint (packages/ui)`. */
export const WHEN_OR_WHERE = words(`
  push merge required gate package packages plugin plugins matrix ecosystem rules status release releases environment env filter
  filters images image create start`);

/** Words that change nothing. */
export const PLAIN = words(`
  run runs running the a of on for in ci job jobs check checks checking test tests testing code quality style static analysis analyze analyse
  verify validate and with job1 main all latest ubuntu linux windows macos node python py js ts cargo npm pnpm yarn npx bun make uv tox nox
  pre precommit format formatting lint`);

/** A job of whose kind a matrix value says more: `checks (lint)`. */
export const RUNNERS = words(
  'check checks ci run runs task tasks test tests job jobs verify validate validation quality static analysis code tox nox make npm pnpm yarn turbo nx session target style qa',
);

/** The version of Playwright that is looked up is no test. */
export const VERSION = words('version versions');
export const JOINING = words('and with without then or plus');
export const TESTING = words('test tests testing');
export const BUILDING = words('build builds building compile');

/** By which a step asks for the work or tells of it, and does none of it. */
export const ASKING = words(`
  should shall whether if when need needs needed necessary want wanted wants require requires requirement decide decides decision determine
  determines detection is are was were has have can could may must will would enable enabled enables disabled disable disables changed
  affected touched relevant condition conditions echo printf print log logs say announce start starting started begin beginning end
  ending finished done time timer version versions list listing show no not nothing without ignore`);
