// The level of a SARIF result or notification that has none of its own. Pure.
// https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html: 3.27.10 level, 3.48.6 invocationIndex, 3.51
// configurationOverride,
// 3.52 and 3.54 how a descriptor and its component are found, 3.52.4 ids in levels (`CA1000/1` is of `CA1000`)
//
// Where the standard leaves it open, the stricter counts: of an id and an index that name different descriptors, of several of
// one id, of overrides of which nobody knows whose they are. What is referred to and not there is a warning at least.
//
// Each reference is looked up once, whatever refers to it, in one table over all components: a report may have a thousand
// extensions, and ten thousand results. What one name stands for too often is not followed.

import { Unreadable } from '../reading/report-reader.ts';

export type Level = 'none' | 'note' | 'warning' | 'error';

/** As much of a reference to a descriptor as decides which. */
export interface Reference {
  readonly id?: string | undefined;
  readonly index?: number | undefined;
  readonly guid?: string | undefined;
  readonly toolComponent?: ComponentReference | undefined;
}

export interface ComponentReference {
  readonly name?: string | undefined;
  readonly index?: number | undefined;
  readonly guid?: string | undefined;
}

export interface Described {
  readonly id?: string | undefined;
  readonly guid?: string | undefined;
  /** What it has unless overridden. */
  readonly level?: Level | undefined;
}

/** The driver first, then the extensions in their order. */
export interface Component {
  readonly name: string;
  readonly guid?: string | undefined;
  readonly descriptors: readonly Described[];
}

export interface Override {
  readonly descriptor: Reference;
  readonly level?: Level | undefined;
}

export interface Levels {
  /** `invocation`: of which it is, where that is said. */
  of(references: readonly Reference[], invocation: number | undefined): Level;
}

const ORDER: readonly Level[] = ['none', 'note', 'warning', 'error'];
const DEFAULT: Level = 'warning';
/** Ids have two or three parts. */
const MOST_PARTS = 20;

function strictest(levels: readonly Level[]): Level {
  return levels.reduce((one, other) => (ORDER.indexOf(other) > ORDER.indexOf(one) ? other : one), 'none');
}

/** So many extensions and the driver; CodeQL has some ten. */
const MOST_COMPONENTS = 10_000;
/** How many rules may be looked at over all references that differ. */
const MOST_FOUND = 2_000_000;

/** `overrides`: of each invocation. */
export function createLevels(components: readonly Component[], overrides: readonly (readonly Override[])[]): Levels {
  const find = createLookup(components);
  const ofInvocation = overrides.map((some) => {
    const levels = new Map<Described, Level>();
    for (const { descriptor, level } of some) {
      if (level === undefined) continue;
      for (const found of find([descriptor]).descriptors) {
        levels.set(found, strictest([level, levels.get(found) ?? 'none']));
      }
    }
    return levels;
  });
  const ofAny = new Map<Described, Level>();
  for (const [found, level] of ofInvocation.flatMap((levels) => [...levels])) {
    ofAny.set(found, strictest([level, ofAny.get(found) ?? 'none']));
  }
  const known = new Map<string, Level>();
  return {
    of(references, invocation) {
      const key = JSON.stringify([invocation ?? null, ...references.map(keyOf)]);
      const before = known.get(key);
      if (before !== undefined) return before;
      const level = levelOf(references, invocation);
      known.set(key, level);
      return level;
    },
  };
  function levelOf(references: readonly Reference[], invocation: number | undefined): Level {
    const { descriptors, isCertain } = find(references);
    const which = invocation ?? (overrides.length === 1 ? 0 : -1);
    const overridden = ofInvocation[which];
    const levels = descriptors.map((found) => {
      const own = found.level ?? DEFAULT;
      if (ofAny.size === 0) return own;
      // Of one invocation that is known its override counts, else any may be it, or none.
      return overridden === undefined ? strictest([own, ofAny.get(found) ?? 'none']) : (overridden.get(found) ?? own);
    });
    return strictest(isCertain ? levels : [DEFAULT, ...levels]);
  }
}

function keyOf({ id, index, guid, toolComponent: of }: Reference): readonly unknown[] {
  return [
    id ?? null,
    index ?? null,
    guid ?? null,
    of === undefined ? null : [of.name ?? 0, of.index ?? 0, of.guid ?? 0],
  ];
}

