import { HomeserverError } from '../matrix/error.ts';

/**
 * Readers of what a homeserver sent. Each takes the value and its name, and throws a `protocol` error if the
 * value is not of the type that its API says.
 */
export type JsonObject = Readonly<Record<string, unknown>>;

export function wrong(what: string, expected: string): HomeserverError {
  return new HomeserverError('protocol', `the homeserver's answer has no ${expected} where ${what} belongs`);
}

export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

export function object(value: unknown, what: string): JsonObject {
  if (!isObject(value)) throw wrong(what, 'object');
  return value;
}

export function list(value: unknown, what: string): readonly unknown[] {
  if (!Array.isArray(value)) throw wrong(what, 'list');
  return value;
}

export function text(value: unknown, what: string): string {
  if (typeof value !== 'string') throw wrong(what, 'string');
  return value;
}

/** Absent and `null` are the same to Synapse. */
export function optionalText(value: unknown, what: string): string | undefined {
  return value === undefined || value === null ? undefined : text(value, what);
}

/** Absent, `null` and 0 count as false: older versions of Synapse give numbers, or leave a new flag out. */
export function flag(value: unknown, what: string): boolean {
  if (value === undefined || value === null || value === 0) return false;
  if (value === 1) return true;
  if (typeof value !== 'boolean') throw wrong(what, 'boolean');
  return value;
}
