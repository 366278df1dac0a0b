import type { ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { networkOf } from './address.ts';
import type { Refusals } from './refusals.ts';

/** What is open, and what is under way on it. */
export type Connections = {
  readonly opened: (socket: Socket) => void;
  /** A request came that `response` answers. */
  readonly began: (socket: Socket, response: ServerResponse) => void;
  /** Nothing came or went for a while. */
  readonly quiet: (socket: Socket, again: () => void) => void;
  /** To be called now and then: ends answers that take too long to be fetched. */
  readonly sweep: () => void;
  /** Ends those that never said anything, and has the answers that are under way say that they are the last ones. */
  readonly finish: () => void;
};

type ConnectionsDeps = {
  readonly most: number;
  /** Milliseconds that an answer may take from its first byte to its last. */
  readonly answerMs: number;
  readonly refusals: Pick<Refusals, 'note'>;
  readonly now: () => number;
};

/**
 * There is no limit by address, since all providers may come from one proxy. Instead whoever waits for nothing makes
 * room: a new connection ends the one that has been idle longest, so that who only holds connections keeps nobody out.
 */
export function createConnections({ most, answerMs, refusals, now }: ConnectionsDeps): Connections {
  /** In the order in which they became idle. */
  const idle = new Set<Socket>();
  const busy = new Map<Socket, Set<ServerResponse>>();
  const answeringSince = new WeakMap<ServerResponse, number>();

  const rest = (socket: Socket, response: ServerResponse): void => {
    const responses = busy.get(socket);
    responses?.delete(response);
    if (responses === undefined || responses.size > 0) return;
    busy.delete(socket);
    if (!socket.destroyed) idle.add(socket);
  };
  const forget = (socket: Socket): void => {
    idle.delete(socket);
    busy.delete(socket);
  };
  const end = (socket: Socket, reason: 'slow' | 'connections'): void => {
    refusals.note(reason, networkOf(socket.remoteAddress ?? 'unknown'));
    forget(socket);
    socket.destroy();
  };
  /** Whom to end for a new connection: the idle, then those who do not fetch what they asked for. */
  const leastNeeded = (): Socket | undefined => {
    const [longestIdle] = idle;
    if (longestIdle !== undefined) return longestIdle;
    for (const [socket, responses] of busy) if (isAnswered(responses)) return socket;
    return undefined;
  };
  return {
    opened(socket) {
      if (idle.size + busy.size >= most) end(leastNeeded() ?? socket, 'connections');
      if (socket.destroyed) return;
      idle.add(socket);
      socket.once('close', () => forget(socket));
    },
    began(socket, response) {
      const responses = busy.get(socket) ?? new Set();
      responses.add(response);
      idle.delete(socket);
      busy.set(socket, responses);
      response.once('close', () => rest(socket, response));
    },
    quiet(socket, again) {
      const responses = busy.get(socket);
      if (responses === undefined) {
        socket.destroy();
      } else if ((isAnswered(responses) && socket.writableLength > 0) || isSending(responses)) {
        end(socket, 'slow');
      } else {
        // It is our turn: a large request is worked on.
        again();
      }
    },
    sweep() {
      for (const [socket, responses] of busy) {
        for (const response of responses) {
          if (!response.headersSent) continue;
          const since = answeringSince.get(response);
          if (since === undefined) answeringSince.set(response, now());
          if (since === undefined || now() - since <= answerMs) continue;
          end(socket, 'slow');
          break;
        }
      }
    },
    finish() {
      for (const socket of idle) if (socket.bytesRead === 0) socket.destroy();
      for (const responses of busy.values()) {
        const last = [...responses].at(-1);
        if (last !== undefined) last.shouldKeepAlive = false;
      }
    },
  };
}

/** Whether more of a body is waited for; not while we let it wait. */
function isSending(responses: ReadonlySet<ServerResponse>): boolean {
  for (const { req } of responses) if (!req.complete && req.readableFlowing === true) return true;
  return false;
}

function isAnswered(responses: ReadonlySet<ServerResponse>): boolean {
  for (const { headersSent } of responses) if (!headersSent) return false;
  return true;
}
