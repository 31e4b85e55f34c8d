// Cuts a stream of bytes into lines of bounded length, however much comes.

/** Takes bytes as they come. */
export interface BoundedLines {
  readonly take: (chunk: Uint8Array) => void;
  /** Hands on what stands behind the last end of a line. */
  readonly end: () => void;
}

/** `onLine` gets each line without its end, cut to `mostUnits` UTF-16 units. What is no UTF-8 becomes U+FFFD. */
export function boundedLines({
  mostUnits,
  onLine,
}: {
  readonly mostUnits: number;
  readonly onLine: (line: string) => void;
}): BoundedLines {
  const decoder = new TextDecoder();
  let open = '';
  const close = () => {
    onLine(open.endsWith('\r') ? open.slice(0, -1) : open);
    open = '';
  };
  const add = (piece: string) => {
    if (open.length < mostUnits) open += piece.slice(0, mostUnits - open.length);
  };
  const read = (text: string) => {
    let from = 0;
    for (let end = text.indexOf('\n'); end !== -1; end = text.indexOf('\n', from)) {
      add(text.slice(from, end));
      close();
      from = end + 1;
    }
    add(text.slice(from));
  };
  return {
    take: (chunk) => read(decoder.decode(chunk, { stream: true })),
    end: () => {
      read(decoder.decode());
      if (open !== '') close();
    },
  };
}
