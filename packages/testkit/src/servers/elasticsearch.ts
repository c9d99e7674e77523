import { startContainer } from './docker.ts';
import { elasticsearchDatabases } from './elasticsearch-database.ts';
import { elasticsearchSettings, startElasticsearchProcess } from './elasticsearch-process.ts';
import { requestElasticsearch } from './elasticsearch-request.ts';
import type { ServerRecipe } from './server.ts';
import { waitUntil } from './wait-until.ts';

const image = 'elasticsearch:9.4.3';

/** Elasticsearch: `ELASTICSEARCH_URL`, the container `elasticsearch:9.4.3`, or the same version out of an archive from Maven. */
export const elasticsearchRecipe: ServerRecipe = {
  product: 'Elasticsearch',
  urlVariable: 'ELASTICSEARCH_URL',
  image,
  async describe(url) {
    const { version } = await requestElasticsearch<{ version: { number: string; distribution?: string } }>(url, 'GET', '/');
    return version.distribution === 'opensearch' ? `OpenSearch ${version.number}` : `Elasticsearch ${version.number}`;
  },
  databases: elasticsearchDatabases,
  async startContainer(options) {
    return await startContainer({
      store: 'elasticsearch',
      image,
      containerPort: 9200,
      port: options.port,
      environment: {
        ...elasticsearchSettings,
        'discovery.type': 'single-node',
        ES_JAVA_OPTS: '-Xms384m -Xmx384m',
        ...options.settings,
      },
      command: ['eswrapper'],
      readyLine: /\bstarted\b.*\{/,
      url: (host, port) => `http://${host}:${port}`,
      describe: (url) => waitUntil(() => elasticsearchRecipe.describe(url)),
    });
  },
  processes: [{ way: 'Elasticsearch from Maven (Java 21)', kind: 'native', start: startElasticsearchProcess }],
};