interface Found {
  readonly descriptors: readonly Described[];
  /** Everything that was referred to is there, and is one. */
  readonly isCertain: boolean;
}

type Lookup = (references: readonly Reference[]) => Found;

function createLookup(components: readonly Component[]): Lookup {
  if (components.length > MOST_COMPONENTS) throw new Unreadable(`the tool has more than ${MOST_COMPONENTS} extensions`);
  const everywhere = new Map<string, Described[]>();
  const byKey = components.map(({ descriptors }) => {
    const known = new Map<string, Described[]>();
    const keep = (key: string, one: Described): void => {
      add(known, key, one);
      add(everywhere, key, one);
    };
    for (const one of descriptors) {
      if (one.id !== undefined) keep(`id ${one.id}`, one);
      if (one.guid !== undefined) keep(`guid ${one.guid.toLowerCase()}`, one);
    }
    return known;
  });
  const anywhere = (key: string): readonly Described[] => everywhere.get(key) ?? [];
  const componentAt = createComponents(components);
  let left = MOST_FOUND;
  const findOne = ({ id, index = -1, guid, toolComponent }: Reference): Found => {
    const at = componentAt(toolComponent);
    const known = at === null ? undefined : byKey[at];
    const found = new Set<Described>();
    let isCertain = at !== null;
    const collect = (some: readonly Described[]): void => {
      if (some.length !== 1) isCertain = false;
      left -= some.length;
      if (left < 0) throw new Unreadable('too many results refer to rules of which there are too many of one id');
      for (const one of some) found.add(one);
    };
    const look = (key: string): readonly Described[] => {
      const there = known?.get(key);
      // Not in the component that is meant, but tools forget to name one.
      if (there === undefined) isCertain = false;
      return there ?? anywhere(key);
    };
    const indexed = at === null || index < 0 ? undefined : components[at]?.descriptors[index];
    if (index >= 0) collect(indexed === undefined ? [] : [indexed]);
    if (guid !== undefined) collect(look(`guid ${guid.toLowerCase()}`));
    if (id !== undefined && !isCalled(indexed, id)) collect(lookById(id, known, look));
    if (found.size !== 1) isCertain = false;
    return { descriptors: [...found], isCertain };
  };
  return (references) => {
    const each = references.map(findOne);
    const descriptors = new Set(each.flatMap((one) => one.descriptors));
    return { descriptors: [...descriptors], isCertain: descriptors.size === 1 && each.every((one) => one.isCertain) };
  };
}

function add(known: Map<string, Described[]>, key: string, one: Described): void {
  const some = known.get(key);
  if (some === undefined) known.set(key, [one]);
  else some.push(one);
}

/** Whether an id of a result is that of the descriptor, or of a part of what it describes. */
function isCalled(descriptor: Described | undefined, id: string): boolean {
  const own = descriptor?.id;
  return own !== undefined && (id === own || id.startsWith(`${own}/`));
}

/** By the id, else by what it is a part of: in the component that is meant first. */
function lookById(
  id: string,
  known: ReadonlyMap<string, unknown> | undefined,
  look: (key: string) => readonly Described[],
): readonly Described[] {
  const keys = [`id ${id}`];
  for (let end = id.lastIndexOf('/'); end > 0 && keys.length < MOST_PARTS; end = id.lastIndexOf('/', end - 1)) {
    keys.push(`id ${id.slice(0, end)}`);
  }
  const key = keys.find((one) => known?.has(one)) ?? keys.find((one) => look(one).length > 0);
  return key === undefined ? [] : look(key);
}

/** Finds a component: the driver by default; null: there is none such, or several. */
function createComponents(
  components: readonly Component[],
): (reference: ComponentReference | undefined) => number | null {
  const places = new Map<string, number | null>();
  const keep = (key: string, at: number): void => void places.set(key, places.has(key) ? null : at);
  for (const [at, { name, guid }] of components.entries()) {
    keep(`name ${name}`, at);
    if (guid !== undefined) keep(`guid ${guid.toLowerCase()}`, at);
  }
  return (reference) => {
    if (reference === undefined) return 0;
    const { name, index = -1, guid } = reference;
    // An extension's index is one less than its place behind the driver.
    if (index >= 0) return index + 1 < components.length ? index + 1 : null;
    if (guid !== undefined) return places.get(`guid ${guid.toLowerCase()}`) ?? null;
    return name === undefined ? 0 : (places.get(`name ${name}`) ?? null);
  };
}
