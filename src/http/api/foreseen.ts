import { Refused, UnknownName } from '../../desk/error.ts';
import { HomeserverError } from '../../matrix/error.ts';
import { BackupFailed } from '../../store/error.ts';
import { UnknownCursor } from '../../store/page-store.ts';
import { ApiProblem } from './problem.ts';

/** What of the desk's errors is told to a client; any other error stays what it is. */
export function asProblem(error: unknown): unknown {
  if (error instanceof UnknownName) return new ApiProblem(404, sentence(error), { cause: error });
  if (error instanceof Refused) return new ApiProblem(409, sentence(error), { cause: error });
  if (error instanceof UnknownCursor) {
    const mistakes = [{ at: 'query.cursor', message: error.message }];
    return new ApiProblem(400, `query.cursor: ${error.message}`, { mistakes, cause: error });
  }
  if (error instanceof HomeserverError) {
    return new ApiProblem(409, `The homeserver: ${error.message}`, { cause: error });
  }
  if (error instanceof BackupFailed) {
    return new ApiProblem(409, `Nothing was done: ${error.message}`, { cause: error });
  }
  return error;
}

function sentence({ message }: Error): string {
  return `${message.slice(0, 1).toUpperCase()}${message.slice(1)}`;
}
