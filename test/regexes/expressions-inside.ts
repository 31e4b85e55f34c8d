// The expressions that never see text from outside, and why. For expressions.ts.
import { z } from 'zod';
import { inside, type Listed } from './listed.ts';

export const INSIDE: readonly Listed[] = [
  inside('src/config/address-ranges.ts', 'a setting, or what GitHub says of its own addresses', [/^\d{1,3}$/]),
  inside('src/config/agents-repositories.ts', 'a setting, which whoever runs the process writes', [
    /^(?:[a-z0-9][a-z0-9._-]{0,98}\/[a-z0-9._-]{1,100}|[1-9][0-9]{0,17})$/,
  ]),
  inside('src/config/allowed-accounts.ts', 'a setting, which whoever runs the process writes', [
    /^[a-z0-9](?:[a-z0-9._-]{0,98})$/,
  ]),
  inside('src/config/api-keys.ts', 'a setting, which whoever runs the process writes', [
    /^[\w-]{1,50}:[0-9a-f]{64}(?:\s*,\s*[\w-]{1,50}:[0-9a-f]{64})*$/i,
    /\s*,\s*/,
  ]),
  inside('src/config/brain-settings.ts', 'a setting, which whoever runs the process writes', [
    /^https?$/,
    /\/+$/,
    /^postgres(?:ql)?$/,
    /[?#]/,
    /^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/,
    /^[a-z0-9-]{1,40}$/,
  ]),
  inside('src/brain/calls/call-error.ts', 'a code of an error of Postgres', [/^[0-9A-Z]{5}$/]),
  inside('src/brain/applied-migrations.ts', 'our migrations, and the books of our own database', [
    /--[^\n]*/g,
    /[\s;]/g,
  ]),
  inside('src/brain/migrate.ts', 'the seed file, which is ours', [
    { call: "new RegExp(`\\\\('…', '([0-9a-f]{64})'\\\\)`)", stands: [] },
  ]),
  inside('src/brain/migration-files.ts', 'the names of our migrations', [/^(\d{14})_(.+)\.sql$/]),
  inside('src/brain/backends/directory-lock.ts', 'the lock of our own data directory', [
    { call: 'z.uuid()', stands: [z.uuid().def.pattern ?? /$^/] },
  ]),
  inside('src/brain/backends/postgres.ts', 'a setting, which whoever runs the process writes', [/^postgres(ql)?:$/]),
  inside('src/brain/retention/retention.ts', 'an answer of our own database', [
    { call: 'z.iso.date()', stands: [z.iso.date().def.pattern] },
  ]),
  inside('src/cli/agents.ts', 'the name of a file that the command was given', [/\.ya?ml$/]),
  inside('src/cli/doctor/check-retention.ts', 'an answer of our own database', [
    { call: 'z.iso.date()', stands: [z.iso.date().def.pattern] },
  ]),
  inside('src/cli/erase.ts', 'what stands on the command line', [/^[^/\s]+\/[^/\s]+$/, /^[^/\s]+$/]),
  inside('src/http/rest/paths.ts', 'our own paths', [/\{(\w+)\}/g]),
  inside('src/http/person-door/bearer.ts', 'an answer of our own database', [
    { call: 'z.guid()', stands: [z.guid().def.pattern] },
  ]),
  inside('src/cli/people/member.ts', 'what stands on the command line', [/^[A-Za-z0-9][A-Za-z0-9_-]{0,99}$/]),
  inside('src/cli/people/member-with-login.ts', 'what stands on the command line, and an answer of our own database', [
    /^[1-9]\d{0,14}$/,
    { call: 'z.guid()', stands: [z.guid().def.pattern] },
  ]),
  inside('src/cli/people/token.ts', 'what stands on the command line, and an answer of our own database', [
    /^\d{1,3}$/,
    { call: 'z.guid()', stands: [z.guid().def.pattern] },
  ]),
  inside('src/cli/work/options.ts', 'what stands on the command line', [
    { call: 'z.guid()', stands: [z.guid().def.pattern] },
  ]),
  inside('src/model/scopes.ts', 'what stands on the command line', [/[ ,]/]),
  inside('src/cli/failures.ts', 'what stands on the command line', [
    /^[\w.-]{1,100}\/[\w.-]{1,100}$/,
    /^[1-9]\d{0,8}$/,
    /^(?:[0-9a-f]{40}|[0-9a-f]{64})$/,
  ]),
  inside('src/cli/gate.ts', 'what stands on the command line', [/^([^/\s]+)\/([^/\s]+)$/, /^[1-9]\d{0,8}$/]),
  inside('src/cli/patterns.ts', 'what stands on the command line', [/^([^/\s]+)\/([^/\s]+)$/]),
  inside('src/cli/deliveries/replay.ts', 'what stands on the command line', [
    { call: 'z.guid()', stands: [z.guid().def.pattern] },
  ]),
  inside('src/cli/pattern-files.ts', 'the name of a file that the command was given', [/\.ya?ml$/]),
  inside('src/cli/terminal/misuse.ts', "what stands on the command line, and a command's own help", [
    /^(?:Unknown option|Option|Unexpected argument) '([^']+)'/,
    /--[a-z][a-z-]*/g,
  ]),
  inside('src/config/settings.ts', 'a setting, which whoever runs the process writes', [
    /^[1-9]\d{0,14}$/,
    /^\d{1,5}$/,
    /^https?$/,
    /^(?:CODERED|SUPABASE|METRICS_|WEBHOOK|PRIVATE_?KEY|APP_?ID)/i,
  ]),
  inside('src/config/github-address.ts', 'a setting, which whoever runs the process writes', [
    /^[\w.-]+(?::\d{1,5})?$/,
  ]),
  inside('src/config/sign-in-settings.ts', 'a setting, which whoever runs the process writes', [
    /^[\w.-]{1,100}$/,
    /^[\x21-\x7e]{16,200}$/,
    /^[0-9a-f]+$/i,
    /^[\w+/-]{43}=?$/,
  ]),
  inside('src/server/access-checks.ts', 'ids of our own database', [
    { call: 'z.uuid()', stands: [z.uuid().def.pattern ?? /$^/] },
  ]),
  inside('src/oauth/consent-pages.ts', 'ids of our own database', [
    { call: 'z.guid()', stands: [z.guid().def.pattern] },
  ]),
  inside('src/sign-in/grants.ts', 'ids of our own database', [
    { call: 'z.uuid()', stands: [z.uuid().def.pattern ?? /$^/] },
  ]),
  inside('src/demo/github/authorise.ts', "the demo's own requests and payloads", [/^(?:bearer|token) (\S+)$/i]),
  inside('src/demo/github/github-stand-in.ts', "the demo's own requests and payloads", [/^\/api\/v3(?=\/)/]),
  inside('src/demo/github/routes/actions.ts', "the demo's own requests and payloads", [/^>=(.*)$/, /^<=(.*)$/]),
  inside('src/backfill/backfill.ts', 'a code that we made of an HTTP status', [/^4\d\d$/]),
  inside('src/backfill/taken.ts', 'what our database answers', [{ call: 'z.guid()', stands: [z.guid().def.pattern] }]),
  inside('src/cli/verdict.ts', 'what stands on the command line', [
    { call: 'z.guid()', stands: [z.guid().def.pattern] },
  ]),
  inside('src/cli/deliveries/backfill.ts', 'what stands on the command line', [
    /^[\w.-]{1,100}\/[\w.-]{1,100}$/,
    /^[\w-]{1,100}$/,
  ]),
  inside('src/sweep/ask-subject.ts', 'a time that we wrote', [/\.\d+Z$/]),
  inside('src/demo/github/state/github-state.ts', "the demo's own requests and payloads", [/\.\d+Z$/]),
  inside('src/demo/github/responder.ts', "the demo's own requests and payloads", [
    /^(?:POST|PATCH|PUT)/,
    /^\/repositories\/(\d+)/,
  ]),
  inside('src/demo/github/state/retell.ts', "the demo's own requests and payloads", [
    /\b(?:Codertocat\/Hello-World|Octocoders\/Hello-World|octocat\/Hello-World|github\/hello-world|octo-org\/octo-repo|octokit\/octokit\.rb|octocat\/octorepo)/g,
  ]),
  inside('src/demo/github/routes/checks.ts', "the demo's own requests and payloads", [/^heads\//]),
  inside('src/demo/github/routes/pulls.ts', "the demo's own requests and payloads", [/.{60}/g, /^[0-9a-f]{40}$/]),
  inside('src/demo/github/routing.ts', "the demo's own requests and payloads", [
    /\{(\w+)\}/g,
    { call: 'new RegExp(`^…$`)', stands: [] },
  ]),
  inside('src/demo/story/teller.ts', "the demo's own requests and payloads", [/^(.{8})(.{4})(.{4})(.{4})(.{12}).*$/]),
  inside('src/diagnose/pattern-files/pattern-file.ts', 'a file of patterns: ours, or one that a command was given', [
    { call: "z.url({ protocol: /^https?$/, error: 'must be an http or https address' })", stands: [] },
    /^https?$/,
    /\.toml$/i,
    /\.ya?ml$/i,
    /^[ \t]*\[\[rule\]\]/m,
  ]),
  inside('src/config/receiver-settings.ts', 'a setting, which whoever runs the process writes', [
    /^(?:localhost|127\.0\.0\.1|\[::1\])$/,
    /[?#\s\\]/,
    /^[0-9a-f]{64}(?: *, *[0-9a-f]{64})*$/,
    /^\d{1,5}$/,
  ]),
  inside('src/gate/names/work-words.ts', 'lists of words in the source', [/\s+/]),
  inside('src/slash-commands/command-input.ts', 'a time that the brain gives', [
    { call: 'z.iso.datetime()', stands: [z.iso.datetime().def.pattern] },
  ]),
  inside('src/github/github-error.ts', 'an address that we asked', [/\/app\/installations\/\d{1,20}\/access_tokens$/]),
  inside('src/config/unknown-settings.ts', 'the environment, which whoever runs the process writes', [
    /^(?:CODERED|METRICS)_/i,
    /^(?:CODERED|METRICS|SUPABASE|WEBHOOK)_/,
    /_(?:SERVICE_HOST|SERVICE_PORT(?:_\w+)?|PORT_\d{1,5}_(?:TCP|UDP|SCTP)(?:_(?:ADDR|PORT|PROTO|PORT_START|PORT_END))?)$/,
    /^(?:tcp|udp|sctp):\/\//,
  ]),
  inside('src/config/mail-settings.ts', 'a setting, which whoever runs the process writes', [
    /(?:postmark:[0-9a-fA-F]{64}|mailgun:[\w-]{16,200})/,
    /[^\s@,]{0,64}@[a-z0-9](?:[a-z0-9.-]{0,250}[a-z0-9])?/,
    /\s*,\s*/,
    { call: 'new RegExp(`^…(?:\\\\s*,\\\\s*…)*$`, flags)', stands: [] },
  ]),
  inside('src/config/private-key.ts', 'a setting, which whoever runs the process writes', [
    /-----BEGIN ([A-Z ]+)-----([^-]+)-----END \1-----/,
    /\s+/g,
    /.{1,64}/g,
  ]),
  inside('src/setup/manifest.ts', 'app.yml, which is ours', [{ call: 'z.url()', stands: [] }]),
  inside('src/server/starter-ignores.ts', 'the names of our own files', [/\.ya?ml$/, /^ignore/m]),
  inside('src/config/untrusted-check-apps.ts', 'a setting, which whoever runs the process writes', [
    /^[a-z0-9][a-z0-9-]{0,99}$/,
  ]),
  inside('src/config/wait-settings.ts', 'a setting, which whoever runs the process writes', [
    /^\d{1,4}$/,
    /^-?[a-z0-9][a-z0-9-]{0,99}$/,
  ]),
  inside('src/gate/coverage/report-folder.ts', 'words that stand in the file itself', [/\s/]),
];
