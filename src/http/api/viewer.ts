import { createRequire } from 'node:module';
import { dirname } from 'node:path';
import { Router } from '@koa/router';
import { send } from '@koa/send';
import type { Handler, RequestState } from '../context.ts';

export const API_DOCS = '/api/docs';

/** The parts of the viewer that are sent; nothing else of its package is. */
const PARTS = ['swagger-ui.css', 'swagger-ui-bundle.js'];
const require = createRequire(import.meta.url);
const FOLDER = dirname(require.resolve('swagger-ui-dist/package.json'));

const PAGE = `<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8">
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <title>Usher: API</title>
    <link rel="icon" href="data:,">
    <link rel="stylesheet" href="docs/swagger-ui.css">
  </head>
  <body>
    <main id="viewer"></main>
    <noscript>The description itself is at <a href="docs/openapi.json">openapi.json</a>.</noscript>
    <script src="docs/swagger-ui-bundle.js"></script>
    <script src="docs/start.js"></script>
  </body>
</html>
`;
const START = `SwaggerUIBundle({ url: 'docs/openapi.json', dom_id: '#viewer', deepLinking: true });\n`;

/** Nothing comes from elsewhere, and nothing of the page is a program but the files. */
const POLICY =
  "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/** The description of the API, for programs and for people; no data is in it, so it takes no token. */
export function createViewerRouter(description: object): Router<RequestState> {
  const router = new Router<RequestState>();
  const text = JSON.stringify(description);
  router.use(API_DOCS, secured);
  router.get(API_DOCS, (ctx) => {
    // The page names its files as they are seen from the address without it.
    if (ctx.path.endsWith('/')) return ctx.redirect('../docs');
    ctx.type = 'html';
    ctx.body = PAGE;
  });
  router.get(`${API_DOCS}/openapi.json`, (ctx) => {
    ctx.type = 'application/json';
    ctx.body = text;
  });
  router.get(`${API_DOCS}/start.js`, (ctx) => {
    ctx.type = 'text/javascript';
    ctx.body = START;
  });
  for (const part of PARTS) {
    router.get(`${API_DOCS}/${part}`, async (ctx) => {
      await send(ctx, part, { root: FOLDER, maxAge: 3_600_000 });
    });
  }
  return router;
}

const secured: Handler = (ctx, next) => {
  ctx.set('Content-Security-Policy', POLICY);
  ctx.set('X-Content-Type-Options', 'nosniff');
  ctx.set('Referrer-Policy', 'no-referrer');
  return next();
};
