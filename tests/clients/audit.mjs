// Runs the audits of the npm package graphql-http and prints one line for each, then a summary line.
// The summary is taken from the report that the package itself makes of the results.
import { renderAuditResultsToHTML, serverAudits } from 'graphql-http';

import { print, url } from './common.mjs';

const results = [];
for (const audit of serverAudits({ url })) {
  const result = await audit.fn();
  results.push(result);
  print({ id: audit.id, name: audit.name, status: result.status, reason: result.reason ?? null });
}
const report = await renderAuditResultsToHTML(results);
const [, list] = report.match(/<ul>(.*?)<\/ul>/s);
const lines = [...list.matchAll(/<li>(.*?)<\/li>/g)].map(([, line]) => line.replace(/<[^>]*>/g, ''));
print({ summary: lines.join(', ') });
