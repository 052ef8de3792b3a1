import { createHash } from 'node:crypto';
import { appendFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';

import { defineConfig } from 'vite';

const OUTPUT = '../gateway/http/static/graphiql';
const LICENSES = 'LICENSES.md';
const FONTS = path.resolve('node_modules/.fonts');

/**
 * Take the fonts out of GraphiQL's style sheets, which have them inlined for every script of the world.
 *
 * As files, browsers load only those whose characters the page has, and show something before.
 */
function fontFiles() {
  return {
    name: 'font-files',
    enforce: 'pre',
    transform(css, id) {
      if (!id.endsWith('.css')) return undefined;
      mkdirSync(FONTS, { recursive: true });
      return css.replace(/url\((["']?)data:font\/(\w+);base64,([^)"']+)\1\)/g, (_, _quote, format, data) => {
        const content = Buffer.from(data, 'base64');
        const name = createHash('sha256').update(content).digest('hex').slice(0, 8);
        const file = path.join(FONTS, `${name}.${format}`);
        writeFileSync(file, content);
        return `url(${path.relative(path.dirname(id), file)})`;
      });
    },
  };
}

/** Add the licences that Vite does not find: it looks at packages that scripts import. */
function fontLicenses() {
  return {
    name: 'font-licenses',
    closeBundle() {
      appendFileSync(path.join(OUTPUT, LICENSES), readFileSync('fonts-LICENSES.md'));
    },
  };
}

export default defineConfig({
  // Relative, so that scripts find their chunks and workers under whatever path Python serves them.
  base: './',
  // Python replaces it: every page has a nonce of its own.
  html: { cspNonce: '__NONCE__' },
  plugins: [fontFiles(), fontLicenses()],
  // GraphiQL's workers are modules; as `iife` each would carry its own copy of prettier.
  worker: { format: 'es' },
  build: {
    outDir: OUTPUT,
    emptyOutDir: true,
    // Fonts stay files, however small.
    assetsInlineLimit: 0,
    license: { fileName: LICENSES },
    modulePreload: { polyfill: false },
    // The Monaco editor is one chunk of 2.8 MB by its own design.
    chunkSizeWarningLimit: 3000,
    rolldownOptions: {
      onwarn(warning, warn) {
        // Libraries mark their files "use client": it means nothing here, and there are 200 of them.
        if (warning.code !== 'MODULE_LEVEL_DIRECTIVE') warn(warning);
      },
    },
  },
});
