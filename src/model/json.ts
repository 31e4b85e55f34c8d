// JSON as a type. Pure.

/** A JSON value. */
export type Json = string | number | boolean | null | Json[] | { [key: string]: Json | undefined };

/** An object that holds nothing but JSON, to the compiler, which takes no interface for one. */
export function asJson(value: object): Json {
  return value as Json;
}
