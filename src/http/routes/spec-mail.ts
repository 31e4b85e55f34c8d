// POST /api/v1/specs/email: takes a spec that somebody mailed, from Postmark's or Mailgun's inbound webhook.
import type { IncomingMessage } from 'node:http';
import type { Logger } from 'pino';
import { z } from 'zod';
import { type Admission, makeAdmission } from '../../brain/admission.ts';
import { LIMITS } from '../../config/limits.ts';
import type { MailKey, MailSettings } from '../../config/mail-settings.ts';
import { asJson } from '../../model/json.ts';
import { blobSha } from '../../specs/blob-sha.ts';
import { isSpecName, mailedSpec, type SpecMail } from '../../specs/mailed-spec.ts';
import { parseSpec } from '../../specs/parse-spec.ts';
import { plainWords } from '../../text/shape-problems.ts';
import type { Answer } from '../answer.ts';
import type { Route } from '../api.ts';
import { ApiError, malformed, refusalIn } from '../api-error.ts';
import type { AddressOf } from '../client-address.ts';
import { makeReadBytes } from '../read-bytes.ts';
import { parseJson } from '../read-json.ts';
import { branchName, filePath, repositoryName } from '../repository-fields.ts';
import { claimedSignatures } from './mail/mailgun-claim.ts';
import { hashOf, readMailgunMail, readMailgunPost } from './mail/mailgun-mail.ts';
import { badSignature, isSigned, makeSignatureCheck } from './mail/mailgun-signature.ts';
import { checkPassword, readPostmarkMail } from './mail/postmark-mail.ts';
import { addressIn, isAllowed, isProven, type ReceivedMail } from './mail/received-mail.ts';
import { documentText, type SpecBrain, takeSpec } from './take-spec.ts';

export interface SpecMailDeps {
  readonly brain: SpecBrain;
  /** Everybody's unless given. */
  readonly admission?: Admission;
  /** Null: nobody set them. */
  readonly settings: MailSettings | null;
  readonly log: Pick<Logger, 'info'>;
  /** Whose share of the memory for bodies a request takes that has proven nothing. */
  readonly addressOf?: AddressOf;
}

type Provider = MailKey['provider'];

/** Larger bodies of Mailgun's are not parsed before their signature is found and right: strangers could make that take seconds. */
const SMALL_BYTES = 64 * 1024;

/**
 * What each takes as its last word; after any other answer but 200 it sends the mail again:
 * https://postmarkapp.com/developer/user-guide/inbound/parse-an-email,
 * https://documentation.mailgun.com/docs/mailgun/user-manual/receive-forward-store/receive-http
 */
const LAST_WORD: Readonly<Record<Provider, number>> = { postmark: 403, mailgun: 406 };
/** These may be otherwise when the mail comes again: a secret that is set right, room, a database that is back. */
const COMES_AGAIN: readonly string[] = ['bad_password', 'bad_signature', 'cut_short', 'too_slow', 'busy'];

/**
 * 200 when the spec was taken, or known; what is wrong with a mail itself is refused with the provider's last word. A
 * request with a password is Postmark's, any other Mailgun's. Of the mail the document is kept, and what a spec of the API has.
 */
export function makeSpecMail(deps: SpecMailDeps): Route {
  const { brain, settings, log, addressOf, admission = makeAdmission(brain, null, log) } = deps;
  if (settings === null) return notSetUp;
  const secretsOf = (provider: Provider) =>
    settings.keys.filter((key) => key.provider === provider).map(({ secret }) => secret);
  // Mailgun's bodies are read before they prove anything: they take no room from Postmark's.
  const readMailgun = makeReadBytes(LIMITS.mailBytes, LIMITS.mailBytesInFlight, addressOf);
  const readPostmark = makeReadBytes(LIMITS.mailBytes, LIMITS.mailBytesInFlight);
  const signingKeys = secretsOf('mailgun');
  const windowMs = LIMITS.mailSignatureMs;
  const checkSignature = makeSignatureCheck({ signingKeys, windowMs, now: Date.now });
  const take = (mail: ReceivedMail, provider: Provider) =>
    takeMail(mail, { provider, senders: settings.senders, brain, admission, log });

  const fromPostmark = async (request: IncomingMessage): Promise<Answer> => {
    checkPassword(request.headers.authorization ?? '', secretsOf('postmark'));
    return withBody(request, readPostmark, (bytes) => take(readPostmarkMail(parseJson(bytes)), 'postmark'));
  };
  const fromMailgun = async (request: IncomingMessage): Promise<Answer> => {
    if (signingKeys.length === 0) throw noMailgunKey();
    return withBody(request, readMailgun, async (bytes) => {
      const type = request.headers['content-type'] ?? '';
      // A small one is parsed in no time, and answered with what is wrong in it.
      const claimed = bytes.length > SMALL_BYTES ? await claimedSignatures(bytes, type) : null;
      if (claimed?.some((one) => isSigned(one, signingKeys)) === false) throw badSignature();
      const { signed, read } = await readMailgunPost(bytes, type);
      // What is parsed may say otherwise than what was found.
      const begin = checkSignature(signed);
      const post = read();
      const end = begin(await hashOf(post));
      try {
        const answer = await take(readMailgunMail(post), 'mailgun');
        end(true);
        return answer;
      } catch (thrown) {
        end(refusalIn(thrown) !== null);
        throw thrown;
      }
    });
  };

  return async (request) => {
    const provider: Provider = request.headers.authorization === undefined ? 'mailgun' : 'postmark';
    try {
      return await (provider === 'postmark' ? fromPostmark(request) : fromMailgun(request));
    } catch (thrown) {
      throw lastWord(thrown, provider);
    }
  };
}

