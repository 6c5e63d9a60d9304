-- Ends entries that are ready, at whatever stage, as discarded. What a worker holds is left to it.
-- ARGV: reason, ids. Returns 1 or 0 for each.
local reason = ARGV[1]

local out = {}
for i = 2, #ARGV do
  local id = ARGV[i]
  local key = p .. 'entry:' .. id
  local held = redis.call('HMGET', key, 'state', 'stage')
  if held[1] ~= 'ready' then
    out[#out + 1] = 0
  else
    redis.call('ZREM', p .. 'ready:' .. held[2], id)
    weigh(id, 'bytes', -1)
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
