// The beginning of a JSON value, so that what is done with it takes bounded time. Pure.

/** What is left of the room, counted down. */
interface Room {
  characters: number;
}

/**
 * The first so many characters of names and texts of a JSON value, in its order, with each number and bracket as one; what has no room is
 * left out, and the last text cut. The same value when there is room for all.
 */
export function jsonBeginning(value: unknown, characters: number): unknown {
  return beginningIn(value, { characters });
}

function beginningIn(value: unknown, room: Room): unknown {
  room.characters -= 1;
  if (typeof value === 'string') {
    const kept = value.slice(0, Math.max(0, room.characters));
    room.characters -= value.length;
    return kept;
  }
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) {
    const list: unknown[] = [];
    for (const one of value) {
      if (room.characters <= 0) break;
      list.push(beginningIn(one, room));
    }
    return list;
  }
  const kept: [string, unknown][] = [];
  for (const [name, one] of Object.entries(value)) {
    if (room.characters <= 0) break;
    room.characters -= name.length;
    kept.push([name, beginningIn(one, room)]);
  }
  return Object.fromEntries(kept);
}
