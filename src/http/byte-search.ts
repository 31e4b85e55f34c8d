// Looks for texts in a body that may be anybody's: one look at each byte, whatever it is made of. `Buffer.indexOf` is quicker
// on most, and many times slower on what is made for it.

/** Where the text (ASCII) stands, so many times at the most; a place that overlaps the one before is none. */
export function placesOf(bytes: Uint8Array, text: string, most: number): number[] {
  const wanted = Buffer.from(text, 'latin1');
  const fallback = fallbacksOf(wanted);
  const places: number[] = [];
  let matched = 0;
  for (let at = 0; at < bytes.length && places.length < most; at += 1) {
    const byte = bytes[at];
    while (matched > 0 && byte !== wanted[matched]) matched = fallback[matched - 1] ?? 0;
    if (byte === wanted[matched]) matched += 1;
    if (matched < wanted.length) continue;
    places.push(at - wanted.length + 1);
    matched = 0;
  }
  return places;
}

/** For each length of a match, how much of it is a beginning again (Knuth, Morris and Pratt). */
function fallbacksOf(wanted: Uint8Array): Int32Array {
  const fallback = new Int32Array(wanted.length);
  for (let at = 1, matched = 0; at < wanted.length; at += 1) {
    while (matched > 0 && wanted[at] !== wanted[matched]) matched = fallback[matched - 1] ?? 0;
    if (wanted[at] === wanted[matched]) matched += 1;
    fallback[at] = matched;
  }
  return fallback;
}
