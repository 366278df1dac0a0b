import { type Server, STATUS_CODES } from 'node:http';
import { errorBody, ScimError } from '../scim/error.ts';
import { SCIM_TYPE } from './respond.ts';

/** What a client did wrong before there was a request, by the code that Node gives it. */
const REFUSALS = new Map<unknown, ScimError>([
  ['HPE_HEADER_OVERFLOW', new ScimError(431, undefined, 'The URL or the headers are too long')],
  ['HPE_CHUNK_EXTENSIONS_OVERFLOW', new ScimError(413, undefined, 'The extensions of a chunk are too long')],
  ['ERR_HTTP_REQUEST_TIMEOUT', new ScimError(408, undefined, 'The request took too long to arrive')],
]);
const NO_HTTP = new ScimError(400, undefined, 'This is not HTTP');

/** Has a SCIM error answer what is no request, of which Koa never hears; the connection is closed then. */
export function answerClientErrors(server: Server): void {
  server.on('clientError', (error, socket) => {
    const code = 'code' in error ? error.code : undefined;
    if (socket.writable && code !== 'ECONNRESET') socket.end(messageOf(REFUSALS.get(code) ?? NO_HTTP));
    else socket.destroy();
  });
}

function messageOf(error: ScimError): string {
  const body = JSON.stringify(errorBody(error));
  const lines = [
    `HTTP/1.1 ${error.status} ${STATUS_CODES[error.status]}`,
    `Content-Type: ${SCIM_TYPE}`,
    `Content-Length: ${Buffer.byteLength(body)}`,
    'Connection: close',
  ];
  return `${lines.join('\r\n')}\r\n\r\n${body}`;
}
