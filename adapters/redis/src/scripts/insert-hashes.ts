import { Script } from './script.ts';

/**
 * Inserts hashes, each only where its key is free.
 *
 * KEYS: the rows, of one slot. ARGV: the expiry, `keep` or milliseconds from now; then for each row the number of its names and values, and these
 * one after the other. Replies 1 or 0 for each row.
 *
 * What is written first is refused where the server is full, and then nothing of the call is done; see write-row.ts.
 */
export const insertHashes = new Script(`
local replies, at, expiry = {}, 2, ARGV[1]
for i, row in ipairs(KEYS) do
  local n = tonumber(ARGV[at])
  if redis.call('EXISTS', row) == 1 then
    replies[i] = 0
  else
    redis.call('HSET', row, unpack(ARGV, at + 1, at + n))
    if expiry ~= 'keep' then redis.call('PEXPIRE', row, expiry) end
    replies[i] = 1
  end
  at = at + n + 1
end
return replies
`);
