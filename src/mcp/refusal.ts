// How the door of MCP refuses a request as a whole: as HTTP has it, with a body that clients of JSON-RPC read.
import type { Answer } from '../http/answer.ts';
import { ApiError } from '../http/api-error.ts';

/** Where a client learns who gives tokens for this: https://www.rfc-editor.org/rfc/rfc9728#section-5.1 */
const METADATA_PATH = '/.well-known/oauth-protected-resource';
/** https://www.jsonrpc.org/specification#error_object */
const CODES: Readonly<Record<number, number>> = { 400: -32600, 500: -32603 };
const OWN_CODE = -32000;

/** The same refusal; one for want of a token says where the client learns how to get one. */
export function challenged(refusal: ApiError, publicUrl: string | null): ApiError {
  const challenge = refusal.headers['www-authenticate'];
  if (challenge === undefined || publicUrl === null || challenge.includes('resource_metadata=')) return refusal;
  const { status, code, message, details, headers } = refusal;
  const metadata = `resource_metadata="${publicUrl.replace(/\/$/, '')}${METADATA_PATH}"`;
  const separator = challenge === 'Bearer' ? ' ' : ', ';
  const said = { ...headers, 'www-authenticate': `${challenge}${separator}${metadata}` };
  return new ApiError(status, code, message, { details: { ...details }, headers: said });
}

/** It as an answer: an error that belongs to no request, as none was read. */
export function rpcRefusal({ status, code, message, details, headers }: ApiError): Answer {
  const error = { code: CODES[status] ?? OWN_CODE, message, data: { code, ...details } };
  return { status, body: { jsonrpc: '2.0', id: null, error }, headers };
}
