-- Hands out up to n items that are due, counting the attempt as it starts. With `alone`, an item that failed before goes
-- by itself: if it is the one that ends workers, it takes no healthy one along.
-- A call sent twice (its answer was lost with the connection) hands out the same batch again: no attempt is counted twice.
-- ARGV: stage, item kind ('entry' | 'feed'), token, n, lease ms, bytes limit (0: not an intake stage),
-- alone (1 | 0), single (1: nothing while somebody holds a batch of this stage),
-- for polls: the first stage of entries and how many may wait there.
-- Then, for what stands behind others: for how many ms at most (0: for ever), and stages and how many due there are too
-- many, in pairs.
-- Returns how many more are due, then (id, attempt, fields, blob) for each.
local stage, kind, token = ARGV[1], ARGV[2], ARGV[3]
local alone = ARGV[7] == '1'
local n, lease, limit = tonumber(ARGV[4]), tonumber(ARGV[5]), tonumber(ARGV[6])
local ready, leased = p .. 'ready:' .. stage, p .. 'leased:' .. stage
local batch = p .. 'batch:' .. token

local function handed(id, key)
  return {id, tonumber(redis.call('HGET', key, 'attempts')), redis.call('HGETALL', key),
    redis.call('GET', p .. 'blob:' .. id) or ''}
end

local out = {0}
for _, id in ipairs(redis.call('LRANGE', batch, 0, -1)) do out[#out + 1] = handed(id, p .. kind .. ':' .. id) end
if #out > 1 then return out end
if ARGV[8] == '1' and redis.call('ZCARD', leased) > 0 then return {0} end
local held = tonumber(ARGV[11] or '0')
local waits = held == 0 or redis.call('ZCOUNT', ready, '-inf', now - held) == 0
for i = 12, waits and #ARGV or 0, 2 do
  if redis.call('ZCOUNT', p .. 'ready:' .. ARGV[i], '-inf', now) >= tonumber(ARGV[i + 1]) then return {0} end
end
if limit > 0 then
  if redis.call('HLEN', p .. 'paused') > 0 then return {0} end
  if tonumber(redis.call('GET', p .. 'bytes') or '0') >= limit then return {0} end
end
if kind == 'feed' then
  if redis.call('ZCARD', p .. 'ready:' .. ARGV[9]) >= tonumber(ARGV[10]) then return {0} end
  if limit > 0 and tonumber(redis.call('GET', p .. 'bytes:records') or '0') >= limit then return {0} end
end
for _, id in ipairs(redis.call('ZRANGEBYSCORE', ready, '-inf', now, 'LIMIT', 0, n)) do
  local key = p .. kind .. ':' .. id
  local attempts = tonumber(redis.call('HGET', key, 'attempts'))
  if not attempts then
    redis.call('ZREM', ready, id)              -- its record was removed meanwhile
  elseif attempts == 0 or #out == 1 or not alone then
    redis.call('ZREM', ready, id)
    redis.call('ZADD', leased, now + lease, id)
    redis.call('HSET', key, 'state', 'leased', 'token', token, 'attempts', attempts + 1, 'taken', now)
    redis.call('RPUSH', batch, id)
    out[#out + 1] = handed(id, key)
    if attempts > 0 and alone then break end
  end
end
if #out > 1 then redis.call('PEXPIRE', batch, lease) end
out[1] = redis.call('ZCOUNT', ready, '-inf', now)
return out
