import type { HomeserverErrorKind } from '../matrix/error.ts';
import type { ErrorReader } from '../rest/answer.ts';
import { isObject, type JsonObject } from '../rest/read.ts';

/**
 * What an error of the admin API says (`{"errors": [{"title": …}]}`, without codes), or of the token endpoint
 * (`{"error": …}`, RFC 6749, 5.2). Anything else is not of MAS, or of a listener of it that has no admin API.
 */
export const masError: ErrorReader = (status, body, quotable) => {
  const code = typeof body.error === 'string' ? quotable(body.error) : undefined;
  const titles = code ?? titlesIn(body);
  // What a gateway did not find says nothing about a user: tokens are never answered so.
  const isOfMas = status === 404 ? titlesIn(body) !== undefined : titles !== undefined;
  return {
    kind: kindOf(status, isOfMas),
    code,
    what: titles === undefined ? ' without an error of MAS' : `: ${quotable(titles)}`,
  };
};

function titlesIn({ errors }: JsonObject): string | undefined {
  if (!Array.isArray(errors)) return undefined;
  const titles = errors.map((each: unknown) => (isObject(each) ? each.title : undefined));
  return titles.filter((title) => typeof title === 'string').join('; ') || undefined;
}

function kindOf(status: number, isOfMas: boolean): HomeserverErrorKind {
  if (status === 401) return 'unauthorised';
  if (status === 429) return 'throttled';
  if (status >= 500) return 'unavailable';
  if (status < 400 || !isOfMas) return 'protocol';
  return status === 404 ? 'not-found' : 'refused';
}
