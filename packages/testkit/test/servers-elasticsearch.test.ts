import { Client, errors } from '@elastic/elasticsearch';
import { testLifecycle } from './server-lifecycle.ts';

async function withClient<T>(url: string, use: (client: Client, prefix: string) => Promise<T>): Promise<T> {
  const { origin, searchParams } = new URL(url);
  const client = new Client({ node: origin });
  try {
    return await use(client, searchParams.get('index_prefix') ?? '');
  } finally {
    await client.close();
  }
}

testLifecycle({
  store: 'elasticsearch',
  description: /^Elasticsearch \d+\.\d+\.\d+, from Maven/,
  url: /^http:\/\/127\.0\.0\.1:\d+$/,
  put: (url, value) =>
    withClient(url, async (client, prefix) => {
      await client.index({ index: `${prefix}kept`, id: 'one', document: { value } });
      await client.indices.putIndexTemplate({ name: `${prefix}template`, index_patterns: [`${prefix}logs*`] });
      await client.ingest.putPipeline({ id: `${prefix}pipeline`, processors: [{ set: { field: 'seen', value: true } }] });
    }),
  get: (url) =>
    withClient(url, async (client, prefix) => {
      try {
        return (await client.get<{ value: number }>({ index: `${prefix}kept`, id: 'one' }))._source?.value;
      } catch (error) {
        if (error instanceof errors.ResponseError && error.statusCode === 404) return undefined;
        throw error;
      }
    }),
  names: (url, name) =>
    withClient(url, async (client) => {
      const indices = await client.cat.indices({ index: `${name}*`, format: 'json', expand_wildcards: 'all' });
      const { index_templates: templates } = await client.indices.getIndexTemplate();
      const pipelines = await client.ingest.getPipeline();
      const names = [
        ...indices.map((index) => index.index ?? ''),
        ...templates.map((template) => template.name),
        ...Object.keys(pipelines),
      ];
      return names.filter((each) => each.startsWith(name));
    }),
});
