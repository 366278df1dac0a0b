import { type JsonObject, spelled } from '../json.ts';

/*
 * What real clients send that RFC 7643 and RFC 7644 do not allow, rewritten into what they do: all tolerance is in
 * this folder, and the parsers behind stay strict. Each function names who needs it; the recordings named are those in
 * `test/recordings`. What cannot be mended is handed on as it is, to be refused where it is read.
 */

const NAMES = ['filter', 'sortBy', 'sortOrder', 'startIndex', 'count', 'attributes', 'excludedAttributes'];

/** The parameters of a search: names in any case (`startindex`: Microsoft's collection for inbound provisioning). */
export function mendParameters(parameters: JsonObject): JsonObject {
  return spelled(parameters, NAMES);
}
