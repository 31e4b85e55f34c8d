// A mail as the providers of mail hand it on, and whether its sender is who they say.

export interface ReceivedMail {
  /** What the header From says. */
  readonly from: string;
  /** Domains that the provider found to have sent or signed the mail, by SPF or DKIM; the sender may have another one. */
  readonly proven: readonly string[];
  readonly subject: string;
  readonly text: string;
  readonly attachments: readonly MailAttachment[];
}

export interface MailAttachment {
  readonly name: string;
  /** Null: broken, or not sent along. */
  readonly read: () => Promise<Uint8Array | null>;
}

export interface MailHeader {
  readonly name: string;
  readonly value: string;
}

const LONGEST_HEADER = 8_000;

/**
 * Every value of a header, whatever the case of its name; one too long to be read is empty. Whoever wrote the mail may have
 * written some of them.
 */
export function headerValues(headers: readonly MailHeader[], wanted: string): string[] {
  return headers
    .filter(({ name }) => name.toLowerCase() === wanted)
    .map(({ value }) => (value.length > LONGEST_HEADER ? '' : value.trim()));
}

/** The address in `Octocat <octocat@example.com>`, in lower case; null for none, for several, and for what is not plainly one. */
export function addressIn(text: string): string | null {
  const [, address] = /^(?:[^<>]*<)?([^\s<>@,;:"()\p{Cc}\p{Cs}]{1,64}@[a-z0-9.-]{1,253})>?$/iu.exec(text.trim()) ?? [];
  return address?.toLowerCase() ?? null;
}

export function domainOf(address: string): string {
  return address.slice(address.lastIndexOf('@') + 1).toLowerCase();
}

/** Whether a proven domain is that of the address, or below it, as DMARC has it: https://www.rfc-editor.org/rfc/rfc7489#section-3.1 */
export function isProven(address: string, proven: readonly string[]): boolean {
  const domain = domainOf(address);
  return proven.some((one) => one === domain || one.endsWith(`.${domain}`));
}

/** `allowed`: addresses and `@domain`, in lower case. */
export function isAllowed(address: string, allowed: readonly string[]): boolean {
  return allowed.includes(address) || allowed.includes(`@${domainOf(address)}`);
}
