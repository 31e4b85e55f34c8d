// How the door of MCP refuses a request as a whole: as HTTP has it, with a body that clients of JSON-RPC read.
import type { Answer } from '../http/answer.ts';
import type { ApiError } from '../http/api-error.ts';

/** https://www.jsonrpc.org/specification#error_object */
const CODES: Readonly<Record<number, number>> = { 400: -32600, 500: -32603 };
const OWN_CODE = -32000;

/** It as an answer: an error that belongs to no request, as none was read. */
export function rpcRefusal({ status, code, message, details, headers }: ApiError): Answer {
  const error = { code: CODES[status] ?? OWN_CODE, message, data: { code, ...details } };
  return { status, body: { jsonrpc: '2.0', id: null, error }, headers };
}
