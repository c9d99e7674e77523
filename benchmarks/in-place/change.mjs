/** The collection, as `programs/insert-many.mjs` fills it. */
export const collection = 'people';

/** The change that every contender makes: a field under another name, two new ones. As an update, and as the same in a pipeline. */
export const update = { $set: { verified: false, plan: 'basic' }, $rename: { email: 'mail' } };
export const pipeline = [{ $set: { verified: false, plan: 'basic', mail: '$email' } }, { $unset: 'email' }];

/** What a document has once it is changed. */
export const changed = { mail: { $exists: true }, email: { $exists: false }, verified: false, plan: 'basic' };
