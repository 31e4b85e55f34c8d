// The expressions that read logs and patterns. For expressions.ts.
import { MAX_LINE_BYTES } from '../../src/diagnose/log/line-blocks.ts';
import { type Listed, LONGEST_PATTERN, outside } from './listed.ts';

export const DIAGNOSE: readonly Listed[] = [
  outside('src/diagnose/classify.ts', 'a line of a log, or the first line of what another system says', 65_536, [
    /^##\[(?:error|warning)\]/,
  ]),
  outside(
    'src/diagnose/patterns/literal-index.ts',
    'a pattern, as whoever brings one into the library wrote it',
    LONGEST_PATTERN,
    [/[A-Za-z]/],
  ),
  outside(
    'src/diagnose/patterns/literals.ts',
    'a pattern, as whoever brings one into the library wrote it',
    LONGEST_PATTERN,
    [/[ks]/, /[\s\w,.:/-]/, /[A-Za-z]/, /[A-Z]/g],
  ),
  outside('src/diagnose/location.ts', 'a line of a log or the path of an annotation', MAX_LINE_BYTES, [
    /^(?:(?:\/home\/runner\/work|\/Users\/runner\/work|[A-Za-z]:[/\\]a|\/__w)[/\\][^/\\]+[/\\][^/\\]+|\/github\/workspace)[/\\]/,
    /(?:^|[\s"'(<[\]])(?:file:\/\/)?((?:[A-Za-z]:)?[\w./\\@+-]{1,300}\.[A-Za-z]\w{0,9})[:(](\d{1,7})(?=[:,)\s]|$)/g,
    /File "([^"\n]{1,300})", line (\d{1,7})/g,
    /^[\w-]+(?:\.[\w-]+)*\.(?:com|org|net|io|dev|app|cloud|local|internal|example)$/i,
    /^\.\//,
    /^[A-Za-z]:/,
    /(?:^|\/)(?:node_modules|site-packages|vendor|\.cargo|\.m2)\//,
  ]),
  outside('src/diagnose/log/log-marks.ts', 'a line of a log', MAX_LINE_BYTES, [
    /^##\[error\]Process completed with exit code \d+\.?$/,
  ]),
  outside(
    'src/diagnose/normalise-message.ts',
    'a line of a log, in which each character may have become <*>',
    3 * MAX_LINE_BYTES,
    [
      /"[^"]*"|`[^`]*`|(?<!\w)'[^']*'(?!\w)|‘[^’]{0,500}’|“[^”]{0,500}”/g,
      /(["'])(GET|HEAD|POST|PUT|PATCH|DELETE|OPTIONS) [^"'\s]{1,2000}(?: HTTP\/[\d.]{1,3})?\1/g,
      /\b[a-zA-Z][a-zA-Z0-9+.-]{1,20}:\/\/[^\s"'<>)\]},;]+/g,
      /\b[A-Za-z]:\\[^\s"'<>|,;()]*/g,
      /(?<![\w<>*])(?:~|\.{1,2})?\/[\w.@+~%#=$/-]+/g,
      /(?<![\w./])[\w.@+-]{1,100}(?:[/\\][\w.@+-]{1,100}){2,40}|(?<![\w./])[\w.@+-]{1,100}[/\\][\w.@+-]{1,100}\.[A-Za-z]\w{0,5}\b/g,
      /(?<![\w./])[\w.@+-]{1,100}\.[A-Za-z]\w{0,7}(?=[:(]\d)/g,
      /(?<![\w.+-])[\w.+-]{1,64}@[\w-]{1,64}(?:\.[\w-]{1,64}){1,5}/g,
      /\b(user(?:name)?|for user|for invalid user) (?!unknown|name)[\w.@$-]+(?= |$|\))/gi,
      /\bfor (?!user |invalid user )[^\s<]{1,100} from\b/g,
      /([\s,;:=()[\]{}<>|"'`#!?]+)/,
      /^[A-Z]{1,4}\d{3,5}$/,
      /^(?:0x)?[0-9a-f]{8,}$/i,
      /^[\w$-]+(?:\.[\w$-]+){2,}\.?$/,
      /(?:Exception|Error|Failure|Warning)$/,
      /[A-Za-z]/,
      /^(?:true|false)$/i,
      /\d/,
      /<\*>[\w.$/\\-]+/g,
      /=<\*>(?:\{[^{}]{0,500}\}|\([^()]{0,500}\))/g,
      /(?:<\*>[-+.,:;/|#&]{0,3} ?){2,}/g,
      /<\*> ([a-z]{2,})s\b/g,
      /\s+/g,
      /\b\d{4}[-/]\d{2}[-/]\d{2}(?:[T ]\d{1,2}:\d{2}:\d{2}(?:[.,]\d{1,9})?(?:Z|[+-]\d{2}:?\d{2})?)?/g,
      /\b(?:(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)[a-z]{0,6},? )?(?:(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)[a-z]{0,6} {1,2}\d{1,2}|\d{1,2} (?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)[a-z]{0,6}),?(?: \d{4})?(?: \d{1,2}:\d{2}:\d{2}(?:[.,]\d{1,9})?)?(?: \d{4})?(?: UTC| GMT)?\b/g,
      /(?<![\w.])[<>~]?-?\d{1,20}(?:[.,]\d{1,9})? ?(?:[nµμum]?s|secs?|seconds?|msecs?|milliseconds?|microseconds?|m|mins?|minutes?|h|hrs?|hours?|d|days?|[kKMGTP]?i?[bB](?:\/s|ps)?|[kMG]bit(?:\/s)?|bytes?|%)(?![\w/])(?:,? (?:and )?\d{1,20}(?:\.\d{1,9})? ?(?:[nµμum]?s|secs?|seconds?|msecs?|milliseconds?|microseconds?|m|mins?|minutes?|h|hrs?|hours?|d|days?|[kKMGTP]?i?[bB](?:\/s|ps)?|[kMG]bit(?:\/s)?|bytes?|%)(?![\w/]))*/g,
    ],
  ),
  outside(
    'src/diagnose/patterns/pattern-refusal.ts',
    'a pattern, as whoever brings one into the library wrote it',
    LONGEST_PATTERN,
    [/[\r\n]/],
  ),
  outside(
    'src/diagnose/patterns/regex-syntax.ts',
    'a pattern, as whoever brings one into the library wrote it',
    LONGEST_PATTERN,
    [/^\{(\d{1,4})(,?)(\d{0,4})\}/, /^\w+$/, /^[0-9a-fA-F]{1,6}$/, /^[0-9A-Za-z]$/],
  ),
];
