// Failures that many programs word alike, in the words that they document.
import { type Row, toDocumented } from '../row.ts';

const rows: Row[] = [
  [
    'fork-cannot-allocate-memory',
    'Memory allocation failed',
    './build.sh',
    'https://man7.org/linux/man-pages/man2/fork.2.html',
    ['compiling 412 modules', './build.sh: fork: Cannot allocate memory'],
  ],
  [
    'grype-vulnerabilities-above-the-threshold',
    'Scanner found vulnerabilities',
    'grype dir:. --fail-on high',
    'https://github.com/anchore/grype',
    [
      'NAME    INSTALLED  FIXED-IN  TYPE  VULNERABILITY   SEVERITY',
      'acme-x  1.2.3      1.2.9     npm   GHSA-0000-0000  High',
      '[0012] ERROR discovered vulnerabilities at or above the severity threshold',
    ],
  ],
  [
    'sarif-refused-by-code-scanning',
    'SARIF file not accepted',
    'github/codeql-action/upload-sarif@v4',
    'https://docs.github.com/en/code-security/code-scanning/troubleshooting-sarif-uploads',
    ['##[error]Code Scanning could not process the submitted SARIF file:'],
  ],
  [
    'php-fatal-error-undefined-method',
    'PHP: function or method does not exist',
    'php bin/console cache:warmup',
    'https://www.php.net/manual/en/errorfunc.constants.php',
    [
      'PHP Fatal error:  Uncaught Error: Call to undefined method Acme\\Shop\\Cart::total() in /home/runner/work/app/app/src/Cart.php:41',
      'Stack trace:',
      '#0 {main}',
    ],
  ],
  [
    'php-syntax-error-in-a-file',
    'PHP syntax error',
    'php -l src/Cart.php',
    'https://www.php.net/manual/en/features.commandline.options.php',
    ['PHP Parse error:  syntax error, unexpected token "}" in src/Cart.php on line 12', 'Errors parsing src/Cart.php'],
  ],
  [
    'bundler-gem-of-the-bundle-not-installed',
    'Bundler: gems of the bundle not installed',
    'bundle exec rake',
    'https://bundler.io/man/bundle-install.1.html',
    ['Could not find rake-13.2.1 in locally installed gems', 'Run `bundle install` to install missing gems.'],
  ],
];

export const documented = rows.map(toDocumented);
