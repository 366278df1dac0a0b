import { Writable } from 'node:stream';
import { createLog, type Log } from '../../../src/log.ts';

/** A log, and what was written into it. */
export function keepLog(): { readonly log: Log; readonly logged: () => string } {
  let text = '';
  const stream = new Writable({
    write(chunk, _encoding, done) {
      text += chunk;
      done();
    },
  });
  return { log: createLog('info', stream), logged: () => text };
}

/** What JSON escapes is as it was. */
export function unescaped(json: string): string {
  return json.replaceAll('\\"', '"').replaceAll('\\n', '\n');
}
