import type { Operation } from '@polyshift/core';
import type { Document } from 'mongodb';
import { aggregationStages } from './aggregation-stages.ts';
import { conditionFilter } from './conditions.ts';

/** The field that becomes _id, as the documents have it after the projection; undefined where _id is kept. */
export function keyField(operation: Operation<'extract'>): string | undefined {
  const [key] = operation.data.key ?? [];
  return key === '_id' ? undefined : key;
}

/** The stages of an aggregation that gives what is copied: conditions, then the pipeline, then the fields. */
export function extractStages(operation: Operation<'extract'>): Document[] {
  const { fields, distinct } = operation.data;
  const key = keyField(operation);
  const filter = conditionFilter(operation.conditions);
  const stages: Document[] = [
    ...(Object.keys(filter).length > 0 ? [{ $match: filter }] : []),
    ...aggregationStages(operation.data.pipeline ?? []),
  ];
  const mapped: [string, string][] | undefined = Array.isArray(fields)
    ? fields.map((field) => [field, field])
    : fields && Object.entries(fields);
  if (mapped && distinct) {
    // Null and missing are one combination, as in SQL's SELECT DISTINCT.
    const names = mapped.map((_each, index) => `f${index}`);
    stages.push(
      { $group: { _id: Object.fromEntries(mapped.map(([, from], index) => [names[index]!, { $ifNull: [`$${from}`, null] }])) } },
      {
        $project: {
          _id: key === undefined ? 0 : `$_id.${names[mapped.findIndex(([to]) => to === key)]}`,
          ...Object.fromEntries(mapped.map(([to], index) => [to, `$_id.${names[index]}`])),
        },
      },
    );
    return stages;
  }
  if (mapped) {
    const own = key === undefined ? '$_id' : `$${mapped.find(([to]) => to === key)?.[1] ?? key}`;
    stages.push({
      $project: { _id: own, ...Object.fromEntries(mapped.filter(([to]) => to !== '_id').map(([to, from]) => [to, `$${from}`])) },
    });
    return stages;
  }
  if (key !== undefined) stages.push({ $addFields: { _id: `$${key}` } });
  return stages;
}
