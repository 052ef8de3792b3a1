import { defineConfig } from 'vite';

export default defineConfig({
  // Relative, so that scripts find their chunks and workers under whatever path Python serves them.
  base: './',
  // Python replaces it: every page has a nonce of its own.
  html: { cspNonce: '__NONCE__' },
  // GraphiQL's workers are modules; as `iife` each would carry its own copy of prettier.
  worker: { format: 'es' },
  build: {
    outDir: '../gateway/http/static/graphiql',
    emptyOutDir: true,
    license: { fileName: 'LICENSES.md' },
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
