/** Whether a unique index is over exactly these columns, so that ON CONFLICT can name them. */
export const uniqueStatement = `SELECT EXISTS (SELECT FROM pg_index i WHERE i.indrelid = $1 AND i.indisunique AND i.indisvalid AND i.indimmediate
  AND i.indpred IS NULL AND i.indexprs IS NULL
  AND (SELECT array_agg(a.attname::text ORDER BY a.attname::text) FROM unnest(i.indkey[0:i.indnkeyatts - 1]) AS k(number)
       JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = k.number)
    = (SELECT array_agg(f ORDER BY f) FROM json_array_elements_text($2::json) AS f)) AS fits`;
