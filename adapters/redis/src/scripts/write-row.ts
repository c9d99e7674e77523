import { Script } from './script.ts';

/** The one field of a hash whose row has no fields: Redis deletes a hash that is empty. */
export const placeholder = '\0';

/**
 * Writes one row where it still is what it was taken for, and its index entries with it.
 *
 * KEYS: the row, then the keys of indexes. ARGV, read one after the other:
 *
 * - condition: `absent` | `present` | `fields` n, then n of (name, 1 or 0, value): the row is a hash with these fields so, others are not looked at |
 *   `hash` n, then n of (name, value): exactly these fields | `string` value
 * - effect: `none` | `delete` | `string` expiry, value | `hash` expiry, n, then n of (name, value): the whole row |
 *   `patch` n, then n of (name, value), m, then m names: fields set, fields deleted. `expiry` is `keep`, or milliseconds from now
 * - index entries: n, then n of (what, number of the key, member, score or row): `z+` `z-` sorted set, `s+` `s-` set, `u+` `u-` unique hash
 *
 * Replies 1 where it was written, 0 where the condition does not hold, and what holds the place where a unique value is taken:
 * the number of the entry and the row.
 *
 * A full server refuses a script only until its first write, and only a command that may need memory: so the first write is always one. SETRANGE of
 * nothing is one that changes nothing.
 */
export const writeRow = new Script(`
local row, at, placeholder = KEYS[1], 0, '\\0'
local function take() at = at + 1; return ARGV[at] end
local function count() return tonumber(take()) end
local function pairsOf(n)
  local list = {}
  for i = 1, n do list[i] = { take(), take() } end
  return list
end

local kind = redis.call('TYPE', row).ok
local condition = take()
local holds
if condition == 'absent' then
  holds = kind == 'none'
elseif condition == 'present' then
  holds = kind ~= 'none'
elseif condition == 'string' then
  local value = take()
  holds = kind == 'string' and redis.call('GET', row) == value
elseif condition == 'hash' then
  local fields = pairsOf(count())
  holds = kind == 'hash'
  if holds then
    local length = redis.call('HLEN', row) - redis.call('HEXISTS', row, placeholder)
    holds = length == #fields
    for _, field in ipairs(fields) do holds = holds and redis.call('HGET', row, field[1]) == field[2] end
  end
else
  holds = kind == 'hash'
  for i = 1, count() do
    local name, there, value = take(), take(), take()
    if holds then
      local found = redis.call('HGET', row, name)
      if there == '1' then holds = found == value else holds = not found end
    end
  end
end
if not holds then return 0 end

local effect = take()
local expiry, fields, value, gone
if effect == 'string' then
  expiry, value = take(), take()
elseif effect == 'hash' then
  expiry = take()
  fields = pairsOf(count())
elseif effect == 'patch' then
  fields = pairsOf(count())
  gone = {}
  for i = 1, count() do gone[i] = take() end
end

local entries = {}
for i = 1, count() do entries[i] = { take(), KEYS[count()], take(), take() } end
for i, entry in ipairs(entries) do
  if entry[1] == 'u+' then
    local holder = redis.call('HGET', entry[2], entry[3])
    if holder and holder ~= entry[4] then return { i, holder } end
  end
end

local when = -1
if effect == 'string' then
  redis.call('SET', row, value, 'KEEPTTL')
elseif effect == 'hash' then
  if kind == 'string' then
    redis.call('SETRANGE', row, 0, '')
    when = redis.call('PEXPIRETIME', row)
    redis.call('DEL', row)
  end
  local stays = {}
  if #fields == 0 then fields[1] = { placeholder, '' } end
  for _, field in ipairs(fields) do
    redis.call('HSET', row, field[1], field[2])
    stays[field[1]] = true
  end
  if kind == 'hash' then
    for _, name in ipairs(redis.call('HKEYS', row)) do
      if not stays[name] then redis.call('HDEL', row, name) end
    end
  end
elseif effect == 'patch' then
  if #gone > 0 then redis.call('HSET', row, placeholder, '') end
  for _, field in ipairs(fields) do redis.call('HSET', row, field[1], field[2]) end
  for _, name in ipairs(gone) do redis.call('HDEL', row, name) end
  if redis.call('HLEN', row) > 1 then redis.call('HDEL', row, placeholder) end
elseif effect == 'delete' then
  redis.call('DEL', row)
end
if expiry and expiry ~= 'keep' then
  redis.call('PEXPIRE', row, expiry)
elseif when >= 0 then
  redis.call('PEXPIREAT', row, string.format('%.0f', when))
end

for _, entry in ipairs(entries) do
  local what, key = entry[1], entry[2]
  if what == 'z+' then redis.call('ZADD', key, entry[4], entry[3])
  elseif what == 'z-' then redis.call('ZREM', key, entry[3])
  elseif what == 's+' then redis.call('SADD', key, entry[3])
  elseif what == 's-' then redis.call('SREM', key, entry[3])
  elseif what == 'u+' then redis.call('HSET', key, entry[3], entry[4])
  elseif redis.call('HGET', key, entry[3]) == entry[4] then redis.call('HDEL', key, entry[3]) end
end
return 1
`);
