// Which parts of a comment HTML hides or shows as somebody else's words: commands in them are not followed. Pure.

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

/** A tag in a comment of an element that hides what is in it. */
export interface Tag {
  readonly name: string;
  readonly isEnd: boolean;
  /** True in a block of HTML; false in a line of text, where its author may not mean a tag: `List<S>`. */
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
 * For each number of tags (0 to all): whether text that stands after that many tags is hidden. An element ends at the tag that closes
 * it. Without one it goes to the end of the comment when it is opened in a block of HTML, and hides nothing when in a line of text.
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
