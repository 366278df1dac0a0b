import { type JsonObject, spelled } from '../json.ts';

const NAMES = ['filter', 'sortBy', 'sortOrder', 'startIndex', 'count', 'attributes', 'excludedAttributes'];

/** The parameters of a search: names in any case (`startindex`: Microsoft's collection for inbound provisioning). */
export function mendParameters(parameters: JsonObject): JsonObject {
  return spelled(parameters, NAMES);
}
