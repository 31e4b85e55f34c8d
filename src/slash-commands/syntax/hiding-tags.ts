// Which parts of a comment HTML hides or shows as somebody else's words: what stands there commands nothing. Pure.

/** Elements that show what is in them as code, as somebody else's words, as taken back, or not at once. */
const HIDING = [
  'pre',
  'code',
  'samp',
  'kbd',
  'tt',
  'xmp',
  'blockquote',
  'q',
  'details',
  'template',
  'del',
  's',
  'strike',
];

export interface Tag {
  readonly name: string;
  readonly isEnd: boolean;
  /** Whether it stands in a block of HTML; otherwise in a line of text, where it may be no tag to its author: `List<S>`. */
  readonly isBlock: boolean;
}

/** The tags of such elements in a piece of HTML, in order. */
export function hidingTags(html: string, isBlock: boolean): Tag[] {
  // What stands in a comment opens nothing.
  const visible = html.startsWith('<!--') ? html.slice(html.indexOf('-->')) : html;
  return visible
    .split('<')
    .slice(1)
    .flatMap((part) => {
      const isEnd = part.startsWith('/');
      const tag = part.slice(isEnd ? 1 : 0, 12).toLowerCase();
      const name = HIDING.find((one) => tag.startsWith(one) && !isLetter(tag.charAt(one.length)));
      return name === undefined ? [] : [{ name, isEnd, isBlock }];
    });
}

const isLetter = (character: string): boolean => character.toLowerCase() !== character.toUpperCase();

/**
 * Whether text is hidden that stands after so many of a comment's tags. An element goes to the tag that closes it; where none
 * does, to the end of the comment when a block of HTML opens it, and nowhere when a line of text does.
 */
export function hiddenAfter(tags: readonly Tag[]): boolean[] {
  const open = new Map<string, number[]>();
  /** By how many elements each tag makes more or less that hide. */
  const changes = tags.map(() => 0);
  for (const [place, { name, isEnd, isBlock }] of tags.entries()) {
    const above = open.get(name) ?? [];
    open.set(name, above);
    if (!isEnd) {
      above.push(place);
      if (isBlock) changes[place] = 1;
      continue;
    }
    const opener = above.pop();
    if (opener === undefined) continue;
    changes[opener] = 1;
    changes[place] = -1;
  }
  let depth = 0;
  return [
    false,
    ...changes.map((change) => {
      depth += change;
      return depth > 0;
    }),
  ];
}
