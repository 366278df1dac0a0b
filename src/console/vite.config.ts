import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { brotliCompressSync, gzipSync } from 'node:zlib';
import { defineConfig, type Plugin } from 'vite';

const FOLDER = join(import.meta.dirname, '../../dist/console');

/** Beside each file its compressed forms, so that the service sends them as they are. */
const compress: Plugin = {
  name: 'usher:compress',
  closeBundle() {
    for (const entry of readdirSync(FOLDER, { recursive: true, encoding: 'utf8' })) {
      if (!/\.(js|css|svg)$/.test(entry)) continue;
      const file = join(FOLDER, entry);
      const bytes = readFileSync(file);
      writeFileSync(`${file}.br`, brotliCompressSync(bytes));
      writeFileSync(`${file}.gz`, gzipSync(bytes));
    }
  },
};

/** Makes src/console into dist/console, which src/http/console.ts serves. */
export default defineConfig({
  root: import.meta.dirname,
  // Wherever it is served: src/http/console.ts and places.ts know.
  base: './',
  plugins: [compress],
  build: {
    outDir: FOLDER,
    emptyOutDir: true,
    target: 'es2023',
    // The policy of the page lets no program in that is not a file.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    // The licences of what is in the files ask to go with them.
    license: { fileName: 'assets/licenses.md' },
    reportCompressedSize: false,
  },
});
