// Tells from a job's scripts which actions set its tools up.
import type { FrameAction } from './frame-action.ts';
import type { ProblemMatcher } from './problem-matchers.ts';
import { BEAM, DART, DENO, DOTNET, GO, HASKELL, JAVA, NODE, PHP, PYTHON, R, RUBY, RUST } from './set-up-actions.ts';

const COMMANDS: readonly (readonly [action: FrameAction, commands: string])[] = [
  [
    NODE,
    'npm npx node yarn pnpm corepack eslint tsc vercel netlify firebase renovate cdk playwright cypress jest vitest',
  ],
  [
    PYTHON,
    'python python3 pip pip3 /usr/bin/pip3 pytest mypy black isort flake8 pylint bandit vulture poetry uv pipenv tox nox',
  ],
  [
    PYTHON,
    'ruff twine sphinx-build mkdocs jupyter alembic pre-commit ansible-playbook ansible-lint dbt codespell yamllint',
  ],
  [PYTHON, 'cython3 reuse pio cfn-lint hatch pdm pyright conan meson'],
  [GO, 'go gofmt golangci-lint ginkgo goreleaser'],
  [
    JAVA,
    'mvn ./mvnw gradle ./gradlew java javac javadoc jlink keytool ant sbt scalac kotlinc checkstyle ./mill lein clojure',
  ],
  [JAVA, 'scalafmt groovyc flyway liquibase sonar-scanner native-image'],
  [DOTNET, 'dotnet nuget'],
  [RUBY, 'ruby bundle rake rspec rubocop gem bin/rails jekyll pod fastlane'],
  [
    PHP,
    'php composer phpunit phpcs bin/console vendor/bin/phpunit vendor/bin/pest vendor/bin/phpstan vendor/bin/infection',
  ],
  [BEAM, 'mix elixir rebar3 erlc'],
  [HASKELL, 'cabal ghc stack hlint runghc'],
  [RUST, 'cargo rustc rustup'],
  [DART, 'dart'],
  [R, 'Rscript R'],
  [DENO, 'deno'],
];
const ACTION_OF: ReadonlyMap<string, FrameAction> = new Map(
  COMMANDS.flatMap(([action, commands]) => commands.split(' ').map((command) => [command, action] as const)),
);
/** More than these are set up in few jobs. */
const MOST_ACTIONS = 2;

/** In the order in which the scripts need them; none for what the runner's image has anyway. */
export function setUpActionsOf(
  steps: readonly { run: string; uses?: string }[],
  needs: readonly string[],
): FrameAction[] {
  const commands = [...steps.filter(({ uses }) => uses === undefined).flatMap(({ run }) => commandsIn(run)), ...needs];
  const actions = new Set(commands.flatMap((command) => ACTION_OF.get(command) ?? []));
  const own = new Set(steps.flatMap(({ uses }) => uses?.split('@', 1) ?? []));
  return [...actions].filter(({ uses }) => !own.has(uses)).slice(0, MOST_ACTIONS);
}

/** The problem matchers that those actions register, the last one's first. */
export function matchersOf(
  steps: readonly { run: string; uses?: string }[],
  needs: readonly string[],
): ProblemMatcher[] {
  return setUpActionsOf(steps, needs)
    .toReversed()
    .flatMap(({ matchers }) => matchers);
}

/** The first word of each command, after the variables and words that only lead to it. */
function commandsIn(script: string): string[] {
  return script.split(/\n|&&|\|\||[;|]/).flatMap((command) => {
    const words = command.trim().split(/\s+/);
    return (
      words.find((word) => !word.includes('=') && !['sudo', 'timeout', 'exec', 'time', '!', 'if'].includes(word)) ?? []
    );
  });
}
