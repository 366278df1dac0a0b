import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Router } from '@koa/router';
import { send } from '@koa/send';
import type { Handler, HttpContext, RequestState } from './context.ts';
import { CONSOLE_PATH } from './sign-in/routes.ts';

/** Where `npm run build` puts it. */
const BUILT = join(import.meta.dirname, '../../dist/console');
const YEAR_MS = 365 * 86_400_000;

/** Nothing comes from elsewhere, and nothing of the page is a program or a style but the files. */
const POLICY =
  "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; font-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'";

const CLOSED = `The console is closed, since nobody could sign in. To open it, make a token for an admin:
  usher token create NAME --scope admin
or set up OpenID Connect: docs/console.md.
`;
const NOT_BUILT = `The console was not built. In the checkout: npm ci, and npm run build if scripts were left out of that.
The commands do the same meanwhile: usher help.
`;

type Deps = {
  /** Whether there is a way to sign in. */
  readonly isOpen: () => Promise<boolean>;
  /** Where the console is, as browsers see it: `/console`, or with what a proxy puts before it. */
  readonly consoleUrl: string;
  /** Where the built console is. */
  readonly folder?: string;
};

/**
 * The web console below `/console`. No data are in its files, so they take no token. Files with a hash in their names are kept for a
 * year; each other path is a page, which the program in the page makes.
 */
export function createConsoleRouter({ isOpen, consoleUrl, folder = BUILT }: Deps): Router<RequestState> {
  const router = new Router<RequestState>();
  const open: Handler = async (ctx, next) => {
    // Below it are the ways to an identity provider and back.
    if (ctx.path.startsWith(`${CONSOLE_PATH}/oidc/`)) return next();
    ctx.set('Content-Security-Policy', POLICY);
    ctx.set('X-Content-Type-Options', 'nosniff');
    ctx.set('Referrer-Policy', 'no-referrer');
    ctx.vary('Accept-Encoding');
    if (await isOpen()) return serve(ctx);
    return refuse(ctx, 404, CLOSED);
  };
  const serve = async (ctx: HttpContext): Promise<void> => {
    if (ctx.path.startsWith(`${CONSOLE_PATH}/assets/`)) {
      await send(ctx, ctx.path.slice(CONSOLE_PATH.length), {
        root: folder,
        maxAge: YEAR_MS,
        immutable: true,
      });
      return;
    }
    const page = await readPage(join(folder, 'index.html'));
    if (page === undefined) return refuse(ctx, 503, NOT_BUILT);
    // It names the files, and so is asked for anew each time.
    ctx.set('Cache-Control', 'no-cache');
    ctx.type = 'html';
    ctx.body = page.replaceAll('"./assets/', `"${consoleUrl}/assets/`);
  };
  router.get(`${CONSOLE_PATH}{/*page}`, open);
  return router;
}

function refuse(ctx: HttpContext, status: number, text: string): void {
  ctx.status = status;
  ctx.set('Cache-Control', 'no-store');
  ctx.body = text;
}

async function readPage(file: string): Promise<string | undefined> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw error;
  }
}
