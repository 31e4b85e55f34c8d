// Reads an XML report tag by tag. No entity but XML's own five and character references is known, and a document type is
// only let pass as JaCoCo and Cobertura write it: a name and an address that is never fetched. Pure.

import { SaxesParser } from 'saxes';
import { createDecoder } from './decode-report.ts';
import type { Measurement } from './measurement.ts';
import { REPORT_LIMITS } from './report-limits.ts';
import { atLine, type ReportSource, Unreadable } from './report-reader.ts';
import { refuseMore } from './report-values.ts';

/** Has no prototype, so every name is safe to ask for. */
export type Attributes = Readonly<Record<string, string | undefined>>;

export interface XmlHandlers {
  /** The name comes without its namespace prefix. */
  readonly open: (name: string, attributes: Attributes) => void;
  readonly close?: (name: string) => void;
  /** Text and CDATA, in as many pieces as they are written in. */
  readonly text?: (text: string) => void;
  readonly end: () => Measurement;
}

/** Throws `Unreadable` at the first thing that is not well-formed, a missing end included. */
export function readXml({ open, close, text, end }: XmlHandlers): ReportSource {
  // XML 1.1 allows references to control characters, which many tools write for the colours in their output.
  const parser = new SaxesParser({
    position: false,
    xmlns: false,
    defaultXMLVersion: '1.1',
    forceXMLVersion: true,
  } as const);
  const decoder = createDecoder({ readDeclaration: true });
  let byteCount = 0;
  let atStart = true;
  listen(parser, { open, close, text });
  const lineNumber = () => parser.line;
  const feed = (piece: string): void => {
    const clean = withoutControls(atStart ? piece.trimStart() : piece);
    if (clean !== '') atStart = false;
    atLine(lineNumber, () => parser.write(clean));
  };
  return {
    write(bytes) {
      byteCount = refuseMore(byteCount + bytes.length, REPORT_LIMITS.streamedBytes);
      feed(decoder.decode(bytes));
    },
    end() {
      feed(decoder.end());
      if (atStart) throw new Unreadable('the file is empty');
      atLine(lineNumber, () => parser.close());
      return end();
    },
  };
}

function listen(parser: SaxesParser<{ xmlns: false }>, { open, close, text }: Omit<XmlHandlers, 'end'>): void {
  let depth = 0;
  parser.on('error', (error) => {
    throw new Unreadable(`the file is not well-formed XML, or cut off: ${error.message}`);
  });
  parser.on('doctype', (doctype) => {
    if (doctype.includes('['))
      throw new Unreadable('the document type declares entities or elements; none may be declared');
  });
  parser.on('opentag', ({ name, attributes }) => {
    depth++;
    if (depth > REPORT_LIMITS.xmlDepth) throw new Unreadable(`tags are nested deeper than ${REPORT_LIMITS.xmlDepth}`);
    open(localName(name), attributes);
  });
  parser.on('closetag', ({ name }) => {
    depth--;
    close?.(localName(name));
  });
  if (text !== undefined) {
    parser.on('text', text);
    parser.on('cdata', text);
  }
}

/** Raw control characters, which no version of XML allows and test output is full of, become U+FFFD. */
function withoutControls(text: string): string {
  return text.replace(/[\0-\x08\x0b\x0c\x0e-\x1f\x7f]/g, '\uFFFD');
}

function localName(name: string): string {
  const colon = name.indexOf(':');
  return colon === -1 ? name : name.slice(colon + 1);
}

/** The outermost tag as it begins, without what may stand before it; empty when the head of the file does not reach it. */
export function rootTagOf(head: string): string {
  let at = 0;
  for (;;) {
    at += head.slice(at).search(/\S|$/);
    const end = endOfProlog(head, at);
    if (end === null) break;
    if (end === -1) return '';
    at = end;
  }
  const close = head.indexOf('>', at);
  return head.slice(at, close === -1 ? undefined : close + 1);
}

/** Behind what may stand before the outermost tag; null when it is none of that, -1 when it goes on past the head. */
function endOfProlog(head: string, at: number): number | null {
  if (head.startsWith('<?', at)) return after(head, '?>', at);
  if (head.startsWith('<!--', at)) return after(head, '-->', at);
  return head.startsWith('<!', at) ? endOfDoctype(head, at) : null;
}

function after(head: string, end: string, at: number): number {
  const found = head.indexOf(end, at + 2);
  return found === -1 ? -1 : found + end.length;
}

/** It may hold declarations in brackets, with quoted texts and comments in them. */
function endOfDoctype(head: string, start: number): number {
  let isInside = false;
  for (let at = start + 2; at < head.length; at++) {
    const sign = head[at];
    if (sign === '"' || sign === "'" || (isInside && head.startsWith('<!--', at))) {
      const end = sign === '<' ? after(head, '-->', at + 2) : after(head, sign ?? '', at - 1);
      if (end === -1) return -1;
      at = end - 1;
    } else if (sign === '[') isInside = true;
    else if (sign === ']') isInside = false;
    else if (sign === '>' && !isInside) return at + 1;
  }
  return -1;
}
