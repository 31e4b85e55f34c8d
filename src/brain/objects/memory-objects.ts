// Objects of a brain that lives in memory: gone with it.
import type { ObjectStore } from './object-store.ts';

/** As lasting as the process. */
export function memoryObjects(): ObjectStore {
  const objects = new Map<string, Uint8Array>();
  const remove = (paths: readonly string[]) => paths.filter((path) => objects.delete(path)).length;
  return {
    put: async (path, bytes) => {
      objects.set(path, bytes.slice());
    },
    read: async (path) => objects.get(path)?.slice() ?? null,
    remove: async (paths) => remove(paths),
    removeFolder: async (folder) => remove([...objects.keys()].filter((path) => path.startsWith(`${folder}/`))),
  };
}
