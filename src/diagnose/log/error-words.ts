// Tells lines that never say why something failed, and lines that sound like an error. Pure.

/** What never says anything, by how it begins. */
const NOISE_START =
  /^\s*(?:at \S|from \S+:\d+:in|File "|Traceback \(most recent|\.\.\. \d+ more|\d+: 0x|#\d+ 0x|goroutine \d|created by |\[\d+\] \S|\d+\. \S+\(|\d+│|→ +\d+│|See |For more (?:info|help|details)|To see the full|Re-run |Get more help|Learn more|Read more|Run with --|> Run with|> Get more|\* Try|\* Get more|note: |hint: To |A complete log of this run|Please report|https?:\/\/\S+$|##\[(?:debug|group|endgroup|command|section)\]|::debug|\[command\]|\[debug\]|Total time|Finished (?:at|in)|Time:|Done in|Took |real\s|user\s|sys\s|Cleaning up|Removing |Finished: |Build step '|Archiving artifacts|Sending e-mails|make(?:\[\d+\])?: (?:Leaving|Entering) |Execution halted|BUILD FAILED in|Stacktrace:|stack backtrace:|Backtrace:|in expression starting at|query stack during|Emitted 'error' event|Node\.js v\d|shell: |env:\s*$|go: downloading |\* What went wrong|-- Configuring incomplete|CMake Generate step failed|==\d+==ABORTING|(?:Snapshots|Tests|Test Suites|Test Files):? |Downloading |Download |Downloaded |coverage: |Ran all test suites|npm notice)/;
const NPM_CHATTER =
  /^\s*npm (?:ERR!|error)\s*(?:$|A complete log|Log files|\/|[A-Z]:\\|code (?:ELIFECYCLE|\d)|errno|at |-{1,2}[a-z]|\[-|path |command |workspace |location |Options:|Usage:|Run "npm help|aliases: |Clean install|npm ci$|Found: )/;
/** The same by what it holds. */
const NOISE_INSIDE =
  /\[Help \d\]|re-run Maven|-X switch|full stack trace|for more information about the errors|RUST_BACKTRACE|ELIFECYCLE|npm fund|open ?collective|GitHub Sponsors|sponsor|\bexit(?:ed)?(?: with)?(?: code| status)?:? -?\d+\.?$|returned a non-zero code|non-zero exit|did not complete successfully: exit code|Command failed with exit code|After correcting the problems|mvn <goals>|\bto rerun pass\b/i;
/** Rules, frames and lone signs. */
const RULE = /^[\s\-=_*~#.+|│┃╭╮╰╯─━═┌┐└┘├┤╵╷>^{}()[\]·]*$/;
/** What follows from a failure that was told before: wrappers' last words and summaries. */
const WRAPPER =
  /^\s*(?:make(?:\[\d+\])?: \*\*\* .*\d$|FAIL(?:ED)?$|FAIL\t|FAILED$|BUILD FAIL(?:ED|URE)$|FAILURE: Build failed|error: could not compile|error: failed to push some refs|collect2: error|error: Recipe |Failed examples:|failures:$|Failures:$|FAILURES!$|✗ Build failed in |➤ YN0000: · Failed with errors|CMake Error: CMake|test result: FAILED|Found \d+ errors?\b|✖ \d+ problems?|\d+ (?:failed|failing)$)/;

/** Whether the line never says why something failed. */
export function isNoise(text: string): boolean {
  return [RULE, NOISE_START, NPM_CHATTER, NOISE_INSIDE, WRAPPER].some((form) => form.test(text));
}

/** A value in the difference that a test runner shows: what was expected or received, whatever it says. */
const DIFFERING = /^[+-] +["'`]/;

/** Whether the line shows a value that two sides of a test differ in. */
export function isDiffering(text: string): boolean {
  return DIFFERING.test(text);
}

/** `test/price_test.exs:6`, `  --> src/main.rs:2:5`, `    raise Late('…')`: a place in a file, or what stands there. */
const PLACE = /^\s*(?:(?:--> )?(?:[A-Za-z]:)?[^\s:]+:\d{1,7}(?::\d{1,7})?$|raise \w)/;

/** Whether the line says where something is, and not what. */
export function isPlace(text: string): boolean {
  return PLACE.test(text);
}

/** Begins as only errors do. */
const SURE =
  /^\s*(?:error|fatal|FAIL|FAILED|FAILURE|ERROR|E {2,}|panic|Traceback|Exception|UnhandledPromise|Uncaught|--- FAIL|curl: \(\d+\)|not ok|npm ERR!|npm error|✗|✖|✘|×|❌|●|ERR!|ERR_\w+)(?:[\s:!([,]|$)|\b\w*(?:Error|Exception)(?:: |$| \[)|: (?:fatal )?error[: ]|: line \d+: \S+: |\berror(?:\[\w+\]| [A-Z]{1,4}\d{2,5}|:)|\bfatal:|\bpanicked at\b/;
/** Words that errors use, and other lines too. */
const MAYBE =
  /\b(?:errors?|fail(?:ed|ure|ures|s|ing)?|fatal|exception|panic|cannot|can't|can’t|could not|couldn't|unable|not found|no such|denied|forbidden|unauthorized|refused|rejected|invalid|missing|undefined|unexpected|unrecognized|unknown|unsupported|unresolved|timed out|timeout|abort(?:ed|ing)?|killed|segmentation|not allowed|not permitted|not installed|not available|not a valid|not valid|does not exist|doesn't exist|mismatch|conflict(?:s|ing)?|violat\w*|exceed\w*|expired|required|expected|assert\w*|must|incompatible|illegal|wrong|bad|corrupt\w*|insufficient|only supports?|too (?:old|large|many|long)|no longer|replaced by)\b|[✗✖✘×❌]/i;
/** Sounds like an error and is none. */
const FINE =
  /\b(?:0|no) (?:errors?|fail(?:ed|ures?)|problems?)\b|(?:errors?|failures?|failed): 0\b|^\s*(?:ok|PASS|PASSED)\b|^\s*[✓✔√]|\bwarn(?:ing)?\b|deprecat/i;

/** Marked by its tool, or by the runner, as no error. */
const QUIET = /^\s*(?:\[(?:INFO|WARNING|WARN|DEBUG)\]|##\[(?:warning|notice)\])/;

/** Whether the line itself says that it is no error. */
export function isQuiet(text: string): boolean {
  return QUIET.test(text);
}

/** 0 for a line that says nothing of an error, 1 for one that may, 2 for one that does. */
export function errorWeight(text: string): 0 | 1 | 2 {
  if (FINE.test(text)) return 0;
  if (SURE.test(text)) return 2;
  return MAYBE.test(text) ? 1 : 0;
}
