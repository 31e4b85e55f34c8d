// What a report of findings is about, by the tools that it says made it. Pure.
//
// Many kinds of tools write SARIF. Without a policy that names it, only a tool that is known to lint code, or to check types, counts as
// one. A scanner that found no CVE has linted nothing, and a CVE is no lint error.

import { hints } from '../names/work-names.ts';
import { words } from '../names/work-words.ts';

/** What a tool checks; `other`: neither code style nor types, or not known. */
export type About = 'lint' | 'types' | 'other';

/** Linters of code, as whole words of the name that they give themselves. */
const LINTERS = words(`
  eslint biome oxlint tslint jshint jslint xo standardjs quick-lint-js deno-lint rslint stylelint
  ruff flake8 pylint pycodestyle pydocstyle pyflakes prospector rubocop standardrb reek
  golangci-lint golangci golint revive staticcheck govet go-vet clippy
  checkstyle pmd spotbugs error-prone errorprone ktlint detekt scalastyle scalafix codenarc android-lint androidlint
  swiftlint phpcs php-codesniffer phpmd php-cs-fixer credo clj-kondo hlint luacheck lintr
  clang-tidy cpplint cppcheck stylecop roslynator fsharplint dartanalyzer`);
const TYPE_CHECKERS = words(`
  tsc vue-tsc typescript svelte-check mypy pyright basedpyright pytype pyre-check pyrefly sorbet flow-bin flowtype`);
/** What looks for weaknesses, secrets and licences, or at files that are no code. */
const SCANNERS = words(`
  trivy grype snyk codeql semgrep gitleaks trufflehog zap zaproxy nuclei checkov tfsec terrascan kics kubescape kube-linter
  dependency-check osv-scanner osv govulncheck gosec bandit brakeman safety pip-audit npm-audit bearer horusec devskim scorecard
  ossf anchore clair dockle hadolint actionlint zizmor tflint shellcheck yamllint markdownlint docker-scout scout veracode checkmarx
  fortify sonar sonarqube sonarcloud wiz prisma mend whitesource fossa nancy security vulnerability vulnerabilities secrets sast dast
  sca sbom detect-secrets ggshield noseyparker`);

/** What the tool checks, by its name. For a name of several tools, what each known one checks; `other` alone when none is known. */
export function aboutOf(tool: string): readonly About[] {
  const about = new Set(tool.split(',').map(aboutOfOne));
  if (about.size > 1) about.delete('other');
  return [...about];
}

function aboutOfOne(tool: string): About {
  // typescript-eslint lints.
  if (names(tool, LINTERS)) return 'lint';
  return names(tool, TYPE_CHECKERS) ? 'types' : 'other';
}

/** Whether the name of a tool or file says that it is neither a linter nor a type checker. */
export function isScanner(name: string): boolean {
  return names(name, SCANNERS) && !names(name, LINTERS);
}

/**
 * For which criteria the errors of an unknown tool count as failures, by the name of the artifact: `lint-custom` with errors may be the
 * failed linter. (That it found no error would prove nothing.)
 */
export function heldBackBy(artifact: string, tool: string): readonly About[] {
  if (isScanner(tool) || isScanner(artifact)) return [];
  return (['lint', 'types'] as const).filter((work) => hints(artifact, work));
}

function names(text: string, tools: ReadonlySet<string>): boolean {
  const name = `-${text.toLowerCase().replace(/[^a-z0-9]+/g, '-')}-`;
  return [...tools].some((tool) => name.includes(`-${tool}-`));
}
