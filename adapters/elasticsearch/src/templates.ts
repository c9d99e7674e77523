import type { JsonObject, Operation } from '@polyshift/core';
import { request } from './http/request.ts';
import type { Store } from './store.ts';

interface Listed {
  readonly index_templates?: { readonly name: string; readonly index_template: JsonObject }[];
}

/** The body of a template; its patterns stand behind the prefix, as names of collections do. */
export function templateOf(store: Store, { collection, data }: Operation<'put_template'>): JsonObject {
  return {
    index_patterns: collection.split(',').map((pattern) => store.prefix + pattern.trim()),
    template: data.template as JsonObject,
    ...(data.priority === undefined ? {} : { priority: data.priority }),
  };
}

/** A template as it can be put back; undefined where there is none of that name. */
export async function readTemplate(store: Store, name: string): Promise<JsonObject | undefined> {
  const { index_templates } = await request<Listed>(store, 'GET', ['_index_template', store.prefix + name], { accepted: [404] });
  return index_templates?.[0] && lasting(index_templates[0].index_template);
}

/** All templates of the prefix, by name without it; none where the user may not read them. */
export async function listTemplates(store: Store): Promise<Record<string, JsonObject>> {
  const { index_templates = [] } = await request<Listed>(store, 'GET', ['_index_template', `${store.prefix}*`], {
    accepted: [403, 404],
  });
  return Object.fromEntries(
    index_templates.map(({ name, index_template }) => [name.slice(store.prefix.length), lasting(index_template)]),
  );
}

/** Creates or replaces a template. */
export async function putTemplate(store: Store, name: string, template: JsonObject): Promise<void> {
  await request(store, 'PUT', ['_index_template', store.prefix + name], { body: template });
}

/** Puts a template back, or deletes it where there was none. */
export async function restoreTemplate(store: Store, name: string, before: JsonObject | null): Promise<void> {
  if (before) await putTemplate(store, name, before);
  else await request(store, 'DELETE', ['_index_template', store.prefix + name], { accepted: [404] });
}

/** Without the times that the server keeps itself. */
function lasting(template: JsonObject): JsonObject {
  return Object.fromEntries(Object.entries(template).filter(([name]) => !/_date(?:_millis)?$/.test(name)));
}
