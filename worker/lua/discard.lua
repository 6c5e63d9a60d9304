-- Ends entries that are ready, at whatever stage, as discarded. What a worker holds is left to it.
-- KEYS[1] prefix; ARGV: reason, ids. Returns 1 or 0 for each.
local p, reason = KEYS[1], ARGV[1]
local t = redis.call('TIME')
local now = t[1] * 1000 + math.floor(t[2] / 1000)
-- what an entry's record weighs: counted while it is in flight, apart from the pages, so that polls pause before memory ends
local function weigh_record(key, sign)
  local size = redis.call('HSTRLEN', key, 'record') + redis.call('HSTRLEN', key, 'source')
  if size > 0 then redis.call('INCRBY', p .. 'bytes:records', sign * size) end
end

local out = {}
for i = 2, #ARGV do
  local id = ARGV[i]
  local key = p .. 'entry:' .. id
  local held = redis.call('HMGET', key, 'state', 'stage')
  if held[1] ~= 'ready' then
    out[#out + 1] = 0
  else
    redis.call('ZREM', p .. 'ready:' .. held[2], id)
    local size = redis.call('STRLEN', p .. 'blob:' .. id)
    if size > 0 then redis.call('DECRBY', p .. 'bytes', size) end
    weigh_record(key, -1)
    redis.call('DEL', p .. 'blob:' .. id)
    redis.call('HINCRBY', p .. 'counts', 'discarded', 1)
    redis.call('HINCRBY', p .. 'discards', reason, 1)
    redis.call('HSET', key, 'state', 'discarded', 'reason', reason, 'ended', now)
    redis.call('HDEL', key, 'token', 'record', 'source')
    out[#out + 1] = 1
  end
end
return out