const noMailgunKey = (): ApiError =>
  new ApiError(
    401,
    'bad_signature',
    "CODERED_MAIL_KEYS has no mailgun:…; a request without a password is taken for Mailgun's",
  );

const notSetUp: Route = async () => {
  const message = 'To take specs by mail, set CODERED_MAIL_KEYS and CODERED_MAIL_SENDERS';
  throw new ApiError(404, 'mail_not_set_up', message);
};

async function withBody(
  request: IncomingMessage,
  readBytes: ReturnType<typeof makeReadBytes>,
  use: (bytes: Uint8Array<ArrayBuffer>) => Promise<Answer>,
): Promise<Answer> {
  const { bytes, release } = await readBytes(request);
  try {
    return await use(new Uint8Array(bytes));
  } finally {
    release();
  }
}

function lastWord(thrown: unknown, provider: Provider): unknown {
  const refusal = refusalIn(thrown);
  if (refusal === null || COMES_AGAIN.includes(refusal.code)) return thrown;
  const { code, message, details, headers } = refusal;
  return new ApiError(LAST_WORD[provider], code, message, { details: { ...details }, headers: { ...headers } });
}

interface TakeDeps extends Required<Pick<SpecMailDeps, 'brain' | 'admission' | 'log'>> {
  readonly provider: Provider;
  readonly senders: readonly string[];
}

const mailPlace = z.object({ repository: repositoryName, branch: branchName.nullable(), path: filePath });

async function takeMail(mail: ReceivedMail, { provider, senders, brain, admission, log }: TakeDeps): Promise<Answer> {
  const sender = knownSender(mail, senders);
  const mailed = mailedSpec({ subject: mail.subject, text: mail.text, attachment: await specAttachment(mail) });
  if (mailed.kind === 'refused') throw refused(mailed.problem);
  const place = mailPlace.safeParse(mailed, { error: plainWords });
  if (!place.success) throw malformed(place.error, 'The subject');
  const { repository, branch, path } = place.data;
  if (!documentText.safeParse(mailed.content).success) throw refused('The spec holds a NUL or half a character');
  const parsed = parseSpec(path, mailed.content);
  if (parsed.kind === 'refused') throw refused(parsed.problem);
  const { is_new, spec_id, body } = await takeSpec(
    { brain, admission },
    {
      repository,
      spec: { branch, storage_path: path, sha: blobSha(mailed.content), created_by: `mail:${sender}` },
      document: mailed.content,
      sprint: parsed.kind === 'page' || parsed.dod === null ? null : { label: parsed.label, dod: asJson(parsed.dod) },
    },
  );
  log.info({ provider, repository, path, spec_id, is_new }, 'a spec came by mail');
  return { status: 200, body };
}

const refused = (problem: string): ApiError => new ApiError(422, 'spec_refused', problem);

/** Anybody can write any From: it counts when the provider found the mail to come from there. */
function knownSender({ from, proven }: ReceivedMail, senders: readonly string[]): string {
  const address = addressIn(from);
  if (address === null || !isAllowed(address, senders)) {
    throw new ApiError(403, 'sender_not_allowed', 'The sender does not stand in CODERED_MAIL_SENDERS');
  }
  if (isProven(address, proven)) return address;
  const message =
    "Neither SPF nor DKIM prove that the mail comes from the sender's domain; Mailgun says so once its spam filter marks mails";
  throw new ApiError(403, 'sender_not_proven', message);
}

async function specAttachment({ attachments }: ReceivedMail): Promise<SpecMail['attachment']> {
  const found = attachments.find(({ name }) => isSpecName(name));
  if (found === undefined) return null;
  const bytes = await found.read();
  if (bytes === null)
    throw refused('The attachment is broken, or was not sent along: a route of Mailgun has to use forward()');
  try {
    return { name: found.name, text: new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes) };
  } catch {
    throw refused('The attachment is no text in UTF-8');
  }
}
