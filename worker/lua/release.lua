-- Takes quarantined entries out of quarantine: 'replay' (ready again where they stopped) or 'discard' (for good).
-- KEYS[1] prefix; ARGV: verb, ids. Returns 1 or 0 for each.
local p, verb = KEYS[1], ARGV[1]
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
  if redis.call('HGET', key, 'state') ~= 'quarantined' then
    out[#out + 1] = 0
  else
    local size = redis.call('STRLEN', p .. 'blob:' .. id)
    redis.call('DECRBY', p .. 'bytes:quarantined', size)
    redis.call('ZREM', p .. 'quarantine', id)
    redis.call('HINCRBY', p .. 'counts', 'quarantined', -1)
    if verb == 'replay' then
      redis.call('INCRBY', p .. 'bytes', size)
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
