// Which spec a mail brings, and for where: the subject says so, and the first attachment that can be one, else the text, is the
// document. Everything in it is the sender's. Pure.

/** What is read of a mail. */
export interface SpecMail {
  readonly subject: string;
  readonly text: string;
  /** The first one that `isSpecName` says may be a spec. */
  readonly attachment: { readonly name: string; readonly text: string } | null;
}

/** The spec of a mail, or why there is none in it, as a sentence for the sender. */
export type MailedSpec =
  /** `branch` null: the repository's default branch. Whether repository and path exist is not checked yet. */
  | {
      readonly kind: 'spec';
      readonly repository: string;
      readonly branch: string | null;
      readonly path: string;
      readonly content: string;
    }
  | { readonly kind: 'refused'; readonly problem: string };

const SUBJECT_PLACE = /^([\w.-]+\/[\w.-]+)(?:@(\S+))?(?=\s|$)/u;
const LINE_END = /[\n\r\u2028\u2029]/;
const PATH = /^\S+\.(md|ya?ml)$/;
const MOST_SUBJECT_CHARACTERS = 4_000;
const MOST_SLUG_CHARACTERS = 80;
const SUBJECT_SHOULD_BE =
  'The subject should begin with owner/name, or owner/name@branch, and go on with a path (specs/shop.md) or a title';

/** Whether a file of this name may be a spec: Markdown or YAML. */
export function isSpecName(name: string): boolean {
  return /\.(?:md|ya?ml)$/i.test(name);
}

/** Reads a mail whose subject is `owner/name[@branch] path` or `owner/name[@branch] title`. A title gives the path `specs/<title>.md`. Never throws. */
export function mailedSpec({ subject, text, attachment }: SpecMail): MailedSpec {
  if (subject.length > MOST_SUBJECT_CHARACTERS) return refused(SUBJECT_SHOULD_BE);
  const trimmed = subject.trim();
  const [place = '', repository, branch = null] = SUBJECT_PLACE.exec(trimmed) ?? [];
  const rest = trimmed.slice(place.length).trim();
  if (repository === undefined || LINE_END.test(rest)) return refused(SUBJECT_SHOULD_BE);
  const content = attachment?.text ?? withoutSignature(text);
  if (content.trim() === '') return refused('The mail holds no spec: neither a .md, .yml or .yaml attachment nor text');
  const extension = attachment === null ? 'md' : extensionOf(attachment.name);
  const [path, named] = PATH.exec(rest) ?? [];
  if (path !== undefined) {
    if (attachment !== null && (named === 'md') !== (extension === 'md')) {
      return refused(`The path in the subject ends in .${named}, and the attachment in .${extension}`);
    }
    return { kind: 'spec', repository, branch, path, content };
  }
  if (isSpecName(rest)) return refused('The path in the subject should hold no spaces');
  const slug = slugOf(rest === '' ? (attachment?.name.replace(/\.[^.]+$/, '') ?? '') : rest);
  if (slug === '') return refused(SUBJECT_SHOULD_BE);
  return { kind: 'spec', repository, branch, path: `specs/${slug}.${extension}`, content };
}

const refused = (problem: string): MailedSpec => ({ kind: 'refused', problem });

const extensionOf = (name: string): string => name.slice(name.lastIndexOf('.') + 1).toLowerCase();

/** Without what stands below the line "-- ": https://www.rfc-editor.org/rfc/rfc3676#section-4.3 */
function withoutSignature(text: string): string {
  const at = text.search(/^-- $/m);
  return at === -1 ? text : text.slice(0, at);
}

/** `Close the shop!` as `close-the-shop`; letters of every script stay. */
function slugOf(title: string): string {
  const words = title
    .toLowerCase()
    .normalize('NFC')
    .replace(/[^\p{L}\p{N}]+/gu, '-');
  return [...words].slice(0, MOST_SLUG_CHARACTERS).join('').replace(/^-|-$/g, '');
}
