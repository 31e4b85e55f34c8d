// The expressions of the steps: payloads, policies, specs, and texts on their way into Markdown. For expressions.ts.
import { z } from 'zod';
import { LIMITS } from '../../src/config/limits.ts';
import { MOST_COMMAND_CHARACTERS } from '../../src/slash-commands/syntax/command-lines.ts';
import { TEXT_LIMITS } from '../../src/text/storable-text.ts';
import { type Listed, LONGEST_COMMENT, LONGEST_GITHUB_NAME, MIB, outside } from './listed.ts';

export const STEPS: readonly Listed[] = [
  outside('src/brain/objects/object-store.ts', 'a path of a row, which members may write; cut before', 1_000, [
    /^[\w./-]+$/,
  ]),
  outside('src/text/closest-name.ts', 'a key of a policy, cut before', 50, [/[^a-z0-9]/g]),
  outside('src/bypasses/bypasses.ts', "a commit's name", LONGEST_GITHUB_NAME, [/^0+$/]),
  outside('src/gate/coverage/changed-coverage.ts', 'a path', TEXT_LIMITS.path, [/\.[^./]+$/]),
  outside('src/gate/model/changed-lines.ts', 'a line of a diff', MIB, [
    /^@@ -\d{1,10}(?:,\d{1,10})? \+(\d{1,10})(?:,\d{1,10})? @@/,
  ]),
  outside('src/gate/model/read-diff.ts', 'a line of a diff', MIB, [
    /^@@ -\d{1,10}(?:,(\d{1,10}))? \+\d{1,10}(?:,(\d{1,10}))? @@/,
    /^[abiwco]\//,
    /^[0-3][0-7]{2}$/,
  ]),
  outside('src/slash-commands/command-answer.ts', 'a comment', LONGEST_COMMENT, [
    /\n<!-- codered:answer v1 comment=(\d{1,16}) -->$/,
  ]),
  outside('src/policy/schema/policy-extends.ts', 'a text of a policy, which has 32 KB', 32_768, [
    /^\.\.?$/,
    /^[\w.-]{1,100}$/,
    /^[\w./+#=@-]{1,200}$/,
    /^[/.-]/,
    /^[\w. /+@-]+$/,
  ]),
  outside('src/policy/policy-bases.ts', 'a ref that a policy names', 200, [/^[0-9a-f]{40}(?:[0-9a-f]{24})?$/]),
  outside('src/gate/find-evidence.ts', 'the name of a job, a check, an artifact or a workflow', LONGEST_GITHUB_NAME, [
    /[^a-z0-9]+/g,
    /[^a-z0-9*?]+/g,
  ]),
  outside(
    'src/slash-commands/syntax/comment-command.ts',
    'a word of a command, which is no longer than the command',
    MOST_COMMAND_CHARACTERS,
    [{ call: 'z.iso.date()', stands: [z.iso.date().def.pattern] }],
  ),
  outside(
    'src/gate/collect/fork-trust.ts',
    'a path of a file of a pull request, each character of which may stand for eighteen (U+FDFA in NFKC)',
    18 * TEXT_LIMITS.path,
    [/\p{DI}|\p{Cc}/gu, /[/\\]/, /(?:%[0-9a-f]{2})+/gi],
  ),
  outside('src/gate/names/name-words.ts', 'a name, cut before', 500, [
    /[&+,/|]/g,
    /[^\p{L}\p{N}]+/u,
    /([a-z])([A-Z])/g,
    /([A-Z])([A-Z][a-z])/g,
  ]),
  outside('src/gate/parts/numbered-parts.ts', 'a part of the name of an artifact', LONGEST_GITHUB_NAME, [/^\d{1,4}$/]),
  outside('src/gate/names/likely-makers.ts', 'a part of the name of a job', LONGEST_GITHUB_NAME, [/^\d+$/]),
  outside('src/gate/names/attempt-names.ts', 'a part of the name of an artifact', LONGEST_GITHUB_NAME, [
    /^\d+(?:t\d+)?z?$/,
    /^\d{6,}$/,
    /^\d{8}t\d{4,6}z?$/,
    /^[0-9a-f]{7,40}$/,
    /\d/,
    /^20\d\d$/,
    /^\d\d(?:t\d\d)?z?$/,
  ]),
  outside('src/gate/names/sibling-jobs.ts', 'the name of a job or an artifact', LONGEST_GITHUB_NAME, [
    /[^\p{L}\p{N}]+/u,
    /^(\p{L}+)(\d+)$/u,
    /\(([^()]*)\)/g,
    /^\d+$/,
    /\(([^()]*)\)|\d+/g,
  ]),
  outside('src/policy/globs/expand-braces.ts', 'what stands in braces of a glob of a policy', 500, [
    /^(?:-?\d+|[a-z])\.\.(?:-?\d+|[a-z])(?:\.\.-?\d+)?$/i,
  ]),
  outside('src/policy/globs/glob.ts', 'a glob of a policy', 500, [/^[^*?[\\]*/]),
  outside('src/policy/globs/glob-syntax.ts', 'a glob of a policy', 500, [
    /^(?:[a-z]:[/\\]|~\/|\/home\/runner\/work\/|\/github\/workspace\/|file:)/i,
    /^[ \t\r\n]|[ \t\r\n]$/,
    /^\*\*+$/,
    /[a-z0-9_]/i,
    /\[:[a-z]+:/,
    /[\\^$.|?*+()[\]{}-]/g,
  ]),
  outside('src/policy/schema/policy.ts', 'the name of a workflow in a policy', 255, [
    /^(?:\.github\/workflows\/)?[^/*?\\]+\.ya?ml$|^dynamic\/[^*?\\]+$/,
  ]),
  outside('src/policy/sense/policy-sense.ts', 'a flag, or the slug of a team, in a policy', 255, [
    /[a-z0-9*?]/i,
    /[\s/@]/,
  ]),
  outside('src/gate/collect/finding-tools.ts', 'the name of an artifact, a tool or a file', TEXT_LIMITS.path, [
    /[^a-z0-9]+/g,
  ]),
  outside('src/gate/collect/unreadable-reports.ts', 'the name of an artifact, a suite or a file', TEXT_LIMITS.path, [
    /(?:^|[^a-z0-9])(?:e2e|end-to-end|playwright|cypress|mochawesome)(?:[^a-z0-9]|$)/i,
    /(?:^|[^a-z])(?:coverage|cov|lcov|jacoco|cobertura|clover|istanbul|nyc)(?:[^a-z]|$)/i,
    /(?:^|[^a-z])(?:lighthouse|lhci)(?:[^a-z]|$)/i,
  ]),
  outside('src/gate/parts/matrix-reports.ts', 'a part of the name of an artifact', LONGEST_GITHUB_NAME, [
    /^\d+(?:t\d*)?z?$/,
    /^[0-9a-f]{7,40}$/,
    /\d/,
    /^\d{1,4}$/,
  ]),
  outside(
    'src/gate/coverage/package-place.ts',
    'a path of a report, or where it says that a file is',
    TEXT_LIMITS.path,
    [/[/\\.:]/],
  ),
  outside('src/gate/coverage/report-folder.ts', 'the name of a file of an artifact', TEXT_LIMITS.path, [
    /[-_. @+()[\]]/,
  ]),
  outside('src/normalise/events/deployment-protection.ts', 'a field of a payload', LIMITS.bodyBytes, [
    /\/actions\/runs\/([1-9]\d{0,15})\/deployment_protection_rule$/,
  ]),
  outside('src/normalise/fields/identity.ts', 'a field of a payload', LIMITS.bodyBytes, [
    /^(?:[0-9a-f]{40}|[0-9a-f]{64})$/,
  ]),
  outside('src/normalise/fields/parse-payload.ts', 'a field of a payload', LIMITS.bodyBytes, [/^[a-z_]{1,40}$/]),
  outside('src/text/storable-text.ts', 'an address, no longer than one may be', TEXT_LIMITS.url, [/^https?:\/\//]),
  outside('src/normalise/fields/timestamp.ts', 'a time, no longer than one may be', 40, [
    /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,9})?(?:Z|[+-]\d\d:?\d\d)$/,
  ]),
  outside('src/normalise/events/workflow-run.ts', 'the path of a workflow', TEXT_LIMITS.name, [/\.ya?ml$/]),
  outside('src/report/annotations.ts', 'a path', TEXT_LIMITS.path, [/^(?:\.\/)+/, /[\u0000-\u001f\u007f]|^[a-z]+:/i]),
  outside('src/report/comment.ts', 'a line of a comment', LONGEST_COMMENT, [
    /^\d{4}-\d{2}-\d{2}T[\d:.]{5,20}(?:Z|[+-]\d{2}:\d{2})$/,
    /^<!-- codered:comment v1 pull_request=(\d{1,15}) as_of=(-|\d{4}-\d{2}-\d{2}T[\d:.]{5,20}(?:Z|[+-]\d{2}:\d{2})) -->\r?$/,
  ]),
  outside('src/report/failures/failure-sentence.ts', 'names of deployments', LONGEST_COMMENT, [
    /^(\*\*)d(?=eployment to )/,
  ]),
  outside('src/report/failures/not-yours.ts', 'the sentence of a verdict', TEXT_LIMITS.title, [
    /(?<![^ (])([0-9a-f]{7})(?![^ ,.;:)])/,
  ]),
  outside('src/text/markdown.ts', 'a text from outside, or an address', LONGEST_COMMENT, [
    /^(?=[-+=])/,
    /^(\d{1,9})(?=[.)])/,
    /(?<!`)`([^`]+)`(?!`)/,
    /[^\w\-.~:/?#@&+,;=%]/g,
    /[\\`*_[\]~$]/g,
    /@|:(?=\S)|www(?=\.)|gh-(?=\d)|[0-9a-f]{6}(?=[0-9a-f])/gi,
    /`+/g,
  ]),
  outside('src/text/outside-text.ts', 'a text from outside', LONGEST_COMMENT, [
    /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f\u00ad\u200b\u2060-\u2064\ufeff\ufff9-\ufffb\u{e0000}-\u{e01ff}]/gu,
    /[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/g,
    /[\s\u0085]+/g,
    /\r\n|[\r\n\u2028\u2029\u0085]/,
  ]),
  outside('src/specs/mailed-spec.ts', 'the subject of a mail', 4_000, [
    /^([\w.-]+\/[\w.-]+)(?:@(\S+))?(?=\s|$)/u,
    /[\n\r\u2028\u2029]/,
    /^\S+\.(md|ya?ml)$/,
  ]),
  outside('src/specs/mailed-spec.ts', 'the text of a mail, or the name of an attachment', LIMITS.mailBytes, [
    /\.(?:md|ya?ml)$/i,
    /\.[^.]+$/,
    /^-- $/m,
    /[^\p{L}\p{N}]+/gu,
    /^-|-$/g,
  ]),
  outside('src/gate/run-summary.ts', 'the name of a suite in a report, cut before', 200, [/\p{Cc}/gu]),
  outside('src/agents/agent-file.ts', 'a word in the file of an agent', 16_384, [/^[a-z0-9][a-z0-9_-]{0,99}$/]),
  outside('src/agents/agents.ts', 'the name of a file', LONGEST_GITHUB_NAME, [/\.ya?ml$/]),
  outside('src/specs/parse-spec.ts', 'a spec', LIMITS.mailBytes, [/^\uFEFF/, /\r?\n/, /\.[^.]+$/, /\p{Cc}+/gu]),
];
