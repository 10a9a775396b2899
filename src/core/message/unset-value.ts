import type { JsonObject, JsonValue } from './exact-json.js';

/** How programs in Go write a time that is not set. */
const NO_TIME = '0001-01-01T00:00:00Z';

/** Whether a value says no more than a missing key. */
export function isUnset(value: JsonValue | undefined): boolean {
  if (value === undefined || value === null || value === '' || value === false || value === 0)
    return true;
  if (value === NO_TIME) return true;
  return typeof value === 'object' && Object.values(value as JsonObject).every(isUnset);
}
