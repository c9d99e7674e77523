import { withParameter } from './database-url.ts';
import { requestElasticsearch } from './elasticsearch-request.ts';
import type { DatabaseRecipe } from './server.ts';

// What has a name of its own besides indices and their aliases. A server without one of these features answers 400 or 405.
const kinds = ['/_data_stream', '/_index_template', '/_template', '/_component_template', '/_ingest/pipeline'];
// The names are in the URL, which may have 4 kB.
const namesPerRequest = 20;

/** A prefix of the names of indices, aliases, templates and pipelines in Elasticsearch, which has no databases. */
export const elasticsearchDatabases: DatabaseRecipe = {
  create: async (url) => void (await requestElasticsearch(url, 'GET', '/')),
  async drop(url, name) {
    for (const kind of kinds) {
      // Templates that others use are refused until those are gone, hence the order.
      await requestElasticsearch(url, 'DELETE', `${kind}/${name}_*`, { accepted: [400, 404, 405] });
    }
    // Deleting by wildcard is forbidden on a server as it comes: each index is named.
    const list = `/_cat/indices/${name}_*?format=json&h=index&expand_wildcards=all`;
    const indices = (await requestElasticsearch<{ index: string }[]>(url, 'GET', list)).map(({ index }) => index);
    while (indices.length > 0) {
      const some = indices.splice(0, namesPerRequest).map(encodeURIComponent).join(',');
      await requestElasticsearch(url, 'DELETE', `/${some}?ignore_unavailable=true`);
    }
  },
  urlOf: (url, name) => withParameter(url, 'index_prefix', `${name}_`),
};
