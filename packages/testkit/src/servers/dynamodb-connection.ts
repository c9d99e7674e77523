import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';

/**
 * Opens a client for a URL of the form `dynamodb://KEY:SECRET@HOST:PORT?region=REGION`, runs `use` with it and closes it.
 * The endpoint is spoken to by HTTP, or by HTTPS with the parameter `tls=true`. Key and secret are percent-encoded; without
 * them the SDK looks for credentials where it always does.
 */
export async function withDynamodb<T>(url: string, use: (client: DynamoDBClient) => Promise<T>): Promise<T> {
  const { DynamoDBClient: Client } = await import('@aws-sdk/client-dynamodb');
  const { protocol, host, username, password, searchParams } = new URL(url);
  if (protocol !== 'dynamodb:') throw new Error('not a URL of the form dynamodb://KEY:SECRET@HOST:PORT?region=REGION');
  const client = new Client({
    endpoint: `${searchParams.get('tls') === 'true' ? 'https' : 'http'}://${host}`,
    region: searchParams.get('region') ?? 'us-east-1',
    maxAttempts: 3,
    ...(username !== '' && {
      credentials: { accessKeyId: decodeURIComponent(username), secretAccessKey: decodeURIComponent(password) },
    }),
  });
  try {
    return await use(client);
  } finally {
    client.destroy();
  }
}
