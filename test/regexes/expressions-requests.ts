// The expressions that read requests, mails, answers of GitHub and arguments of the brain. For expressions.ts.
import { z } from 'zod';
import { LIMITS } from '../../src/config/limits.ts';
import {
  type Listed,
  LONGEST_COMMENT,
  LONGEST_GITHUB_ANSWER,
  LONGEST_GITHUB_NAME,
  LONGEST_HEAD,
  MIB,
  outside,
} from './listed.ts';

export const REQUESTS: readonly Listed[] = [
  outside('src/cli/doctor/finding.ts', 'the message of an error that a payload caused', 65_536, [/[\p{C}\s]+/gu]),
  outside('src/work/work-packet.ts', 'a line of an agent', 8_192, [
    { call: 'z.guid()', stands: [z.guid().def.pattern] },
  ]),
  outside('src/cli/terminal/printable.ts', 'a policy of a repository and what is wrong with it', 65_536, [
    /[\p{Cc}\p{Cf}\u2028\u2029]/gu,
  ]),
  outside('src/github/unsigned/app-manifest.ts', 'the code in an address that a browser is sent to', LONGEST_HEAD, [
    /^[\w-]{1,200}$/,
  ]),
  outside(
    'src/github/unsigned/app-manifest.ts',
    'the address of an App in an answer of GitHub',
    LONGEST_GITHUB_ANSWER,
    [{ call: 'z.url({ protocol: /^https?$/ })', stands: [] }, /^https?$/],
  ),
  outside('src/github/deliveries.ts', "a page of GitHub's list of deliveries", MIB, [
    /^\d{1,20}$/,
    /^[\w-]{1,100}$/,
    { call: 'z.iso.datetime({ offset: true })', stands: [z.iso.datetime({ offset: true }).def.pattern] },
  ]),
  outside('src/github/contents.ts', 'an answer of GitHub', LONGEST_GITHUB_NAME, [/^[0-9a-f]{40}(?:[0-9a-f]{24})?$/]),
  outside('src/github/rule-suites.ts', 'an answer of GitHub', LONGEST_GITHUB_NAME, [
    /^[0-9a-f]{40}(?:[0-9a-f]{24})?$/,
    { call: 'z.iso.datetime({ offset: true })', stands: [z.iso.datetime({ offset: true }).def.pattern] },
    {
      call: "new RegExp(`^[^\\\\p{Cc}\\\\p{Cs}]{1,…}$`, 'u')",
      stands: [/^[^\p{Cc}\p{Cs}]{1,200}$/u, /^[^\p{Cc}\p{Cs}]{1,1000}$/u],
    },
  ]),
  outside('src/http/client-address.ts', 'an address in a header of a request', LONGEST_HEAD, [
    /^\[([^\]]{1,60})\](?::\d{1,5})?$/,
    /^[\d.]{7,15}:\d{1,5}$/,
    /^::ffff:([\d.]{7,15})$/i,
  ]),
  outside('src/http/rest/rest.ts', 'a header of a request', LONGEST_HEAD, [/^W\//]),
  outside('src/mcp/mcp.ts', 'a header of a request', LONGEST_HEAD, [/^application\/json\s*(?:;|$)/i]),
  outside('src/mcp/tools.ts', 'an argument of a tool', 1_000, [/^(?:\/[^/]*)+$/]),
  outside('src/mcp/answer-room.ts', 'a part of an argument of a tool', 1_000, [/^\d{1,9}$/]),
  outside('src/mcp/untrusted.ts', 'a text in an answer, whatever it holds', 65_536, [/^[0-9a-fA-FTZ:.+-]{0,64}$/]),
  outside('src/cli/mcp.ts', 'the setting CODERED_URL or CODERED_TOKEN', LONGEST_HEAD, [/\/$/, /[^\x21-\x7e]/]),
  outside('src/cli/mcp/forward.ts', 'the name of a tool that a client calls', 65_536, [/^[\x21-\x7e]{1,200}$/]),
  outside('src/http/rest/read-input.ts', 'a number in a query', LONGEST_HEAD, [/^-?\d{1,15}$/]),
  outside('src/operations/ci/failure-summary.ts', 'an excerpt of a log, kept in at most 4 KB, or a name', 65_536, [
    /[^\P{C}\n\t]/gu,
  ]),
  outside('src/http/rest/content.ts', "an artifact's name, as our database has it", 65_536, [
    /[\p{C}/\\]/gu,
    /['()*]/g,
  ]),
  outside('src/operations/workflows/artifacts.ts', 'a field of a request', LIMITS.apiBodyBytes, [/^https?$/]),
  outside('src/operations/declared/content-link.ts', 'the word of a link that we signed ourselves', 1_000, [
    { call: 'z.guid()', stands: [z.guid().def.pattern] },
  ]),
  outside('src/operations/agents/project-files.ts', 'a field of a request', LIMITS.apiBodyBytes, [
    /^[\w.-]{1,100}$/,
    /^[!-~]+$/,
  ]),
  outside('src/http/streams/followed-events.ts', 'a header of a request', LONGEST_HEAD, [/^\d{1,16}$/]),
  outside('src/github/people/new-repository.ts', 'a name in a path of a file, as our database has it', 1_000, [
    /\p{Cf}/gu,
  ]),
  outside('src/operations/workflows/workflows.ts', 'a field of a request', LIMITS.apiBodyBytes, [
    /^[a-z0-9][a-z0-9-]{0,99}$/,
  ]),
  outside('src/operations/declared/operation.ts', 'a field of a request', LIMITS.apiBodyBytes, [
    /^[\w.-]{1,100}\/[\w.-]{1,100}$/,
    /^(?:[0-9a-f]{40}|[0-9a-f]{64})$/,
    { call: 'z.guid()', stands: [z.guid().def.pattern] },
    { call: 'z.iso.datetime({ offset: true })', stands: [z.iso.datetime({ offset: true }).def.pattern] },
  ]),
  outside('src/operations/memory/error-report.ts', 'a field of a request', LIMITS.apiBodyBytes, [
    /^(?:[0-9a-f]{40}|[0-9a-f]{64})$/,
    { call: 'z.iso.datetime({ offset: true })', stands: [z.iso.datetime({ offset: true }).def.pattern] },
  ]),
  outside('src/operations/memory/lessons.ts', 'the protocol of an address in a request', LIMITS.apiBodyBytes, [
    /^https?$/,
  ]),
  outside('src/operations/ci/gate.ts', 'a field of a request', LIMITS.apiBodyBytes, [
    { call: 'z.iso.date()', stands: [z.iso.date().def.pattern] },
  ]),
  outside('src/operations/memory/milestones.ts', 'a field of a request', LIMITS.apiBodyBytes, [
    { call: 'z.iso.date()', stands: [z.iso.date().def.pattern] },
  ]),
  outside('src/operations/memory/project-settings.ts', 'a field of a request', LIMITS.apiBodyBytes, [
    /^[A-Za-z0-9-]{1,100}$/,
  ]),
  outside('src/operations/memory/tasks.ts', 'a field of a request', LIMITS.apiBodyBytes, [
    { call: 'z.iso.datetime({ offset: true })', stands: [z.iso.datetime({ offset: true }).def.pattern] },
  ]),
  outside('src/inbox/delivery-row.ts', 'a header of a request', LONGEST_HEAD, [
    /^[\w-]{1,100}$/,
    /^[a-z][a-z0-9_]{0,63}$/,
  ]),
  outside('src/http/bodies/read-body.ts', 'a header of a request', LONGEST_HEAD, [/^\d{1,15}$/]),
  outside('src/inbox/receive.ts', 'a header of a request', LONGEST_HEAD, [/^application\/json\s*(?:;|$)/i]),
  outside('src/inbox/signature.ts', 'a header of a request', LONGEST_HEAD, [/^sha256=([0-9a-f]{64})$/]),
  outside('src/setup/env-file.ts', 'the credentials of an App in an answer of GitHub', LONGEST_GITHUB_ANSWER, [
    /["\\]/,
    /[^\n\x20-\x7e]/,
  ]),
  outside('src/setup/fields.ts', 'a field of a form, cut before', 500, [
    /^[a-z\d](?:[a-z\d-]{0,37}[a-z\d])?$/i,
    /^(?:localhost|127\.[\d.]+|0\.0\.0\.0|\[::1?\])$/,
    /[?#\s\\"'<>]/,
  ]),
  outside('src/pages/page.ts', 'a field of a form, or an address in an answer of GitHub', LONGEST_GITHUB_ANSWER, [
    /[&<>"']/g,
  ]),
  outside('src/setup/same-site.ts', 'a header of a request, or the host in it', LONGEST_HEAD, [
    /^[\w.:[\]-]{1,255}$/,
    /^\[|\]$/g,
  ]),
  outside('src/pages/read-fields.ts', 'a header of a request', LONGEST_HEAD, [
    /^application\/x-www-form-urlencoded(?:; ?charset=utf-8)?$/i,
  ]),
  outside('src/pages/account-pages.ts', 'a field of a form', 8_192, [
    { call: 'z.uuid()', stands: [z.uuid().def.pattern ?? /$^/] },
    { call: 'z.iso.date()', stands: [z.iso.date().def.pattern] },
  ]),
  outside('src/pages/connected-apps.ts', 'a field of a form', 8_192, [
    { call: 'z.uuid()', stands: [z.uuid().def.pattern ?? /$^/] },
  ]),
  outside('src/github/people/oauth.ts', 'an answer of GitHub', LONGEST_GITHUB_ANSWER, [
    { call: 'z.iso.datetime()', stands: [z.iso.datetime().def.pattern] },
  ]),
  outside('src/http/api-error.ts', 'the message of a refusal', LONGEST_COMMENT, [/^\w+ failed with \w+: /]),
  outside('src/http/api-key.ts', 'a header of a request', 1_024, [/^Bearer +(\S+)$/i]),
  outside('src/http/routes/evidence.ts', 'a part of the URL of a request, or a header', LONGEST_HEAD, [
    /^[^\p{Cc}\p{Cs}]+$/u,
    /^(?:[0-9a-f]{40}|[0-9a-f]{64})$/,
    /^(?:application\/(?:zip|x-zip-compressed|octet-stream|xml|json|[\w.-]+\+(?:xml|json))|text\/(?:plain|xml))$/,
    /^application\/(?:zip|x-zip-compressed)$/,
  ]),
  outside('src/http/routes/mail/mailgun-claim.ts', 'a header of a request', LONGEST_HEAD, [
    /^application\/json\s*(?:;|$)/i,
  ]),
  outside('src/http/routes/mail/mailgun-claim.ts', 'what follows the name of a field, cut before', 200, [
    /^\s{0,8}:\s{0,8}(?:"([^"\\]*)"|(\d{1,12})(?!\d))/,
  ]),
  outside('src/http/routes/mail/mailgun-mail.ts', 'a header of a request', LONGEST_HEAD, [
    /^application\/json\s*(?:;|$)/i,
  ]),
  outside('src/http/routes/mail/mailgun-mail.ts', 'the body of a mail', LIMITS.mailBytes, [/"\s*:/g]),
  outside('src/http/routes/mail/mailgun-mail.ts', 'a header of a mail', 8_000, [
    /^\s*d\s*=/i,
    /^\s*d\s*=\s*([a-z0-9.-]+)\s*$/i,
  ]),
  outside('src/http/routes/mail/mailgun-signature.ts', 'a field of a mail', LIMITS.mailBytes, [
    /^\d{1,12}$/,
    /^[0-9a-f]{64}$/i,
  ]),
  outside('src/http/routes/metrics.ts', 'a kind of event that a header of a request names', LONGEST_HEAD, [
    /^[a-z]{1,20}(?:[ _][a-z]{1,20}){0,3}$/,
  ]),
  outside('src/http/oidc-token.ts', 'a token, or a claim in it', LONGEST_HEAD, [
    /^(?:[0-9a-f]{40}|[0-9a-f]{64})$/,
    /^Bearer +(\S+)$/i,
    /^[\w-]+$/,
    { call: 'new RegExp(`^[1-9]\\\\d{0,…}$`)', stands: [/^[1-9]\d{0,17}$/] },
  ]),
  outside('src/http/routes/mail/postmark-mail.ts', 'a header of a mail or of its request', 8_000, [
    /^Basic +(\S+)$/i,
    /^[^:]*:(.*)$/s,
    /\benvelope-from\s*=/i,
    /^pass\b/i,
  ]),
  outside('src/http/routes/mail/postmark-mail.ts', 'an attachment in base64', LIMITS.mailBytes, [/\s+/g]),
  outside('src/http/read-form.ts', 'a header of a request', LONGEST_HEAD, [
    /^application\/x-www-form-urlencoded\s*(?:;|$)/i,
    /\\|boundary=.*boundary=/is,
  ]),
  outside('src/http/read-json.ts', 'a header of a request', LONGEST_HEAD, [/^application\/json\s*(?:;|$)/i]),
  outside('src/http/routes/mail/received-mail.ts', 'whom a mail says that it is from', LIMITS.mailBytes, [
    /^(?:[^<>]*<)?([^\s<>@,;:"()\p{Cc}\p{Cs}]{1,64}@[a-z0-9.-]{1,253})>?$/iu,
  ]),
  outside('src/http/repository-fields.ts', 'a field of a call of the API', LIMITS.apiBodyBytes, [
    /^[^\p{Cc}\p{Cs}]+$/u,
    /^[\w.-]+\/[\w.-]+$/,
  ]),
  outside('src/http/routes/specs.ts', 'a field of a call of the API', LIMITS.apiBodyBytes, [
    /^(?:[0-9a-f]{40}|[0-9a-f]{64})$/,
  ]),
];
