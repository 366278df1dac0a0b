import { connect, type Socket } from 'node:net';

/** One connection, byte by byte: for what no HTTP client would do. */
export type Line = {
  readonly socket: Socket;
  readonly write: (text: string | Buffer) => void;
  /** All that came. */
  readonly text: () => string;
  /** Resolves once that came; rejects if the connection ends before. */
  readonly until: (pattern: RegExp) => Promise<string>;
  /** Resolves with all that came, once the other side has ended the connection. */
  readonly ended: Promise<string>;
};

/** Resolves once it is connected, and reads whatever comes. */
export function openLine(origin: string): Promise<Line> {
  return new Promise((resolve, reject) => {
    const { port, hostname } = new URL(origin);
    const socket = connect(Number(port), hostname);
    let text = '';
    let look = (): void => {};
    const ended = new Promise<string>((resolveEnd) => socket.on('close', () => resolveEnd(text)));
    socket.on('data', (chunk) => {
      text += chunk.toString('latin1');
      look();
    });
    socket.on('end', () => socket.end());
    // Once it is connected, a reset is an end like others.
    socket.on('error', reject);
    const until = (pattern: RegExp) =>
      new Promise<string>((found, lost) => {
        look = () => {
          if (pattern.test(text)) found(text);
        };
        look();
        ended.then(() => lost(new Error(`the connection ended after ${JSON.stringify(text)}`)));
      });
    socket.on('connect', () =>
      resolve({ socket, write: (sent) => socket.write(sent), text: () => text, until, ended }),
    );
  });
}

/** How many lines of the log say that, and their fields. */
export function linesOf(log: string, message: string): readonly Record<string, unknown>[] {
  return log
    .split('\n')
    .filter((line) => line.includes(`"msg":"${message}"`))
    .map((line) => JSON.parse(line));
}

/** What `/metrics` says about what was refused for that reason. */
export async function refusedFor(origin: string, reason: string): Promise<number> {
  const text = await (await fetch(`${origin}/metrics`)).text();
  return Number(new RegExp(`^usher_http_refused_total\\{reason="${reason}"\\} (\\d+)`, 'm').exec(text)?.[1]);
}
