-- Takes quarantined entries out of quarantine: 'replay' (ready again where they stopped) or 'discard' (for good).
-- ARGV: verb, ids. Returns 1 or 0 for each.
local verb = ARGV[1]

local out = {}
for i = 2, #ARGV do
  local id = ARGV[i]
  local key = p .. 'entry:' .. id
  if redis.call('HGET', key, 'state') ~= 'quarantined' then
    out[#out + 1] = 0
  else
    weigh(id, 'bytes:quarantined', -1)
    redis.call('ZREM', p .. 'quarantine', id)
    redis.call('HINCRBY', p .. 'counts', 'quarantined', -1)
    if verb == 'replay' then
      weigh(id, 'bytes', 1)
      weigh_record(key, 1)
      redis.call('HSET', key, 'state', 'ready', 'attempts', 0)
      redis.call('HDEL', key, 'ended', 'reason')
      redis.call('ZADD', p .. 'ready:' .. redis.call('HGET', key, 'stage'), now, id)
    else
      redis.call('HINCRBY', p .. 'counts', 'discarded', 1)
      redis.call('HINCRBY', p .. 'discards', 'by-hand', 1)
      redis.call('HSET', key, 'state', 'discarded', 'reason', 'by-hand', 'ended', now)
      redis.call('DEL', p .. 'blob:' .. id)
      redis.call('HDEL', key, 'record', 'source')
    end
    out[#out + 1] = 1
  end
end
return out
