import type { HomeserverErrorKind } from '../matrix/error.ts';
import type { ErrorReader } from '../rest/answer.ts';

/** What a Matrix error says (Matrix spec, "Standard error response"). */
export const matrixError: ErrorReader = (status, { errcode, error }, quotable) => {
  const code = typeof errcode === 'string' ? quotable(errcode) : undefined;
  const prose = typeof error === 'string' ? `: ${quotable(error)}` : '';
  return {
    kind: kindOf(status, code),
    code,
    what: `${code === undefined ? ' without a Matrix error' : ` ${code}`}${prose}`,
  };
};

/**
 * A refusal without an errcode is a proxy's. So is `M_UNRECOGNIZED`: a path that is not served says nothing
 * about whether the user or room exists.
 */
function kindOf(status: number, errcode: string | undefined): HomeserverErrorKind {
  if (status === 401) return 'unauthorised';
  if (status === 429) return 'throttled';
  if (status >= 500) return 'unavailable';
  if (status < 400 || errcode === undefined || errcode === 'M_UNRECOGNIZED') return 'protocol';
  return status === 404 ? 'not-found' : 'refused';
}
